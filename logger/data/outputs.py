"""Model outputs as the columns of a predictions file: probabilities, predicted class, confidence and loss."""

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
_EPSILON = 1e-7  # keras.config.epsilon(), so that the loss equals the one that was trained on
_BLOCK_VALUES = 1 << 20
"""Outputs are processed in blocks of about this many values, to bound the memory of intermediate results."""


@dataclass(frozen=True)
class Outcome:
    """What outputs say about N samples and K classes, one row per sample.

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
    """A copy of outputs (N, K) or (N,) as (N, K) float32, with K = 1 for a single unit.

    Raises ValueError for other shapes, when there are not `n` rows, and for class indices passed as `probabilities`;
    the message calls the argument `name`.
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
    """Whether a single output per image is a class index: whole numbers from 0, some above 1."""
    if rows.shape[1] != 1 or not len(rows):
        return False
    if rows.dtype.kind in "iu":
        return not np.isin(rows, (0, 1)).all() or len(np.unique(rows)) == 1
    if rows.dtype.kind != "f" or not np.isfinite(rows).all():
        return False
    return bool(rows.min() >= 0 and rows.max() > 1 and (rows == np.floor(rows)).all())


def count_nonfinite(rows: NDArray[np.float32]) -> int:
    """How many rows of (N, K) hold a NaN or an infinity."""
    with np.errstate(over="ignore", invalid="ignore"):
        sums = rows.sum(axis=1, dtype=np.float64)
    return int((~np.isfinite(sums)).sum())


def outcome(rows: NDArray[np.float32], kind: str, labels: NDArray[np.int64], soft: Array | None = None) -> Outcome:
    """The outcome of outputs (N, K) for `labels` (N,) with NO_LABEL where unknown; `kind` is one of output_kind.KINDS.

    The loss is the cross-entropy in nats, -ln p(label), as keras.losses.SparseCategoricalCrossentropy defines it: of
    probabilities clipped to at least 1e-7, or exact from logits. With `soft` labels (N, K) it is -sum(soft * ln p), as
    in CategoricalCrossentropy; rows of NaN have none.
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
    # For an unknown label, the best class other than the predicted one.
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
        (loss + 0.0).astype(np.float32),  # never -0.0
        log_label.astype(np.float32),
        np.where(valid, other, nan).astype(np.float32),
    )


def _log_probabilities(rows: NDArray[np.float32], kind: str) -> tuple[Array, Array]:
    """(ln p, p), both (N, K) float32; NaN in rows with a NaN, a meaningless infinity, or a sum of 0."""
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
    return np.log(np.maximum(p, np.float32(_EPSILON))), p


def effective_labels(labels: NDArray[np.int64], weights: Any) -> NDArray[np.int64]:
    """Labels (N,) with those of weight 0 replaced by NO_LABEL. `weights`: (N,) or None."""
    if weights is None:
        return labels
    return np.where(np.asarray(weights).reshape(len(labels)) == 0, NO_LABEL, labels)


def prediction_columns(
    epoch: int, indices: NDArray[np.int32], labels: NDArray[np.int64], result: Outcome
) -> dict[str, Any]:
    """The columns of `schema.PREDICTION_COLUMNS`, one row per sample; `indices` (N,) in the split, `labels` (N,).

    With more than MAX_FULL_CLASSES classes only the TOP_CLASSES highest probabilities are kept, in descending order,
    with their classes.
    """
    columns: dict[str, Any] = {
        "epoch": np.full(len(indices), epoch, np.int32),
        "index": indices,
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
    indices: NDArray[np.int32],
    labels: NDArray[np.int64],
    soft: Array | None = None,
) -> dict[str, Any]:
    """The `prediction_columns` of outputs (N, K), computed in blocks of rows to bound the memory."""
    step = max(1, _BLOCK_VALUES // rows.shape[1])
    blocks = []
    for start in range(0, len(rows), step):
        block = slice(start, start + step)
        result = outcome(rows[block], kind, labels[block], None if soft is None else soft[block])
        blocks.append(prediction_columns(epoch, indices[block], labels[block], result))
    return {name: np.concatenate([block[name] for block in blocks]) for name in blocks[0]}


def class_columns(
    epoch: int, indices: NDArray[np.int32], labels: NDArray[np.int64], predicted: Any, confidence: Any
) -> dict[str, Any]:
    """The columns for predicted classes (N,) without probabilities; negative or missing ones are invalid.

    `confidence`: (N,) from 0 to 1, or None. Raises ValueError for other lengths, or a confidence outside 0 to 1.
    """
    n = len(indices)
    classes = label_array(predicted, n, "predicted")
    if confidence is None:
        probability = np.full(n, np.nan, np.float32)
    else:
        probability = as_numpy(confidence, "confidence").reshape(-1).astype(np.float32)
        if len(probability) != n:
            raise ValueError(f"`confidence` must have one entry per image: expected {n}, got {len(probability)}.")
        finite = probability[np.isfinite(probability)]
        if len(finite) and (finite.min() < -_SLACK or finite.max() > 1 + _SLACK):
            raise ValueError(
                f"`confidence` must be the probability of the predicted class, 0 to 1, got {finite.min():g} to "
                f"{finite.max():g}. Divide percentages by 100."
            )
    missing = np.full(n, np.nan, np.float32)
    return {
        "epoch": np.full(n, epoch, np.int32),
        "index": indices,
        "label": labels,
        "predicted": np.where(classes == NO_LABEL, INVALID, classes).astype(np.int32),
        "confidence": np.where(classes == NO_LABEL, np.float32(np.nan), np.clip(probability, 0, 1)),
        "loss": missing,
        "log_prob_label": missing,
        "log_prob_other": missing,
    }
