"""One sample in full, as the Sample dialog shows it: plain values for JSON."""

from __future__ import annotations

import math
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from dashboard.catalogue.runs import Run
from dashboard.sql import epochs, predictions, samples
from logger import schema

_PICTURE = (
    *("index", "digest", "label", "sheet", "tile", "tile_width", "tile_height", "width", "height"),
    *("channels", "dtype", "min", "max", "mean", "std", "nonfinite", "source", "weight", "soft_label"),
)
_OUTCOME = ("label", "predicted", "confidence", "loss", "margin", "verdict")


def files(run: Run, split: str) -> list[Path]:
    """The files that `sample` reads, which its version depends on."""
    return [*run.samples.get(split, ()), *run.prediction_files(split)]


def sample(run: Run, split: str, epoch: int, index: int) -> dict[str, Any] | None:
    """The picture's facts, its outcome at `epoch` (None when not predicted then), and its history.

    `outcome.probabilities` are pairs of class and probability, falling: of all classes, or of the highest and the label
    where only those are stored; `outcome.unstored` is the number of the others. None when there is no such sample.
    """
    row = samples.sample(run, split, index)
    if row is None:
        return None
    outcome = predictions.prediction(run, split, epoch, index)
    if outcome is not None:
        pairs = _ranked(outcome)
        unstored = max(0, (run.info.classes or 0) - len(pairs)) if outcome["classes"] else 0
        outcome = {**{name: outcome[name] for name in _OUTCOME}, "probabilities": pairs, "unstored": unstored}
    return {
        **{name: row[name] for name in _PICTURE},
        "reduced": row["original"] is not None,
        "epoch": epoch,
        "outcome": outcome,
        "history": epochs.history(run, split, index),
    }


def _ranked(outcome: dict[str, Any]) -> list[tuple[int, float | None]]:
    """Pairs of class and probability, highest first; a NaN is None and comes last."""
    values = outcome["probabilities"] or []
    classes = outcome["classes"] or range(len(values))
    pairs = [(c, None if p is None or p != p else p) for c, p in zip(classes, values, strict=False)]
    label, log_p = outcome["label"], outcome["log_prob_label"]
    if outcome["classes"] and label is not None and log_p is not None and label not in outcome["classes"]:
        pairs.append((label, math.exp(log_p)))
    return sorted(pairs, key=lambda pair: -1.0 if pair[1] is None else pair[1], reverse=True)


def same_picture(run: Run, split: str, index: int, runs: Iterable[Run]) -> list[dict[str, Any]]:
    """Other samples with the same stored pixels: run, title, split, index, and the latest outcome."""
    row = samples.sample(run, split, index)
    if row is None or row["digest"] is None:
        return []
    here = (run.id, split, index)
    return [
        _place(other, found)
        for other in runs
        for found in samples.same_picture(other, row["digest"])
        if (other.id, found["split"], found["index"]) != here
    ]


def _place(run: Run, found: dict[str, Any]) -> dict[str, Any]:
    split, index = found["split"], found["index"]
    epoch = max(run.epochs.get(split, ()), default=None)
    outcome = None if epoch is None else predictions.prediction(run, split, epoch, index)
    names = ("label", "predicted", "confidence", "verdict")
    described = outcome and {
        **{name: outcome[name] for name in names},
        "label_name": _name(run, outcome["label"]),
        "predicted_name": _name(run, outcome["predicted"]),
    }
    return {"run": run.id, "title": run.title, **found, "epoch": epoch, "outcome": described}


def _name(run: Run, index: int | None) -> str | None:
    if index is None:
        return None
    return "invalid" if index == schema.INVALID else run.info.class_name(index)
