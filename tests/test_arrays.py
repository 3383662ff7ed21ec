import numpy as np
import pytest

from logger.data.arrays import NO_LABEL
from logger.data.channels import image_groups
from logger.data.labels import label_array, soft_rows


@pytest.mark.parametrize(
    ("shape", "data_format", "expected"),
    [
        ((5, 8, 9), None, (5, 8, 9, 1)),
        ((5, 8, 9, 1), None, (5, 8, 9, 1)),
        ((5, 8, 9, 3), None, (5, 8, 9, 3)),
        ((5, 8, 9, 4), None, (5, 8, 9, 4)),
        ((5, 3, 8, 9), None, (5, 8, 9, 3)),
        ((5, 1, 8, 9), None, (5, 8, 9, 1)),
        ((5, 3, 32, 3), None, (5, 3, 32, 3)),
        ((5, 3, 32, 3), "channels_first", (5, 32, 3, 3)),
        ((5, 13, 8, 9), "channels_first", (5, 8, 9, 13)),
        ((5, 8, 9, 2), None, (5, 8, 9, 2)),
        ((5, 1, 32, 3), None, (5, 1, 32, 3)),
        ((0, 8, 9, 3), None, (0, 8, 9, 3)),
    ],
)
def test_channels_are_found_and_put_last(shape, data_format, expected) -> None:
    [group], _ = image_groups(np.zeros(shape, np.uint8), data_format)
    assert group.pixels.shape == expected


def test_an_array_is_not_copied() -> None:
    images = np.zeros((4, 8, 8, 3), np.float32)
    assert np.shares_memory(image_groups(images)[0][0].pixels, images)


def test_images_of_many_sizes_are_grouped_and_keep_their_places() -> None:
    images = [np.full((h, 6), h) for h in (4, 5, 4, 7)]
    groups, _ = image_groups(images)
    assert sorted(place for group in groups for place in group.positions) == [0, 1, 2, 3]
    for group in groups:
        for place, pixels in zip(group.positions, group.pixels, strict=True):
            assert (pixels[..., 0] == images[place]).all()


@pytest.mark.slow
def test_torch_tensors_with_gradients_are_read() -> None:
    torch = pytest.importorskip("torch")
    images = torch.zeros(2, 3, 8, 8, requires_grad=True)
    assert image_groups(images)[0][0].pixels.shape == (2, 8, 8, 3)


@pytest.mark.parametrize("shape", [(5,), (5, 784), (5, 2, 8, 8, 3)])
def test_other_ranks_are_refused_with_what_to_do(shape) -> None:
    with pytest.raises(ValueError, match=r"must have shape \(N, H, W\).*reshape"):
        image_groups(np.zeros(shape))


@pytest.mark.parametrize(
    ("labels", "read"),
    [
        ([1, 0, 2], [1, 0, 2]),
        ([[1], [0], [2]], [1, 0, 2]),
        (np.float32([1, 0, 2]), [1, 0, 2]),
        ([1, None, 2], [1, NO_LABEL, 2]),
        (np.float64([1, np.nan, 2]), [1, NO_LABEL, 2]),
        ([1, -1, 2], [1, NO_LABEL, 2]),
        (np.eye(3)[[1, 0, 2]], [1, 0, 2]),
        (np.float32([[0.1, 0.9], [0.9, 0.1], [0.05, 0.95]]), [1, 0, 1]),
        (None, [NO_LABEL] * 3),
        (np.array([True, False, True]), [1, 0, 1]),
    ],
)
def test_labels_of_every_convention_become_class_indices(labels, read) -> None:
    assert label_array(labels, 3).tolist() == read


@pytest.mark.parametrize(
    ("labels", "message"),
    [
        ([1, 2], "expected 3, got 2"),
        ([0.5, 1, 2], "whole class indices, got 0.5"),
        (np.array(["a", "b", "c"]), "class_names.index"),
        ([[1, 1], [0, 1], [1, 0]], "multi-label"),
        (np.zeros((3, 2, 2)), "class indices of shape"),
    ],
)
def test_invalid_labels_are_refused_with_advice(labels, message) -> None:
    with pytest.raises(ValueError, match=message):
        label_array(np.asarray(labels), 3)


def test_only_soft_labels_are_distributions() -> None:
    assert soft_rows(np.eye(3)) is None
    assert soft_rows(np.array([1, 2])) is None
    assert soft_rows([1, None]) is None
    assert soft_rows([[0.1, 0.9]]) == pytest.approx(np.array([[0.1, 0.9]]))


@pytest.mark.parametrize(
    ("shape", "expected", "note"),
    [
        ((2, 13, 64, 64), (2, 64, 64, 13), "13 channels of 64x64 pixels"),
        ((2, 64, 64, 13), (2, 64, 64, 13), ""),
        ((2, 8, 48, 64), (2, 48, 64, 8), "8 channels of 48x64 pixels"),
        ((2, 28, 28, 28), (2, 28, 28, 28), ""),
        ((2, 3, 32, 3), (2, 3, 32, 3), ""),
    ],
)
def test_a_leading_channel_axis_is_detected_and_noted(shape, expected, note) -> None:
    [group], sentence = image_groups(np.zeros(shape, np.uint8))
    assert group.pixels.shape == expected
    assert note in sentence and bool(sentence) == bool(note)
