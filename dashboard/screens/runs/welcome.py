"""Shown with the sample runs: what they are, and how to log a run of your own."""

from __future__ import annotations

import streamlit as st

from dashboard.settings import HERE
from dashboard.view.navigation import page_link
from dashboard.view.session import Current

SAMPLES = HERE / "sample_runs"
ODD = "names-sorted"
"""The sample run that fails silently."""

_STORY = """\
Three small convolutional networks, trained on handwritten digits. **small-cnn** is a healthy training and **wider-cnn**
a better one. **names-sorted** has the very numbers of small-cnn, and yet it is useless: its class names are in
a different order than its labels. No metric shows it. The pictures do, at a glance."""
_CODE = """\
from proofsheet.keras import RunLogger

model.fit(x, y, validation_data=(x_val, y_val),
          callbacks=[RunLogger(validation_data=(x_val, y_val),
                               class_names=CLASSES)])

# then, in a shell: proofsheet runs"""


def draw(now: Current) -> None:
    """The story of the sample runs; nothing when the dashboard shows other runs."""
    if now.catalogue.root != SAMPLES:
        return
    left, right = st.columns(2, gap="medium")
    with left, st.container(border=True, height="stretch", key="story"):
        st.markdown("#### These are sample runs")
        st.markdown(_STORY)
        if now.catalogue.get(ODD) is not None:
            page_link("gallery", f"See the pictures of {ODD}", fresh=True, run=ODD)
        page_link("metrics", "Compare the metrics of all three", runs=tuple(run.id for run in now.runs))
    with right, st.container(border=True, height="stretch", key="yours"):
        st.markdown("#### Log your own")
        st.code(_CODE, language="python")
