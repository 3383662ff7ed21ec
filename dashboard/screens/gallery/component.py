"""The gallery on a page: the data of its component, and the changes of the view that it sends.

The component holds the columns of a split and an epoch, so a filter or an order is on the screen without the server.
"""

from __future__ import annotations

import re
from dataclasses import asdict
from pathlib import Path
from typing import Any
from urllib.parse import quote

import streamlit as st

from dashboard import settings
from dashboard.browser import assets
from dashboard.catalogue import versions
from dashboard.catalogue.runs import Run
from dashboard.reports import epoch_totals, sample_annotations, sample_details
from dashboard.reports.class_names import class_names
from dashboard.reports.display_rule import display_rule
from dashboard.reports.sheet_layout import sheet_layout
from dashboard.view import link, navigation
from dashboard.view.component_state import ComponentState
from dashboard.view.empty_states import need_predictions
from dashboard.view.session import Current, change, current
from logger import schema

KEY = "gallery"
FIELDS = (
    *("epoch", "verdict", "label", "predicted", "confidence", "changed", "tag", "search"),
    *("sort", "reverse", "group", "size", "sample"),
)
"""The parts of the view that the component shows and changes."""
_state = ComponentState(KEY, (*FIELDS, "run", "split"))
_SHEET = re.compile(r"([a-z]+)-(\d+)\.webp")

_component = st.components.v2.component(
    "proofsheet_gallery",
    html='<div class="gallery"></div>',
    js=assets.loader("screens/gallery/gallery.js", "browser/cards.css", "screens/gallery/gallery.css"),
)


def draw() -> None:
    """The Gallery page."""
    run, split, epoch = need_predictions()
    gallery(current(), run, split, epoch)


def gallery(now: Current, run: Run, split: str, epoch: int) -> None:
    """Draw all samples of a split at an epoch (from 0), filtered and sorted by the view."""
    _component(key=KEY, data=payload(now, run, split, epoch), on_update_change=_apply)


def payload(now: Current, run: Run, split: str, epoch: int) -> dict[str, Any]:
    """The component's data: the URLs and versions of its columns and sheets, the view, names and colours."""
    layout, shown = sheet_layout(run, split), display_rule(run)
    return {
        "subject": f"{run.id}/{split}",
        "base": f"data/runs/{quote(run.id, safe='')}/{split}",
        "identity": versions.identity(run.samples.get(split, ())),
        **_versions(run.id, split, run.data_version, run),
        "tags": sample_annotations.version(run, split),
        "readOnly": settings.READ_ONLY if settings.read_only() else None,
        "epoch": epoch,
        "totals": epoch_totals.totals(run, split),
        "layout": {
            **{"cell": layout.cell, "columns": layout.columns, "exact": layout.cell <= schema.EXACT_TILE},
            "problem": layout.problem,
        },
        "display": shown and asdict(shown),
        "split": {"available": run.info.splits.get(split, schema.SplitInfo()).available},
        "classes": class_names(run),
        "view": link.encode(now.view, FIELDS),
        "link": {"page": "gallery", "query": navigation.link_query(now, "gallery", fresh=True, split=split)},
        "ack": _state.ack(),
        "theme": now.theme,
        "colours": now.palette.as_dict(),
    }


@st.cache_data(max_entries=64, show_spinner=False)
def _versions(run_id: str, split: str, version: str, _run: Run) -> dict[str, Any]:
    """Versions of the files behind each URL, and of each sheet by its number."""
    return {
        "tiles": versions.version(_run.samples.get(split, ())),
        "sheets": sheet_versions(_run.path, split),
        "epochs": [[e, versions.version(_run.epoch_files(split, e))] for e in _run.epochs[split]],
        "details": versions.version(sample_details.files(_run, split)),
    }


def sheet_versions(folder: Path, split: str) -> dict[str, str]:
    """Version of each sheet of a split, by its number."""
    try:
        files = sorted((folder / schema.SHEETS_DIR).iterdir())
    except OSError:
        return {}
    named = ((_SHEET.fullmatch(file.name), file) for file in files)
    return {str(int(found[2])): versions.version([file]) for found, file in named if found and found[1] == split}


def _apply() -> None:
    change(**_state.receive())
