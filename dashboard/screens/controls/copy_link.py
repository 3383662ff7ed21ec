"""The button that copies the link of the page."""

from __future__ import annotations

import streamlit as st

from dashboard.browser import assets

_component = st.components.v2.component(
    "proofsheet_copy_link",
    html='<button type="button" class="copy"><span aria-hidden="true"></span><b aria-live="polite"></b></button>',
    js=assets.loader("screens/controls/copy_link.js", "screens/controls/copy_link.css"),
)


def copy_link() -> None:
    """Draw the button."""
    _component(key="copy_link", width="content", height="content")
