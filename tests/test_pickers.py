"""The shared pickers: what is pinned stays, what follows follows."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from logger import Run, schema
from tests.pages import open_page

pytestmark = pytest.mark.slow


def test_a_pinned_epoch_stays_and_latest_follows(
    tmp_path: Path, train_digits: Callable[..., Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    run = train_digits(tmp_path, "live", epochs=2)
    pinned = open_page(monkeypatch, tmp_path, "confusion", run="live", epoch="2")
    latest = open_page(monkeypatch, tmp_path, "confusion", run="live")
    shutil.copy(run / schema.predictions_file("val", 1), run / schema.predictions_file("val", 2))
    assert pinned.run().select_slider(key="w_epoch").value == 1
    assert latest.run().select_slider(key="w_epoch").value == -1
    assert latest.select_slider(key="w_epoch").options == ["1", "2", "3", "latest"]
    assert latest.select_slider(key="w_epoch").label == "Epoch 3 of 3"


def test_the_newest_run_of_the_first_look_stays_when_a_newer_one_comes(
    tmp_path: Path, digits_runs: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.copytree(digits_runs / "linear", tmp_path / "linear")
    at = open_page(monkeypatch, tmp_path, "confusion")
    Run(tmp_path, "newer").finish()
    assert at.run().selectbox(key="w_run").value == "linear"
    assert at.selectbox(key="w_run").options == ["newer", "linear"]


def test_epochs_are_shown_from_one_and_another_run_keeps_the_epoch_it_has(
    digits_runs: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    at = open_page(monkeypatch, digits_runs, "confusion", run="linear")
    assert at.select_slider(key="w_epoch").options == ["1", "2", "3", "4", "latest"]
    at.select_slider(key="w_epoch").set_value(1).run()
    at.selectbox(key="w_run").set_value("linear-fast").run()
    assert at.query_params == {"run": "linear-fast", "epoch": "2"}


def test_two_runs_of_one_name_are_told_apart(
    tmp_path: Path, digits_runs: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("one", "two"):
        shutil.copytree(digits_runs / "linear", tmp_path / name)
    options = open_page(monkeypatch, tmp_path, "confusion").selectbox(key="w_run").options
    assert sorted(options) == ["linear · one", "linear · two"]


def test_a_run_in_its_first_epoch_has_no_epoch_to_pick(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    run = Run(tmp_path, "young", epochs=3)
    at = open_page(monkeypatch, tmp_path, "confusion")
    assert not at.select_slider
    assert "first epoch" in "".join(m.value for m in at.markdown)
    run.finish()
    assert "No predictions" in "".join(m.value for m in open_page(monkeypatch, tmp_path, "confusion").markdown)
