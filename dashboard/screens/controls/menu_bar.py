"""The menu at the top of every page."""

from __future__ import annotations

import streamlit as st

from dashboard.screens.controls.copy_link import copy_link
from dashboard.view.navigation import PAGES, link_query, streamlit_page
from dashboard.view.session import Current


def draw(now: Current) -> None:
    """The menu: a link to each page, with what the page understands of the view."""
    with st.container(horizontal=True, gap="small", key="menu"):
        for page in PAGES:
            st.page_link(streamlit_page(page), query_params=link_query(now, page.name))
        st.space("stretch")
        copy_link()
