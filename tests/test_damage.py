"""A predictions file that is cut short costs its own epoch and nothing else."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest

from dashboard.catalogue.runs import Catalogue, Run
from dashboard.reports import epoch_totals
from dashboard.sql import engine, epochs, predictions
from dashboard.sql.filter import Filter
from logger import schema
from tests.pages import epoch_control, open_page, words

DAMAGED = 1


@pytest.fixture
def runs(tmp_path: Path, digits_runs: Path) -> Path:
    """A run of four epochs, the second of which is damaged."""
    folder = shutil.copytree(digits_runs / "linear", tmp_path / "runs" / "linear")
    file = folder / schema.predictions_file("val", DAMAGED)
    file.write_bytes(file.read_bytes()[:300])
    return tmp_path / "runs"


@pytest.fixture
def run(runs: Path) -> Run:
    found = Catalogue(runs).get("linear")
    assert found is not None and found.epochs["val"] == (0, 1, 2, 3)
    return found


def test_the_error_of_its_epoch_names_the_file_without_an_absolute_path(run: Run) -> None:
    with pytest.raises(engine.ReadError, match=re.escape("predictions/split=val/epoch=00001.parquet")) as caught:
        predictions.outcomes(run, "val", DAMAGED)
    assert str(run.path) not in str(caught.value)


def test_the_next_epoch_is_read_without_changes(run: Run) -> None:
    after = predictions.outcomes(run, "val", DAMAGED + 1)
    assert after.num_rows == 597 and set(after.column("changed").to_pylist()) == {0}
    exported = predictions.filtered(run, "val", DAMAGED + 1, Filter("wrong"))
    assert 0 < exported.num_rows == predictions.count_filtered(run, "val", DAMAGED + 1, Filter("wrong"))
    assert 1 in predictions.outcomes(run, "val", 3).column("changed").to_pylist()


def test_questions_over_all_epochs_leave_it_out(run: Run) -> None:
    assert [row["epoch"] for row in epochs.history(run, "val", 5)] == [0, 2, 3]
    assert epochs.times_forgotten(run, "val", 3).num_rows == 597
    assert [row["epoch"] for row in epoch_totals.totals(run, "val")] == [0, 2, 3]


@pytest.mark.slow
def test_pages_report_it_and_keep_the_epoch_control(runs: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    at = open_page(monkeypatch, runs, "confusion", run="linear", epoch="2")
    assert "Epoch 2 cannot be read" in words(at)
    assert str(runs) not in words(at).replace("\\", "")
    given = epoch_control(at)
    assert given and given["accuracy"][DAMAGED] is None and given["accuracy"][0] is not None
    compared = open_page(monkeypatch, runs, "confusion", run="linear", epoch="3", compare_epoch="2")
    assert "Nothing is compared" in words(compared)
    open_page(monkeypatch, runs, "gallery", run="linear", epoch="2")
    assert "could not be read" not in words(open_page(monkeypatch, runs))
