"""Charts of every metric, runs laid over each other, train and val together."""

import streamlit as st

from dashboard import link, metric_wall, ui

ui.need_run()
sources = metric_wall.sources()
names = metric_wall.names(sources)

with st.sidebar:
    st.segmented_control("Over", link.X_AXES, required=True, width="stretch", **ui.bound("x"))
    st.slider("Smoothing", 0.0, 0.99, step=0.01, **ui.bound("smoothing"))
    st.toggle("Logarithmic scale", **ui.bound("log_y"))
    st.multiselect("Metrics", names, placeholder="All", **ui.bound("metrics", to_widget=list, to_view=tuple))

metric_wall.draw()
