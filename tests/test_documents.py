"""Small files of a run, read strictly: one bad value costs that value, is named, and the rest is shown."""

from __future__ import annotations

import json
import math
import os
import threading
from contextlib import nullcontext
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from dashboard.catalogue.annotations import NotSaved, annotations_of
from dashboard.catalogue.documents import read_metrics, read_run, read_status
from dashboard.catalogue.metrics_file import MetricsFile
from dashboard.catalogue.runs import Catalogue
from dashboard.sql import samples
from dashboard.sql.epochs import history
from logger import Run, schema

GOOD = {"format": 1, "name": "a", "created": 5.0, "class_names": ["x", "y"], "classes": 2, "config": {"lr": 0.1}}


@pytest.mark.parametrize(
    ("field", "value", "default"),
    [
        ("created", math.nan, 0.0),
        ("created", 1e300, 0.0),
        ("created", "yesterday", 0.0),
        ("classes", 1_000_000_000, None),
        ("classes", -3, None),
        ("classes", True, None),
        ("class_names", ["x", 5], None),
        ("class_names", "xy", None),
        ("class_names", ["x"] * 100_001, None),
        ("config", [], {}),
        ("notes", [1], []),
        ("name", 7, ""),
        ("splits", [], {}),
        ("splits", {"val": 3}, {}),
        ("task", None, "classification"),
    ],
    ids=str,
)
def test_one_bad_value_of_run_json_costs_that_value(field: str, value: Any, default: Any) -> None:
    info, [problem] = read_run(json.dumps({**GOOD, field: value}))
    assert f"`{field}" in problem and schema.RUN_FILE in problem
    assert getattr(info, field) == default
    for other in GOOD.keys() - {field, "format"}:
        assert getattr(info, other) == GOOD[other]


def test_a_bad_value_of_a_split_costs_that_value() -> None:
    given = {"samples": 4, "cell": 0, "columns": 12, "fingerprint": "none", "unknown": 1}
    info, problems = read_run(json.dumps({**GOOD, "splits": {"val": given, "other": 3}}))
    assert info.splits["val"] == schema.SplitInfo(samples=4, columns=12)
    assert [problem.split("`")[1] for problem in problems] == ["splits.val.cell", "splits.val.fingerprint"]


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("cost", "much"),
        ("cost", {"blocked": "x"}),
        ("cost", {"blocked": math.nan, "writing": 1}),
        ("heartbeat", math.inf),
        ("errors", {"a": 1}),
        ("epoch", 1.5),
    ],
)
def test_one_bad_value_of_status_json_costs_that_value(field: str, value: Any) -> None:
    status, [problem] = read_status(json.dumps({"state": "finished", field: value}))
    assert status.state == "finished" and getattr(status, field) == getattr(schema.Status(), field)
    assert f"`{field}`" in problem


def test_an_integer_of_thousands_of_digits_costs_that_value() -> None:
    info, problems = read_run(f'{{"name": "a", "classes": {"9" * 5000}, "config": {{"seed": {"9" * 5000}}}}}')
    assert (info.name, info.classes, info.config) == ("a", None, {"seed": "9" * 20 + "…"})
    assert len(problems) == 1 and "`classes` must be a whole number or null, got" in problems[0]


def test_a_problem_says_what_was_expected() -> None:
    _, problems = read_status('{"epochs": -5, "cost": {"blocked": null}, "errors": "no"}')
    assert problems == [
        "status.json: `epochs` must be a whole number from 0 to 2,147,483,647 or null, got -5; it is left out.",
        "status.json: `cost` must be an object of numbers from 0 to 100,000,000,000, got "
        '{"blocked": null}; it is left out.',
        'status.json: `errors` must be a list of texts, got "no"; it is left out.',
    ]


def test_half_a_surrogate_pair_becomes_the_replacement_character() -> None:
    info, problems = read_run('{"name": "a\\ud800", "config": {"\\udfff": ["\\ud83d\\ude00"]}}')
    assert (info.name, info.config, problems) == ("a\ufffd", {"\ufffd": ["\U0001f600"]}, [])


