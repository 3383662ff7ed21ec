"""The headline of the Runs page: the data of its cards, and where they lead."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from dashboard.reports.run_table import Trend
from dashboard.screens.runs.headline import trend_data
from logger import Run, schema
from tests.pages import open_page, words


def headline(at: AppTest) -> dict[str, Any] | None:
    """The data of the page's cards; None without any."""
    found = [c for c in at.get("bidi_component") if c.proto.component_name == "proofsheet_headline"]
    assert len(found) < 2
    data: dict[str, Any] | None = json.loads(found[0].proto.json) if found else None
    return data


@pytest.mark.parametrize(
    ("trend", "expected"),
    [
        (
            Trend("val_accuracy", (0.5, 0.75), (1, 0.75)),
            {"title": "Validation accuracy", "last": 0.75, "before": 0.5, "share": True, "lowerIsBetter": False},
        ),
        (
            Trend("loss", (0.5,), (0, 0.5)),
            {"title": "Loss", "last": 0.5, "before": None, "share": False, "lowerIsBetter": True},
        ),
        (
            Trend("val_loss", (0.5, math.nan), (0, 0.5)),
            {
                "title": "Validation loss",
                "last": "NaN",
                "before": 0.5,
                "values": [0.5],
                "best": {"epoch": 0, "value": 0.5},
            },
        ),
        (Trend("val_accuracy", (93.1, 95.0), (1, 95.0)), {"share": False, "last": 95.0}),
        (Trend("loss", (math.inf, math.inf), None), {"last": "Infinity", "values": [], "best": None}),
    ],
)
def test_a_trend_says_how_its_values_are_to_be_read(trend: Trend, expected: dict[str, Any]) -> None:
    data = trend_data(trend)
    assert {name: data[name] for name in expected} == expected


@pytest.mark.slow
def test_the_cards_count_the_images_that_they_lead_to(digits_runs: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    at = open_page(monkeypatch, digits_runs, run="linear", split="train", epoch="1")
    data = headline(at)
    assert data is not None
    assert [trend["title"] for trend in data["trends"]] == ["Validation accuracy", "Validation loss"]
    assert data["link"] == {"page": "gallery", "query": {"run": "linear", "split": "val"}}
    last = data["totals"][-1]
    row = at.dataframe[0].value.set_index("run").loc["linear"]
    assert last["wrong"] == round((1 - row["accuracy"]) * 597) and last["labelled"] == 597
    assert data["trends"][0]["last"] == row["accuracy"] == pytest.approx(last["accuracy"])


@pytest.mark.slow
def test_a_latest_epoch_that_cannot_be_read_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with Run(tmp_path, "cut", ["a", "b"]) as run:
        for epoch in range(2):
            run.log_predictions(epoch, np.zeros((2, 4, 4), np.uint8), probabilities=np.eye(2), labels=[0, 1])
    files = [run.path / schema.predictions_file("val", epoch) for epoch in range(2)]
    files[1].write_bytes(files[1].read_bytes()[:200])
    at = open_page(monkeypatch, tmp_path)
    data = headline(at)
    assert data and [total["epoch"] for total in data["totals"]] == [0]
    assert "Epoch 2 cannot be read. The counts of images are of epoch 1." in words(at)
    files[0].write_bytes(b"")
    assert "No epoch of val can be read." in words(open_page(monkeypatch, tmp_path))
