"""The Confusion page as a script: what its component is given, and what stands there without one."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from dashboard.catalogue.runs import Catalogue
from dashboard.screens.confusion.component import FIELDS, checked
from dashboard.view.component_state import read_fields
from dashboard.view.palette import LIGHT
from dashboard.web.routes import ROUTES
from logger import Run
from tests.pages import open_page, words

pytestmark = pytest.mark.slow


def given(at: AppTest) -> dict[str, Any]:
    """The data of the page's component."""
    [component] = matrices(at)
    data: dict[str, Any] = json.loads(component.proto.json)
    return data


def matrices(at: AppTest) -> list[Any]:
    """The page's components that draw a matrix."""
    return [c for c in at.get("bidi_component") if c.proto.component_name == "proofsheet_confusion"]


def test_it_shows_the_latest_epoch_of_the_newest_run(digits_runs: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    data = given(open_page(monkeypatch, digits_runs, "confusion"))
    assert data["subject"] == "linear-fast/val"
    assert data["now"]["epoch"] == 3 and data["play"]["epochs"] == [0, 1, 2, 3]
    assert sum(data["now"]["count"]) == data["now"]["summary"]["labelled"] == 597
    assert data["link"] == {"page": "gallery", "query": {"run": "linear-fast", "split": "val"}}


@pytest.mark.parametrize(
    ("query", "view"),
    [
        ({}, {}),
        (
            {"normalize": "label", "diagonal": "0"},
            {"normalize": "label", "diagonal": "0"},
        ),
        (
            {"order": "cluster", "normalize": "what"},
            {"order": "cluster"},
        ),
    ],
)
def test_the_link_decides_the_view(
    query: dict[str, str], view: dict[str, Any], digits_runs: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    at = open_page(monkeypatch, digits_runs, "confusion", **query)
    assert given(at)["view"] == view
    assert bool(at.warning) == (query.get("normalize") == "what")


def test_a_compared_epoch_comes_with_both_counts(digits_runs: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    data = given(open_page(monkeypatch, digits_runs, "confusion", run="linear", epoch="4", compare_epoch="1"))
    assert sum(data["now"]["before"]) == sum(data["now"]["count"]) == 597
    assert data["compare"]["text"] == "epoch 1"
    assert [r["id"] for r in data["compare"]["runs"]] == ["linear", "linear-fast"]


def test_a_compared_run_without_an_epoch_is_shown_at_its_latest(
    digits_runs: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    at = open_page(monkeypatch, digits_runs, "confusion", run="linear", compare_run="linear-fast")
    assert given(at)["compare"]["text"] == "linear-fast, epoch 4"
    assert not at.info


def test_a_comparison_of_different_class_names_has_a_caveat(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, classes in (("one", ["a", "b"]), ("two", ["b", "a"])):
        with Run(tmp_path, name, classes) as run:
            run.log_predictions(0, np.zeros((2, 4, 4), np.uint8), probabilities=np.eye(2), labels=[0, 0])
    at = open_page(monkeypatch, tmp_path, "confusion", run="one", compare_run="two")
    assert "a different order" in words(at)
    cells = given(at)["now"]
    before = {(t, p): n for t, p, n in zip(cells["label"], cells["predicted"], cells["before"], strict=True) if n}
    assert before == {(1, 1): 1, (1, 0): 1}


def test_an_impossible_comparison_is_reported(
    digits_runs: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    at = open_page(monkeypatch, digits_runs, "confusion", run="linear", compare_epoch="44")
    assert "has no epoch 44" in at.info[0].value and given(at)["compare"]["text"] == "epoch 4"
    for name, split, n in (("one", "val", 3), ("two", "train", 3), ("few", "val", 2)):
        with Run(tmp_path, name, ["a", "b", "c"]) as run:
            run.log_predictions(
                0, np.zeros((n, 4, 4), np.uint8), probabilities=np.eye(3)[:n], labels=[0] * n, split=split
            )
    at = open_page(monkeypatch, tmp_path, "confusion", run="one", compare_run="two")
    assert "has no predictions of val" in at.info[0].value and given(at)["now"]["before"] is None
    at = open_page(monkeypatch, tmp_path, "confusion", run="one", compare_run="few")
    assert "3 labelled samples here, 2 there" in at.info[0].value.replace("\\", "")


def test_a_split_without_labels_has_nothing_to_check_against(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with Run(tmp_path, "serving", ["a", "b"]) as run:
        run.log_predictions(0, np.zeros((2, 4, 4), np.uint8), probabilities=np.eye(2), split="production")
    at = open_page(monkeypatch, tmp_path, "confusion")
    assert "Nothing to check against" in words(at) and not matrices(at)


def test_class_names_reach_the_component_as_they_are(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    names = ["<img src=x onerror=alert(1)>", "![t](http://host/x.png)"]
    with Run(tmp_path, "hostile", names) as run:
        run.log_predictions(0, np.zeros((2, 4, 4), np.uint8), probabilities=np.eye(2), labels=[0, 0])
    at = open_page(monkeypatch, tmp_path, "confusion")
    assert given(at)["now"]["names"] == names
    assert not any(name in words(at) for name in names)


@pytest.mark.parametrize(
    ("sent", "changed"),
    [
        ({"normalize": "label", "diagonal": "0"}, {"normalize": "label", "diagonal": False}),
        ({"normalize": "", "diagonal": "", "order": ""}, {"normalize": "counts", "diagonal": True, "order": "index"}),
        ({"normalize": ["label"], "diagonal": 0, "order": "best"}, {}),
        ({"epoch": "3"}, {"epoch": 2}),
        ({"epoch": ""}, {"epoch": None}),
        ({"epoch": "10"}, {}),
        ({"epoch": True}, {}),
        ({"epoch": 2}, {}),
        ({"compare_run": "", "compare_epoch": "2"}, {"compare_run": None, "compare_epoch": 1}),
        (
            {"compare_run": "linear-fast", "compare_epoch": "1"},
            {"compare_run": "linear-fast", "compare_epoch": 0},
        ),
        ({"compare_run": "", "compare_epoch": ""}, {"compare_run": None, "compare_epoch": None}),
        ({"compare_run": "../linear", "compare_epoch": "1"}, {}),
        ({"compare_run": "linear-fast", "compare_epoch": "99"}, {}),
        ({"compare_run": {"a": 1}, "compare_epoch": [1]}, {}),
        ({"run": "linear-fast", "search": "x"}, {}),
    ],
)
def test_a_browser_can_change_only_what_there_is(
    sent: dict[str, Any], changed: dict[str, Any], digits_runs: Path
) -> None:
    catalogue = Catalogue(digits_runs)
    run = catalogue.get("linear")
    assert run is not None
    assert checked(read_fields(sent, FIELDS), catalogue.runs(), run, "val") == changed


def test_the_colours_come_from_the_palette(digits_runs: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert given(open_page(monkeypatch, digits_runs, "confusion"))["palette"] == LIGHT.as_dict()


def test_play_reads_the_same_numbers_over_http(digits_runs: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from starlette.applications import Starlette
    from starlette.testclient import TestClient

    query = {"run": "linear", "epoch": "2", "compare_epoch": "1"}
    data = given(open_page(monkeypatch, digits_runs, "confusion", **query))
    client = TestClient(Starlette(routes=ROUTES))
    response = client.get("/" + data["play"]["url"].replace("{epoch}", "1"))
    assert response.json() == data["now"]
    again = client.get(
        "/" + data["play"]["url"].replace("{epoch}", "1"), headers={"If-None-Match": response.headers["etag"]}
    )
    assert again.status_code == 304
    for wrong in (
        "epochs/77/confusion",
        "epochs/x/confusion",
        "epochs/1/confusion?compare_run=no&compare_epoch=0",
    ):
        assert client.get(f"/data/runs/linear/val/{wrong}").status_code in (400, 404)
