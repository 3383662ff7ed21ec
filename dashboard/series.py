"""From the metrics of some runs to the lines of a chart: placed on x, smoothed, thinned out.

What cannot be drawn is counted or becomes an event; nothing is dropped silently, and a NaN is never a 0.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from dashboard.downsample import minmax_indices
from dashboard.metrics import base_name, split_of
from dashboard.text import plural

POINTS = 12_000
"""Points on one page, all charts together: what Vega draws without a wait."""


@dataclass(frozen=True)
class Source:
    """One run's metrics."""

    run: str
    """Id."""
    title: str
    frame: pd.DataFrame
    """As `runs.read_metrics`."""
    started: float
    """Seconds since 1970; times are counted from here."""


@dataclass(frozen=True)
class Chart:
    """The lines of one chart: a metric of all splits and runs."""

    name: str
    """Without its split."""
    lines: pd.DataFrame
    """Columns x, y, raw, run (id), title, split, part (unbroken stretches of one line), epoch (from 1)."""
    events: pd.DataFrame
    """Stretches of values that are no numbers: x, until (the x of their last), run, title, text."""
    notes: list[str] = field(default_factory=list)
    domain: tuple[float, float] = (0.0, 1.0)
    """Lowest and highest x of all charts drawn together."""


def chart_names(sources: Sequence[Source]) -> list[str]:
    """The metrics of all runs without their splits: accuracies first, then losses, then the others."""
    names = dict.fromkeys(base_name(n) for s in sources for n in s.frame["name"].unique())

    def rank(name: str) -> tuple[int, str]:
        order = 0 if "acc" in name else 1 if name == "loss" else 2 if "loss" in name else 3
        return (4 if name in ("lr", "learning_rate") else order, name)

    return sorted(names, key=rank)


