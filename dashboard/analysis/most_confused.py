"""The one rule for "most confused", which every page uses: pairs of label and predicted class, most samples first."""

from __future__ import annotations

import pandas as pd

from logger.schema import INVALID

_ORDER = ["count", "label", "predicted"]


def most_confused(cells: pd.DataFrame) -> pd.DataFrame:
    """The cells that are mistakes: most samples first, then the lower label, then the lower predicted class.

    `cells` has columns `label` (null when unknown), `predicted` and `count`; others stay. An invalid output is no
    confusion.
    """
    mistakes = cells["label"].notna() & (cells["predicted"] != INVALID) & (cells["label"] != cells["predicted"])
    ranked = cells[mistakes.astype(bool)].sort_values(_ORDER, ascending=[False, True, True])
    return ranked.reset_index(drop=True)


def first_pair(ranked: pd.DataFrame) -> dict[str, int] | None:
    """The first of `most_confused` as `label`, `predicted` and how many `samples`; None without mistakes."""
    return _pair(ranked.iloc[0]) if len(ranked) else None


def first_pair_by_epoch(cells: pd.DataFrame) -> dict[int, dict[str, int]]:
    """As `first_pair` by epoch, for cells with a column `epoch`. An epoch without mistakes is absent."""
    first = most_confused(cells).drop_duplicates("epoch")
    return {int(row["epoch"]): _pair(row) for _, row in first.iterrows()}


def _pair(row: pd.Series) -> dict[str, int]:
    return {"label": int(row["label"]), "predicted": int(row["predicted"]), "samples": int(row["count"])}
