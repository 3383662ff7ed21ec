"""The last epoch that is on disk as a whole, told from the epochs of which metrics and predictions are there."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from .. import schema

METRICS = "metrics"


@dataclass
class _Series:
    last: int
    step: int = 1
    """What lies between the last two epochs."""


@dataclass
class DurableEpochs:
    """Epochs by what was logged at them: `METRICS`, or the predictions of a split."""

    _series: dict[str, _Series] = field(default_factory=dict)

    def expect(self, kind: str) -> None:
        """This kind will come, beginning with the first epoch."""
        self._series.setdefault(kind, _Series(-1))

    def add(self, kind: str, epoch: int) -> None:
        """Something of this kind is on disk for `epoch` (from 0)."""
        known = self._series.get(kind)
        if known is None:
            self._series[kind] = _Series(epoch)
        elif epoch > known.last:
            known.step, known.last = epoch - known.last, epoch

    @property
    def last(self) -> int | None:
        """The last epoch of which anything is on disk."""
        return _from_zero(max((series.last for series in self._series.values()), default=-1))

    @property
    def last_whole(self) -> int | None:
        """The last epoch of which nothing seems to be missing.

        What came at regular steps, and was due since, is missing: a kill came between the two. Rows are gathered
        while the metrics of the next epoch are written, so two can be missing; what has been absent for longer is no
        longer logged.
        """
        last: int = max((series.last for series in self._series.values()), default=-1)
        whole = last
        for series in self._series.values():
            due = series.last + series.step
            if due <= last < due + 2 * series.step:
                whole = min(whole, due - 1)
        return _from_zero(whole)


def _from_zero(epoch: int) -> int | None:
    return epoch if epoch >= 0 else None


def read_epochs(folder: Path, splits: Iterable[str] = ()) -> DurableEpochs:
    """The epochs of which the run in `folder` has metrics and predictions. Those of `splits` are expected."""
    found = DurableEpochs()
    for epoch in sorted(_metric_epochs(folder / schema.METRICS_FILE)):
        found.add(METRICS, epoch)
    for split in splits:
        found.expect(split)
    for split in schema.SPLITS:
        files = (folder / schema.predictions_file(split, 0)).parent.glob("*.parquet")
        by_epoch = {number: file for file in files if (number := schema.epoch_of(file.name)) is not None}
        epochs = sorted(by_epoch)
        if len(epochs) > 1 and _rows(by_epoch[epochs[-1]]) < _rows(by_epoch[epochs[-2]]):
            epochs.pop()  # a kill came between its batches
        for number in epochs:
            found.add(split, number)
    return found


def _rows(file: Path) -> int:
    import pyarrow.parquet as pq

    try:
        return int(pq.read_metadata(file).num_rows)
    except (OSError, ValueError):
        return 0


def _metric_epochs(path: Path) -> set[int]:
    """The epochs of whole lines, those of steps within an epoch left out. Damaged lines count for nothing."""
    epochs = set[int]()
    try:
        lines = path.read_bytes().split(b"\n")[:-1]
    except OSError:
        return epochs
    for line in lines:
        try:
            raw = json.loads(line)
        except (ValueError, RecursionError):
            continue
        epoch = raw.get("epoch") if isinstance(raw, dict) and raw.get("step") is None else None
        if isinstance(epoch, int) and not isinstance(epoch, bool) and 0 <= epoch < 1 << 31:
            epochs.add(epoch)
    return epochs
