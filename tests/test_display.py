import numpy as np
import pytest

from logger.data.arrays import ImageGroup
from logger.data.display import Display, decide_display
from logger.data.statistics import sample_statistics, value_range

TRUTH = np.random.default_rng(0).integers(0, 256, (6, 32, 32, 3), dtype=np.uint8)


def shown(images, given=None):
    groups = [ImageGroup(np.arange(len(images)), images)]
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
def test_every_exact_convention_is_displayed_without_loss(images, rule) -> None:
    display, pixels = shown(images)
    assert display.rule == rule
    assert (pixels == TRUTH).all()


def test_half_precision_is_displayed_without_loss() -> None:
    display, pixels = shown((TRUTH / 255).astype(np.float16))
    assert display.rule == "[0, 1]"
    assert np.abs(pixels.astype(int) - TRUTH).max() == 0


def test_standardised_values_are_rescaled_over_the_pool_with_a_note() -> None:
    images = ((TRUTH / 255 - 0.45) / 0.22).astype(np.float32)
    images[0] *= 0.1  # a dark-ish, flat image must stay flat
    display, pixels = shown(images)
    assert display.rule == "rescaled" and "colours rescaled" in display.reason
    assert pixels[0].std() < pixels[1].std() / 5


def test_masks_are_black_and_white() -> None:
    for dtype in (bool, np.int64):
        display, pixels = shown((TRUTH[..., :1] > 127).astype(dtype))
        assert display.rule == "0 or 1" and set(np.unique(pixels)) == {0, 255}


def test_dark_uint8_images_stay_dark() -> None:
    assert shown(np.ones((2, 4, 4, 3), np.uint8))[1].max() == 1


def test_one_nan_does_not_change_the_rest() -> None:
    images = (TRUTH / 255).astype(np.float32)
    images[0, 0] = np.nan
    _, pixels = shown(images)
    assert (pixels[0, 0] == 0).all() and (pixels[0, 1:] == TRUTH[0, 1:]).all() and (pixels[1:] == TRUTH[1:]).all()


def test_a_constant_image_is_grey() -> None:
    assert (shown(np.full((2, 4, 4, 1), 0.5, np.float32))[1] == 128).all()


@pytest.mark.parametrize(("channels", "drawn"), [(1, 1), (2, 1), (3, 3), (4, 3), (5, 3), (13, 3)])
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


def test_a_given_range_of_another_length_is_refused() -> None:
    with pytest.raises(ValueError, match="expected 3, got 2"):
        shown(TRUTH, ([0, 0], [1, 1]))


def test_pixels_are_a_copy_so_that_a_reused_buffer_does_no_harm() -> None:
    images = TRUTH.copy()
    _, pixels = shown(images)
    images[:] = 0
    assert (pixels == TRUTH).all()


BAND = np.random.default_rng(5).random((40, 32, 32, 3)).astype(np.float32)


def _with_one(images: np.ndarray, value: float) -> np.ndarray:
    images = images.copy()
    images[3, 5, 5, 0] = value
    return images


@pytest.mark.parametrize(
    ("images", "rule", "ends"),
    [
        (_with_one(BAND, 1.02), "[0, 1]", (0, 1)),
        (_with_one(BAND, 900.0), "[0, 1]", (0, 1)),
        (_with_one(BAND, -0.5), "[0, 1]", (0, 1)),
        (BAND + np.float32(0.1), "[0, 1]", (0, 1)),
        (BAND * np.float32(1.2), "[0, 1]", (0, 1)),
        (_with_one(BAND * 2 - 1, 1.3), "[-1, 1]", (-1, 1)),
        (_with_one(BAND * 255, 300.0), "[0, 255]", (0, 255)),
        (BAND * 2, "rescaled", (0, 2)),
        (np.round(BAND * 16), "rescaled", (0, 16)),
        (BAND * 4095, "12 bit", (0, 4095)),
        ((BAND * 4095).astype(np.uint16), "12 bit", (0, 4095)),
        ((BAND * 1023).astype(np.int32), "10 bit", (0, 1023)),
        ((BAND * 65535).astype(np.uint16), "16 bit", (0, 65535)),
        (_with_one((BAND * 1000).astype(np.int16), 32767), "10 bit", (0, 1023)),
        ((BAND * 16).astype(np.int64), "rescaled", (0, 16)),
    ],
    ids=str,
)
def test_the_range_is_the_one_that_the_values_fill(images, rule, ends) -> None:
    display, pixels = shown(images)
    assert display.rule == rule
    assert (display.low, display.high) == pytest.approx(ends, rel=0.07)
    assert 90 < pixels.mean() < 180 and pixels.max() == 255, "neither black nor white"


