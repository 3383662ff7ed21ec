"""The cards on top of the Runs page: how one run stands, in four numbers."""

from __future__ import annotations

import math
from typing import Any

import streamlit as st

from dashboard import formatting
from dashboard.analysis.metric_names import direction, split_of
from dashboard.catalogue.runs import Run
from dashboard.reports import epoch_totals
from dashboard.reports.run_table import STATE_SIGNS, Summary, Trend, epochs_words, problems, state_words
from dashboard.sql import confusion, engine
from dashboard.sql.epochs import pair_counts
from dashboard.view.session import Current

_COLOURS = {"running": "blue", "finished": "green", "failed": "red", "silent": "gray"}
_LONGEST = 200
"""Values in a card's curve."""


def draw(now: Current, run: Run, it: Summary) -> None:
    """The run's name and state, then the cards."""
    state = run.state(now.time)
    words = formatting.md(f"{STATE_SIGNS[state]} {state_words(run, now.time, now.zone)}")
    epochs = epochs_words(run)
    st.markdown(
        f"### {formatting.md(run.title, 120)} &nbsp; :{_COLOURS[state]}-badge[{words}] "
        f":gray-badge[{epochs} {'epoch' if epochs == '1' else 'epochs'}]"
    )
    if wrong := problems(run, it):
        more = f" and {len(wrong) - 1} more" if len(wrong) > 1 else ""
        st.caption(f":material/warning: {formatting.md(wrong[0], 200)}{more}")
    if not (it.accuracy or it.loss or run.epochs):
        st.caption("No values yet: they come when the first epoch ends." if state == "running" else "No values.")
        return
    with st.grid(4, min_column_width=150):
        if it.accuracy:
            _trend(it.accuracy, share=True)
        if it.loss:
            _trend(it.loss, share=False)
        if run.main_split and run.epochs.get(run.main_split):
            _predictions(run, run.main_split)


def _trend(trend: Trend, *, share: bool) -> None:
    share = share and all(0 <= v <= 1 for v in trend.values if math.isfinite(v))
    curve = [v for v in trend.values if math.isfinite(v)][-_LONGEST:]
    st.metric(
        _title(trend.name),
        formatting.percent(trend.last) if share else formatting.number(trend.last),
        _change(trend.change, share),
        delta_color="inverse" if direction(trend.name) < 0 else "normal",
        border=True,
        chart_data=curve if len(curve) > 1 else None,
        height="stretch",
    )


def _title(name: str) -> str:
    words = name.replace("_", " ")
    if split_of(name) == "val":
        words = "validation " + words.removeprefix("val ")
    return formatting.md(words[:1].upper() + words[1:])


def _change(change: float | None, share: bool) -> str | int | None:
    """For `st.metric`, to which only the number 0 is no change."""
    if change is None or not math.isfinite(change):
        return None
    if abs(change) < (0.0005 if share else 1e-12):
        return 0
    return f"{100 * change:+.1f} pp" if share else f"{change:+.3g}"


def _predictions(run: Run, split: str) -> None:
    """What the logged predictions themselves say, whatever the metrics claim."""
    if counted := epoch_totals.totals(run, split):
        _mistakes(counted)
    try:
        pair = _pair(run.id, split, run.data_version, run)
    except engine.ReadError as e:
        st.warning(formatting.md(str(e), 300), icon=":material/broken_image:")
        return
    if pair:
        names = " → ".join(formatting.md(run.info.class_name(pair[k]), 16) for k in ("label", "predicted"))
        curve = {"chart_data": pair["curve"][-_LONGEST:], "chart_type": "bar"} if len(pair["curve"]) > 1 else {}
        st.metric("Most confused", names, formatting.plural(pair["samples"], "image"), **curve, **_still())


@st.cache_data(max_entries=64, show_spinner=False)
def _pair(run_id: str, split: str, version: str, _run: Run) -> dict[str, Any] | None:
    """The most confused pair of the latest epoch, with `curve`, its count at each epoch."""
    logged = _run.epochs[split]
    pair = confusion.most_confused(_run, split, logged[-1])
    if pair is None:
        return None
    return {**pair, "curve": pair_counts(_run, split, logged, pair["label"], pair["predicted"])}


def _still() -> dict[str, Any]:
    return {"delta_color": "off", "delta_arrow": "off", "border": True, "height": "stretch"}


def _mistakes(counted: list[dict[str, Any]]) -> None:
    wrong = [row["wrong"] + row["invalid"] for row in counted]
    judged = counted[-1]["samples"] - counted[-1]["unlabelled"]
    if judged == 0:
        st.metric("Predictions", f"{counted[-1]['samples']:,}", "without labels", **_still())
        return
    st.metric(
        f"Wrong of {judged:,} predictions",
        f"{wrong[-1]:,}",
        (f"{wrong[-1] - wrong[-2]:+,}" if wrong[-1] != wrong[-2] else 0) if len(wrong) > 1 else None,
        delta_color="inverse",
        border=True,
        chart_data=wrong[-_LONGEST:] if len(wrong) > 1 else None,
        chart_type="bar",
        height="stretch",
    )
