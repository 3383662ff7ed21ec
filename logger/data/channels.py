"""Which axis of an image holds its channels, and which channels are displayed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from .arrays import Array, ImageGroup, as_numpy
from .statistics import pooled_values

DISPLAYABLE = (1, 3, 4)
"""Channel counts of displayable images: greyscale, RGB and RGBA."""


def image_groups(images: Any, data_format: str | None = None) -> tuple[list[ImageGroup], str]:
    """Images of any layout, grouped by shape with channels last; and a note when the channel axis was inferred.

    `images`: an array (N, H, W), (N, H, W, C) or (N, C, H, W) of any dtype, or a sequence of arrays (H, W),
    (H, W, C) or (C, H, W) of any sizes. `data_format`: "channels_last", "channels_first" or None, see
    `channels_last`. An array is not copied. Raises ValueError for other ranks.
    """
    if data_format not in (None, "channels_last", "channels_first"):
        raise ValueError(f"`data_format` must be 'channels_last', 'channels_first' or None, got {data_format!r}.")
    if not _is_ragged(images):
        array = as_numpy(images)
        if array.dtype != object:
            pixels, note = channels_last(array, data_format)
            return [ImageGroup(np.arange(len(pixels)), pixels)], note
        images = list(array)
    positions: dict[tuple[Any, ...], list[int]] = {}
    pairs = [channels_last(as_numpy(image)[None], data_format) for image in images]
    for position, (array, _) in enumerate(pairs):
        positions.setdefault((array.shape, array.dtype.str), []).append(position)
    groups = [ImageGroup(np.array(at), np.concatenate([pairs[i][0] for i in at])) for at in positions.values()]
    return groups, next((note for _, note in pairs if note), "")


def _is_ragged(images: Any) -> bool:
    if not isinstance(images, list | tuple) or not images:
        return False
    return len({(np.shape(image), str(getattr(image, "dtype", ""))) for image in images}) > 1


def displayed_channels(groups: Sequence[ImageGroup], show_channels: Any = None) -> tuple[list[int], str]:
    """Indices of the channels to display (1: grey, 3: RGB, 4: RGBA), and the reason when they are not all of them.

    `show_channels` is the argument of `Run`. Raises ValueError when it does not fit the images.
    """
    channels = groups[0].pixels.shape[-1]
    if show_channels is not None:
        return _checked(show_channels, channels), "as given in show_channels"
    if channels in (1, 3):
        return list(range(channels)), ""
    if channels == 2:
        return [0], "1 of 2 channels shown, the first as grey; show_channels=(1,) shows the other"
    if channels == 4 and _is_opacity(groups):
        return [0, 1, 2, 3], ""
    reason = ", as the fourth does not behave like opacity" if channels == 4 else ""
    return [0, 1, 2], f"3 of {channels} channels shown, the first three as red, green and blue{reason}"


def _checked(show_channels: Any, channels: int) -> list[int]:
    try:
        picked = [int(channel) for channel in show_channels]
    except (TypeError, ValueError):
        picked = []
    if len(picked) not in DISPLAYABLE or not all(0 <= channel < channels for channel in picked):
        raise ValueError(
            f"`show_channels` must be 1, 3 or 4 channel indices from 0 to {channels - 1}, such as (0, 1, 2), "
            f"got {show_channels!r}."
        )
    return picked


def _is_opacity(groups: Sequence[ImageGroup]) -> bool:
    """Whether the fourth channel is alpha: at least half of the pixels opaque, or nearly all opaque or transparent."""
    values = pooled_values([ImageGroup(group.positions, group.pixels[..., 3:4]) for group in groups])
    if not len(values):
        return False
    dtype = groups[0].pixels.dtype
    most = float(np.iinfo(dtype).max) if dtype.kind in "iu" else 1.0 if values.max() <= 1.001 else 255.0
    opaque = float((values >= 0.995 * most).mean())
    clear = float((values <= 0.005 * most).mean())
    return opaque >= 0.5 or (opaque > 0 and opaque + clear >= 0.95)


def channels_last(array: Array, data_format: str | None) -> tuple[Array, str]:
    """A view (N, H, W, C) of images (N, H, W), (N, H, W, C) or (N, C, H, W), and a note when the axis was inferred.

    Without `data_format` the channel axis is the last one if its size is 1, 3 or 4, else the first one if its size
    is; else the first one if it is at most a third of both others, with a note; else the last one. Raises ValueError
    for other ranks.
    """
    if array.ndim == 3:
        return array[..., None], ""
    if array.ndim != 4:
        raise ValueError(
            "`images` must have shape (N, H, W), (N, H, W, C) or (N, C, H, W), "
            f"got {array.shape}. Reshape flat vectors to images first, e.g. x.reshape(-1, 28, 28)."
        )
    note = ""
    if data_format is None:
        first, middle, last = array.shape[1:]
        if first in DISPLAYABLE and last not in DISPLAYABLE:
            data_format = "channels_first"
        elif first not in DISPLAYABLE and last not in DISPLAYABLE and 3 * first <= min(middle, last):
            data_format = "channels_first"
            note = (
                f"Images of shape {array.shape[1:]} are read as {first} channels of {middle}x{last} pixels. "
                'Pass data_format="channels_last" if the last axis holds the channels.'
            )
    return (array.transpose(0, 2, 3, 1) if data_format == "channels_first" else array), note
