"""What kind of outputs a model has: probabilities, logits or scores. Inferred from their values, once per run."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

KINDS = ("probabilities", "scores", "logits", "sigmoid", "sigmoid_logits", "tanh", "classes")
_SLACK = 1e-3
_SUM_SLACK = 1e-2  # the sum of a float16 row of 10 classes is off by up to 4e-4; leaves room for 1,000 classes


@dataclass(frozen=True)
class OutputKind:
    """One of KINDS, and the reason in words."""

    kind: str
    reason: str

    @property
    def surprising(self) -> bool:
        """Whether someone who passed probabilities should be told."""
        return self.kind not in ("probabilities", "sigmoid", "classes") or "cannot" in self.reason


def infer_output_kind(rows: NDArray[np.float32], are_logits: bool, signed_labels: bool = False) -> OutputKind | None:
    """The kind of outputs (N, K); None when no row is finite.

    `are_logits`: the caller says so. `signed_labels`: the labels are -1 and 1, as for a single tanh or linear unit.
    """
    single = rows.shape[1] == 1
    if are_logits:
        return OutputKind("sigmoid_logits" if single else "logits", "given as logits")
    finite = rows[np.isfinite(rows).all(axis=1)]
    if not len(finite):
        return None
    low, high = float(finite.min()), float(finite.max())
    within = low >= -_SLACK and high <= 1 + _SLACK
    if single:
        return _kind_of_single(finite, low, high, signed_labels)
    if not within:
        return OutputKind(
            "logits", f"outputs from {low:.3g} to {high:.3g} are not probabilities: read as logits, softmax applied"
        )
    sums = finite.sum(axis=1, dtype=np.float64)
    if (np.abs(sums - 1) <= _SUM_SLACK).mean() >= 0.99:
        return OutputKind("probabilities", "rows sum to 1")
    reason = f"outputs within 0 to 1 with sums from {sums.min():.3g} to {sums.max():.3g}: divided by their sum"
    return OutputKind("scores", reason)


def _kind_of_single(finite: NDArray[np.float32], low: float, high: float, signed_labels: bool) -> OutputKind:
    if signed_labels and low >= -1 - _SLACK and high <= 1 + _SLACK:
        return OutputKind("tanh", "one output from -1 to 1 for labels -1 and 1: above 0 is class 1")
    if low < -_SLACK or high > 1 + _SLACK:
        reason = f"one output from {low:.3g} to {high:.3g} is not a probability: read as a logit, above 0 is class 1"
        return OutputKind("sigmoid_logits", reason)
    if low > 1 - 1e-6 and len(finite) > 1:
        return OutputKind("sigmoid", "one output that is always 1: a softmax over a single unit cannot learn")
    return OutputKind("sigmoid", "one output within 0 to 1: read as the probability of class 1")


def looks_like_embedding(rows: NDArray[np.float32], names: int | None) -> bool:
    """Whether outputs (N, K) are features, not scores of `names` classes: more columns than that, many exact zeros."""
    if names is None or rows.shape[1] <= names or rows.shape[1] < 8:
        return False
    finite = rows[np.isfinite(rows).all(axis=1)]
    if not len(finite) or finite.min() < 0:
        return False
    sums = finite.sum(axis=1, dtype=np.float64)
    return bool((finite == 0).mean() > 0.05 and (np.abs(sums - 1) > 0.05).mean() > 0.5)


def contradicts(rows: NDArray[np.float32], kind: str) -> bool:
    """Whether outputs (N, K) rule out `kind`: it stands for values within 0 to 1, and some are outside."""
    if kind not in ("probabilities", "scores", "sigmoid") or not rows.size:
        return False
    low, high = float(np.fmin.reduce(rows, axis=None)), float(np.fmax.reduce(rows, axis=None))
    if np.isinf(low) or np.isinf(high):
        finite = rows[np.isfinite(rows)]
        low, high = (float(finite.min()), float(finite.max())) if len(finite) else (0.0, 1.0)
    return low < -_SLACK or high > 1 + _SLACK
