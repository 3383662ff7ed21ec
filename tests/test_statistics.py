import tracemalloc

import numpy as np
import pytest

from logger.data.arrays import ImageGroup
from logger.data.statistics import fingerprint, pooled_values, sample_statistics, value_range

RNG = np.random.default_rng(1)


@pytest.mark.parametrize(
    "images",
    [
        RNG.integers(0, 256, (700, 32, 32, 3), dtype=np.uint8),
        RNG.random((50, 16, 16, 1), np.float32) * 5 - 2,
        (RNG.random((20, 8, 8, 3)) + 1000).astype(np.float32),
        RNG.random((20, 8, 8, 3)).astype(np.float16),
    ],
)
def test_statistics_are_those_of_numpy(images) -> None:
    rows, flat = sample_statistics(images), images.reshape(len(images), -1).astype(np.float64)
    assert rows["min"] == pytest.approx(flat.min(1))
    assert rows["max"] == pytest.approx(flat.max(1))
    assert rows["mean"] == pytest.approx(flat.mean(1), rel=1e-4)
    assert rows["std"] == pytest.approx(flat.std(1), rel=1e-3)
    assert not rows["nonfinite"].any()


def test_nan_and_infinity_are_counted_and_left_out() -> None:
    images = np.ones((2, 4, 4, 1), np.float32)
    images[0, 0, :2, 0] = np.nan, np.inf
    images[1] = np.nan
    rows = sample_statistics(images)
    assert rows["nonfinite"].tolist() == [2, 16]
    assert rows["mean"][0] == 1 and np.isnan(rows["mean"][1])
    assert value_range([rows]) == (1, 1)


def test_percentiles_see_all_channels() -> None:
    images = np.zeros((500, 32, 32, 3), np.float32)
    images[..., 2] = 9
    assert np.percentile(pooled_values([ImageGroup(np.arange(500), images)]), (10, 90)).tolist() == [0, 9]


def test_a_subsample_is_bounded_and_has_every_size_of_image() -> None:
    large = [ImageGroup(np.array([i]), np.full((1, 900, 700, 3), i, np.float32)) for i in range(40)]
    values = pooled_values(large)
    assert len(values) <= 250_000 and set(np.unique(values)) == set(range(40))
    many = pooled_values([ImageGroup(np.arange(50_000), np.zeros((50_000, 8, 8, 1), np.uint8))])
    assert 100_000 < len(many) <= 250_000


def test_statistics_of_large_images_copy_little() -> None:
    images = RNG.integers(0, 256, (24, 1024, 1024, 3), dtype=np.uint8)
    groups = [ImageGroup(np.arange(24), images)]
    tracemalloc.start()
    fingerprint(groups, [sample_statistics(images)])
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 0.6 * images.nbytes


def test_a_fingerprint_tells_each_channel_and_the_share_of_constant_images() -> None:
    images = RNG.random((10, 8, 8, 3)).astype(np.float32)
    images[..., 1] *= 2
    images[:3] = 0.25
    made = fingerprint([ImageGroup(np.arange(10), images)], [sample_statistics(images)])
    assert made["constant"] == pytest.approx(0.3)
    assert made["dtype"] == "float32" and made["shapes"] == ["8x8x3"] and made["samples"] == 10
    for channel, channel_statistics in enumerate(made["channels"]):
        assert channel_statistics["mean"] == pytest.approx(images[..., channel].mean(), rel=1e-5)
        assert channel_statistics["std"] == pytest.approx(images[..., channel].std(), rel=1e-5)
