"""The totals of an epoch, against what the stored rows say, and that each file is read once."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.parquet as pq
import pytest

from dashboard import shared_state
from dashboard.catalogue.runs import Catalogue, Run
from dashboard.reports import epoch_totals
from dashboard.sql import confusion
from logger import Run as Log
from logger import schema
from tests.odd_run import EPOCHS, SAMPLES, log_odd_run


@pytest.fixture(autouse=True)
def read_new() -> Iterator[None]:
    shared_state.forget()
    yield
    shared_state.forget()


def found(runs: Path, name: str) -> Run:
    run = Catalogue(runs).get(name)
    assert run is not None
    return run


@pytest.mark.parametrize("at", range(len(EPOCHS)))
def test_totals_are_those_of_the_stored_rows(tmp_path: Path, at: int) -> None:
    log_odd_run(tmp_path)
    run = found(tmp_path, "odd")
    totals = epoch_totals.totals(run, "val")
    assert [t["epoch"] for t in totals] == list(EPOCHS)
    rows = pq.read_table(run.predictions("val", EPOCHS[at]), partitioning=None).to_pandas()
    label, predicted = rows["label"].to_numpy(float), rows["predicted"].to_numpy()
    invalid, unlabelled = predicted == schema.INVALID, np.isnan(label)
    wrong = ~invalid & ~unlabelled & (label != predicted)
    expected = {
        "samples": SAMPLES,
        "invalid": invalid.sum(),
        "unlabelled": (unlabelled & ~invalid).sum(),
        "wrong": wrong.sum(),
        "correct": (label == predicted).sum(),
        "labelled": (~unlabelled).sum(),
    }
    assert {name: totals[at][name] for name in expected} == expected and min(expected.values()) > 0
    assert totals[at]["accuracy"] == expected["correct"] / expected["labelled"]
    assert totals[at]["loss"] == pytest.approx(rows["loss"].mean())
    assert totals[at]["confidence"] == pytest.approx(rows["confidence"].mean())
    pairs, counts = np.unique(np.stack([label[wrong], predicted[wrong]]), axis=1, return_counts=True)
    first = int(counts.argmax())  # unique sorts by label, then by predicted, and argmax takes the first of equals
    pair = {"label": pairs[0, first], "predicted": pairs[1, first], "samples": counts[first]}
    assert totals[at]["confused"] == pair


def test_without_labels_there_is_no_accuracy_and_nothing_is_confused(tmp_path: Path) -> None:
    with Log(tmp_path, "serving", ["a", "b"]) as log:
        log.log_predictions(0, np.zeros((2, 4, 4), np.uint8), probabilities=np.eye(2), split="production")
    (totals,) = epoch_totals.totals(found(tmp_path, "serving"), "production")
    assert (totals["accuracy"], totals["low"], totals["loss"], totals["confused"]) == (None, None, None, None)
    assert (totals["samples"], totals["unlabelled"], totals["confidence"]) == (2, 2, 1.0)
    assert epoch_totals.totals(found(tmp_path, "serving"), "val") == []


def test_a_new_epoch_costs_the_reading_of_its_own_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    read: list[tuple[int, ...]] = []
    cells = confusion.epoch_cells

    def counted(run: Run, split: str, epochs: tuple[int, ...]) -> Any:
        read.append(epochs)
        return cells(run, split, epochs)

    monkeypatch.setattr(confusion, "epoch_cells", counted)
    with Log(tmp_path, "grows", ["a", "b"]) as log:
        for epoch in range(4):
            log.log_predictions(epoch, np.zeros((2, 4, 4), np.uint8), probabilities=np.eye(2), labels=[0, 0])
    run = found(tmp_path, "grows")
    file = run.predictions("val", 3)
    kept = file.read_bytes()
    file.unlink()
    assert len(epoch_totals.totals(found(tmp_path, "grows"), "val")) == 3
    file.write_bytes(kept)
    for _ in range(2):
        assert len(epoch_totals.totals(found(tmp_path, "grows"), "val")) == 4
    assert read == [(0, 1, 2), (3,)]
