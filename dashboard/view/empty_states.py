"""Empty states: what a page shows in place of missing data, with the code that produces it."""

from __future__ import annotations

import shlex

import streamlit as st

from dashboard import formatting
from dashboard.catalogue.runs import Run
from dashboard.view.session import current
from logger import schema

ONE_LINE = """\
from proofsheet.keras import RunLogger

model.fit(x_train, y_train, validation_data=(x_val, y_val), epochs=10,
          callbacks=[RunLogger(validation_data=(x_val, y_val), class_names=CLASSES)])"""
THREE_CALLS = """\
from proofsheet import Run

with Run("runs", class_names=CLASSES) as run:
    for epoch in range(10):
        ...  # train
        run.log_metrics(epoch, {"loss": loss, "val_loss": val_loss})
        run.log_predictions(epoch, x_val, probabilities=p, labels=y_val, split="val")"""
PREDICTIONS = """\
RunLogger(validation_data=(x_val, y_val), class_names=CLASSES)                    # Keras
run.log_predictions(epoch, x_val, probabilities=p, labels=y_val, split="val")    # any loop"""


def empty(title: str, sentence: str, code: str | None = None, icon: str = ":material/photo_library:") -> None:
    """An empty state: what is missing, and the code that produces it."""
    with st.container(border=True, key="empty"):
        st.markdown(f"### {icon} {formatting.md(title, 200)}")
        st.markdown(formatting.md(sentence, 600))
        if code:
            st.code(code, language="python")


def need_run() -> Run:
    """The run shown. Without one, shows how to log one and stops the script."""
    now = current()
    if now.run is not None:
        return now.run
    root = now.catalogue.root
    if not root.exists():
        sentence = f"The folder {root} does not exist yet. It is created with the first run."
    elif (root / schema.RUN_FILE).exists():
        command = shlex.join(["proofsheet", str(root.parent)])
        sentence = f"{root} is a run itself. Start again with the folder above it: {command}"
    elif now.catalogue.problems:
        sentence = " ".join(now.catalogue.problems[:3])
    else:
        sentence = f"The folder {root} holds no run yet. One line in your training makes the first:"
    empty("No runs yet", sentence, f"{ONE_LINE}\n\n# or, in any other loop:\n{THREE_CALLS}")
    st.stop()


def need_predictions() -> tuple[Run, str, int]:
    """The run, split and epoch (from 0) shown. Without predictions, shows what is missing and stops the script."""
    run, now = need_run(), current()
    if now.split is not None and now.epoch is not None:
        return run, now.split, now.epoch
    if run.info.task == "metrics":
        reason = str(run.info.output.get("reason") or "its outputs cannot be shown as classified images.")
        empty("This run logs metrics only", reason)
    elif run.state() == "running":
        planned = f" of {run.status.epochs}" if run.status.epochs else ""
        sentence = f"The training is in its first epoch{planned}; predictions appear when it ends."
        empty("Waiting for the first epoch", sentence, icon=":material/hourglass_top:")
    else:
        sentence = "This run has no predictions. Pass the images to the logger to log predictions every epoch:"
        empty("No predictions", sentence, PREDICTIONS)
    st.stop()
