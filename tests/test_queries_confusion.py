"""The count in a confusion cell is the number of images it opens: for every cell, row and column."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from dashboard.analysis.confusion_matrix import Matrix
from dashboard.catalogue.runs import Catalogue, Run
from dashboard.reports.confusion_report import Base, matrix_of, payload, problems_of
from dashboard.sql import predictions
from dashboard.sql.filter import Filter
from logger import Run as Log
from logger import schema
from logger.schema import VERDICTS


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run with every kind of sample: unlabelled, invalid, of a class that never occurs, of an undeclared one."""
    runs = tmp_path_factory.mktemp("runs")
    rng = np.random.default_rng(7)
    images = rng.integers(0, 255, (400, 4, 4), dtype=np.uint8)
    labels = rng.integers(0, 4, 400).astype(float)
    labels[:40] = np.nan
    with Log(runs, "mixed", ["a", "b", "c", "d", "e"]) as run:
        for epoch in (0, 3):
            probabilities = rng.dirichlet(np.ones(5), 400)
            probabilities[30:60] = np.nan
            run.log_predictions(epoch, images, probabilities=probabilities, labels=labels)
    with Log(runs, "other", ["b", "a", "x"]) as run:
        run.log_predictions(0, images, probabilities=rng.dirichlet(np.ones(3), 400), labels=labels % 3)
    _declare_less(run_folder=runs / "mixed")
    return runs


def _declare_less(run_folder: Path) -> None:
    """Relabel some samples as a class that no name and no output stands for, as a foreign logger may."""
    file = run_folder / schema.predictions_file("val", 3)
    table = pq.read_table(file)
    labels = [17 if i % 50 == 9 and v is not None else v for i, v in enumerate(table["label"].to_pylist())]
    at = table.column_names.index("label")
    pq.write_table(table.set_column(at, "label", pa.array(labels, pa.int32())), file)


@pytest.fixture(scope="module")
def run(folder: Path) -> Run:
    found = Catalogue(folder).get("mixed")
    assert found is not None
    return found


@pytest.fixture(scope="module")
def matrix(run: Run) -> Matrix:
    return matrix_of(run, "val", 3)


def opened(run: Run, **filters: int | str) -> int:
    return predictions.count_filtered(run, "val", 3, Filter(**filters))  # type: ignore[arg-type]


def test_every_cell_opens_as_many_images_as_it_counts(run: Run, matrix: Matrix) -> None:
    counts = {(t, p): n for t, p, n in zip(matrix.label, matrix.predicted, matrix.count, strict=True)}
    assert sum(counts.values()) + sum(matrix.unlabelled.values()) == opened(run) == 400
    for label in matrix.rows:
        for predicted in matrix.columns:
            assert opened(run, label=label, predicted=predicted) == counts.get((label, predicted), 0)


def test_every_row_opens_as_many_images_as_it_counts(run: Run, matrix: Matrix) -> None:
    assert matrix.rows == [0, 1, 2, 3, 4, 17]
    for label in matrix.rows:
        assert opened(run, label=label) == matrix.count[matrix.label == label].sum()


def test_every_column_opens_as_many_images_as_it_counts_with_the_unlabelled(run: Run, matrix: Matrix) -> None:
    assert matrix.columns == [0, 1, 2, 3, 4, schema.INVALID]
    for predicted in matrix.columns:
        counted = matrix.count[matrix.predicted == predicted].sum() + matrix.unlabelled.get(predicted, 0)
        assert opened(run, predicted=predicted) == counted


def test_every_verdict_opens_as_many_images_as_its_card_counts(run: Run) -> None:
    summary = payload(run, "val", 3)["summary"]
    assert [summary[v] for v in VERDICTS] == [opened(run, verdict=v) for v in VERDICTS]
    assert sum(summary[v] for v in VERDICTS) == 400


def test_every_class_of_the_table_opens_its_support(run: Run) -> None:
    table = payload(run, "val", 3)["table"]
    assert table["support"] == [opened(run, label=label) for label in table["class"]]


def test_every_pair_opens_as_many_images_as_it_counts(run: Run) -> None:
    pairs = payload(run, "val", 3)["pairs"]
    assert len(pairs) > 10
    assert all(opened(run, label=p["label"], predicted=p["predicted"]) == p["count"] for p in pairs)


def test_cells_of_the_difference_hold_both_counts(run: Run) -> None:
    now, then = payload(run, "val", 3, Base(run, 0)), payload(run, "val", 0)
    before = {(t, p): n for t, p, n in zip(now["label"], now["predicted"], now["before"], strict=True) if n}
    assert before == {(t, p): n for t, p, n in zip(then["label"], then["predicted"], then["count"], strict=True)}
    assert now["summary"]["before"]["correct"] == then["summary"]["correct"]


def test_another_run_is_compared_by_class_name_and_the_rest_is_counted(run: Run, folder: Path) -> None:
    other = Catalogue(folder).get("other")
    assert other is not None
    base = Base(other, 0)
    problems = problems_of(run, "val", 3, base)
    assert "different classes" in problems[0] and "samples of the other run" in problems[1] and len(problems) == 2
    there = {(t, p): n for t, p, n in zip(*_cells(payload(other, "val", 0)), strict=True)}
    here = payload(run, "val", 3, base)
    before = {(t, p): n for t, p, n in zip(here["label"], here["predicted"], here["before"], strict=True) if n}
    assert before == {(1 - t, 1 - p): n for (t, p), n in there.items() if t < 2 and p < 2}


def _cells(drawn: dict[str, list[int]]) -> tuple[list[int], ...]:
    return drawn["label"], drawn["predicted"], drawn["count"]


def test_the_matrix_follows_its_file(tmp_path: Path) -> None:
    with Log(tmp_path, "grows") as log:
        log.log_predictions(0, np.zeros((2, 4, 4), np.uint8), probabilities=np.eye(2), labels=[0, 0])
    run = Catalogue(tmp_path).get("grows")
    assert run is not None and matrix_of(run, "val", 0).correct == 1
    file = run.predictions("val", 0)
    table = pq.read_table(file)
    at = table.column_names.index("label")
    pq.write_table(table.set_column(at, "label", pa.array([0, 1], pa.int32())), file)
    assert matrix_of(run, "val", 0).correct == 2


def test_undeclared_classes_are_those_that_occur(tmp_path: Path) -> None:
    with Log(tmp_path, "quiet") as log:
        log.log_predictions(0, np.zeros((3, 4, 4), np.uint8), probabilities=np.eye(3), labels=[0, 1, 1])
    info = schema.RunInfo.decode((tmp_path / "quiet" / schema.RUN_FILE).read_text())
    text = info.encode().replace('"classes": 3', '"classes": null')
    (tmp_path / "quiet" / schema.RUN_FILE).write_text(text)
    run = Catalogue(tmp_path).get("quiet")
    assert run is not None and run.info.classes is None
    assert payload(run, "val", 0)["names"] == ["0", "1", "2"]
