"""Which epoch's weights a model ends up with, e.g. after EarlyStopping(restore_best_weights=True)."""

from __future__ import annotations

import numpy as np

from ..data.arrays import Array

_COMPARED_ROWS = 16


class FinalWeights:
    """Recognises the weights of an epoch by the model's outputs for a few samples."""

    def __init__(self) -> None:
        self._outputs: dict[int, Array] = {}

    def record(self, epoch: int, outputs: Array) -> None:
        """Remember the first outputs, (N, K) or (N,), of `epoch` (from 0)."""
        self._outputs[epoch] = outputs[:_COMPARED_ROWS].astype(np.float32)

    def describe(self, outputs: Array) -> str | None:
        """Whose weights a model with these outputs for the same samples has; None when the last epoch's."""
        if not self._outputs:
            return None
        equal = [epoch for epoch, recorded in self._outputs.items() if _same(recorded, outputs[:_COMPARED_ROWS])]
        if max(self._outputs) in equal:
            return None
        if equal:
            return f"The model ends with the weights of epoch {equal[-1] + 1}, not with those of the last epoch."
        return "The model ends with weights that it did not have at the end of any logged epoch."


def _same(a: Array, b: Array) -> bool:
    return a.shape == b.shape and bool(np.allclose(a, b.astype(np.float32), rtol=1e-4, atol=1e-6, equal_nan=True))
