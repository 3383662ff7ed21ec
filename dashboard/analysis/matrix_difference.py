"""What changed between two confusion matrices: two epochs of a run, or two runs aligned by class."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from dashboard.analysis.confusion_matrix import Matrix, read_matrix
from logger.schema import INVALID


def difference(matrix: Matrix, base: Matrix) -> pd.DataFrame:
    """Cells that occur in either: label, predicted, `count`, `before` (in `base`), and their `change`.

    Sorted by label and predicted; the class numbers of both must mean the same (see `renumber`).
    """
    now, then = (
        pd.DataFrame({"label": m.label, "predicted": m.predicted, name: m.count})
        for m, name in ((matrix, "count"), (base, "before"))
    )
    both = now.merge(then, on=["label", "predicted"], how="outer").fillna(0).astype(np.int64)
    both["change"] = both["count"] - both["before"]
    return both.sort_values(["label", "predicted"]).reset_index(drop=True)


def most_risen(matrix: Matrix, base: Matrix, limit: int | None = None) -> pd.DataFrame:
    """Confusions whose share of their label rose, most first: as `difference`, with `rise`, 0 to 1.

    By share, so that splits of different size compare; a label that `base` never had counts from 0.
    """
    confusions = _confusions(matrix, base)
    risen = confusions[confusions["rise"] > 0]
    risen = risen.sort_values(["rise", "count"], ascending=False, kind="stable")
    return risen.head(limit if limit is not None else len(risen)).reset_index(drop=True)


def most_fallen(matrix: Matrix, base: Matrix, limit: int | None = None) -> pd.DataFrame:
    """Confusions whose share of their label fell, most first: as `most_risen`, with `rise` from -1 to 0."""
    confusions = _confusions(matrix, base)
    fallen = confusions[confusions["rise"] < 0].sort_values(["rise", "count"], kind="stable")
    return fallen.head(limit if limit is not None else len(fallen)).reset_index(drop=True)


def _confusions(matrix: Matrix, base: Matrix) -> pd.DataFrame:
    cells = difference(matrix, base)
    rise = np.zeros(len(cells))
    for name, sign in (("count", 1), ("before", -1)):
        sums = cells.groupby("label")[name].transform("sum").to_numpy()
        rise += sign * np.divide(cells[name], sums, out=np.zeros(len(cells)), where=sums > 0)
    cells["rise"] = rise
    return cells[(cells["label"] != cells["predicted"]) & (cells["predicted"] != INVALID)]


@dataclass(frozen=True)
class Alignment:
    """Class numbers of another run in terms of this run's."""

    places: dict[int, int]
    """This run's number of each class of the other run; classes that only the other has are missing."""
    problem: str | None
    """A caveat for readers of the difference; None when the classes are the same."""


def align(names: Sequence[str] | None, others: Sequence[str] | None, other_classes: int) -> Alignment:
    """Match classes by name where both runs have unique names, else by number."""
    by_number = {i: i for i in range(other_classes)}
    if names is None or others is None:
        one = "Only one of the runs has class names: classes are matched by number."
        return Alignment(by_number, None if names is others else one)
    if list(names) == list(others):
        return Alignment(by_number, None)
    if len(set(names)) < len(names) or len(set(others)) < len(others):
        return Alignment(by_number, "Class names repeat: classes are matched by number.")
    place = {name: i for i, name in enumerate(names)}
    places = {i: place[name] for i, name in enumerate(others) if name in place}
    return Alignment(places, _difference_of_names(names, others))


def _difference_of_names(names: Sequence[str], others: Sequence[str]) -> str:
    if set(names) == set(others):
        return "The runs list the same classes in a different order: classes are matched by name."
    gone = sorted(set(others) - set(names))
    new = sorted(set(names) - set(others))
    parts = [f"{len(new)} only here"] * bool(new) + [f"{len(gone)} only in the other"] * bool(gone)
    return f"The runs have different classes ({', '.join(parts)}): those of the same name are compared."


def renumber(matrix: Matrix, places: dict[int, int], classes: int) -> Matrix:
    """`matrix` of another run in this run's class numbers; cells of classes without a place are left out.

    `invalid` stays invalid. Numbers that the other run had not declared have no place.
    """
    to = {**places, INVALID: INVALID}
    triplets = zip(matrix.label.tolist(), matrix.predicted.tolist(), matrix.count.tolist(), strict=True)
    cells = [(places[t], to[p], n) for t, p, n in triplets if t in places and p in to]
    table = pd.DataFrame(cells, columns=["label", "predicted", "count"], dtype=np.int64)
    spare = {to[p]: n for p, n in matrix.unlabelled.items() if p in to}
    return replace(read_matrix(table, classes), unlabelled=spare)
