"""From tables to Altair charts. Fields have plain names, because dots and colons in them mean something to Altair."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import altair as alt
import pandas as pd

from dashboard.analysis.metric_series import Chart
from dashboard.view.palette import Palette

HEIGHT = 220
"""Of a metric chart in pixels, when there are many."""
DASHES = {"train": [5, 3], "val": [1, 0], "test": [1, 3], "production": [8, 2, 2, 2]}
X_TITLES = {"epoch": "epoch", "step": "step", "time": "minutes"}
_FEW = 40
"""Lines of at most this many points show their points."""


def metric_chart(
    chart: Chart, *, x: str, log_y: bool, colours: Mapping[str, str], palette: Palette, height: int = HEIGHT
) -> Any:
    """The lines of one metric. `colours`: by run id; empty draws each split in its own colour (one run).

    Train is dashed, val solid. NaN and infinite values are marks at the bottom of the chart.
    """
    lines = chart.lines.assign(title=chart.lines["title"].map(str))
    base = alt.Chart(lines).encode(
        x=_x(chart.domain, x), detail=["run:N", "split:N", "part:N"], color=_colour(colours, palette)
    )
    dashes = DASHES if lines["split"].nunique() > 1 else dict.fromkeys(DASHES, DASHES["val"])
    dash = alt.StrokeDash("split:N", legend=None, scale=alt.Scale(domain=list(dashes), range=list(dashes.values())))
    y = alt.Y("y:Q", title=None, scale=alt.Scale(zero=False, type="log" if log_y else "linear", nice=False))
    layers: list[alt.Chart] = []
    if bool((lines["y"] != lines["raw"]).any()):
        layers.append(base.mark_line(strokeWidth=1, opacity=0.25).encode(y=alt.Y("raw:Q"), strokeDash=dash))
    layers.append(base.mark_line(strokeWidth=2).encode(y=y, strokeDash=dash))
    layers.append(_hover(base, y, lines))
    if len(chart.events):
        colour = _colour(colours, palette) if colours else alt.value(palette.invalid)
        layers.extend(_events(chart.events, colour))
    return _dressed(alt.layer(*layers).properties(height=height), palette)


def _x(domain: tuple[float, float], x: str) -> alt.X:
    axis: dict[str, Any] = {"grid": False, "tickCount": 6, "labelFlush": True}
    if x != "time":
        axis |= {"format": ",.0f" if x == "step" or domain[1] > 5 else "~g", "tickMinStep": 1}
    scale = alt.Scale(domain=list(domain), zero=False, nice=False, padding=6)
    return alt.X("x:Q", title=X_TITLES[x], axis=alt.Axis(**axis), scale=scale)


def _colour(colours: Mapping[str, str], palette: Palette) -> alt.Color:
    if colours:
        return alt.Color("run:N", legend=None, scale=alt.Scale(domain=list(colours), range=list(colours.values())))
    by_split = {split: getattr(palette, split) for split in DASHES}
    return alt.Color("split:N", legend=None, scale=alt.Scale(domain=list(by_split), range=list(by_split.values())))


def _hover(base: Any, y: Any, lines: pd.DataFrame) -> Any:
    """Points that carry the tooltip: visible when there are few, else only under the pointer."""
    near = alt.selection_point(name="near", on="pointerover", nearest=True, clear="pointerout", empty=False)
    few = len(lines) <= _FEW * max(1, lines.groupby(["run", "split"]).ngroups)
    shown = alt.condition(near, alt.value(1), alt.value(0.9 if few else 0))
    tooltip = [
        alt.Tooltip("title:N", title="run"),
        alt.Tooltip("split:N", title="split"),
        alt.Tooltip("epoch:Q", title="epoch", format=",.0f"),
        alt.Tooltip("x:Q", title="at", format=",.4~g"),
        alt.Tooltip("raw:Q", title="value", format=".5~g"),
        alt.Tooltip("y:Q", title="smoothed", format=".5~g"),
    ]
    if not bool((lines["y"] != lines["raw"]).any()):
        tooltip.pop()
    if bool((lines["x"] == lines["epoch"]).all()):
        tooltip.pop(3)
    size = alt.condition(near, alt.value(70), alt.value(14))
    return base.mark_circle().encode(y=y, opacity=shown, size=size, tooltip=tooltip).add_params(near)


def _events(events: pd.DataFrame, colour: Any) -> list[Any]:
    """A triangle at the bottom of the chart where values become NaN or infinite, and a bar while they are."""
    tooltip = [alt.Tooltip(f"{name}:N", title=title) for name, title in (("text", "⚠"), ("title", "run"))]
    foot = alt.value(alt.expr("height - 8"))
    base = alt.Chart(events).encode(x=alt.X("x:Q"), y=foot, color=colour, tooltip=tooltip)
    mark = base.mark_point(shape="triangle-up", filled=True, size=110, opacity=1)
    return [base.mark_rule(strokeWidth=3, opacity=0.5).encode(x2="until:Q"), mark]


def _dressed(chart: Any, palette: Palette) -> Any:
    axis = {"labelColor": palette.muted, "titleColor": palette.muted, "domain": False, "ticks": False}
    return (
        chart.properties(padding={"left": 0, "right": 6, "top": 6, "bottom": 0})
        .configure_view(strokeWidth=0)
        .configure_axis(**axis, gridColor=palette.border, labelFontSize=11, titleFontSize=11, titleFontWeight="normal")
    )
