"""What a model put out -> probabilities, predicted class, confidence and loss of each sample: the columns of a file."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .. import schema
from ..schema import INVALID
from .arrays import NO_LABEL, Array, as_numpy
from .labels import label_array

_SLACK = 1e-3
_SMALLEST = 1e-7  # Keras' backend epsilon: the loss shown is the loss that was trained on
_BLOCK_VALUES = 1 << 20
"""Outputs are worked on in blocks of about this many values, so that few copies of them are alive."""


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
    """A copy of outputs as (N, K) float32, K = 1 for a single unit.

    Raises ValueError for other shapes or lengths, and for class indices given as probabilities.
    """
    rows: Array = as_numpy(values, name)
    if rows.ndim == 1:
        rows = rows[:, None]
    if rows.ndim != 2 or rows.shape[1] == 0:
        raise ValueError(f"`{name}` must have shape (N, K) or (N,), got {rows.shape}.")
    if len(rows) != n:
        raise ValueError(f"`{name}` must have one row per image: expected {n}, got {len(rows)}.")
    if rows.dtype.kind not in "biuf":
        raise ValueError(f"`{name}` must be numbers, got {rows.dtype}.")
    if name == "probabilities" and _are_indices(rows):
        raise ValueError(
            f"`probabilities` are the whole numbers {rows.min():g} to {rows.max():g}, as class indices are. Pass them "
            "as predicted=, with confidence= if it is known."
        )
    return rows.astype(np.float32)


def _are_indices(rows: Array) -> bool:
    """Whether a single output per image is a class index: whole numbers from 0, of which some are above 1."""
    if rows.shape[1] != 1 or not len(rows):
        return False
    if rows.dtype.kind in "iu":
        return not np.isin(rows, (0, 1)).all() or len(np.unique(rows)) == 1
    if rows.dtype.kind != "f" or not np.isfinite(rows).all():
        return False
    return bool(rows.min() >= 0 and rows.max() > 1 and (rows == np.floor(rows)).all())


def count_nonfinite(rows: NDArray[np.float32]) -> int:
    """How many rows (N, K) hold a NaN or an infinity."""
    with np.errstate(over="ignore", invalid="ignore"):
        sums = rows.sum(axis=1, dtype=np.float64)
    return int((~np.isfinite(sums)).sum())


def outcome(rows: NDArray[np.float32], kind: str, labels: NDArray[np.int64], soft: Array | None = None) -> Outcome:
    """Outcome of outputs (N, K) for `labels` (N,) with NO_LABEL where unknown.

    The loss is the cross-entropy in nats, -ln p(label), of probabilities clipped to at least 1e-7 as Keras
    does, or exact from logits; against the whole distribution for `soft` labels (N, K), of which NaN rows do not count.
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
        given = known & np.isfinite(soft).all(axis=1)
        loss = np.where(given, -(np.where(given[:, None], soft, 0) * log_p).sum(axis=1), loss)
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
    if kind == "tanh":
        p = (1 + p) / 2
    if kind in ("sigmoid", "tanh"):
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


def columns_in_blocks(
    rows: NDArray[np.float32],
    kind: str,
    epoch: int,
    at: NDArray[np.int32],
    labels: NDArray[np.int64],
    soft: Array | None = None,
) -> dict[str, Any]:
    """`prediction_columns` of outputs (N, K), worked out block by block: what is alive beside them stays small."""
    step = max(1, _BLOCK_VALUES // rows.shape[1])
    blocks = []
    for start in range(0, len(rows), step):
        block = slice(start, start + step)
        result = outcome(rows[block], kind, labels[block], None if soft is None else soft[block])
        blocks.append(prediction_columns(epoch, at[block], labels[block], result))
    return {name: np.concatenate([block[name] for block in blocks]) for name in blocks[0]}


def class_columns(
    epoch: int, at: NDArray[np.int32], labels: NDArray[np.int64], predicted: Any, confidence: Any
) -> dict[str, Any]:
    """Columns of predicted classes (N,) without probabilities; `confidence` (N,) or None. Negative or missing: invalid.

    Raises ValueError for other lengths, or a confidence outside of 0 to 1.
    """
    n = len(at)
    classes = label_array(predicted, n, "predicted")
    if confidence is None:
        sure = np.full(n, np.nan, np.float32)
    else:
        sure = as_numpy(confidence, "confidence").reshape(-1).astype(np.float32)
        if len(sure) != n:
            raise ValueError(f"`confidence` must have one entry per image: expected {n}, got {len(sure)}.")
        finite = sure[np.isfinite(sure)]
        if len(finite) and (finite.min() < -_SLACK or finite.max() > 1 + _SLACK):
            raise ValueError(
                f"`confidence` must be the probability of the predicted class, 0 to 1, got {finite.min():g} to "
                f"{finite.max():g}. Divide percentages by 100."
            )
    nothing = np.full(n, np.nan, np.float32)
    return {
        "epoch": np.full(n, epoch, np.int32),
        "index": at,
        "label": labels,
        "predicted": np.where(classes == NO_LABEL, INVALID, classes).astype(np.int32),
        "confidence": np.where(classes == NO_LABEL, np.float32(np.nan), np.clip(sure, 0, 1)),
        "loss": nothing,
        "log_prob_label": nothing,
        "log_prob_other": nothing,
    }