def charts(
    sources: Sequence[Source], names: Sequence[str], *, x: str = "epoch", smoothing: float = 0.0, log_y: bool = False
) -> list[Chart]:
    """One chart for each of `names`, as `chart_names` has them. `smoothing`: weight of the past, 0 to 0.99."""
    wanted = [(n, s) for n in names for s in sources]
    count = sum(len(_metric_names(s.frame, n)) for n, s in wanted)
    buckets = max(20, min(300, POINTS // max(1, 2 * count)))
    found = [_chart(name, sources, x, smoothing, log_y, buckets) for name in names]
    return [replace(chart, domain=_domain(found)) for chart in found]


def _domain(found: list[Chart]) -> tuple[float, float]:
    frames = [frame for chart in found for frame in (chart.lines, chart.events)]
    places = [frame[at] for frame in frames for at in ("x", "until") if at in frame]
    ends = pd.concat(places) if places else pd.Series(dtype=float)
    return (float(ends.min()), float(ends.max())) if len(ends) else (0.0, 1.0)


def _metric_names(frame: pd.DataFrame, base: str) -> list[str]:
    return [n for n in frame["name"].unique() if base_name(n) == base]


def _chart(name: str, sources: Sequence[Source], x: str, smoothing: float, log_y: bool, buckets: int) -> Chart:
    lines, events, notes = [], [], []
    for source in sources:
        for metric in _metric_names(source.frame, name):
            rows = _placed(source, metric, x)
            title = f"{source.title}: " if len(sources) > 1 else ""
            if missing := int(rows["x"].isna().sum()):
                notes.append(f"{title}{metric} has {plural(missing, 'value')} without a {x}")
            rows = rows.dropna(subset=["x"]).sort_values("x", kind="stable", ignore_index=True)
            if log_y and (low := int((rows["raw"] <= 0).sum())):
                notes.append(f"{title}{metric} has {plural(low, 'value')} of 0 or less, without a logarithm")
                rows = rows[~(rows["raw"] <= 0)].reset_index(drop=True)
            identity = {"run": source.run, "title": source.title, "split": split_of(metric)}
            line, event = _line(rows, smoothing, buckets, metric)
            lines.append(line.assign(**identity))
            events.append(event.assign(run=source.run, title=source.title))
    return Chart(name, _joined(lines), _together(_joined(events)), notes)


def _joined(frames: list[pd.DataFrame]) -> pd.DataFrame:
    filled = [frame for frame in frames if len(frame)]
    return pd.concat(filled or frames[:1], ignore_index=True) if frames else pd.DataFrame()


def _together(events: pd.DataFrame) -> pd.DataFrame:
    """Events of one run at one place are one mark that says all of them."""
    if len(events) < 2:
        return events
    grouped = events.groupby(["run", "title", "x"], sort=False, as_index=False)
    return grouped.agg({"until": "max", "text": "; ".join})


def _placed(source: Source, metric: str, x: str) -> pd.DataFrame:
    """The values of a metric with their places: columns x, raw, epoch (from 1, may be missing)."""
    rows = source.frame[source.frame["name"] == metric]
    epoch = rows["epoch"].astype("Float64").to_numpy(dtype=float, na_value=np.nan)
    step = rows["step"].astype("Float64").to_numpy(dtype=float, na_value=np.nan)
    place = {"epoch": _by_epoch, "step": _by_step, "time": _by_time}[x](source, rows, epoch, step)
    return pd.DataFrame({"x": place, "raw": rows["value"].to_numpy(dtype=float), "epoch": epoch + 1})


def _by_epoch(
    source: Source, rows: pd.DataFrame, epoch: NDArray[np.float64], step: NDArray[np.float64]
) -> NDArray[np.float64]:
    """End of epoch e (from 0) at e + 1; a step within it before that, by its share of the epoch's steps."""
    spans = source.frame.dropna(subset=["epoch", "step"]).groupby("epoch")["step"].agg(["min", "max"])
    low = rows["epoch"].map(spans["min"]).astype("Float64").to_numpy(dtype=float, na_value=np.nan)
    high = rows["epoch"].map(spans["max"]).astype("Float64").to_numpy(dtype=float, na_value=np.nan)
    share = (step - low + 1) / (high - low + 1)
    return np.where(np.isnan(step), epoch + 1, epoch + share)


def _by_step(
    source: Source, rows: pd.DataFrame, epoch: NDArray[np.float64], step: NDArray[np.float64]
) -> NDArray[np.float64]:
    """The step; of a value of a whole epoch the last step of that epoch, if steps are logged at all."""
    last = source.frame.dropna(subset=["epoch", "step"]).groupby("epoch")["step"].max()
    ends = rows["epoch"].map(last).astype("Float64").to_numpy(dtype=float, na_value=np.nan)
    return np.where(np.isnan(step), ends, step)


def _by_time(
    source: Source, rows: pd.DataFrame, epoch: NDArray[np.float64], step: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Minutes since the run began."""
    return np.asarray((rows["time"] - source.started) / 60, dtype=float)


def _line(rows: pd.DataFrame, smoothing: float, buckets: int, metric: str) -> tuple[pd.DataFrame, pd.DataFrame]:
    raw = rows["raw"].to_numpy(dtype=float)
    finite = np.isfinite(raw)
    part = np.cumsum(np.concatenate([[False], finite[1:] != finite[:-1]])) if len(raw) else np.zeros(0)
    rows = rows.assign(y=smooth(raw, smoothing), part=part.astype(int))
    events = _events(rows[~finite], metric)
    kept = rows[finite].reset_index(drop=True)
    at = minmax_indices(kept["y"].to_numpy(dtype=float), buckets)
    ends = np.flatnonzero(np.diff(kept["part"].to_numpy(), append=-1))
    return kept.iloc[np.union1d(at, ends)], events


def smooth(values: NDArray[np.float64], weight: float) -> NDArray[np.float64]:
    """Exponential moving average, corrected for its start as in Adam (Kingma and Ba 2015, section 3).

    `weight` of the past, 0 (unchanged) to below 1. What is not finite stays and leaves the average as it was.
    """
    if weight <= 0:
        return values
    out, past, seen = values.copy(), 0.0, 0
    for at in np.flatnonzero(np.isfinite(values)):
        past, seen = weight * past + (1 - weight) * values[at], seen + 1
        out[at] = past / (1 - weight**seen)
    return out


def _events(rows: pd.DataFrame, metric: str) -> pd.DataFrame:
    """One event for each stretch of values that are no numbers, where it begins."""
    found = []
    for _, stretch in rows.groupby("part"):
        kinds = dict.fromkeys("NaN" if np.isnan(v) else "∞" if v > 0 else "-∞" for v in stretch["raw"])
        more = f" ({len(stretch):,} values)" if len(stretch) > 1 else ""
        text = f"{metric} is {' and '.join(kinds)} from here{more}"
        found.append({"x": stretch["x"].iloc[0], "until": stretch["x"].iloc[-1], "text": text})
    return pd.DataFrame(found, columns=["x", "until", "text"])
