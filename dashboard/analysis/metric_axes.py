"""One run's metrics as arrays, and where each value stands on the x of a chart."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd
from numpy.typing import NDArray

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Values:
    """One metric of one run, in file order. Epochs (from 0) and steps are NaN where there are none."""

    epoch: Floats
    step: Floats
    time: Floats
    value: Floats


@dataclass(frozen=True)
class RunMetrics:
    """One run's metrics."""

    run: str
    """Id."""
    title: str
    frame: pd.DataFrame
    """As returned by `runs.read_metrics`."""
    started: float
    """Seconds since 1970; times are counted from here."""

    @cached_property
    def metrics(self) -> dict[str, Values]:
        """Each metric by its name."""
        columns = [_floats(self.frame[name]) for name in ("epoch", "step", "time", "value")]
        rows = self.frame.groupby("name", sort=False).indices
        return {str(name): Values(*(column[at] for column in columns)) for name, at in rows.items()}

    @cached_property
    def steps(self) -> tuple[Floats, Floats, Floats]:
        """The epochs in which steps were logged, rising, with the first and the last step of each."""
        epoch, step = _floats(self.frame["epoch"]), _floats(self.frame["step"])
        known = ~np.isnan(epoch) & ~np.isnan(step)
        epochs, at = np.unique(epoch[known], return_inverse=True)
        low, high = np.full(len(epochs), np.inf), np.full(len(epochs), -np.inf)
        np.minimum.at(low, at, step[known])
        np.maximum.at(high, at, step[known])
        return epochs, low, high


def _floats(column: pd.Series) -> Floats:
    found: Floats = column.to_numpy(dtype=float, na_value=np.nan)
    return found


def x_positions(source: RunMetrics, values: Values, x: str) -> Floats:
    """The x of each value, NaN where it has none. `x`: `epoch`, `step` or `time` (in minutes)."""
    return {"epoch": _by_epoch, "step": _by_step, "time": _by_time}[x](source, values)


def _by_epoch(source: RunMetrics, values: Values) -> Floats:
    """End of epoch e (from 0) at e + 1; a step within it before that, by its share of the epoch's steps."""
    if np.isnan(values.step).all():
        return values.epoch + 1
    low, high = _ends_of_epoch(source, values)
    share = (values.step - low + 1) / (high - low + 1)
    return np.where(np.isnan(values.step), values.epoch + 1, values.epoch + share)


def _by_step(source: RunMetrics, values: Values) -> Floats:
    """The step; of a value of a whole epoch the last step of that epoch, if steps are logged at all."""
    return np.where(np.isnan(values.step), _ends_of_epoch(source, values)[1], values.step)


def _by_time(source: RunMetrics, values: Values) -> Floats:
    """Minutes since the run began."""
    return (values.time - source.started) / 60


def _ends_of_epoch(source: RunMetrics, values: Values) -> tuple[Floats, Floats]:
    """For each value the first and the last step of its epoch; NaN where the epoch has none."""
    epochs, low, high = source.steps
    if not len(epochs):
        return np.full_like(values.epoch, np.nan), np.full_like(values.epoch, np.nan)
    at = np.minimum(np.searchsorted(epochs, values.epoch), len(epochs) - 1)
    known = epochs[at] == values.epoch
    return np.where(known, low[at], np.nan), np.where(known, high[at], np.nan)
