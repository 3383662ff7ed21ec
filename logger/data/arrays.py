"""What people hand over as images and labels -> arrays of one known shape.

Leaves out what the values mean; that is `display` for pixels and `outputs` for a model's outputs.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

NO_LABEL = np.iinfo(np.int32).min
"""Stands for an absent label inside integer arrays; null in files."""

Array = NDArray[Any]


@dataclass(frozen=True)
class Group:
    """Images of one shape: `pixels` is (n, H, W, C), `places` (n,) their places in what was given."""

    places: NDArray[np.intp]
    pixels: Array


def image_groups(images: Any, data_format: str | None = None) -> list[Group]:
    """Images of any layout as groups of equal shape, channels last.

    `images` is an array (N, H, W), (N, H, W, C) or (N, C, H, W), or a sequence of arrays (H, W),
    (H, W, C) or (C, H, W) of any sizes. `data_format` is "channels_last", "channels_first" or None
    (guessed: last when that axis has 1, 3 or 4 entries, else first when that one has, else last).
    Nothing is copied when an array is given. Raises ValueError for other ranks.
    """
    if data_format not in (None, "channels_last", "channels_first"):
        raise ValueError(f"`data_format` must be 'channels_last', 'channels_first' or None, got {data_format!r}.")
    if not _is_ragged(images):
        array = as_numpy(images)
        if array.dtype != object:
            return [Group(np.arange(len(array)), _channels_last(array, data_format))]
        images = list(array)
    places: dict[tuple[Any, ...], list[int]] = {}
    arrays = [_channels_last(as_numpy(image)[None], data_format)[0] for image in images]
    for place, array in enumerate(arrays):
        places.setdefault((array.shape, array.dtype.str), []).append(place)
    return [Group(np.array(at), np.stack([arrays[i] for i in at])) for at in places.values()]


def _is_ragged(images: Any) -> bool:
    if not isinstance(images, list | tuple) or not images:
        return False
    return len({(np.shape(image), str(getattr(image, "dtype", ""))) for image in images}) > 1


def as_numpy(value: Any) -> Array:
    """A numpy view of arrays and tensors of any framework, without gradients, on the CPU."""
    if callable(getattr(value, "detach", None)):
        value = value.detach().cpu()
    return np.asarray(value)


def _channels_last(array: Array, data_format: str | None) -> Array:
    if array.ndim == 3:
        return array[..., None]
    if array.ndim != 4:
        raise ValueError(
            "`images` must have shape (N, H, W), (N, H, W, C) or (N, C, H, W), "
            f"got {array.shape}. Reshape flat vectors to pictures first, e.g. x.reshape(-1, 28, 28)."
        )
    if data_format is None:
        shown = (1, 3, 4)
        first = array.shape[1] in shown and array.shape[3] not in shown
        data_format = "channels_first" if first else "channels_last"
    return array.transpose(0, 2, 3, 1) if data_format == "channels_first" else array


def label_array(labels: Any, n: int, name: str = "labels") -> NDArray[np.int64]:
    """Labels as (N,) int64 class indices; None, NaN and negative ones become NO_LABEL.

    Takes None, integers or integral floats (N,) or (N, 1), or one-hot rows (N, K).
    Raises ValueError when lengths differ or values are no class indices.
    """
    if labels is None:
        return np.full(n, NO_LABEL, np.int64)
    if isinstance(labels, list | tuple):
        labels = [np.nan if label is None else label for label in labels]
    array = as_numpy(labels)
    if array.ndim == 2 and array.shape[1] == 1:
        array = array[:, 0]
    if len(array) != n:
        raise ValueError(f"`{name}` must have one entry per image: expected {n}, got {len(array)}.")
    if array.ndim == 2:
        return _from_one_hot(array, name)
    if array.ndim != 1 or array.dtype.kind not in "biuf":
        raise ValueError(
            f"`{name}` must be class indices of shape (N,), got shape {array.shape} of {array.dtype}. "
            "Turn names into indices with class_names.index(name)."
        )
    known = np.isfinite(array) & (array >= 0) if array.dtype.kind == "f" else array.astype(np.int64) >= 0
    values = np.where(known, array, 0)
    if array.dtype.kind == "f" and (values != np.floor(values)).any():
        worst = values[values != np.floor(values)][0]
        raise ValueError(
            f"`{name}` must be whole class indices, got {worst}. Pass argmax of soft labels, or the rows (N, K)."
        )
    return np.where(known, values.astype(np.int64), NO_LABEL)


def _from_one_hot(rows: Array, name: str) -> NDArray[np.int64]:
    sums = rows.sum(axis=1, dtype=np.float64)
    if not (np.abs(sums - 1) < 1e-2).all():
        worst = sums[np.argmax(np.abs(sums - 1))]
        raise ValueError(
            f"`{name}` of shape {rows.shape} must be one-hot or soft rows that sum to 1, got a row that sums to "
            f"{worst:g}. Several true classes per image (multi-label) cannot be shown as one label."
        )
    best: NDArray[np.int64] = rows.argmax(axis=1).astype(np.int64)
    return best


def soft_rows(labels: Any) -> NDArray[np.float32] | None:
    """`labels` (N, K) as float32 when they are distributions and not plain one-hot rows, else None."""
    if labels is None or (isinstance(labels, list | tuple) and not (len(labels) and np.ndim(labels[0]))):
        return None
    array = as_numpy(labels)
    if array.ndim != 2 or array.shape[1] == 1 or np.isin(array, (0, 1)).all():
        return None
    return array.astype(np.float32)
