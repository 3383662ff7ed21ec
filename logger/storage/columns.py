"""Columns of rows as arrays by name: joined and selected."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..data.arrays import NO_LABEL


def concatenated(parts: list[dict[str, Any]]) -> dict[str, Any]:
    """The columns of all parts; a column that a part does not have is null there."""
    if len(parts) == 1:
        return dict(parts[0])
    names = {name: part[name] for part in parts for name in part}
    return {
        name: np.concatenate(
            [part[name] if name in part else _null_column(example, len(part["index"])) for part in parts]
        )
        for name, example in names.items()
    }


def rows_of(columns: dict[str, Any], mask: NDArray[np.bool_]) -> dict[str, Any]:
    """The rows where `mask` is true."""
    return {name: values[mask] for name, values in columns.items()}


def last_of_each_sample(columns: dict[str, Any]) -> dict[str, Any]:
    """One row per `index`, in its order: of several the last, so that what is logged again replaces."""
    index = columns["index"]
    _, from_end = np.unique(index[::-1], return_index=True)
    keep = len(index) - 1 - from_end
    return {name: values[keep] for name, values in columns.items()}


def _null_column(like: NDArray[Any], rows: int) -> NDArray[Any]:
    fill: Any = None if like.dtype == object else np.nan if like.dtype.kind == "f" else NO_LABEL
    return np.full((rows, *like.shape[1:]), fill, like.dtype)
