"""All runs: how they do, and the way into each."""

import streamlit as st

from dashboard import ui

ui.need_run()
st.dataframe([{"run": r.title, "state": r.state()} for r in ui.current().runs], hide_index=True)
