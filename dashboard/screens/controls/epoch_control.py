"""The epoch control in the sidebar: pinned to an epoch, or following the latest.

What shows the epoch's samples hears it in the browser and tells the view by itself; see `browser/epoch_events.js`.
Where nothing does, the control tells it here.
"""

from __future__ import annotations

from typing import Any

import streamlit as st

from dashboard.browser import assets
from dashboard.catalogue.runs import Run
from dashboard.reports import epoch_totals
from dashboard.view.component_state import Told
from dashboard.view.session import Current, change, current

KEY = "epochs"
_told = Told(KEY)

_component = st.components.v2.component(
    "proofsheet_epochs",
    html='<div class="epochs"></div>',
    js=assets.loader("screens/controls/epoch_control.js", "screens/controls/epoch_control.css"),
)


def epoch_control(now: Current, run: Run, split: str) -> None:
    """Draw the control for the epochs of a split of which predictions are logged."""
    _component(key=KEY, data=payload(now, run, split), on_told_change=_take_in)


def payload(now: Current, run: Run, split: str) -> dict[str, Any]:
    """What the component is given: the epochs (from 0) with their accuracy (None without labels), and the one shown."""
    accuracy = {epoch["epoch"]: epoch["accuracy"] for epoch in epoch_totals.totals(run, split)}
    return {
        "subject": f"{run.id}/{split}",
        "epochs": list(now.epochs),
        "accuracy": [accuracy.get(epoch) for epoch in now.epochs],
        "pinned": now.view.epoch,
        "ack": _told.ack(),
        "theme": now.theme,
        "colours": now.palette.as_dict(),
    }


def _take_in() -> None:
    change(**checked(_told.take(), current().epochs))


def checked(told: dict[str, Any], epochs: tuple[int, ...]) -> dict[str, Any]:
    """The field of the view in what a browser said: it may say anything."""
    epoch = told.get("epoch", "nothing")
    return {"epoch": epoch} if epoch is None or (type(epoch) is int and epoch in epochs) else {}
