"""Outcomes -> the columns of a predictions file."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from logger import schema
from logger.outputs import Outcome


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
