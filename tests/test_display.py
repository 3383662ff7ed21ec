import numpy as np
import pytest

from logger.data.arrays import Group
from logger.data.display import Display, decide_display
from logger.data.statistics import sample_statistics, value_range

TRUTH = np.random.default_rng(0).integers(0, 256, (6, 32, 32, 3), dtype=np.uint8)


def shown(images, given=None):
    groups = [Group(np.arange(len(images)), images)]
    display = decide_display(groups, *value_range([sample_statistics(images)]), given)
    return display, display.pixels(images)


@pytest.mark.parametrize(
    ("images", "rule"),
    [
        (TRUTH, "as is"),
        (TRUTH.astype(np.int64), "as is"),
        ((TRUTH / 255).astype(np.float32), "[0, 1]"),
        ((TRUTH / 255).astype(np.float64), "[0, 1]"),
        ((TRUTH / 127.5 - 1).astype(np.float32), "[-1, 1]"),
        (TRUTH.astype(np.float32), "[0, 255]"),
        (TRUTH.astype(np.uint16) * 257, "16 bit"),
        (TRUTH.astype(np.int32) * 257, "16 bit"),
    ],
)
def test_every_exact_convention_shows_the_very_pixels(images, rule) -> None:
    display, pixels = shown(images)
    assert display.rule == rule
    assert (pixels == TRUTH).all()


def test_half_precision_shows_the_very_pixels() -> None:
    display, pixels = shown((TRUTH / 255).astype(np.float16))
    assert display.rule == "[0, 1]"
    assert np.abs(pixels.astype(int) - TRUTH).max() == 0


def test_standardised_values_are_rescaled_over_the_pool_and_say_so() -> None:
    images = ((TRUTH / 255 - 0.45) / 0.22).astype(np.float32)
    images[0] *= 0.1  # a dark-ish, flat picture must stay flat
    display, pixels = shown(images)
    assert display.rule == "rescaled" and "colours rescaled" in display.reason
    assert pixels[0].std() < pixels[1].std() / 5


def test_masks_are_black_and_white() -> None:
    for dtype in (bool, np.int64):
        display, pixels = shown((TRUTH[..., :1] > 127).astype(dtype))
        assert display.rule == "0 or 1" and set(np.unique(pixels)) == {0, 255}


def test_black_uint8_pictures_stay_black() -> None:
    assert shown(np.ones((2, 4, 4, 3), np.uint8))[1].max() == 1


def test_one_nan_does_not_change_the_rest() -> None:
    images = (TRUTH / 255).astype(np.float32)
    images[0, 0] = np.nan
    _, pixels = shown(images)
    assert (pixels[0, 0] == 0).all() and (pixels[0, 1:] == TRUTH[0, 1:]).all() and (pixels[1:] == TRUTH[1:]).all()


def test_a_constant_picture_is_grey() -> None:
    assert (shown(np.full((2, 4, 4, 1), 0.5, np.float32))[1] == 128).all()


@pytest.mark.parametrize(("channels", "drawn"), [(1, 1), (2, 1), (3, 3), (4, 4), (5, 3), (13, 3)])
def test_channels_that_are_not_drawn_are_counted(channels, drawn) -> None:
    display, pixels = shown(np.random.default_rng(0).random((2, 4, 4, channels), np.float32))
    assert pixels.shape[-1] == drawn
    assert (f"{drawn} of {channels} channels" in display.reason) == (drawn != channels)


def test_a_given_range_holds_for_each_channel() -> None:
    mean, std = np.array([0.5, 0.4, 0.3]), np.array([0.2, 0.25, 0.3])
    images = ((TRUTH / 255 - mean) / std).astype(np.float32)
    display, pixels = shown(images, ((0 - mean) / std, (1 - mean) / std))
    assert display.rule == "given" and np.abs(pixels.astype(int) - TRUTH).max() <= 1
    assert Display.decode(display.encode()) == display


def test_a_given_range_of_another_length_says_what_was_expected() -> None:
    with pytest.raises(ValueError, match="expected 3, got 2"):
        shown(TRUTH, ([0, 0], [1, 1]))


def test_pixels_are_a_copy_so_that_a_reused_buffer_does_no_harm() -> None:
    images = TRUTH.copy()
    _, pixels = shown(images)
    images[:] = 0
    assert (pixels == TRUTH).all()
