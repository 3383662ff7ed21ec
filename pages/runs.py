"""All runs: how they do, how they differ, and the way into each."""

import streamlit as st

from dashboard.screens.live import fragments
from dashboard.screens.runs import page
from dashboard.view import empty_states, session

empty_states.need_run()
with st.sidebar:
    st.text_input("Find a run", icon=":material/search:", placeholder="Name", **session.bound("find"))

fragments.page(page.draw)
