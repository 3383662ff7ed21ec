"""The wall of charts of the Metrics page."""

from __future__ import annotations

import streamlit as st

from dashboard import formatting
from dashboard.analysis import metric_series
from dashboard.analysis.metric_axes import RunMetrics
from dashboard.catalogue.runs import read_metrics
from dashboard.reports.run_table import damage
from dashboard.screens.metrics.charts import DASHES, HEIGHT, metric_chart
from dashboard.screens.metrics.legend import legend_html
from dashboard.view.empty_states import empty
from dashboard.view.palette import run_colours
from dashboard.view.session import Current, current

MAX_CHARTS = 24
"""Most charts on the page; a caption counts the others."""
ICON = ":material/monitoring:"
LOG_STEPS = 'run.log_metrics(epoch, {"batch_loss": loss}, step=step)'
MAX_EVENTS = 3
"""Listed below a chart; all are marked in it."""
LOG_METRICS = 'run.log_metrics(epoch, {"loss": loss, "accuracy": accuracy, "val_loss": val_loss})'


def run_metrics(now: Current | None = None) -> list[RunMetrics]:
    """The metrics of the chosen runs, newest run first."""
    return [
        RunMetrics(run.id, run.title, read_metrics(run), run.status.started or run.info.created)
        for run in (now or current()).overlaid
    ]


def names(metrics_of_runs: list[RunMetrics]) -> list[str]:
    """The metrics that can be drawn, without their splits."""
    return metric_series.chart_names(metrics_of_runs)


def draw() -> None:
    """The legend and one chart per metric, as the view says."""
    now = current()
    drawn = run_metrics(now)
    known = names(drawn)
    view = now.view
    picked = [n for n in known if n in view.metrics] or known
    if not picked:
        _nothing(now)
        return
    colours = run_colours([r.id for r in reversed(now.runs)], [s.run for s in drawn], now.theme)
    charts = metric_series.charts(drawn, picked[:MAX_CHARTS], x=view.x, smoothing=view.smoothing, log_y=view.log_y)
    if view.x == "step" and not any(len(chart.lines) for chart in charts):
        empty("No steps", "These runs log by epoch only. Log by training step as well:", LOG_STEPS, icon=ICON)
        return
    _legend(now, drawn, charts, colours)
    few = len(charts) in (1, 2, 4)
    with st.grid(2 if few else 3, min_column_width=300):
        for chart in charts:
            _card(now, chart, colours if len(drawn) > 1 else {}, HEIGHT + 60 if few else HEIGHT)
    _left_out(drawn, picked, [n for n in view.metrics if n not in known])


def _legend(now: Current, drawn: list[RunMetrics], charts: list[metric_series.Chart], colours: dict[str, str]) -> None:
    splits = [s for s in DASHES if any((c.lines["split"] == s).any() for c in charts if len(c.lines))]
    runs = {s.run: (s.title, colours[s.run]) for s in drawn} if len(drawn) > 1 else {}
    st.html(legend_html(runs, splits, now.palette))


def _card(now: Current, chart: metric_series.Chart, colours: dict[str, str], height: int) -> None:
    with st.container(border=True):
        st.markdown(f"**{formatting.md(chart.name)}**")
        if len(chart.lines) or len(chart.events):
            view, palette = now.view, now.palette
            drawing = metric_chart(chart, x=view.x, log_y=view.log_y, colours=colours, palette=palette, height=height)
            st.altair_chart(drawing, key=f"chart_{chart.name}", theme="streamlit")
        titles = chart.events["title"] + ": " if colours else ""
        for sentence in (titles + chart.events["text"]).tolist()[:MAX_EVENTS]:
            st.caption(f":material/warning: {formatting.md(sentence, 200)}.")
        if (more := len(chart.events) - MAX_EVENTS) > 0:
            st.caption(f"and {formatting.plural(more, 'more', 'more')}")
        for note in chart.notes:
            st.caption(f":material/info: {formatting.md(note, 200)}.")


def _nothing(now: Current) -> None:
    running = any(run.state() == "running" for run in now.overlaid)
    title = "Waiting for the first values" if running else "No metrics"
    sentence = "They appear at the end of the first epoch." if running else "Log named numbers at every epoch:"
    empty(title, sentence, None if running else LOG_METRICS, icon=ICON)


def _left_out(drawn: list[RunMetrics], picked: list[str], unknown: list[str]) -> None:
    if len(picked) > MAX_CHARTS:
        st.caption(f"{MAX_CHARTS} of {len(picked)} charts. Choose metrics in the sidebar to see others.")
    if unknown:
        st.caption(f"Not logged by these runs: {formatting.md(', '.join(unknown), 300)}.")
    for source in drawn:
        for sentence in damage(source.frame):
            st.caption(f":material/warning: {formatting.md(source.title)}: {formatting.md(sentence, 300)}")
