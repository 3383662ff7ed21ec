"""The Confusion page: the matrix, or why there is none."""

from __future__ import annotations

import streamlit as st

from dashboard import formatting
from dashboard.reports.confusion_report import matrix_of, problems_of
from dashboard.screens.confusion.component import chosen_base, confusion_matrix
from dashboard.sql.engine import ReadError
from dashboard.view import empty_states, navigation


def draw() -> None:
    """The whole page."""
    run, split, epoch = empty_states.need_predictions()
    base, ignored = chosen_base()
    try:
        matrix = matrix_of(run, split, epoch)
    except ReadError as e:
        sentence = f"{e}. Other epochs are unaffected. A truncated file cannot be recovered."
        empty_states.empty(f"Epoch {epoch + 1} cannot be read", sentence, icon=":material/broken_image:")
        return
    try:
        notes = ([ignored] if ignored else []) + (problems_of(run, split, epoch, base) if base else [])
    except ReadError as e:
        base, notes = None, [f"Nothing is compared. {e}."]
    if notes:
        st.info(formatting.md(" ".join(notes), 400), icon=":material/compare_arrows:")
    if matrix.total == 0:
        empty_states.empty(
            "Nothing to check against",
            f"None of the {sum(matrix.unlabelled.values()):,} samples of {split} has a label at this epoch, so no "
            "prediction is correct or wrong. The Gallery shows the images by predicted class.",
            icon=":material/label_off:",
        )
        navigation.page_link("gallery", "Open the Gallery by predicted class", group="predicted", fresh=True)
    else:
        confusion_matrix(run, split, epoch, base)
