"""Fewer points for a line, with its extremes preserved."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


def minmax_indices(values: NDArray[np.float64], buckets: int) -> NDArray[np.int64]:
    """Rising positions in `values` of the first, the last, and the lowest and highest value of every bucket.

    At most `2 * buckets + 2` of them, or all when there are no more than that. About one bucket a pixel draws the
    same line as all values would; an average would hide the spikes. NaN is only preserved at the two ends.
    """
    count = len(values)
    if count <= 2 * buckets + 2:
        return np.arange(count)
    starts = np.linspace(0, count, buckets + 1).astype(np.int64)[:-1]
    bucket = np.searchsorted(starts, np.arange(count), side="right") - 1
    lowest = _first_of_each(np.where(np.isnan(values), np.inf, values), bucket, buckets)
    highest = _first_of_each(np.where(np.isnan(values), np.inf, -values), bucket, buckets)
    inner = np.concatenate([lowest, highest])
    return np.unique(np.concatenate([[0, count - 1], inner[~np.isnan(values[inner])]]))


def _first_of_each(key: NDArray[np.float64], bucket: NDArray[np.int64], buckets: int) -> NDArray[np.int64]:
    """Position of the smallest `key` in each bucket."""
    order = np.lexsort((key, bucket))
    first: NDArray[np.int64] = order[np.searchsorted(bucket[order], np.arange(buckets))]
    return first
