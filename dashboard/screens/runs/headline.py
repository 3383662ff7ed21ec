"""The top of the Runs page: one run with its state, and cards for its main metrics and its mistakes."""

from __future__ import annotations

import math
from typing import Any

import streamlit as st

from dashboard import formatting
from dashboard.analysis.metric_names import base_name, direction, split_of
from dashboard.browser import assets
from dashboard.catalogue.runs import Run
from dashboard.reports import epoch_totals
from dashboard.reports.class_names import class_names
from dashboard.reports.run_table import STATE_SIGNS, Summary, Trend, epochs_words, problems, state_words
from dashboard.view import navigation
from dashboard.view.session import Current
from logger import schema

KEY = "headline"
MAX_VALUES = 200
"""Values in the chart of a card, the last ones."""
_COLOURS = {"running": "blue", "finished": "green", "failed": "red", "silent": "gray"}

_component = st.components.v2.component(
    "proofsheet_headline",
    html='<div class="headline"></div>',
    js=assets.loader("screens/runs/headline.js", "browser/cards.css"),
)


def draw(now: Current, run: Run, figures: Summary) -> None:
    """The name and state of the run, then its cards."""
    _title(now, run, figures)
    if not (figures.accuracy or figures.loss or run.epochs):
        running = run.state(now.time) == "running"
        st.caption("No values yet: they appear when the first epoch ends." if running else "No values.")
        return
    if problem := unread(run):
        st.caption(f":material/broken_image: {problem}")
    _component(key=KEY, data=payload(now, run, figures))


def _title(now: Current, run: Run, figures: Summary) -> None:
    words = formatting.md(f"{STATE_SIGNS[run.state(now.time)]} {state_words(run, now.time, now.zone)}")
    epochs = epochs_words(run)
    st.markdown(
        f"### {formatting.md(run.title, 120)} &nbsp; :{_COLOURS[run.state(now.time)]}-badge[{words}] "
        f":gray-badge[{epochs} {'epoch' if epochs == '1' else 'epochs'}]"
    )
    if found := problems(run, figures):
        more = f" and {len(found) - 1} more" if len(found) > 1 else ""
        st.caption(f":material/warning: {formatting.md(found[0], 200)}{more}")


def payload(now: Current, run: Run, figures: Summary) -> dict[str, Any]:
    """The component's data: the main metrics, the totals of the main split, and where its cards lead."""
    split = run.main_split
    query = navigation.link_query(now, "gallery", fresh=True, run=run.id, split=split, epoch=None)
    return {
        "trends": [trend_data(trend) for trend in (figures.accuracy, figures.loss) if trend],
        "totals": epoch_totals.totals(run, split)[-MAX_VALUES:] if split else [],
        "classes": class_names(run),
        "link": {"page": "gallery", "query": query},
        "theme": now.theme,
        "colours": now.palette.as_dict(),
    }


def trend_data(trend: Trend) -> dict[str, Any]:
    """One metric: its finite `values` with the `last` and `before` as logged, and how they are to be read."""
    finite = [value for value in trend.values if math.isfinite(value)]
    before = trend.values[-2] if len(trend.values) > 1 else None
    data = {
        "title": _metric_title(trend.name),
        "values": finite[-MAX_VALUES:],
        "last": trend.last,
        "before": before,
        "best": {"epoch": trend.best[0], "value": trend.best[1]} if trend.best else None,
        "share": bool(finite) and direction(trend.name) > 0 and all(0 <= value <= 1 for value in finite),
        "lowerIsBetter": direction(trend.name) < 0,
    }
    plain: dict[str, Any] = schema.plain(data)
    return plain


def _metric_title(name: str) -> str:
    words = name.replace("_", " ")
    if split_of(name) == "val":
        words = "validation " + base_name(name).replace("_", " ")
    return formatting.clean(words[:1].upper() + words[1:], 60)


def unread(run: Run) -> str | None:
    """A sentence where the latest epoch of the main split cannot be read, so that the cards show an earlier one."""
    split = run.main_split
    logged = run.epochs.get(split, ()) if split else ()
    counted = epoch_totals.totals(run, split) if split and logged else []
    if not logged or (counted and counted[-1]["epoch"] == logged[-1]):
        return None
    if not counted:
        return f"No epoch of {split} can be read."
    return f"Epoch {logged[-1] + 1} cannot be read. The counts of images are of epoch {counted[-1]['epoch'] + 1}."
