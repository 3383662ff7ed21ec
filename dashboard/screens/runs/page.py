"""The Runs page: the headline, the table, and the selected runs side by side."""

from __future__ import annotations

from typing import Any
from zlib import crc32

import pandas as pd
import streamlit as st

from dashboard import formatting
from dashboard.catalogue.runs import Run, read_metrics
from dashboard.reports import run_table
from dashboard.screens.runs import headline, welcome
from dashboard.view.navigation import page_link
from dashboard.view.palette import Palette
from dashboard.view.session import Current, change, current

_REPORTED, _TABLES = "_table_rows", "_tables"
_TABLE = {
    "run": st.column_config.TextColumn("Run", width=176),
    "state": st.column_config.TextColumn("State", width=142),
    "problems": st.column_config.TextColumn("⚠", width=36, help="Problems. Select the run to read them."),
    "epochs": st.column_config.TextColumn("Epochs", width=68),
    "accuracy": st.column_config.Column("Accuracy", width=72, help="Of the last epoch; of val when it is logged."),
    "best accuracy": st.column_config.Column("Best", width=60, help="Best accuracy of all epochs."),
    "at epoch": st.column_config.Column("at", width=44, help="The epoch of the best accuracy."),
    "loss": st.column_config.Column("Loss", width=62, help="Of the last epoch; of val when it is logged."),
    "best loss": st.column_config.Column("Best loss", width=70),
    "curve": st.column_config.LineChartColumn("Curve", width=80, help="Accuracy over the epochs, else loss."),
    "images": st.column_config.Column("Images", width=58, help="Samples logged, all splits together."),
    "logger": st.column_config.TextColumn(
        "Logger cost",
        width=106,
        help="How long the training waited for the logger, per epoch, and the share of the epoch's time.",
    ),
    "created": st.column_config.TextColumn("Started", width=100),
}


def draw() -> None:
    """Everything on the page."""
    now = current()
    shown = [run for run in now.runs if now.view.find.lower() in f"{run.title} {run.id}".lower()]
    summaries = {run.id: run_table.summary(run, read_metrics(run)) for run in now.runs}
    chosen = [run for run in now.runs if run.id in now.view.runs]
    if first := _first(now, chosen, summaries):
        headline.draw(now, first, summaries[first.id])
    _heading(now, shown)
    if shown:
        _table(now, shown, summaries)
    _chosen(chosen, summaries)


def _first(now: Current, chosen: list[Run], summaries: dict[str, run_table.Summary]) -> Run | None:
    """The run of the headline: the only one chosen, else the one shown elsewhere, else the newest with values."""
    if len(chosen) == 1:
        return chosen[0]
    filled = [run for run in now.runs if summaries[run.id].accuracy or summaries[run.id].loss]
    return now.run if now.view.run else next(iter(filled), now.run)


def _heading(now: Current, shown: list[Run]) -> None:
    states = [run.state(now.time) for run in now.runs]
    running = f", {states.count('running')} running" if "running" in states else ""
    count = (
        f"{len(shown)} of {len(now.runs)} runs" if len(shown) < len(now.runs) else formatting.plural(len(shown), "run")
    )
    st.markdown(f"#### {count}{running}")
    for problem in now.catalogue.problems:
        st.caption(f":material/warning: {formatting.md(problem, 300)}")


def _table(now: Current, shown: list[Run], summaries: dict[str, run_table.Summary]) -> None:
    rows = run_table.table(shown, summaries, now.time, now.zone)
    if not rows["problems"].str.len().any():
        rows = rows.drop(columns="problems")
    ids = [run.id for run in shown]
    wanted = {i for i, run in enumerate(ids) if run in now.view.runs}
    key = _table_key(ids, wanted)
    event: Any = st.dataframe(
        _styled(rows, now.palette),
        column_config=_TABLE,
        hide_index=True,
        placeholder="–",
        key=key,
        on_select="rerun",
        selection_mode="multi-row",
        selection_default={"selection": {"rows": sorted(wanted)}},
    )
    rows_picked = [i for i in event["selection"]["rows"] if i < len(ids)]
    if set(rows_picked) != wanted:
        st.session_state[_REPORTED] = set(rows_picked)
        picked = tuple(ids[i] for i in rows_picked)
        change(runs=picked, **({"run": picked[0]} if picked else {}))
        st.rerun()


def _table_key(ids: list[str], wanted: set[int]) -> str:
    """The table's key. Rows are selected by position, so another list of runs needs another table; so does a
    selection made elsewhere (by a link or the back button)."""
    if st.session_state.get(_REPORTED) != wanted:
        st.session_state[_REPORTED] = wanted
        st.session_state[_TABLES] = st.session_state.get(_TABLES, 0) + 1
    return f"table_{st.session_state[_TABLES]}_{crc32(repr(ids).encode())}"


def _styled(rows: pd.DataFrame, palette: Palette) -> Any:
    """With coloured states and formatted numbers, which still sort as numbers."""
    return (
        rows.style.map(lambda cell: _state_css(str(cell), palette), subset=["state"])
        .format(formatting.number, subset=["accuracy", "best accuracy", "loss", "best loss"], na_rep="NaN")
        .format("{:,}", subset=["images"])
    )


def _state_css(cell: str, palette: Palette) -> str:
    colours = {"●": palette.train, "✓": palette.correct, "✕": palette.wrong, "◌": palette.muted}
    return f"color: {colours.get(cell[:1], palette.text)}"


def _chosen(chosen: list[Run], summaries: dict[str, run_table.Summary]) -> None:
    if not chosen:
        st.caption("Select runs in the table to compare their metrics and settings.")
        welcome.draw(current())
        return
    ids = tuple(run.id for run in chosen)
    with st.container(horizontal=True):
        label = "Metrics" if len(chosen) == 1 else f"Metrics of {len(chosen)} runs"
        page_link("metrics", label, runs=ids)
        of = f" of {formatting.md(chosen[0].title, 40)}" if len(chosen) > 1 else ""
        page_link("confusion", f"Confusion{of}", run=ids[0])
        page_link("gallery", f"Gallery{of}", run=ids[0], fresh=True)
    _settings(chosen)
    for run in chosen:
        _remarks(run, summaries[run.id])


def _settings(chosen: list[Run]) -> None:
    several = len(chosen) > 1
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown("#### Settings that differ" if several else "#### Settings")
        everything = several and st.toggle("Show all", key="all_settings")
    rows = run_table.settings(chosen, only_differences=not everything)
    if rows.empty:
        st.caption("All settings are equal." if several else "No settings were logged: `config={…}`.")
        return
    titles = {run.id: formatting.clean(run.title, 60) for run in chosen}
    st.dataframe(
        rows.reset_index(names="setting"),
        hide_index=True,
        column_config={
            "setting": st.column_config.TextColumn("Setting", pinned=True),
            **{run: st.column_config.TextColumn(title) for run, title in titles.items()},
        },
        key="settings",
    )


def _remarks(run: Run, summary: run_table.Summary) -> None:
    """Problems, the logger's notes, and where the run is stored."""
    with st.container(border=True, gap="small"):
        facts = [str(run.path), run.info.logger, run.status.host, formatting.size(run.status.bytes) + " written"]
        where = formatting.md(" · ".join(filter(None, facts)), 400)
        st.markdown(f"**{formatting.md(run.title, 120)}** &nbsp; :small[:gray[{where}]]")
        for problem in run_table.problems(run, summary):
            st.warning(formatting.md(problem, 600), icon=":material/warning:")
        for note in run.info.notes:
            st.markdown(f":material/info: {formatting.md(note, 600)}")
