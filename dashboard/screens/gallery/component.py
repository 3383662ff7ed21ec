"""The gallery on a page: what its component is given, and what it changes in the view.

The component holds the columns of a split and an epoch, so that a filter or an order is on the screen without
asking anyone. It and the URL agree on the view through numbered changes: see gallery.js.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import quote

import streamlit as st

from dashboard import settings
from dashboard.browser import assets
from dashboard.catalogue import versions
from dashboard.catalogue.runs import Run
from dashboard.reports import epoch_totals, sample_annotations, sample_details
from dashboard.view import link
from dashboard.view.empty_states import need_predictions
from dashboard.view.session import Current, change, current
from logger import schema

KEY = "gallery"
FIELDS = (
    *("epoch", "verdict", "label", "predicted", "confidence", "changed", "tag", "search"),
    *("sort", "reverse", "group", "size", "sample"),
)
"""The parts of the view that the component shows and changes."""
_ACK = "_gallery_ack"
_SHEET = re.compile(r"([a-z]+)-(\d+)\.webp")

_component = st.components.v2.component(
    "proofsheet_gallery",
    html='<div class="gallery"></div>',
    js=assets.loader("screens/gallery/gallery.js", "screens/gallery/gallery.css"),
)


def draw() -> None:
    """The Gallery page."""
    run, split, epoch = need_predictions()
    gallery(current(), run, split, epoch)


def gallery(now: Current, run: Run, split: str, epoch: int) -> None:
    """Draw all samples of a split at an epoch (from 0), filtered and sorted as the view says."""
    _component(key=KEY, data=payload(now, run, split, epoch), on_view_change=_take_in)


def payload(now: Current, run: Run, split: str, epoch: int) -> dict[str, Any]:
    """What the component is given: where its data lies and in which version, the view, names and colours."""
    layout = run.info.splits.get(split, schema.SplitInfo())
    return {
        "subject": f"{run.id}/{split}",
        "base": f"data/runs/{quote(run.id, safe='')}/{split}",
        **_versions(run.id, split, run.data_version, run),
        "tags": sample_annotations.version(run, split),
        "readOnly": settings.READ_ONLY if settings.read_only() else None,
        "epoch": epoch,
        "totals": epoch_totals.totals(run, split),
        "layout": {"cell": layout.cell, "columns": layout.columns, "exact": layout.cell <= schema.EXACT_TILE},
        "split": {"available": layout.available},
        "classes": class_names(run),
        "view": link.encode(now.view, FIELDS),
        "ack": st.session_state.get(_ACK),
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


def class_names(run: Run) -> list[str]:
    """A name for each class of the output, by index."""
    known = run.info.class_names or []
    return [run.info.class_name(k) for k in range(run.info.classes or len(known))]


def sheet_versions(folder: Path, split: str) -> dict[str, str]:
    """Version of each sheet of a split, by its number."""
    try:
        files = sorted((folder / schema.SHEETS_DIR).iterdir())
    except OSError:
        return {}
    named = ((_SHEET.fullmatch(file.name), file) for file in files)
    return {str(int(found[2])): versions.version([file]) for found, file in named if found and found[1] == split}


def _take_in() -> None:
    """Takes over what was changed in the component, before the script draws anything."""
    said = st.session_state[KEY].get("view")
    if isinstance(said, Mapping):
        change(**changes(said))
        st.session_state[_ACK] = {"session": str(said.get("session")), "sequence": said.get("sequence")}


def changes(said: Mapping[str, Any]) -> dict[str, Any]:
    """The fields of the view that the component changed, read as a link is: what that refuses is left out."""
    given = {str(name): [str(text)] for name, text in dict(said.get("fields") or {}).items() if name in FIELDS}
    given |= {name: [str(said[name])] for name in ("run", "split") if said.get(name)}
    view, _ = link.decode(given, tuple(given))
    return {name: getattr(view, name) for name in given}
