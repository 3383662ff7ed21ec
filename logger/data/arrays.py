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


def as_numpy(value: Any) -> Array:
    """A numpy view of arrays and tensors of any framework, without gradients, on the CPU."""
    if callable(getattr(value, "detach", None)):
        value = value.detach().cpu()
    return np.asarray(value)


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
