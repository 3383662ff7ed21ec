"""metrics.jsonl, read as it grows."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

import pandas as pd

from dashboard.catalogue.documents import read_metrics
from dashboard.catalogue.jsonl import JsonLinesFile
from logger import schema

COLUMNS = {"epoch": "Int64", "step": "Int64", "time": "float64", "name": "object", "value": "float64"}


@dataclass
class MetricsFile:
    """One metrics.jsonl, of which only what was appended since is read.

    A line counts once its newline is written. Damaged lines are left out and counted.
    """

    folder: Path
    """The run folder."""
    damaged: int = 0
    """Number of lines left out."""
    damaged_values: int = 0
    """Number of values left out of the other lines."""
    _lines: JsonLinesFile = field(init=False)
    _upgrade: str | None = None
    _rows: list[tuple[int | None, int | None, float, str, float]] = field(default_factory=list)
    _frame: pd.DataFrame | None = None

    def __post_init__(self) -> None:
        self._lines = JsonLinesFile(self.folder, schema.METRICS_FILE)

    @property
    def problem(self) -> str | None:
        """A sentence when the file cannot be read, or has lines of a newer format."""
        return self._lines.problem or self._upgrade

    def frame(self) -> pd.DataFrame:
        """All values so far, one a row: columns epoch (from 0), step, time, name, value, in file order.

        `epoch` and `step` may be missing; `value` may be NaN or infinite. Callers must not change it.
        """
        self._read()
        if self._frame is None:
            columns = zip(*self._rows, strict=True) if self._rows else [()] * len(COLUMNS)
            data = dict(zip(COLUMNS, columns, strict=True))
            self._frame = pd.DataFrame({k: pd.Series(list(data[k]), dtype=t) for k, t in COLUMNS.items()})
        return self._frame

    def _read(self) -> None:
        replaced, lines = self._lines.read_new()
        if replaced:
            self.damaged = self.damaged_values = 0
            self._upgrade, self._rows, self._frame = None, [], None
        for line in lines:
            try:
                got, wrong = read_metrics(line.decode("utf-8"))
            except (schema.FormatError, UnicodeDecodeError) as e:
                self.damaged += 1
                if "Upgrade" in str(e):
                    self._upgrade = str(e)
                continue
            self.damaged_values += wrong
            self._rows.extend((got.epoch, got.step, got.time, k, v) for k, v in got.values.items())
            self._frame = None
