"""What a model put out -> probabilities, predicted class, confidence and loss of each sample.

Outputs are judged by their values, not by the name of a layer, and the judgement is made once per run.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .. import schema
from ..schema import INVALID
from .arrays import NO_LABEL, Array, as_numpy

KINDS = ("probabilities", "scores", "logits", "sigmoid", "sigmoid_logits")
_SLACK = 1e-3
_SUM_SLACK = 1e-2  # float16 rows of 10 classes are off by up to 4e-4; this leaves room for 1,000
_SMALLEST = 1e-7  # Keras' backend epsilon: the loss shown is the loss that was trained on


@dataclass(frozen=True)
class Reading:
    """How a run's outputs are read: one of KINDS, and why, in words."""

    kind: str
    reason: str

    @property
    def surprising(self) -> bool:
        """Whether a person who meant to pass probabilities should hear of it."""
        return self.kind not in ("probabilities", "sigmoid") or "cannot" in self.reason


@dataclass(frozen=True)
class Outcome:
    """One row per sample; N samples, K classes.

    `probabilities` (N, K) float32, NaN rows where invalid; `predicted` (N,) int32, -1 where invalid;
    `confidence`, `loss`, `log_prob_label`, `log_prob_other` (N,) float32, NaN where they do not exist.
    """

    probabilities: NDArray[np.float32]
    predicted: NDArray[np.int32]
    confidence: NDArray[np.float32]
    loss: NDArray[np.float32]
    log_prob_label: NDArray[np.float32]
    log_prob_other: NDArray[np.float32]


def output_rows(values: Any, n: int, name: str) -> NDArray[np.float32]:
    """Outputs as (N, K) float32, K = 1 for a single unit. Raises ValueError for other shapes or lengths."""
    rows: Array = as_numpy(values)
    if rows.ndim == 1:
        rows = rows[:, None]
    if rows.ndim != 2 or rows.shape[1] == 0:
        raise ValueError(f"`{name}` must have shape (N, K) or (N,), got {rows.shape}.")
    if len(rows) != n:
        raise ValueError(f"`{name}` must have one row per image: expected {n}, got {len(rows)}.")
    return rows.astype(np.float32)


def judge(rows: NDArray[np.float32], are_logits: bool) -> Reading | None:
    """How to read outputs (N, K); None when no row is finite, so that the next epoch decides."""
    single = rows.shape[1] == 1
    if are_logits:
        return Reading("sigmoid_logits" if single else "logits", "given as logits")
    finite = rows[np.isfinite(rows).all(axis=1)]
    if not len(finite):
        return None
    low, high = float(finite.min()), float(finite.max())
    within = low >= -_SLACK and high <= 1 + _SLACK
    if single:
        if not within:
            return Reading("sigmoid_logits", f"one output from {low:.3g} to {high:.3g}: read as a logit of class 1")
        if low > 1 - 1e-6 and len(finite) > 1:
            return Reading("sigmoid", "one output that is always 1: a softmax over a single unit cannot learn")
        return Reading("sigmoid", "one output within 0 to 1: read as the probability of class 1")
    if not within:
        return Reading("logits", f"outputs from {low:.3g} to {high:.3g}: read as logits, softmax applied")
    sums = finite.sum(axis=1, dtype=np.float64)
    if (np.abs(sums - 1) <= _SUM_SLACK).mean() >= 0.99:
        return Reading("probabilities", "rows sum to 1")
    reason = f"outputs within 0 to 1 with sums from {sums.min():.3g} to {sums.max():.3g}: divided by their sum"
    return Reading("scores", reason)


def contradicts(rows: NDArray[np.float32], kind: str) -> bool:
    """Whether outputs (N, K) cannot be read as `kind` any more: what looked like probabilities has left 0 to 1."""
    finite = rows[np.isfinite(rows)]
    within = not len(finite) or bool(finite.min() >= -_SLACK and finite.max() <= 1 + _SLACK)
    return kind in ("probabilities", "scores", "sigmoid") and not within