def test_deep_nesting_is_a_sentence() -> None:
    for read in (read_run, read_status, read_metrics):
        with pytest.raises(schema.FormatError):
            read('{"values": ' + "[" * 3000 + "]" * 3000 + "}")
        with pytest.raises(schema.FormatError, match=r"nested|JSON|object|Upgrade"):
            read("[" * 100_000)


BAD_LINES = [
    '{"epoch": 1e99, "values": {"loss": 1}}',
    '{"epoch": Infinity, "values": {"loss": 1}}',
    f'{{"epoch": {2**63}, "values": {{"loss": 1}}}}',
    '{"epoch": "three", "values": {"loss": 1}}',
    '{"epoch": 1, "values": [1]}',
    '{"epoch": 1, "values": ' + '{"a":' * 3000 + "1" + "}" * 3001,
    "null",
    "{",
]
ODD_LINES = [
    f'{{"epoch": 1, "values": {{"loss": 1, "huge": {10**400}, "vast": {"9" * 5000}}}}}',
    '{"epoch": 1, "values": {"loss": 1, "text": "2", "flag": true, "list": [1]}}',
    '{"epoch": 1, "time": "now", "values": {"loss": 1, "gone": null}, "nonfinite": [1]}',
    '{"epoch": 1, "time": 1e300, "values": {"loss": 1, "odd": null}, "nonfinite": {"odd": "much"}}',
    '{"epoch": 1e99, "step": 7, "time": 5, "values": {"loss": 1}}',
    '{"epoch": 2.0, "values": {"loss": 1, "\\ud800": 1}}',
]


def test_bad_lines_are_counted_and_later_lines_are_read(tmp_path: Path) -> None:
    last = schema.MetricsLine({"loss": 0.5}, 0.0, 9).encode()
    text = "".join(f"{line}\n" for line in [*BAD_LINES, *ODD_LINES]) + last
    (tmp_path / schema.METRICS_FILE).write_text(text)
    file = MetricsFile(tmp_path)
    frame = file.frame()
    assert file.damaged == len(BAD_LINES) and file.damaged_values == 2 + 3 + 1 + 2 + 1
    loss = frame[frame["name"] == "loss"]
    assert loss["epoch"].fillna(-1).tolist() == [1, 1, 1, 1, -1, 2, 9]
    assert loss["value"].tolist() == [1, 1, 1, 1, 1, 1, 0.5] and loss["step"].tolist()[4] == 7
    assert loss["time"].isna().tolist() == [True, True, True, True, False, True, False]
    assert "\ufffd" in frame["name"].tolist()
    assert math.isnan(frame[frame["name"] == "gone"]["value"].item())


FILES = [
    *(schema.RUN_FILE, schema.STATUS_FILE, schema.METRICS_FILE, schema.ANNOTATIONS_FILE),
    *(schema.samples_file("val", 0), schema.predictions_file("val", 0)),
]


@pytest.mark.parametrize("name", FILES)
@pytest.mark.parametrize("kind", ["pipe", "folder"])
def test_what_is_not_a_regular_file_is_a_problem_and_never_blocks(tmp_path: Path, name: str, kind: str) -> None:
    with Run(tmp_path, "a") as run:
        run.log_metrics(0, {"loss": 1})
        run.log_predictions(0, np.zeros((2, 4, 4)), probabilities=np.eye(2), labels=[0, 1])
    (run.path / name).unlink(missing_ok=True)
    os.mkfifo(run.path / name) if kind == "pipe" else (run.path / name).mkdir()
    found: list[str] = []

    def read_everything() -> None:
        catalogue = Catalogue(tmp_path)
        [seen] = catalogue.runs()
        annotations = annotations_of(seen)
        assert annotations.tagged() == [] and len(history(seen, "val", 0)) == len(seen.epochs)
        assert len(samples.tiles(seen, "val")) == 2 * len(seen.samples)
        with pytest.raises(NotSaved) if name == schema.ANNOTATIONS_FILE else nullcontext():
            annotations.tag(["0" * 32] * 3, "x" * 40)
        found.extend(filter(None, (*seen.problems, catalogue.read_metrics(seen).attrs["problem"], annotations.problem)))

    thread = threading.Thread(target=read_everything, daemon=True)
    thread.start()
    thread.join(20)
    assert not thread.is_alive(), "waiting for the pipe"
    assert [name in problem for problem in found] == [True]
