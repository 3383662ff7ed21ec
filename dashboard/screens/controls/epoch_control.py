"""The epoch control in the sidebar: pinned to an epoch, or following the latest.

A component that shows samples reacts to it in the browser and updates the view by itself, see browser/epoch_events.js.
Where the page has none, the control updates the view.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import streamlit as st

from dashboard.browser import assets
from dashboard.catalogue.runs import Run
from dashboard.reports import epoch_totals
from dashboard.view.component_state import ComponentState
from dashboard.view.session import Current, change, current

KEY = "epochs"
_state = ComponentState(KEY, ("epoch",))

_component = st.components.v2.component(
    "proofsheet_epochs",
    html='<div class="epochs"></div>',
    js=assets.loader("screens/controls/epoch_control.js", "screens/controls/epoch_control.css"),
)


def epoch_control(now: Current, run: Run, split: str) -> None:
    """Draw the control for the logged epochs of a split."""
    _component(key=KEY, data=payload(now, run, split), on_update_change=_apply)


def payload(now: Current, run: Run, split: str) -> dict[str, Any]:
    """The component's data: the epochs (from 0) with their accuracy (None without labels), and the one shown."""
    accuracy = {epoch["epoch"]: epoch["accuracy"] for epoch in epoch_totals.totals(run, split)}
    return {
        "subject": f"{run.id}/{split}",
        "epochs": list(now.epochs),
        "accuracy": [accuracy.get(epoch) for epoch in now.epochs],
        "pinned": now.view.epoch,
        "ack": _state.ack(),
        "theme": now.theme,
        "colours": now.palette.as_dict(),
    }


def _apply() -> None:
    change(**checked(_state.receive(), current().epochs))


def checked(fields: Mapping[str, Any], epochs: tuple[int, ...]) -> dict[str, Any]:
    """The epoch, if it is one of `epochs` or the latest (None)."""
    epoch = fields.get("epoch", "none given")
    return {"epoch": epoch} if epoch is None or (type(epoch) is int and epoch in epochs) else {}
