"""Numbers of an epoch, and which epoch's weights a model ends with."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from ..data.arrays import Array

_ROWS = 16


def flat_metrics(logs: Mapping[str, Any] | None) -> dict[str, float]:
    """Keras' `logs` as named numbers; a metric with one number per class becomes name_0, name_1 and so on."""
    out: dict[str, float] = {}
    for name, value in (logs or {}).items():
        numbers = np.asarray(value, dtype=np.float64)
        if numbers.ndim == 0:
            out[name] = float(numbers)
        else:
            out |= {f"{name}_{i}": float(number) for i, number in enumerate(numbers.reshape(-1))}
    return out


class Ends:
    """A few outputs of each epoch, by which its weights are recognised later."""

    def __init__(self) -> None:
        self._rows: dict[int, Array] = {}

    def remember(self, epoch: int, outputs: Array) -> None:
        """Keep the first outputs (N, K) or (N,) of an epoch."""
        self._rows[epoch] = outputs[:_ROWS].astype(np.float32)

    def sentence(self, outputs: Array) -> str | None:
        """What to say of a model that now puts this out for the same samples; None when it is as it was last."""
        if not self._rows:
            return None
        alike = [epoch for epoch, rows in self._rows.items() if _same(rows, outputs[:_ROWS])]
        if max(self._rows) in alike:
            return None
        if alike:
            return f"The model is left with the weights of epoch {alike[-1] + 1}, not with those of the last one."
        return "The model is left with other weights than it had at the end of any logged epoch."


def _same(a: Array, b: Array) -> bool:
    return a.shape == b.shape and bool(np.allclose(a, b.astype(np.float32), rtol=1e-4, atol=1e-6, equal_nan=True))
