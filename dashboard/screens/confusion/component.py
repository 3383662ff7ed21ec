"""The confusion matrix of a split at an epoch: a component that draws it and opens the images of a cell.

What a person changes in the component updates the view, see `view.component_state`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

import streamlit as st

from dashboard import formatting
from dashboard.browser import assets
from dashboard.catalogue.runs import Run
from dashboard.reports import epoch_totals
from dashboard.reports.confusion_report import Base, payload
from dashboard.view import link, navigation, session
from dashboard.view.component_state import ComponentState
from logger import schema

KEY = "confusion"
_DRAWN = ("normalize", "diagonal", "order")
"""Fields of the view that the component draws without the page."""
FIELDS = (*_DRAWN, "epoch", "compare_run", "compare_epoch")
"""Fields of the view that the component may change."""
_state = ComponentState(KEY, FIELDS)

_component = st.components.v2.component(
    "proofsheet_confusion",
    html='<div class="confusion"></div>',
    js=assets.loader("screens/confusion/confusion.js", "browser/cards.css", "screens/confusion/confusion.css"),
)


def confusion_matrix(run: Run, split: str, epoch: int, base: Base | None) -> None:
    """Draw the matrix of the split at `epoch` (from 0), or its difference to `base`."""
    _component(key=KEY, data=_data(run, split, epoch, base), on_update_change=_apply)


def chosen_base() -> tuple[Base | None, str | None]:
    """What the view compares with, an epoch of this run or of another, and a sentence if that is not logged."""
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
    url = f"data/runs/{quote(run.id, safe='')}/{split}/epochs/{{epoch}}/confusion?of={run.data_version}"
    if base:
        url += f"&compare_run={quote(base.run.id, safe='')}&compare_epoch={base.epoch}&with={base.run.data_version}"
    return {
        "ack": _state.ack(),
        "subject": f"{run.id}/{split}",
        "pinned": view.epoch,
        "split": split,
        "samples": {"logged": samples.samples, "available": samples.available or samples.samples},
        "view": link.encode(view, _DRAWN),
        "now": payload(run, split, epoch, base),
        "totals": epoch_totals.totals(run, split),
        "compare": _comparison(now, split, base),
        "play": {"epochs": list(now.epochs), "url": url},
        "link": {"page": "gallery", "query": navigation.query("gallery", fresh=True, split=split)},
        "theme": now.theme,
        "palette": now.palette.as_dict(),
    }


def _comparison(now: session.Current, split: str, base: Base | None) -> dict[str, Any]:
    """The runs to compare with, and the comparison: `run` and `epoch`, both None without one."""
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


def _apply() -> None:
    now, fields = session.current(), _state.receive()
    if now.run is not None:
        session.change(**checked(fields, now.runs, now.run, now.split or ""))


def checked(fields: Mapping[str, Any], runs: list[Run], run: Run, split: str) -> dict[str, Any]:
    """Those of `fields` that the runs can show: an epoch and a comparison must be logged."""
    found = {name: value for name, value in fields.items() if name in _DRAWN}
    if "epoch" in fields and (fields["epoch"] is None or _is_logged(fields["epoch"], run, split)):
        found["epoch"] = fields["epoch"]
    if "compare_run" in fields or "compare_epoch" in fields:
        name, epoch = fields.get("compare_run"), fields.get("compare_epoch")
        other = run if name is None else next((r for r in runs if r.id == name), None)
        if (name is None and epoch is None) or (other and _is_logged(epoch, other, split)):
            found["compare_run"], found["compare_epoch"] = name, epoch
    return found


def _is_logged(epoch: int | None, run: Run, split: str) -> bool:
    return epoch in run.epochs.get(split, ())
