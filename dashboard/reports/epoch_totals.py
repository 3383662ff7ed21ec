"""Totals of each epoch of a split, computed once per file: a new epoch costs the reading of its own file only."""

from __future__ import annotations

import threading
from collections import OrderedDict
from typing import Any

import pandas as pd

from dashboard import shared_state
from dashboard.analysis.intervals import wilson
from dashboard.analysis.most_confused import first_pair_by_epoch
from dashboard.catalogue import versions
from dashboard.catalogue.runs import Run
from dashboard.sql import confusion
from logger.schema import VERDICTS

MAX_EPOCHS = 50_000
"""Most epochs remembered, of all runs: about 60 MB."""
MAX_SPLITS = 64
"""Most splits whose list of totals is remembered."""


def totals(run: Run, split: str) -> list[dict[str, Any]]:
    """The totals of each logged epoch, rising.

    - `epoch`, `samples`, `labelled`, and how many samples have each verdict;
    - `accuracy`, the share of labelled samples that are correct, and its 95 % Wilson interval, `low` to `high`; None
      without labels;
    - `loss` (in nats) and `confidence`, the means over the samples that have one, None where none has;
    - `confused`, the most confused pair: `label`, `predicted` and how many `samples` share it, None without mistakes.

    An epoch whose file cannot be read is left out.
    """
    return shared_state.once(("totals",), _Totals).of_split(run, split)


class _Totals:
    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._epochs: OrderedDict[tuple[str, str], dict[str, Any]] = OrderedDict()
        self._splits: OrderedDict[tuple[str, str], tuple[str, list[dict[str, Any]]]] = OrderedDict()

    def of_split(self, run: Run, split: str) -> list[dict[str, Any]]:
        with self._lock:
            key = (str(run.path), split)
            known = self._splits.get(key)
            if known is None or known[0] != run.data_version:
                known = self._splits[key] = (run.data_version, self._compute(run, split))
                while len(self._splits) > MAX_SPLITS:
                    self._splits.popitem(last=False)
            return known[1]

    def _compute(self, run: Run, split: str) -> list[dict[str, Any]]:
        keys = {e: (str(f := run.predictions(split, e)), versions.version([f])) for e in run.epochs.get(split, ())}
        new = tuple(epoch for epoch, key in keys.items() if key not in self._epochs)
        for one in totals_of(confusion.epoch_cells(run, split, new).to_pandas()) if new else ():
            self._epochs[keys[one["epoch"]]] = one
        for key in keys.values():
            if key in self._epochs:
                self._epochs.move_to_end(key)
        found = [self._epochs[key] for key in keys.values() if key in self._epochs]
        while len(self._epochs) > MAX_EPOCHS:
            self._epochs.popitem(last=False)
        return found


def totals_of(cells: pd.DataFrame) -> list[dict[str, Any]]:
    """The totals of each epoch of `confusion.epoch_cells`."""
    pairs = first_pair_by_epoch(cells)
    return [
        {"epoch": int(str(epoch)), **_counts(of_epoch), "confused": pairs.get(int(str(epoch)))}
        for epoch, of_epoch in cells.groupby("epoch", sort=True)
    ]


def _counts(cells: pd.DataFrame) -> dict[str, Any]:
    by_verdict = cells.groupby("verdict")["count"].sum()
    counts = {verdict: int(by_verdict.get(verdict, 0)) for verdict in VERDICTS}
    labelled = int(cells.loc[cells["label"].notna(), "count"].sum())
    return {
        "samples": int(cells["count"].sum()),
        **counts,
        "labelled": labelled,
        "loss": _mean(cells["loss"], cells["losses"]),
        "confidence": _mean(cells["confidence"], cells["confidences"]),
        **accuracy(counts["correct"], labelled),
    }


def _mean(sums: pd.Series, counts: pd.Series) -> float | None:
    count = int(counts.sum())
    return float(sums.sum()) / count if count else None


def accuracy(correct: int, labelled: int) -> dict[str, float | None]:
    """`accuracy` with its interval, `low` to `high`; all None without labels."""
    if not labelled:
        return {"accuracy": None, "low": None, "high": None}
    low, high = wilson(correct, labelled)
    return {"accuracy": correct / labelled, "low": float(low), "high": float(high)}
