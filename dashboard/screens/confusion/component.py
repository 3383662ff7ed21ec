"""The confusion matrix of a split at an epoch: a component that draws it and opens the images of a cell.

The view is the URL's. What a person changes in the component comes here with a number; see `told`.
"""

from __future__ import annotations

from typing import Any

import streamlit as st

from dashboard import formatting
from dashboard.browser import assets
from dashboard.catalogue.runs import Run
from dashboard.reports.confusion_report import Base, payload
from dashboard.view import link, navigation, session
from dashboard.view.component_state import Told
from logger import schema

KEY = "confusion"
_told = Told(KEY)

_component = st.components.v2.component(
    "proofsheet_confusion",
    html='<div class="confusion"></div>',
    js=assets.loader("screens/confusion/confusion.js", "screens/confusion/confusion.css"),
)


def confusion_matrix(run: Run, split: str, epoch: int, base: Base | None) -> None:
    """Draw the matrix of the split at `epoch` (from 0), or its difference to `base`."""
    _component(key=KEY, data=_data(run, split, epoch, base), on_told_change=_take_in)


def chosen_base() -> tuple[Base | None, str | None]:
    """What the view compares with, an epoch of this run or of another, and a sentence on what was ignored."""
    now = session.current()
    view, run, split = now.view, now.run, now.split
    if run is None or split is None or (view.compare_run is None and view.compare_epoch is None):
        return None, None
    other = run if view.compare_run is None else next((r for r in now.runs if r.id == view.compare_run), None)
    epochs = other.epochs.get(split, ()) if other else ()
    if other is None or not epochs:
        return None, f"Run {view.compare_run} has no predictions of {split}, so nothing is compared."
    if view.compare_epoch in epochs:
        return Base(other, view.compare_epoch), None
    if view.compare_epoch is None:
        return Base(other, epochs[-1]), None
    return Base(other, epochs[-1]), f"{other.title} has no epoch {view.compare_epoch + 1}; its latest is compared."


def _data(run: Run, split: str, epoch: int, base: Base | None) -> dict[str, Any]:
    now = session.current()
    view, samples = now.view, run.info.splits.get(split, schema.SplitInfo())
    url = f"data/runs/{run.id}/{split}/epochs/{{epoch}}/confusion?of={run.data_version}"
    if base:
        url += f"&compare_run={base.run.id}&compare_epoch={base.epoch}&with={base.run.data_version}"
    return {
        "ack": _told.ack(),
        "subject": f"{run.id}/{split}",
        "pinned": view.epoch,
        "split": split,
        "samples": {"logged": samples.samples, "available": samples.available or samples.samples},
        "view": {"normalize": view.normalize, "diagonal": view.diagonal, "order": view.order},
        "now": payload(run, split, epoch, base),
        "compare": _comparison(now, split, base),
        "play": {"epochs": list(now.epochs), "url": url},
        "link": {"page": "gallery", "query": navigation.query("gallery", fresh=True, split=split)},
        "palette": now.palette.as_dict(),
    }


def _comparison(now: session.Current, split: str, base: Base | None) -> dict[str, Any]:
    """What can be compared with, and what is: `run` and `epoch`, both None without a comparison."""
    own = now.run.id if now.run else None
    others = sorted((r for r in now.runs if r.epochs.get(split)), key=lambda r: r.id != own)
    runs = [
        {"id": r.id, "title": formatting.clean(r.title, 60), "own": r.id == own, "epochs": list(r.epochs[split])}
        for r in others
        if r.id != own or len(r.epochs[split]) > 1
    ]
    if base is None:
        return {"run": None, "epoch": None, "text": "", "runs": runs}
    title = "" if base.run.id == own else f"{formatting.clean(base.run.title, 60)}, "
    return {"run": base.run.id, "epoch": base.epoch, "text": f"{title}epoch {base.epoch + 1}", "runs": runs}


def _take_in() -> None:
    now, said = session.current(), _told.take()
    if now.run is not None:
        session.change(**checked(said, now.runs, now.run, now.split or ""))


def checked(told: dict[str, Any], runs: list[Run], run: Run, split: str) -> dict[str, Any]:
    """Those fields of the view in what a browser said that can be: it may say anything."""
    out: dict[str, Any] = {}
    for field, allowed in (
        ("normalize", link.NORMALIZE),
        ("order", link.ORDERS),
        ("diagonal", (True, False)),
    ):
        if type(told.get(field)) is type(allowed[0]) and told[field] in allowed:
            out[field] = told[field]
    if "epoch" in told and (told["epoch"] is None or _is_epoch(told["epoch"], run, split)):
        out["epoch"] = told["epoch"]
    if "compare_run" in told or "compare_epoch" in told:
        name, epoch = told.get("compare_run"), told.get("compare_epoch")
        other = run if name is None else next((r for r in runs if r.id == name), None)
        if (name is None and epoch is None) or (other and _is_epoch(epoch, other, split)):
            out["compare_run"], out["compare_epoch"] = name, epoch
    return out


def _is_epoch(value: Any, run: Run, split: str) -> bool:
    return type(value) is int and value in run.epochs.get(split, ())
