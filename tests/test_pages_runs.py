"""The Runs page: each run, and what is missing."""

from __future__ import annotations

import json
import time
from pathlib import Path
from zlib import crc32

import pytest

from dashboard.catalogue.runs import Catalogue
from dashboard.reports import run_table
from logger import Run, schema
from tests.pages import open_page, words
from tests.test_headline import headline

pytestmark = pytest.mark.slow


def test_a_missing_folder_is_reported_with_the_code_that_logs_a_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    at = open_page(monkeypatch, tmp_path / "none")
    assert "does not exist yet" in words(at)
    assert "callbacks=[RunLogger(" in words(at) and "with Run(" in words(at)


def test_an_empty_folder_is_reported(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert "holds no run yet" in words(open_page(monkeypatch, tmp_path))


def test_a_run_given_as_the_folder_of_runs_is_recognised(digits_runs: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert "is a run itself" in words(open_page(monkeypatch, digits_runs / "linear"))


def test_real_runs_stand_in_the_table_with_their_numbers(digits_runs: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    at = open_page(monkeypatch, digits_runs)
    table = at.dataframe[0].value
    assert set(table["run"]) == {"linear", "linear-fast"}
    assert table["state"].tolist() == ["✓ finished"] * 2 and table["epochs"].tolist() == ["4 of 4"] * 2
    assert (table["best accuracy"] >= table["accuracy"]).all() and table["images"].tolist() == [897, 897]
    assert table["curve"].map(len).tolist() == [4, 4]
    shown = headline(at)
    assert shown and [trend["title"] for trend in shown["trends"]] == ["Validation accuracy", "Validation loss"]
    assert shown["totals"][-1]["confused"]


def test_chosen_runs_in_the_link_are_compared(digits_runs: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    at = open_page(monkeypatch, digits_runs, runs=["linear", "linear-fast"])
    settings = at.dataframe[1].value
    assert settings.columns.tolist() == ["setting", "linear-fast", "linear"]
    assert settings.values.tolist() == [["rate", "0.1", "0.01"]]
    at.toggle(key="all_settings").set_value(True).run()
    assert at.dataframe[1].value["setting"].tolist() == ["rate", "model"]


def test_a_row_that_is_chosen_goes_into_the_link(digits_runs: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    at = open_page(monkeypatch, digits_runs)
    first = str(at.dataframe[0].value["run"][0])
    ids = at.dataframe[0].value["run"].tolist()
    at.session_state[f"table_1_{crc32(repr(ids).encode())}"] = {"selection": {"rows": [0], "columns": [], "cells": []}}
    at.run()
    assert at.query_params == {"run": first, "runs": first}


def test_the_table_can_be_searched_and_counts_what_is_left(digits_runs: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    at = open_page(monkeypatch, digits_runs)
    at.text_input(key="w_find").set_value("FAST").run()
    assert at.dataframe[0].value["run"].tolist() == ["linear-fast"]
    assert "1 of 2 runs" in words(at) and at.query_params == {"find": "FAST"}


def test_a_link_to_a_missing_run_shows_the_newest_with_a_warning(
    digits_runs: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    at = open_page(monkeypatch, digits_runs, run="gone", epoch="x", foo="1")
    assert [w.value.replace("\\", "") for w in at.warning] == [
        "Part of the link was ignored: 'foo' is not known to this version.",
        "Part of the link was ignored: 'epoch' must be a whole number from 1, got 'x'.",
        "Part of the link was ignored: run 'gone' is not in this folder, so the newest is shown.",
    ]
    assert headline(at)


def test_problems_are_shown_and_names_are_never_markup(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    evil = "![t](http://evil.example/x.png) <b>"
    with pytest.raises(RuntimeError), Run(tmp_path, evil, config={evil: evil}) as run:
        run.log_metrics(0, {"val_loss": float("nan"), "val_accuracy": 0.5})
        raise RuntimeError("out of memory " + evil)
    with open(run.path / schema.METRICS_FILE, "a") as file:
        file.write("{broken\n")
    at = open_page(monkeypatch, tmp_path, runs=run.path.name)
    text = words(at)
    assert at.dataframe[0].value["state"].tolist() == ["✕ failed"]
    assert at.dataframe[0].value["problems"].tolist() == ["3"]
    shown = headline(at)
    assert shown and shown["trends"][1]["last"] == "NaN"
    assert "out of memory" in text and "loss is NaN" in text.replace("\\", "") and "1 damaged line" in text
    assert "![t](" not in text and "<b>" not in text and "\\!\\[t" in text


def test_a_run_in_its_first_epoch_is_waited_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    run = Run(tmp_path, "young", epochs=5)
    at = open_page(monkeypatch, tmp_path)
    assert at.dataframe[0].value["state"].tolist() == ["● running"]
    assert "when the first epoch ends" in words(at)
    run.finish()


def test_numbers_and_texts_that_json_cannot_hold_break_no_page(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with Run(tmp_path, "a") as run:
        run.log_metrics(0, {"loss": 1.0})
    values = {"format": 1, "name": "\\ud800", "config": {"\\udfff": [float("nan"), float("inf")], "x": float("nan")}}
    (run.path / schema.RUN_FILE).write_text(json.dumps(values).replace("\\\\", "\\"))
    status = json.loads((run.path / schema.STATUS_FILE).read_text())
    (run.path / schema.STATUS_FILE).write_text(json.dumps({**status, "epoch": 0, "cost": {"blocked": float("nan")}}))
    with open(run.path / schema.METRICS_FILE, "a") as file:
        file.write('{"epoch": 1, "values": {"loss": 0.5, "\\ud800": 1}}\n')
    at = open_page(monkeypatch, tmp_path, runs=run.path.name)
    assert at.dataframe[1].value["setting"].tolist() == ["\ufffd", "x"]
    assert "status.json: `cost`" in words(at).replace("\\", "")
    open_page(monkeypatch, tmp_path, "metrics", x="time")


def test_a_foreign_folder_of_damaged_runs_is_shown_as_far_as_it_goes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, text in (("a", "{"), ("b", "[]"), ("c", '{"format": 99}')):
        (tmp_path / name).mkdir()
        (tmp_path / name / schema.RUN_FILE).write_text(text)
    at = open_page(monkeypatch, tmp_path, runs=["a", "c"])
    assert sorted(at.dataframe[0].value["run"]) == ["a", "b", "c"]
    assert "Upgrade Proofsheet" in words(at).replace("\\", "")


def test_a_run_without_heartbeat_shows_since_when(tmp_path: Path) -> None:
    Run(tmp_path, "cut").finish()
    status = schema.Status(state="running", heartbeat=time.time() - 7200)
    (tmp_path / "cut" / schema.STATUS_FILE).write_text(status.encode())
    (run,) = Catalogue(tmp_path).runs()
    assert run_table.state_words(run, time.time()).startswith("no heartbeat since ")


@pytest.mark.parametrize(
    ("status", "seconds", "words"),
    [
        (schema.Status(epoch=9, cost={"blocked": 0.1}), 2.0, "10 ms (0.50 %)"),
        (schema.Status(epoch=9, cost={"blocked": 0.1}), None, "10 ms"),
        (schema.Status(epoch=None, cost={"blocked": 0.1}), None, "–"),
        (schema.Status(epoch=9), 2.0, "–"),
    ],
)
def test_the_cost_of_the_logger_is_per_epoch(status: schema.Status, seconds: float | None, words: str) -> None:
    from dashboard.catalogue.runs import Run as Found

    run = Found("a", Path("a"), schema.RunInfo("a", 0.0), status)
    assert run_table.cost_words(run, seconds) == words
