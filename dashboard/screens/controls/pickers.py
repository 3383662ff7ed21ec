"""The pickers that pages share: run, split, epoch. They stand in the sidebar and change the view."""

from __future__ import annotations

from collections import Counter

import streamlit as st

from dashboard import formatting
from dashboard.screens.controls.epoch_control import epoch_control
from dashboard.view.session import Current, bound

_SPLIT_TITLES = {"train": "Train", "val": "Validation", "test": "Test", "production": "Production"}


def pick_run(now: Current) -> None:
    """The one run that the page is about."""
    titles = _titles(now)
    shown = now.run.id if now.run else None
    st.selectbox(
        "Run", list(titles), format_func=lambda i: titles.get(i, i), **bound("run", to_widget=lambda v: v or shown)
    )


def pick_runs(now: Current) -> None:
    """The runs that are drawn together."""
    titles = _titles(now)
    default = [now.run.id] if now.run else []
    st.multiselect(
        "Runs",
        list(titles),
        format_func=lambda i: titles.get(i, i),
        placeholder="Choose runs",
        **bound("runs", to_widget=lambda v: list(v) or default, to_view=tuple),
    )


def _titles(now: Current) -> dict[str, str]:
    """By run id what the pickers show, as plain text: its name, with its id where two have the same name."""
    count = Counter(run.title for run in now.runs)
    return {
        run.id: formatting.clean(run.title if count[run.title] == 1 else f"{run.title} · {run.id}", 120)
        for run in now.runs
    }


def pick_split(now: Current) -> None:
    """The split, if the run has more than one."""
    if now.run and len(now.run.splits) > 1:
        st.segmented_control(
            "Split",
            now.run.splits,
            format_func=lambda s: _SPLIT_TITLES[s],
            required=True,
            width="stretch",
            **bound("split", to_widget=lambda v: v or now.split),
        )


def pick_epoch(now: Current) -> None:
    """The epoch: pinned to one, or following the latest."""
    if len(now.epochs) < 2:
        if now.epochs:
            st.caption(f"Epoch {now.epochs[0] + 1} is the only one so far.")
        return
    if now.run and now.split:
        epoch_control(now, now.run, now.split)


_PICKERS = {"run": pick_run, "runs": pick_runs, "split": pick_split, "epoch": pick_epoch}


def draw(names: tuple[str, ...], now: Current) -> None:
    """The pickers of these names, in this order; without any, the folder of runs."""
    for name in names if now.runs else ():
        _PICKERS[name](now)
    if not names or not now.runs:
        st.caption(f":material/folder: {formatting.md(str(now.catalogue.root), 300)}")
