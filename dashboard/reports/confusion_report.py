"""What the component draws of one epoch: plain lists and numbers, the same for a page and for HTTP.

Everything is computed here; the browser only chooses between counts and shares, and an order.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import pandas as pd

from dashboard.analysis.class_order import cluster_order, frequency_order
from dashboard.analysis.confusion_matrix import Matrix, confused_pairs, per_class, read_matrix
from dashboard.analysis.matrix_difference import align, difference, most_fallen, most_risen, renumber
from dashboard.analysis.most_confused import first_pair
from dashboard.catalogue.runs import Run
from dashboard.catalogue.versions import version
from dashboard.reports.epoch_totals import accuracy
from dashboard.sql import confusion
from logger.schema import INVALID

PAIRS = 200
"""Most pairs sent, together with their total number."""
CACHED_MATRICES = 16
"""Most matrices in memory, of all runs: at 1,000 classes one takes up to 24 MB."""


@dataclass(frozen=True)
class Base:
    """What a matrix is compared with: the same split at an epoch of this or of another run."""

    run: Run
    epoch: int


def classes_of(run: Run) -> int:
    """K, the number of declared classes; 0 when it is not known, and then the highest class that occurs decides."""
    return max(run.info.classes or 0, len(run.info.class_names or ()))


def files(run: Run, split: str, epoch: int, base: Base | None) -> list[Path]:
    """The files that `payload` is made of."""
    extra = [base.run.predictions(split, base.epoch)] if base else []
    return [run.predictions(split, epoch), *extra]


def matrix_of(run: Run, split: str, epoch: int) -> Matrix:
    """The matrix of the whole split at `epoch` (from 0)."""
    file = run.predictions(split, epoch)
    return _matrix(file, version([file]), classes_of(run))


@lru_cache(maxsize=CACHED_MATRICES)
def _matrix(file: Path, _version: str, classes: int) -> Matrix:
    cells = confusion.confusion_cells(file).to_pandas()
    if not classes and len(cells):
        classes = 1 + int(cells[["label", "predicted"]].max().max())
    return read_matrix(cells, classes)


@lru_cache(maxsize=CACHED_MATRICES)
def _orders(file: Path, version_: str, classes: int) -> dict[str, list[int]]:
    matrix = _matrix(file, version_, classes)
    return {"frequency": frequency_order(matrix).tolist(), "cluster": cluster_order(matrix).tolist()}


def payload(run: Run, split: str, epoch: int, base: Base | None = None) -> dict[str, Any]:
    """One epoch, and what changed since `base`. Shares are 0 to 1, classes are numbers, missing values None."""
    matrix, file = matrix_of(run, split, epoch), run.predictions(split, epoch)
    before = _aligned(run, split, base) if base else None
    cells = difference(matrix, before) if before else _cells(matrix)
    shown = read_matrix(cells, matrix.classes)
    pairs = confused_pairs(matrix)
    return {
        "epoch": epoch,
        "classes": matrix.classes,
        "names": [run.info.class_name(i) for i in range(matrix.classes)],
        "rows": shown.rows,
        "columns": shown.columns,
        "label": cells["label"].tolist(),
        "predicted": cells["predicted"].tolist(),
        "count": cells["count"].tolist(),
        "before": cells["before"].tolist() if before else None,
        "unlabelled": {str(k): n for k, n in matrix.unlabelled.items()},
        "orders": _orders(file, version([file]), matrix.classes),
        "summary": {
            **_summary(matrix),
            "confused": first_pair(pairs),
            "pairs": len(pairs),
            "before": _summary(before) if before else None,
        },
        "pairs": _records(pairs.head(PAIRS)),
        "risen": _records(most_risen(matrix, before, PAIRS)) if before else [],
        "fallen": _records(most_fallen(matrix, before, PAIRS)) if before else [],
        "table": _columns(per_class(matrix)),
    }


def problems_of(run: Run, split: str, epoch: int, base: Base) -> list[str]:
    """Caveats for readers of the difference to `base`, a sentence each."""
    here, there = matrix_of(run, split, epoch), matrix_of(base.run, split, base.epoch)
    mismatch = align(run.info.class_names, base.run.info.class_names, classes_of(base.run)).problem
    problems = [mismatch] if mismatch and base.run.id != run.id else []
    if left_out := there.total - _aligned(run, split, base).total:
        problems.append(f"{left_out:,} samples of the other run are of classes that this run does not have.")
    if here.total != there.total:
        problems.append(
            f"{here.total:,} labelled samples here, {there.total:,} there: shares compare better than counts."
        )
    return problems


def _aligned(run: Run, split: str, base: Base) -> Matrix:
    then = matrix_of(base.run, split, base.epoch)
    if base.run.id == run.id:
        return then
    places = align(run.info.class_names, base.run.info.class_names, classes_of(base.run)).places
    return renumber(then, places, classes_of(run))


def _cells(matrix: Matrix) -> pd.DataFrame:
    return pd.DataFrame({"label": matrix.label, "predicted": matrix.predicted, "count": matrix.count})


def _summary(matrix: Matrix) -> dict[str, Any]:
    """Counts under the names that `epoch_totals.totals` has for them."""
    return {
        "labelled": matrix.total,
        "correct": matrix.correct,
        "wrong": matrix.wrong,
        "invalid": matrix.invalid,
        "unlabelled": sum(n for code, n in matrix.unlabelled.items() if code != INVALID),
        **{name: _number(value) for name, value in accuracy(matrix.correct, matrix.total).items()},
    }


def _number(value: Any) -> Any:
    if isinstance(value, float):
        return None if math.isnan(value) else round(value, 5)
    return value


def _records(table: pd.DataFrame) -> list[dict[str, Any]]:
    return [{str(k): _number(v) for k, v in row.items()} for row in table.to_dict("records")]


def _columns(table: pd.DataFrame) -> dict[str, list[Any]]:
    return {str(name): [_number(v) for v in table[name].tolist()] for name in table.columns}
