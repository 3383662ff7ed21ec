"""The details of one sample."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from dashboard.catalogue.runs import Catalogue, Run
from dashboard.reports import sample_details
from logger import Run as Logged


def logged(folder: Path, probabilities: np.ndarray, label: int) -> Run:
    with Logged(folder, "one") as run:
        images = np.zeros((len(probabilities), 2, 2, 1), np.uint8)
        labels = np.full(len(probabilities), label)
        run.log_predictions(0, images, probabilities=probabilities, labels=labels, split="val")
    found = Catalogue(folder).get("one")
    assert found is not None
    return found


def test_with_few_classes_all_probabilities_are_listed_in_descending_order(tmp_path: Path) -> None:
    found = sample_details.sample(logged(tmp_path, np.array([[0.25, 0.75]]), 0), "val", 0, 0)
    assert found and found["outcome"]["probabilities"] == [(1, 0.75), (0, 0.25)]
    assert found["outcome"]["unstored"] == 0


def test_with_many_classes_the_highest_and_the_label_are_listed(tmp_path: Path) -> None:
    p = np.full((1, 200), 0.001)
    p[0, :10] = np.linspace(0.09, 0.07, 10)
    p[0, 150] = 0.0105
    p /= p.sum()
    found = sample_details.sample(logged(tmp_path, p, 150), "val", 0, 0)
    assert found is not None
    pairs = found["outcome"]["probabilities"]
    assert [k for k, _ in pairs] == [*range(10), 150]
    assert pairs[-1][1] == pytest.approx(p[0, 150], rel=1e-4)
    assert found["outcome"]["unstored"] == 189


def test_a_label_among_the_highest_is_listed_once(tmp_path: Path) -> None:
    p = np.full((1, 200), 0.004)
    p[0, 7] = 0.204
    found = sample_details.sample(logged(tmp_path, p, 7), "val", 0, 0)
    assert found is not None
    assert [k for k, _ in found["outcome"]["probabilities"]].count(7) == 1
    assert found["outcome"]["unstored"] == 190
