"""The button on a page."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

_FOLDER = Path(__file__).parent
_component = st.components.v2.component(
    "proofsheet_share",
    html='<button type="button" class="share"><span aria-hidden="true"></span><b aria-live="polite"></b></button>',
    css=(_FOLDER / "share.css").read_text("utf-8"),
    js=(_FOLDER / "share.js").read_text("utf-8"),
)


def copy_link() -> None:
    """Draw the button."""
    _component(key="share", width="content", height="content")
