"""How each epoch of a split did, counted once per file: a new epoch costs the reading of its own file."""

from __future__ import annotations

import threading
from collections import OrderedDict
from typing import Any

from dashboard import shared_state
from dashboard.analysis.intervals import wilson
from dashboard.catalogue import versions
from dashboard.catalogue.runs import Run
from dashboard.sql import epochs

KEPT = 50_000
"""Most epochs remembered, of all runs: about 50 MB."""


def totals(run: Run, split: str) -> list[dict[str, Any]]:
    """Per epoch, rising: what `queries.epoch_totals` counts, and `accuracy` with `low` and `high`.

    Accuracy is the share of labelled samples that are correct, its bounds a 95 % Wilson interval; all three
    are None without labels. An epoch whose file cannot be read is left out: what shows it says so.
    """
    return shared_state.once(("totals",), _Counted).of(run, split)


class _Counted:
    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._kept: OrderedDict[tuple[str, str], dict[str, Any]] = OrderedDict()
        self._last: OrderedDict[tuple[str, str], tuple[str, list[dict[str, Any]]]] = OrderedDict()

    def of(self, run: Run, split: str) -> list[dict[str, Any]]:
        with self._lock:
            place = (str(run.path), split)
            known = self._last.get(place)
            if known is None or known[0] != run.data_version:
                known = self._last[place] = (run.data_version, self._count(run, split))
                while len(self._last) > 64:
                    self._last.popitem(last=False)
            return known[1]

    def _count(self, run: Run, split: str) -> list[dict[str, Any]]:
        keys = {e: (str(f := run.predictions(split, e)), versions.version([f])) for e in run.epochs.get(split, ())}
        new = tuple(epoch for epoch, key in keys.items() if key not in self._kept)
        for found in epochs.epoch_totals(run, split, new) if new else ():
            self._kept[keys[found["epoch"]]] = with_accuracy(found)
        for key in keys.values():
            if key in self._kept:
                self._kept.move_to_end(key)
        totals = [self._kept[key] for key in keys.values() if key in self._kept]
        while len(self._kept) > KEPT:
            self._kept.popitem(last=False)
        return totals


def with_accuracy(totals: dict[str, Any]) -> dict[str, Any]:
    """`totals` of one epoch with its accuracy and the bounds of that."""
    labelled = totals["labelled"]
    if not labelled:
        return {**totals, "accuracy": None, "low": None, "high": None}
    low, high = wilson(totals["correct"], labelled)
    return {**totals, "accuracy": totals["correct"] / labelled, "low": float(low), "high": float(high)}
