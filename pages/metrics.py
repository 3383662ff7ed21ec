"""Charts of every metric, runs laid over each other, train and val together."""

import streamlit as st

from dashboard import link, metric_wall, ui
from dashboard.live import parts

ui.need_run()
names = metric_wall.names(metric_wall.sources())

with st.sidebar:
    st.segmented_control("Over", link.X_AXES, required=True, width="stretch", **ui.bound("x"))
    st.slider("Smoothing", 0.0, 0.99, step=0.01, **ui.bound("smoothing"))
    st.toggle("Logarithmic scale", **ui.bound("log_y"))
    st.multiselect("Metrics", names, placeholder="All", **ui.bound("metrics", to_widget=list, to_view=tuple))

parts.page(metric_wall.draw, frame=lambda: metric_wall.names(metric_wall.sources()))
