"""The shared pickers: what is pinned stays, what follows follows."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from dashboard.catalogue.runs import Catalogue
from dashboard.screens.controls.epoch_control import checked
from dashboard.sql import predictions
from dashboard.sql.filter import Filter
from logger import Run, schema
from tests.pages import epoch_control, open_page

pytestmark = pytest.mark.slow


def test_a_pinned_epoch_stays_and_latest_follows(
    tmp_path: Path, train_digits: Callable[..., Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    run = train_digits(tmp_path, "live", epochs=2)
    pinned = open_page(monkeypatch, tmp_path, "confusion", run="live", epoch="2")
    latest = open_page(monkeypatch, tmp_path, "confusion", run="live")
    shutil.copy(run / schema.predictions_file("val", 1), run / schema.predictions_file("val", 2))
    for at, epoch in ((pinned, 1), (latest, None)):
        given = epoch_control(at.run())
        assert given and given["pinned"] == epoch and given["epochs"] == [0, 1, 2]
        assert given["accuracy"][1] == given["accuracy"][2] != given["accuracy"][0]


def test_the_newest_run_of_the_first_look_stays_when_a_newer_one_comes(
    tmp_path: Path, digits_runs: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.copytree(digits_runs / "linear", tmp_path / "linear")
    at = open_page(monkeypatch, tmp_path, "confusion")
    Run(tmp_path, "newer").finish()
    assert at.run().selectbox(key="w_run").value == "linear"
    assert at.selectbox(key="w_run").options == ["newer", "linear"]


def test_another_run_keeps_the_epoch_it_has(digits_runs: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    at = open_page(monkeypatch, digits_runs, "confusion", run="linear", epoch="2")
    at.selectbox(key="w_run").set_value("linear-fast").run()
    assert at.query_params == {"run": "linear-fast", "epoch": "2"}
    given = epoch_control(at)
    assert given and given["subject"] == "linear-fast/val" and given["pinned"] == 1


def test_the_curve_of_the_epochs_is_the_accuracy_of_the_log(digits_runs: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    given = epoch_control(open_page(monkeypatch, digits_runs, "gallery", run="linear"))
    run = Catalogue(digits_runs).get("linear")
    assert given and run
    correct = [predictions.count_filtered(run, "val", epoch, Filter("correct")) for epoch in given["epochs"]]
    assert given["accuracy"] == [n / 597 for n in correct]


def test_an_epoch_from_a_browser_is_checked() -> None:
    assert checked({"epoch": 2}, (0, 2)) == {"epoch": 2}
    assert checked({"epoch": None}, (0, 2)) == {"epoch": None}
    for nonsense in ({}, {"epoch": 1}, {"epoch": "2"}, {"epoch": False}, {"epoch": [2]}, {"epoch": 2.0}):
        assert checked(nonsense, (0, 2)) == {}


def test_two_runs_of_the_same_name_are_listed_with_their_ids(
    tmp_path: Path, digits_runs: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("one", "two"):
        shutil.copytree(digits_runs / "linear", tmp_path / name)
    options = open_page(monkeypatch, tmp_path, "confusion").selectbox(key="w_run").options
    assert sorted(options) == ["linear · one", "linear · two"]


def test_a_run_in_its_first_epoch_has_no_epoch_to_pick(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    run = Run(tmp_path, "young", epochs=3)
    at = open_page(monkeypatch, tmp_path, "confusion")
    assert epoch_control(at) is None
    assert "first epoch" in "".join(m.value for m in at.markdown)
    run.finish()
    assert "No predictions" in "".join(m.value for m in open_page(monkeypatch, tmp_path, "confusion").markdown)