def test_a_hot_pixel_in_signed_integers_hides_nothing() -> None:
    images = _with_one((BAND * 4095 - 1024).astype(np.int16), 32767)
    for given in (images, images.astype(np.float32)):
        display, pixels = shown(given)
        assert display.rule == "rescaled" and display.high < 3200
        assert pixels.std() > 60


@pytest.mark.parametrize(
    ("images", "brightest"),
    [
        (BAND * np.float32(0.03), 8),
        (BAND * np.float32(1e-3), 0),
        ((BAND * 8).astype(np.uint8), 7),
        (BAND * np.float32(1 / 255), 1),
    ],
)
def test_images_that_are_too_dark_look_too_dark_and_are_noted(images, brightest) -> None:
    display, pixels = shown(images)
    assert pixels.max() == brightest
    assert "Images are dark" in display.note and "display_range" in display.note


def test_sparse_strokes_are_not_called_dark() -> None:
    images = np.zeros((20, 28, 28, 1), np.uint8)
    images[:, 10:14, 4:24] = 255
    assert shown(images)[0].note == ""


def test_what_lies_outside_is_counted() -> None:
    display, _ = shown(BAND * np.float32(1.2))
    assert "17 % of the values lie outside and are clipped" in display.reason and display.reason in display.note
    display, _ = shown(_with_one(BAND, 1.02))
    assert "less than 0.01 %" in display.reason and display.note == ""


def test_a_fourth_band_is_no_opacity() -> None:
    images = np.concatenate([BAND, BAND[..., :1] * np.float32(0.05)], axis=3)
    display, pixels = shown(images)
    assert display.drawn == [0, 1, 2] and "does not behave like opacity" in display.note
    assert display.rule == "[0, 1]" and (pixels == shown(BAND)[1]).all()


@pytest.mark.parametrize("kind", ["opaque", "cut out"])
@pytest.mark.parametrize("most", [255, 1.0])
def test_an_alpha_channel_is_displayed(kind, most) -> None:
    alpha = np.ones((40, 32, 32, 1))
    if kind == "cut out":
        alpha[:, 8:, :] = 0
    images = np.concatenate([BAND, alpha], axis=3) * most
    display, pixels = shown(images.astype(np.uint8 if most == 255 else np.float32))
    assert display.drawn == [0, 1, 2, 3] and pixels.shape[-1] == 4 and display.note == ""


def test_channels_may_be_chosen() -> None:
    images = np.random.default_rng(0).integers(0, 256, (4, 8, 8, 6), np.uint8)
    groups = [ImageGroup(np.arange(4), images)]
    ends = value_range([sample_statistics(images)])
    display = decide_display(groups, *ends, None, (5, 0, 2))
    assert (display.pixels(images) == images[..., [5, 0, 2]]).all()
    assert Display.decode(display.encode()) == display
    with pytest.raises(ValueError, match="from 0 to 5"):
        decide_display(groups, *ends, None, (5, 6, 7))


def test_black_and_nan_decide_nothing_yet() -> None:
    assert shown(np.zeros((2, 4, 4, 3), np.float32))[0].provisional
    assert shown(np.full((2, 4, 4, 3), np.nan, np.float32))[0].provisional
    assert not shown(np.zeros((2, 4, 4, 3), np.uint8))[0].provisional
    assert not shown(BAND)[0].provisional
