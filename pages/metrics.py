"""Charts of every metric, of one or several runs, train and val together."""

import streamlit as st

from dashboard.screens.live import fragments
from dashboard.screens.metrics import page
from dashboard.view import empty_states, link, session

empty_states.need_run()
names = page.names(page.run_metrics())

with st.sidebar:
    st.segmented_control("Over", link.X_AXES, required=True, width="stretch", **session.bound("x"))
    st.slider("Smoothing", 0.0, 0.99, step=0.01, **session.bound("smoothing"))
    st.toggle("Logarithmic scale", **session.bound("log_y"))
    st.multiselect("Metrics", names, placeholder="All", **session.bound("metrics", to_widget=list, to_view=tuple))

fragments.page(page.draw, frame=lambda: page.names(page.run_metrics()))
