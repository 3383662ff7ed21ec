"""One rule for "most confused", and the same pair on every page."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from dashboard.analysis.most_confused import first_pair, first_pair_by_epoch, most_confused
from logger import Run
from tests.pages import open_page

Row = tuple[float | None, int, int]


def cells(*rows: Row) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=["label", "predicted", "count"])


@pytest.mark.parametrize(
    ("rows", "pair"),
    [
        ([(0, 1, 2), (1, 0, 3)], (1, 0, 3)),
        ([(2, 0, 3), (1, 2, 3), (1, 0, 3)], (1, 0, 3)),
        ([(0, 2, 3), (0, 1, 3)], (0, 1, 3)),
        ([(0, 0, 9), (0, 1, 1)], (0, 1, 1)),
        ([(None, 1, 9), (0, 1, 1)], (0, 1, 1)),
        ([(0, -1, 9), (0, 1, 1)], (0, 1, 1)),
        ([(17, 1, 2), (0, 1, 1)], (17, 1, 2)),
        ([(0, 0, 9), (0, -1, 3), (None, 0, 4)], None),
        ([], None),
    ],
)
def test_most_samples_first_then_the_lower_label_then_the_lower_predicted_class(
    rows: list[Row], pair: tuple[int, int, int] | None
) -> None:
    expected = pair and dict(zip(("label", "predicted", "samples"), pair, strict=True))
    assert first_pair(most_confused(cells(*rows))) == expected
    at_epoch = cells(*rows).assign(epoch=5)
    assert first_pair_by_epoch(at_epoch) == ({5: expected} if expected else {})


def test_each_epoch_has_its_own_pair() -> None:
    table = cells((0, 1, 2), (1, 0, 2), (0, 1, 1), (1, 0, 4), (0, 0, 3)).assign(epoch=[0, 0, 1, 1, 2])
    assert first_pair_by_epoch(table) == {
        0: {"label": 0, "predicted": 1, "samples": 2},
        1: {"label": 1, "predicted": 0, "samples": 4},
    }


def log_ties(runs: Path) -> None:
    """Four classes; of the last epoch 3 → 1, 2 → 3 and 2 → 0 have two samples each, and 1 of 2 of class 3 is wrong."""
    labels = [0, 0, 0, 1, 1, 2, 2, 2, 2, 2, 2, 3, 3, 3, 3]
    predicted = [0, 0, 0, 1, 1, 3, 0, 3, 0, 2, 2, 1, 1, 3, 3]
    images = np.zeros((len(labels), 4, 4), np.uint8)
    with Run(runs, "ties", ["a", "b", "c", "d"]) as run:
        run.log_predictions(0, images, probabilities=np.eye(4)[[1] * len(labels)], labels=labels)
        run.log_predictions(1, images, probabilities=np.eye(4)[predicted], labels=labels)


def payload(monkeypatch: pytest.MonkeyPatch, runs: Path, page: str, component: str) -> dict[str, Any]:
    at = open_page(monkeypatch, runs, page)
    [found] = [c for c in at.get("bidi_component") if c.proto.component_name == component]
    data: dict[str, Any] = json.loads(found.proto.json)
    return data


@pytest.mark.slow
def test_all_pages_name_the_same_pair_when_several_have_as_many_samples(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    log_ties(tmp_path)
    expected = {"label": 2, "predicted": 0, "samples": 2}
    assert payload(monkeypatch, tmp_path, "runs", "proofsheet_headline")["totals"][-1]["confused"] == expected
    assert payload(monkeypatch, tmp_path, "gallery", "proofsheet_gallery")["totals"][-1]["confused"] == expected
    confusion = payload(monkeypatch, tmp_path, "confusion", "proofsheet_confusion")
    assert confusion["totals"][-1]["confused"] == confusion["now"]["summary"]["confused"] == expected
    pairs = [(pair["label"], pair["predicted"], pair["count"]) for pair in confusion["now"]["pairs"]]
    assert pairs == [(2, 0, 2), (2, 3, 2), (3, 1, 2)]
