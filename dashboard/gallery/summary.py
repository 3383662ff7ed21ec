"""How each epoch of a split did, for the cards above the tiles."""

from __future__ import annotations

from typing import Any

import streamlit as st

from dashboard import queries
from dashboard.matrix import wilson
from dashboard.runs import Run


def epochs(run: Run, split: str) -> list[dict[str, Any]]:
    """Per epoch, rising: what `queries.epoch_totals` counts, and `accuracy` with `low` and `high`.

    Accuracy is the share of labelled samples that are correct, its bounds a 95 % Wilson interval; all three
    are None without labels.
    """
    found: list[dict[str, Any]] = _epochs(run.id, split, run.data_version, run)
    return found


@st.cache_data(max_entries=64, show_spinner=False)
def _epochs(run_id: str, split: str, version: str, _run: Run) -> list[dict[str, Any]]:
    return [with_accuracy(totals) for totals in queries.epoch_totals(_run, split, _run.epochs[split])]


def with_accuracy(totals: dict[str, Any]) -> dict[str, Any]:
    """`totals` of one epoch with its accuracy and the bounds of that."""
    labelled = totals["labelled"]
    if not labelled:
        return {**totals, "accuracy": None, "low": None, "high": None}
    low, high = wilson(totals["correct"], labelled)
    return {**totals, "accuracy": totals["correct"] / labelled, "low": float(low), "high": float(high)}
