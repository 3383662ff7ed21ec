"""The Gallery page as a script: the data of its component."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from dashboard import shared_state
from dashboard.catalogue.annotations import annotations_of
from dashboard.catalogue.runs import catalogue
from dashboard.screens.gallery.component import sheet_versions
from dashboard.settings import READ_ONLY_ENV, RUNS_ENV
from tests.conftest import ROOT
from tests.odd_run import EPOCHS, SAMPLES, log_odd_run

pytestmark = pytest.mark.slow


@pytest.fixture
def runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    log_odd_run(tmp_path)
    monkeypatch.setenv(RUNS_ENV, str(tmp_path))
    monkeypatch.setattr("sys.argv", ["app.py"])
    shared_state.forget()
    return tmp_path


def opened(**query: str) -> AppTest:
    """The page under a link."""
    app = AppTest.from_file(str(ROOT / "dashboard" / "main.py"), default_timeout=30)
    for name, value in query.items():
        app.query_params[name] = value
    app.run()
    app.switch_page(str(ROOT / "pages" / "gallery.py")).run()
    assert not app.exception
    return app


def given(app: AppTest) -> dict[str, Any]:
    components = {c.proto.component_name: c.proto.json for c in app.get("bidi_component")}
    found: dict[str, Any] = json.loads(components["proofsheet_gallery"])
    return found


def test_the_component_receives_its_urls_and_class_names(runs: Path) -> None:
    data = given(opened(run="odd"))
    assert data["base"] == "data/runs/odd/val"
    assert data["classes"] == ["cat", "dog", "a/b <i>", "fox"]
    assert [epoch for epoch, _ in data["epochs"]] == list(EPOCHS)
    assert data["epoch"] == EPOCHS[-1]
    assert set(data["sheets"]) == {"0"}
    assert data["layout"]["exact"] is True


def test_tags_come_with_a_version_that_a_new_tag_changes(runs: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = given(opened(run="odd"))
    annotations_of(catalogue().runs()[0]).tag(["0" * 32], "x")
    monkeypatch.setenv(READ_ONLY_ENV, "1")
    after = given(opened(run="odd", tag="x"))
    assert before["tags"] != after["tags"] and before["epochs"] == after["epochs"]
    assert before["readOnly"] is None and READ_ONLY_ENV in after["readOnly"]
    assert after["view"]["tag"] == "x" and "tag" not in before["view"]


def test_totals_of_all_epochs_come_along(runs: Path) -> None:
    totals = given(opened(run="odd"))["totals"]
    assert [t["samples"] for t in totals] == [SAMPLES] * len(EPOCHS)
    for t in totals:
        assert t["low"] < t["accuracy"] < t["high"]
        assert t["correct"] + t["wrong"] + t["unlabelled"] + t["invalid"] == SAMPLES


def test_only_sheets_of_the_split_have_a_version(tmp_path: Path) -> None:
    (tmp_path / "sheets").mkdir()
    for name in ("val-00000.webp", "val-00012.webp", "train-00000.webp", "val-0.png", "notes.txt"):
        (tmp_path / "sheets" / name).write_bytes(b"x")
    assert set(sheet_versions(tmp_path, "val")) == {"0", "12"}
    assert sheet_versions(tmp_path / "nowhere", "val") == {}
