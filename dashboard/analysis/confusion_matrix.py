"""The confusion matrix of one split at one epoch, as numbers: no files, no SQL, no Streamlit.

A matrix is sparse: one entry for each pair of label and predicted that occurs. Classes are never
renumbered: rows and columns are all declared classes by index, then the numbers that were not
declared ("unknown (17)"), then the column `invalid` (`predicted` is -1).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from dashboard.analysis.intervals import FloatArray, wilson
from dashboard.analysis.most_confused import most_confused
from logger.schema import INVALID

IntArray = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Matrix:
    """Samples by label and predicted class. All arrays have shape (n,), int64, sorted by label, predicted."""

    classes: int
    """K, the number of declared classes."""
    label: IntArray
    predicted: IntArray
    count: IntArray
    """Samples in the cell, at least 1."""
    unlabelled: dict[int, int]
    """Samples without a label, by predicted class; they are in no cell."""

    @property
    def rows(self) -> list[int]:
        """Class number of each row: 0 to K-1, then labels that were not declared."""
        return _axis(self.classes, self.label)

    @property
    def columns(self) -> list[int]:
        """Class number of each column: 0 to K-1, then undeclared ones, then -1 when something is invalid."""
        known = _axis(self.classes, self.predicted[self.predicted != INVALID])
        return known + [INVALID] * bool((self.predicted == INVALID).any())

    @property
    def total(self) -> int:
        """Labelled samples: the sum of all cells."""
        return int(self.count.sum())

    @property
    def correct(self) -> int:
        """Samples whose predicted class is their label."""
        return int(self.count[(self.label == self.predicted) & (self.predicted != INVALID)].sum())

    @property
    def invalid(self) -> int:
        """Samples with a NaN or an infinity in the output, labelled or not."""
        return int(self.count[self.predicted == INVALID].sum()) + self.unlabelled.get(INVALID, 0)

    @property
    def wrong(self) -> int:
        """Labelled samples with a valid output of another class than the label."""
        return int(self.count[(self.label != self.predicted) & (self.predicted != INVALID)].sum())


def read_matrix(cells: pd.DataFrame, classes: int) -> Matrix:
    """From columns `label` (null when unknown), `predicted` and `count`; `classes` is K, at least 0."""
    missing = cells["label"].isna().to_numpy()
    spare = cells[missing].groupby("predicted")["count"].sum()
    rest = cells[~missing].sort_values(["label", "predicted"])
    label, predicted, count = (rest[c].to_numpy(dtype=np.int64) for c in ("label", "predicted", "count"))
    return Matrix(classes, label, predicted, count, {int(str(k)): int(v) for k, v in spare.items()})


def _axis(classes: int, seen: IntArray) -> list[int]:
    undeclared = np.unique(seen[(seen < 0) | (seen >= classes)])
    return [*range(classes), *undeclared.tolist()]


def shares(matrix: Matrix, by: str) -> FloatArray:
    """Each cell's share of its row (`label`: recall on the diagonal) or column (`predicted`: precision).

    Shape (n,), 0 to 1, in the order of the cells. Raises ValueError for another `by`.
    """
    if by not in ("label", "predicted"):
        raise ValueError(f"`by` must be 'label' or 'predicted', got {by!r}.")
    keys = matrix.label if by == "label" else matrix.predicted
    _, place = np.unique(keys, return_inverse=True)
    sums = np.bincount(place, weights=matrix.count)
    share: FloatArray = matrix.count / sums[place]
    return share


def confused_pairs(matrix: Matrix) -> pd.DataFrame:
    """`most_confused` with the shares of each pair, `of_label` and `of_predicted` (0 to 1)."""
    cells = {"label": matrix.label, "predicted": matrix.predicted, "count": matrix.count}
    shared = {"of_label": shares(matrix, "label"), "of_predicted": shares(matrix, "predicted")}
    return most_confused(pd.DataFrame({**cells, **shared}))


def per_class(matrix: Matrix) -> pd.DataFrame:
    """One row for each row or column of the matrix but `invalid`, in index order.

    `class`, `support` (samples of that label), `predicted` (samples predicted so), `correct`, and
    `recall`, `precision`, `f1` with `_low` and `_high`, 0 to 1, NaN where nothing was counted.

    Recall and precision are proportions, their intervals Wilson's. F1 = 2J / (1 + J) rises with the
    proportion J = TP / (TP + FP + FN), so its interval is that of J, transformed; that J is a
    proportion is shown in D. Hand, P. Christen, N. Kirielle, "F*: an interpretable transformation of
    the F-measure", Machine Learning 110 (2021), 451-456.
    """
    extra = {*matrix.rows, *matrix.columns} - {INVALID, *range(matrix.classes)}
    at = np.asarray([*range(matrix.classes), *sorted(extra)], dtype=np.int64)
    support = _count_of(at, matrix.label, matrix.count)
    predicted = _count_of(at, matrix.predicted, matrix.count)
    same = matrix.label == matrix.predicted
    correct = _count_of(at, matrix.label[same], matrix.count[same])
    table = pd.DataFrame({"class": at, "support": support, "predicted": predicted, "correct": correct})
    union = support + predicted - correct
    for name, trials in (("recall", support), ("precision", predicted), ("f1", union)):
        with np.errstate(invalid="ignore", divide="ignore"):
            value = correct / trials
        low, high = wilson(correct, trials)
        if name == "f1":
            value, low, high = (2 * x / (1 + x) for x in (value, low, high))
        table[name], table[f"{name}_low"], table[f"{name}_high"] = value, low, high
    return table


def _count_of(codes: IntArray, keys: IntArray, weights: IntArray) -> IntArray:
    """The sum of `weights` by key, for each of `codes`; every key must be one of them or is left out."""
    order = np.argsort(codes)
    place = np.searchsorted(codes[order], keys).clip(max=max(len(codes) - 1, 0))
    known = codes[order][place] == keys if len(codes) else np.zeros(len(keys), dtype=bool)
    sums = np.zeros(len(codes), dtype=np.int64)
    np.add.at(sums, order[place[known]], weights[known])
    return sums
