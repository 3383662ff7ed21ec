"""metrics.jsonl, read as it grows, and what its names mean: which is better, which belong together."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

import pandas as pd

from dashboard.lines import Lines
from logger import schema

COLUMNS = {"epoch": "Int64", "step": "Int64", "time": "float64", "name": "object", "value": "float64"}


@dataclass
class MetricsFile:
    """One metrics.jsonl, of which only what was appended since is read.

    A line counts once its newline is there. Damaged lines are left out and counted.
    """

    folder: Path
    """The run folder."""
    damaged: int = 0
    _lines: Lines = field(init=False)
    _upgrade: str | None = None
    _rows: list[tuple[int | None, int | None, float, str, float]] = field(default_factory=list)
    _frame: pd.DataFrame | None = None

    def __post_init__(self) -> None:
        self._lines = Lines(self.folder, schema.METRICS_FILE)

    @property
    def problem(self) -> str | None:
        """A sentence when the file, or a line of it, is not for this version to read."""
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
        anew, lines = self._lines.fresh()
        if anew:
            self.damaged, self._upgrade, self._rows, self._frame = 0, None, [], None
        for line in lines:
            try:
                got = schema.MetricsLine.decode(line.decode("utf-8"))
            except (schema.FormatError, UnicodeDecodeError) as e:
                self.damaged += 1
                if "Upgrade" in str(e):
                    self._upgrade = str(e)
                continue
            self._rows.extend((got.epoch, got.step, got.time, k, v) for k, v in got.values.items())
            self._frame = None


_FALLING = ("loss", "error", "mse", "mae", "rmse", "mape", "perplexity", "entropy", "divergence", "brier", "ece")
_RISING = ("acc", "auc", "f1", "fscore", "precision", "recall", "iou", "dice", "score", "map", "kappa", "mcc", "r2")


def direction(name: str) -> int:
    """+1 when a higher value of the metric is better, -1 when a lower one is, 0 when its name does not say."""
    words = base_name(name).lower()
    if any(word in words for word in _FALLING):
        return -1
    return 1 if any(word in words for word in _RISING) else 0


def split_of(name: str) -> str:
    """The split that a metric's name says: `val_loss` is of val, `loss` of train."""
    prefix = name.split("_", 1)[0]
    return prefix if prefix in ("val", "test") and "_" in name else "train"


def base_name(name: str) -> str:
    """The name without its split: `val_loss` and `loss` are both `loss`."""
    return name.split("_", 1)[1] if split_of(name) != "train" else name.removeprefix("train_")


def per_epoch(frame: pd.DataFrame, name: str) -> pd.Series:
    """The last value of metric `name` at each epoch, indexed by epoch (from 0), rising."""
    rows = frame[(frame["name"] == name) & frame["epoch"].notna() & frame["step"].isna()]
    if rows.empty:
        rows = frame[(frame["name"] == name) & frame["epoch"].notna()]
    values = rows.drop_duplicates("epoch", keep="last").set_index("epoch")["value"]
    return values.sort_index()


def main_metrics(frame: pd.DataFrame) -> tuple[str | None, str | None]:
    """The names of the accuracy-like and of the loss-like metric that stand for the run; val before train."""
    names = list(dict.fromkeys(frame["name"]))
    rising = [n for n in names if direction(n) > 0]
    falling = [n for n in names if direction(n) < 0]
    return _first(rising, "acc"), _first(falling, "loss")


def _first(names: list[str], word: str) -> str | None:
    def rank(name: str) -> tuple[bool, bool, int]:
        return (split_of(name) != "val", word not in name, len(name))

    return min(names, key=rank) if names else None


def best(values: pd.Series, way: int) -> tuple[int, float] | None:
    """The epoch (from 0) and value of the best finite value; the earliest of equals. None when there is none."""
    finite = values[values.abs() < float("inf")].dropna()
    if finite.empty or way == 0:
        return None
    at = finite.idxmax() if way > 0 else finite.idxmin()
    return int(at), float(finite[at])
