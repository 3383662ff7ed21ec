"""What pages are made of: the view they show, the links between them, and what stands in place of missing data."""

from __future__ import annotations

import streamlit as st

from dashboard import formatting
from dashboard.catalogue.runs import Run
from dashboard.view.session import current
from logger import schema

ONE_LINE = """\
from logger.keras import RunLogger

model.fit(x_train, y_train, validation_data=(x_val, y_val), epochs=10,
          callbacks=[RunLogger(validation_data=(x_val, y_val), class_names=CLASSES)])"""
THREE_CALLS = """\
from logger import Run

with Run("runs", class_names=CLASSES) as run:
    for epoch in range(10):
        ...  # train
        run.log_metrics(epoch, {"loss": loss, "val_loss": val_loss})
        run.log_predictions(epoch, x_val, probabilities=p, labels=y_val, split="val")"""
PREDICTIONS = """\
RunLogger(validation_data=(x_val, y_val), class_names=CLASSES)                    # Keras
run.log_predictions(epoch, x_val, probabilities=p, labels=y_val, split="val")    # any loop"""


def empty(title: str, sentence: str, code: str | None = None, icon: str = ":material/photo_library:") -> None:
    """What stands in place of missing data: what is missing, and the code that makes it."""
    with st.container(border=True, key="empty"):
        st.markdown(f"### {icon} {formatting.md(title, 200)}")
        st.markdown(formatting.md(sentence, 600))
        if code:
            st.code(code, language="python")


def need_run() -> Run:
    """The run shown. Without one, says how to make one and stops the page."""
    now = current()
    if now.run is not None:
        return now.run
    root = now.catalogue.root
    if not root.exists():
        sentence = f"The folder {root} does not exist yet. It appears with the first run; this page then fills."
    elif (root / schema.RUN_FILE).exists():
        sentence = f"{root} is a run itself. Start again with the folder above it: --runs {root.parent}"
    elif now.catalogue.problems:
        sentence = " ".join(now.catalogue.problems[:3])
    else:
        sentence = f"The folder {root} holds no run yet. One line in your training makes the first:"
    empty("No runs yet", sentence, f"{ONE_LINE}\n\n# or, in any other loop:\n{THREE_CALLS}")
    st.stop()


def need_predictions() -> tuple[Run, str, int]:
    """The run, split and epoch (from 0) shown. Without predictions, says what is missing and stops the page."""
    run, now = need_run(), current()
    if now.split is not None and now.epoch is not None:
        return run, now.split, now.epoch
    if run.info.task == "metrics":
        reason = str(run.info.output.get("reason") or "its outputs cannot be shown as classified images.")
        empty("This run logs metrics only", reason)
    elif run.state() == "running":
        planned = f" of {run.status.epochs}" if run.status.epochs else ""
        sentence = f"The training is in its first epoch{planned}; the predictions come when it ends."
        empty("The first epoch is on its way", sentence, icon=":material/hourglass_top:")
    else:
        sentence = "This run has no predictions. Give the logger the images, and it looks at them every epoch:"
        empty("No predictions", sentence, PREDICTIONS)
    st.stop()
