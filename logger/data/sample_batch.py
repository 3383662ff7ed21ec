"""The samples of one call, as the caller passed them, and what was found out about them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .. import schema
from .arrays import Array
from .labels import soft_rows
from .values import text_of


@dataclass(frozen=True)
class SampleBatch:
    """Arguments of `Run.log_samples`, which documents them. `images` None: samples that were logged before."""

    images: Any
    labels: Any
    split: str
    epoch: int | None
    sources: Any = None
    weights: Any = None
    indices: Any = None
    available: int | None = None
    seed: int | None = None

    def extra_columns(self, n: int) -> dict[str, Array]:
        """The columns `source`, `weight` and `soft_label` (n, ...) of a samples file, as far as they were passed.

        Raises ValueError when an argument does not have one entry per image.
        """
        columns: dict[str, Array] = {}
        if self.sources is not None:
            texts = [None if source is None else text_of(source) for source in self.sources]
            columns["source"] = _of_length(np.array(texts, object), n, "sources")
        if self.weights is not None:
            columns["weight"] = _of_length(np.asarray(self.weights, np.float32).reshape(-1), n, "weights")
        soft = soft_rows(self.labels)
        if soft is not None and soft.shape[1] <= schema.MAX_FULL_CLASSES:
            columns["soft_label"] = soft
        return columns


@dataclass(frozen=True)
class LoggedSamples:
    """The samples that a batch turned out to be: indices (N,) in their split, class indices (N,), and how many are new.

    A label that the batch leaves open is the one that the sample was logged with; NO_LABEL where there is none.
    """

    indices: NDArray[np.int32]
    labels: NDArray[np.int64]
    new: int = 0

    def __len__(self) -> int:
        return len(self.indices)


def _of_length(values: Array, n: int, name: str) -> Array:
    if len(values) != n:
        raise ValueError(f"`{name}` must have one entry per image: expected {n}, got {len(values)}.")
    return values
