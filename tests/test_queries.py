"""The queries of the gallery, compared with results found by other means."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import numpy as np
import pyarrow.parquet as pq
import pytest

from dashboard.catalogue.annotations import annotations_of
from dashboard.catalogue.runs import Catalogue, Run
from dashboard.reports import epoch_totals
from dashboard.sql import epochs, predictions, samples
from dashboard.sql.filter import Filter
from dashboard.view.link import View
from dashboard.web.exports import filter_of
from logger import schema
from tests.odd_run import EPOCHS, SAMPLES, log_odd_run

LAST = EPOCHS[-1]
TAGGED = range(3, SAMPLES, 9)
"""Samples that get a tag; it is removed from sample 21 again."""


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Run:
    folder = log_odd_run(tmp_path_factory.mktemp("odd"))
    found = Catalogue(folder.parent).get(folder.name)
    assert found is not None
    digests = samples.digests(found, "val")
    annotations = annotations_of(found)
    annotations.tag([str(digests[i]) for i in TAGGED], "odd ones")
    annotations.tag([str(digests[5])], "another")
    annotations.tag([str(digests[21])], "odd ones", removed=True)
    return found


def stored(run: Run, epoch: int) -> dict[str, np.ndarray[Any, Any]]:
    """The columns of an epoch as they lie in the file; missing numbers as NaN."""
    table = pq.read_table(run.path / schema.predictions_file("val", epoch))
    names = ("index", "label", "predicted", "confidence", "log_prob_label", "log_prob_other")
    return {name: table[name].to_pandas().to_numpy(float) for name in names}


def verdicts(run: Run, epoch: int) -> np.ndarray[Any, Any]:
    rows = stored(run, epoch)
    known, invalid = ~np.isnan(rows["label"]), rows["predicted"] == schema.INVALID
    found = np.where(known, np.where(rows["label"] == rows["predicted"], "correct", "wrong"), "unlabelled")
    return np.where(invalid, "invalid", found)


FILTERS = [
    Filter(),
    *(Filter(verdict=v) for v in ("correct", "wrong", "unlabelled", "invalid")),
    Filter(label=0),
    Filter(label=9),
    Filter(label=2, predicted=3),
    Filter(predicted=schema.INVALID),
    Filter(confidence=(0.5, 1.0)),
    Filter(confidence=(0.0, 0.4)),
    Filter(confidence=(0.3, 0.6), verdict="wrong"),
    Filter(changed=True),
    Filter(changed=True, verdict="wrong", label=1),
    Filter(tag="odd ones"),
    Filter(tag="odd ones", verdict="wrong"),
    Filter(tag="no such tag"),
    Filter(search="folder 3/"),
    Filter(search=" 17 "),
    Filter(search="#17"),
    Filter(search="%"),
    Filter(search="no such text"),
    Filter(search="image_0", changed=True, confidence=(0.2, 0.9), verdict="wrong"),
]


@pytest.mark.parametrize("chosen", FILTERS, ids=repr)
@pytest.mark.parametrize("epoch", EPOCHS)
def test_a_filter_finds_what_numpy_finds(run: Run, epoch: int, chosen: Filter) -> None:
    rows, before = stored(run, epoch), run.epoch_before("val", epoch)
    wanted = np.ones(SAMPLES, bool)
    if chosen.verdict is not None:
        wanted &= verdicts(run, epoch) == chosen.verdict
    if chosen.label is not None:
        wanted &= rows["label"] == chosen.label
    if chosen.predicted is not None:
        wanted &= rows["predicted"] == chosen.predicted
    if chosen.confidence != (0.0, 1.0):
        low, high = np.float32(chosen.confidence)
        wanted &= (rows["confidence"] >= low) & (rows["confidence"] <= high)
    if chosen.changed:
        wanted &= False if before is None else stored(run, before)["predicted"] != rows["predicted"]
    if chosen.tag:
        tagged = chosen.tag == "odd ones"
        wanted &= [tagged and i in TAGGED and i != 21 for i in range(SAMPLES)]
    if text := chosen.search.strip():
        sources = [f"Folder {i % 7}/image_{i:03d}.png".lower() for i in range(SAMPLES)]
        wanted &= [text.lower() in s or text.lstrip("#") == str(i) for i, s in enumerate(sources)]
    found = predictions.filtered(run, "val", epoch, chosen)
    assert found["index"].to_pylist() == np.flatnonzero(wanted).tolist()
    assert predictions.count_filtered(run, "val", epoch, chosen) == wanted.sum()


def test_the_filters_of_the_table_select_different_samples(run: Run) -> None:
    counts = [predictions.count_filtered(run, "val", LAST, chosen) for chosen in FILTERS]
    assert counts[0] == SAMPLES
    assert sum(count == 0 for count in counts) == 3  # "%" is no wildcard, and "no such" tag or text
    assert len(set(counts)) > 10


def test_the_verdict_is_the_same_everywhere(run: Run) -> None:
    expected = verdicts(run, LAST)
    assert predictions.outcomes(run, "val", LAST)["verdict"].to_pylist() == expected.tolist()
    totals = epoch_totals.totals(run, "val")
    assert [t["epoch"] for t in totals] == list(EPOCHS)
    for verdict in ("correct", "wrong", "unlabelled", "invalid"):
        assert totals[-1][verdict] == (expected == verdict).sum() > 0


def test_an_undeclared_label_is_wrong_and_keeps_its_number(run: Run) -> None:
    rows = predictions.filtered(run, "val", LAST, Filter(label=9))
    assert rows.num_rows > 0
    assert set(rows["verdict"].to_pylist()) <= {"wrong", "invalid"}


def test_the_margin_is_the_label_against_the_best_other(run: Run) -> None:
    rows = stored(run, LAST)
    found = predictions.outcomes(run, "val", LAST)["margin"].to_pandas().to_numpy(float)
    np.testing.assert_allclose(found, rows["log_prob_label"] - rows["log_prob_other"], rtol=1e-6)


def test_the_first_epoch_changed_nothing(run: Run) -> None:
    assert set(predictions.outcomes(run, "val", 0)["changed"].to_pylist()) == {0}


def test_forgetting_is_correct_and_then_not(run: Run) -> None:
    steps = [verdicts(run, epoch) for epoch in EPOCHS]
    expected = sum(((a == "correct") & np.isin(b, ["wrong", "invalid"])).astype(int) for a, b in pairwise(steps))
    assert epochs.times_forgotten(run, "val", LAST)["forgotten"].to_pylist() == list(expected)
    assert np.max(expected) > 0
    assert set(epochs.times_forgotten(run, "val", 0)["forgotten"].to_pylist()) == {0}


def test_a_samples_history_is_its_row_of_every_epoch(run: Run) -> None:
    found = epochs.history(run, "val", 77)
    assert [step["epoch"] for step in found] == list(EPOCHS)
    for step in found:
        rows = stored(run, step["epoch"])
        assert step["predicted"] == rows["predicted"][77]
        assert step["probability"] == pytest.approx(np.exp(rows["log_prob_label"][77]), rel=1e-5)
        assert step["verdict"] == verdicts(run, step["epoch"])[77]


def test_tiles_and_sources_are_in_the_same_order(run: Run) -> None:
    tiles = samples.tiles(run, "val")
    assert tiles["index"].to_pylist() == list(range(SAMPLES))
    assert samples.sources(run, "val")[5] == "Folder 5/image_005.png"
    assert set(tiles["reduced"].to_pylist()) == {0}


def test_unknown_samples_splits_and_epochs_are_empty_not_errors(run: Run) -> None:
    assert samples.sample(run, "val", SAMPLES) is None
    assert predictions.prediction(run, "val", LAST, SAMPLES) is None
    assert epochs.history(run, "val", SAMPLES) == []
    assert samples.tiles(run, "train").num_rows == 0
    assert run.epoch_before("train", 3) is None


def test_a_link_becomes_a_filter() -> None:
    view = View(
        verdict="wrong", label=1, predicted=-1, confidence=(0.2, 0.9), changed=True, tag="t", search="x", sort="loss"
    )
    assert filter_of(view) == Filter("wrong", 1, -1, (0.2, 0.9), True, "t", "x")
    assert filter_of(View()) == Filter()
