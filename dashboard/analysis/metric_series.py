"""From the metrics of some runs to the lines of a chart: positioned on x, smoothed, downsampled.

What cannot be drawn is counted or becomes an event; nothing is dropped silently, and NaN is never 0.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from dashboard.analysis.downsample import minmax_indices
from dashboard.analysis.metric_axes import Floats, RunMetrics, x_positions
from dashboard.analysis.metric_names import base_name, split_of
from dashboard.formatting import plural

POINTS = 12_000
"""Most points on a page, all charts together: Vega draws them without a noticeable delay."""


@dataclass(frozen=True)
class Chart:
    """The lines of one chart: a metric of all splits and runs."""

    name: str
    """Without its split."""
    lines: pd.DataFrame
    """Columns x, y, raw, epoch (from 1), part (unbroken stretches of one line), run (id), title, split."""
    events: pd.DataFrame
    """Stretches of NaN or infinite values: x, until (the x of their last), text, run, title."""
    notes: list[str] = field(default_factory=list)
    domain: tuple[float, float] = (0.0, 1.0)
    """Lowest and highest x of all charts drawn together."""


def chart_names(sources: Sequence[RunMetrics]) -> list[str]:
    """The metrics of all runs without their splits: accuracies first, then losses, then the others."""
    names = dict.fromkeys(base_name(name) for source in sources for name in source.metrics)

    def rank(name: str) -> tuple[int, str]:
        order = 0 if "acc" in name else 1 if name == "loss" else 2 if "loss" in name else 3
        return (4 if name in ("lr", "learning_rate") else order, name)

    return sorted(names, key=rank)


_UNITS = {"epoch": "epoch", "step": "step", "time": "minute"}


def charts(
    sources: Sequence[RunMetrics],
    names: Sequence[str],
    *,
    x: str = "epoch",
    smoothing: float = 0.0,
    log_y: bool = False,
) -> list[Chart]:
    """One chart for each of `names`, as `chart_names` has them. `smoothing`: weight of the past, 0 to 0.99."""
    drawn = {
        name: [(s, metric) for s in sources for metric in s.metrics if base_name(metric) == name] for name in names
    }
    buckets = max(20, min(300, POINTS // max(1, 2 * sum(map(len, drawn.values())))))
    several = len(sources) > 1
    found = []
    for name, metrics in drawn.items():
        lines = [_line(source, metric, x, smoothing, log_y, buckets) for source, metric in metrics]
        notes = [f"{line.source.title}: {note}" if several else note for line in lines for note in line.notes]
        found.append(Chart(name, _table(lines), _events(lines), [*notes, *_hidden(lines)]))
    return [replace(chart, domain=_domain(found)) for chart in found]


def _hidden(lines: list[_Line]) -> list[str]:
    """A sentence for each group of runs whose lines coincide in every point, so that only one is visible."""
    drawn: dict[str, list[bytes]] = {}
    for line in lines:
        drawn.setdefault(line.source.run, []).extend(line.columns[name].tobytes() for name in ("x", "raw"))
    titles = {line.source.run: line.source.title for line in lines}
    same: dict[tuple[bytes, ...], list[str]] = {}
    for run, points in drawn.items():
        same.setdefault(tuple(points), []).append(titles[run])
    return [f"Identical in every point: {', '.join(runs)}" for runs in same.values() if len(runs) > 1]


def _domain(found: Iterable[Chart]) -> tuple[float, float]:
    frames = [frame for chart in found for frame in (chart.lines, chart.events)]
    ends = [frame[at].to_numpy() for frame in frames for at in ("x", "until") if at in frame and len(frame)]
    places = np.concatenate(ends) if ends else np.array([0.0, 1.0])
    return float(places.min()), float(places.max())


@dataclass(frozen=True)
class _Line:
    source: RunMetrics
    metric: str
    columns: dict[str, Floats]
    events: list[tuple[float, float, str]]
    notes: list[str]


def _line(source: RunMetrics, metric: str, x: str, smoothing: float, log_y: bool, buckets: int) -> _Line:
    """One metric of one run, ready to be drawn."""
    values = source.metrics[metric]
    place = x_positions(source, values, x)
    low = values.value <= 0 if log_y else np.zeros(len(place), bool)
    missing = np.isnan(place)
    notes = [f"{metric} has {plural(n, 'value')} without a {x}"] if (n := int(missing.sum())) else []
    if count := int((low & ~missing).sum()):
        notes.append(f"{metric} has {plural(count, 'value')} of 0 or less, which a log scale cannot show")
    order = np.flatnonzero(~missing & ~low)
    order = order[np.argsort(place[order], kind="stable")]
    place, raw, epoch = place[order], values.value[order], values.epoch[order] + 1
    finite = np.isfinite(raw)
    part = np.cumsum(np.diff(finite, prepend=finite[:1]) if len(finite) else finite)
    smoothed = smooth(raw, smoothing)
    drawn = np.flatnonzero(finite)
    ends = np.flatnonzero(np.diff(part[drawn], append=-1))
    drawn = drawn[np.union1d(minmax_indices(smoothed[drawn], buckets), ends)]
    columns = {"x": place, "y": smoothed, "raw": raw, "epoch": epoch, "part": part.astype(float)}
    events = _stretches(metric, x, place[~finite], raw[~finite], part[~finite])
    return _Line(source, metric, {name: column[drawn] for name, column in columns.items()}, events, notes)


def smooth(values: Floats, weight: float) -> Floats:
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


def _stretches(
    metric: str, axis: str, x: Floats, raw: Floats, part: NDArray[np.int_]
) -> list[tuple[float, float, str]]:
    """One event for each stretch of NaN or infinite values: where it begins and ends, and its text."""
    found = []
    for number in np.unique(part):
        inside = part == number
        kinds = dict.fromkeys("NaN" if np.isnan(v) else "∞" if v > 0 else "-∞" for v in raw[inside])
        more = f" ({plural(int(inside.sum()), 'value')})" if inside.sum() > 1 else ""
        begin, end = float(x[inside][0]), float(x[inside][-1])
        found.append((begin, end, f"{metric} is {' and '.join(kinds)} from {_UNITS[axis]} {begin:,.6g}{more}"))
    return found


def _table(lines: list[_Line]) -> pd.DataFrame:
    sizes = [len(line.columns["x"]) for line in lines]
    names = ("x", "y", "raw", "epoch", "part")
    data = {name: np.concatenate([line.columns[name] for line in lines] or [np.zeros(0)]) for name in names}
    texts = {
        "run": [line.source.run for line in lines],
        "title": [line.source.title for line in lines],
        "split": [split_of(line.metric) for line in lines],
    }
    return pd.DataFrame(data | {name: np.repeat(np.array(text, object), sizes) for name, text in texts.items()})


def _events(lines: list[_Line]) -> pd.DataFrame:
    """The events of all lines. Those of one run at the same x become one mark with all their texts."""
    rows = [(*event, line.source.run, line.source.title) for line in lines for event in line.events]
    events = pd.DataFrame(rows, columns=["x", "until", "text", "run", "title"])
    if len(events) < 2:
        return events
    return events.groupby(["run", "title", "x"], sort=False, as_index=False).agg({"until": "max", "text": "; ".join})
