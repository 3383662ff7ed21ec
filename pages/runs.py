"""All runs: how they do, how they differ, and the way into each."""

import streamlit as st

from dashboard import runs_page, ui
from dashboard.live import parts

ui.need_run()
with st.sidebar:
    st.text_input("Find a run", icon=":material/search:", placeholder="Name", **ui.bound("find"))

parts.page(runs_page.draw)
