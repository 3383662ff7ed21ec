"""Labels of any form as class indices or soft rows, and notes on what is unusual about them."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from .arrays import NO_LABEL, Array, as_numpy

SIGNED = (-1, 1)
"""Labels of the two classes in the convention of the hinge loss."""


def label_array(labels: Any, n: int, name: str = "labels", *, signed: bool = False) -> NDArray[np.int64]:
    """Labels as (N,) int64 class indices; None, NaN, pandas' NA and negative numbers become NO_LABEL.

    Takes None (all unknown), integers or whole floats (N,) or (N, 1), or one-hot or soft rows (N, K), of which the
    argmax counts. `signed`: labels of -1 and 1 are the classes 0 and 1. Raises ValueError when there are not `n`, or
    when they are not class indices; the message calls the argument `name`.
    """
    if labels is None:
        return np.full(n, NO_LABEL, np.int64)
    array = _plain_labels(labels, name)
    if array.ndim != 0 and len(array) != n:
        raise ValueError(f"`{name}` must have one entry per image: expected {n}, got {len(array)}.")
    if array.ndim == 2:
        return _from_one_hot(array, name)
    if array.ndim != 1 or array.dtype.kind not in "biuf":
        raise ValueError(
            f"`{name}` must be class indices of shape (N,), got shape {array.shape} of {array.dtype}. "
            "Turn names into indices, e.g. [class_names.index(name) for name in labels]."
        )
    if signed and array.size and np.isin(array, SIGNED).all():
        return np.where(array > 0, np.int64(1), np.int64(0))
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


def _plain_labels(labels: Any, name: str) -> Array:
    """Labels as an array, with NaN for missing entries; (N, 1) becomes (N,)."""
    if isinstance(labels, list | tuple):
        labels = [np.nan if _is_missing(label) else label for label in labels]
    array = as_numpy(labels, name)
    if array.ndim == 2 and array.shape[1] == 1:
        array = array[:, 0]
    if array.dtype == object and array.ndim == 1:
        filled = [np.nan if _is_missing(label) else label for label in array.tolist()]
        if all(isinstance(label, int | float | np.number) for label in filled):
            array = np.array(filled)
    return array


def _is_missing(label: Any) -> bool:
    return label is None or type(label).__name__ in ("NAType", "NaTType")


def are_signed(labels: Any) -> bool:
    """Whether the labels are -1 and 1, and both occur: the convention of the hinge loss for the classes 0 and 1."""
    if labels is None:
        return False
    array = _plain_labels(labels, "labels")
    return array.ndim == 1 and array.dtype.kind in "if" and set(np.unique(array).tolist()) == set(SIGNED)


def soft_rows(labels: Any) -> NDArray[np.float32] | None:
    """`labels` (N, K) as float32 if they are distributions other than one-hot rows, else None."""
    if labels is None or (isinstance(labels, list | tuple) and not (len(labels) and np.ndim(labels[0]))):
        return None
    array = as_numpy(labels, "labels")
    if array.ndim != 2 or array.shape[1] == 1 or np.isin(array, (0, 1)).all():
        return None
    return array.astype(np.float32)


def label_notes(labels: NDArray[np.int64], classes: int) -> list[str]:
    """Sentences about labels (N,), NO_LABEL where unknown, that do not fit a model with `classes` classes."""
    known = labels[labels != NO_LABEL]
    outside = known[known >= classes]
    if not len(outside):
        return []
    lowest, highest = int(known.min()), int(known.max())
    if lowest >= 1 and highest == classes:
        return [
            f"Labels go from {lowest} to {highest}, but the model's classes are 0 to {classes - 1}: they seem to start "
            "at 1. Subtract 1 from them."
        ]
    values = sorted(set(outside.tolist()))
    listed = ", ".join(map(str, values[:5])) + (" and others" if len(values) > 5 else "")
    return [
        f"{len(outside):,} of {len(known):,} labels are {listed}, but the model's classes are 0 to {classes - 1} only: "
        "their samples count as wrong. Mark unknown labels with -1 or None."
    ]


def unknown_note(labels: Any, truth: NDArray[np.int64]) -> str | None:
    """A sentence about negative labels, which count as unknown; None when there are none. `truth`: all labels (N,)."""
    if labels is None:
        return None
    array = _plain_labels(labels, "labels")
    if array.ndim != 1 or array.dtype.kind not in "if":
        return None
    negative = int((array < 0).sum())
    if not negative:
        return None
    return f"{negative:,} of {len(truth):,} labels are negative: their samples count as unlabelled."
