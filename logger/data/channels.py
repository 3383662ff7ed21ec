"""Where the channels of a picture are, and which of them are drawn."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from .arrays import Array, Group, as_numpy
from .statistics import pooled_values

COLOURS = (1, 3, 4)
"""Numbers of channels that pictures usually have."""


def image_groups(images: Any, data_format: str | None = None) -> tuple[list[Group], str]:
    """Images of any layout as groups of equal shape, channels last, and a sentence when the axis was guessed.

    `images` is an array (N, H, W), (N, H, W, C) or (N, C, H, W), or a sequence of arrays (H, W), (H, W, C) or
    (C, H, W) of any sizes. `data_format` is "channels_last", "channels_first" or None, see `channels_last`.
    Nothing is copied when an array is given. Raises ValueError for other ranks.
    """
    if data_format not in (None, "channels_last", "channels_first"):
        raise ValueError(f"`data_format` must be 'channels_last', 'channels_first' or None, got {data_format!r}.")
    if not _is_ragged(images):
        array = as_numpy(images)
        if array.dtype != object:
            pixels, said = channels_last(array, data_format)
            return [Group(np.arange(len(pixels)), pixels)], said
        images = list(array)
    places: dict[tuple[Any, ...], list[int]] = {}
    pairs = [channels_last(as_numpy(image)[None], data_format) for image in images]
    for place, (array, _) in enumerate(pairs):
        places.setdefault((array.shape, array.dtype.str), []).append(place)
    groups = [Group(np.array(at), np.concatenate([pairs[i][0] for i in at])) for at in places.values()]
    return groups, next((said for _, said in pairs if said), "")


def _is_ragged(images: Any) -> bool:
    if not isinstance(images, list | tuple) or not images:
        return False
    return len({(np.shape(image), str(getattr(image, "dtype", ""))) for image in images}) > 1


def drawn_channels(groups: Sequence[Group], given: Any = None) -> tuple[list[int], str]:
    """Which input channels are drawn (one as grey, three as colours, four with opacity), and why if not all of them.

    `given` is the person's `show_channels`. Raises ValueError when it does not fit the inputs.
    """
    channels = groups[0].pixels.shape[-1]
    if given is not None:
        return _checked(given, channels), "as given in show_channels"
    if channels in (1, 3):
        return list(range(channels)), ""
    if channels == 2:
        return [0], "1 of 2 channels shown, the first as grey; show_channels=(1,) shows the other"
    if channels == 4 and _is_opacity(groups):
        return [0, 1, 2, 3], ""
    why = ", as the fourth does not behave like opacity" if channels == 4 else ""
    return [0, 1, 2], f"3 of {channels} channels shown, the first three as red, green and blue{why}"


def _checked(given: Any, channels: int) -> list[int]:
    try:
        picked = [int(channel) for channel in given]
    except (TypeError, ValueError):
        picked = []
    if len(picked) not in COLOURS or not all(0 <= channel < channels for channel in picked):
        raise ValueError(
            f"`show_channels` must name 1, 3 or 4 channels from 0 to {channels - 1}, such as (0, 1, 2), got {given!r}."
        )
    return picked


def _is_opacity(groups: Sequence[Group]) -> bool:
    """Whether the fourth channel is opacity: opaque over half of all pixels, or nearly everywhere opaque or clear."""
    values = pooled_values([Group(group.places, group.pixels[..., 3:4]) for group in groups])
    if not len(values):
        return False
    dtype = groups[0].pixels.dtype
    most = float(np.iinfo(dtype).max) if dtype.kind in "iu" else 1.0 if values.max() <= 1.001 else 255.0
    opaque = float((values >= 0.995 * most).mean())
    clear = float((values <= 0.005 * most).mean())
    return opaque >= 0.5 or (opaque > 0 and opaque + clear >= 0.95)


def channels_last(array: Array, data_format: str | None) -> tuple[Array, str]:
    """Pictures (N, H, W), (N, H, W, C) or (N, C, H, W) as (N, H, W, C), and a sentence when the axis was guessed.

    Without `data_format` the last axis holds the channels when it has 1, 3 or 4 entries, else the first one when that
    has; of other sizes the one that is much smaller than the two others, which is said. Raises ValueError for other
    ranks.
    """
    if array.ndim == 3:
        return array[..., None], ""
    if array.ndim != 4:
        raise ValueError(
            "`images` must have shape (N, H, W), (N, H, W, C) or (N, C, H, W), "
            f"got {array.shape}. Reshape flat vectors to pictures first, e.g. x.reshape(-1, 28, 28)."
        )
    said = ""
    if data_format is None:
        first, middle, last = array.shape[1:]
        if first in COLOURS and last not in COLOURS:
            data_format = "channels_first"
        elif first not in COLOURS and last not in COLOURS and 3 * first <= min(middle, last):
            data_format = "channels_first"
            said = (
                f"Pictures of shape {array.shape[1:]} are read as {first} channels of {middle}x{last} pixels. "
                'Pass data_format="channels_last" if the last axis holds the channels.'
            )
    return (array.transpose(0, 2, 3, 1) if data_format == "channels_first" else array), said
