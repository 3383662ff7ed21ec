"""Charts of every metric, runs laid over each other."""

import streamlit as st

from dashboard import runs, ui

st.dataframe(runs.read_metrics(ui.need_run()), hide_index=True)