def outcome(rows: NDArray[np.float32], kind: str, labels: NDArray[np.int64], soft: Array | None = None) -> Outcome:
    """Outcome of outputs (N, K) for `labels` (N,) with NO_LABEL where unknown.

    The loss is the cross-entropy in nats, -ln p(label), of probabilities clipped to at least 1e-7 as Keras
    does, or exact from logits; against the whole distribution for `soft` labels (N, K).
    """
    with np.errstate(over="ignore", divide="ignore", invalid="ignore"):
        log_p, p = _log_probabilities(rows, kind)
    n, k = p.shape
    valid: NDArray[np.bool_] = np.logical_not(np.isnan(p).any(axis=1))
    everyone = np.arange(n)
    safe = np.where(valid[:, None], p, 0)
    predicted = safe.argmax(axis=1)
    known = valid & (labels >= 0) & (labels < k)
    at_label = np.where(known, labels, 0)
    others = log_p.copy()
    # The rival of an unknown label is the second choice.
    others[everyone, np.where(known, labels, predicted)] = -np.inf
    other = others.max(axis=1) if k > 1 else np.full(n, np.nan)
    log_label = np.where(known, log_p[everyone, at_label], np.nan)
    loss = -log_label
    if soft is not None and soft.shape == p.shape:
        loss = np.where(known, -(soft * log_p).sum(axis=1), np.nan)
    nan = np.float32(np.nan)
    return Outcome(
        np.where(valid[:, None], p, nan).astype(np.float32),
        np.where(valid, predicted, INVALID).astype(np.int32),
        np.where(valid, safe[everyone, predicted], nan).astype(np.float32),
        (loss + 0.0).astype(np.float32),  # no negative zero on a screen
        log_label.astype(np.float32),
        np.where(valid, other, nan).astype(np.float32),
    )


def _log_probabilities(rows: NDArray[np.float32], kind: str) -> tuple[Array, Array]:
    """(log p, p), both (N, K) float32, NaN where a row held NaN, an infinity that means nothing, or no mass."""
    if kind == "sigmoid_logits":
        log_p = np.concatenate([-np.logaddexp(0, rows), -np.logaddexp(0, -rows)], axis=1)
        return log_p, np.exp(log_p)
    if kind == "logits":
        shifted = rows - rows.max(axis=1, keepdims=True)
        log_p = shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))
        return log_p, np.exp(log_p)
    p = np.where(np.isfinite(rows), rows, np.float32(np.nan))
    if kind == "sigmoid":
        p = np.concatenate([1 - p, p], axis=1)
    if kind == "scores":
        p = p / p.sum(axis=1, keepdims=True)
    p = np.clip(p, 0, 1)
    return np.log(np.maximum(p, np.float32(_SMALLEST))), p


def counted_labels(labels: NDArray[np.int64], weights: Any) -> NDArray[np.int64]:
    """Labels that count: those of weight 0 become NO_LABEL. `weights` (N,) or None."""
    if weights is None:
        return labels
    return np.where(np.asarray(weights).reshape(len(labels)) == 0, NO_LABEL, labels)


def prediction_columns(epoch: int, at: NDArray[np.int32], labels: NDArray[np.int64], result: Outcome) -> dict[str, Any]:
    """Columns named as `schema.PREDICTION_COLUMNS`, one row per sample of `at`.

    Over MAX_FULL_CLASSES classes only the TOP_CLASSES highest probabilities are kept, falling, with their classes.
    """
    columns: dict[str, Any] = {
        "epoch": np.full(len(at), epoch, np.int32),
        "index": at,
        "label": labels,
        "predicted": result.predicted,
        "confidence": result.confidence,
        "loss": result.loss,
        "log_prob_label": result.log_prob_label,
        "log_prob_other": result.log_prob_other,
    }
    p = result.probabilities
    if p.shape[1] > schema.MAX_FULL_CLASSES:
        ranked = np.where(np.isnan(p), -1, p)
        top = np.argpartition(-ranked, schema.TOP_CLASSES - 1, axis=1)[:, : schema.TOP_CLASSES]
        order = np.argsort(-np.take_along_axis(ranked, top, axis=1), axis=1, kind="stable")
        top = np.take_along_axis(top, order, axis=1)
        columns["classes"] = top.astype(np.int32)
        p = np.take_along_axis(p, top, axis=1)
    columns["probabilities"] = p.astype(np.float16)
    return columns
