"""Small files of a run, read strictly: one bad value costs that value, is named, and the rest is shown."""

from __future__ import annotations

import json
import math
import os
import threading
from pathlib import Path
from typing import Any

import pytest

from dashboard.catalogue.documents import read_metrics, read_run, read_status
from dashboard.catalogue.metrics_file import MetricsFile
from dashboard.catalogue.runs import Catalogue
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
    [("cost", "much"), ("cost", {"blocked": "x"}), ("heartbeat", math.inf), ("errors", {"a": 1}), ("epoch", 1.5)],
)
def test_one_bad_value_of_status_json_costs_that_value(field: str, value: Any) -> None:
    status, [problem] = read_status(json.dumps({"state": "finished", field: value}))
    assert status.state == "finished" and getattr(status, field) == getattr(schema.Status(), field)
    assert f"`{field}`" in problem


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
    f'{{"epoch": 1, "values": {{"loss": 1, "huge": {10**400}}}}}',
    '{"epoch": 1, "values": {"loss": 1, "text": "2", "flag": true, "list": [1]}}',
    '{"epoch": 1, "time": "now", "values": {"loss": 1, "gone": null}, "nonfinite": [1]}',
    '{"epoch": 1, "time": 1e300, "values": {"loss": 1, "odd": null}, "nonfinite": {"odd": "much"}}',
]


def test_bad_lines_are_counted_and_later_lines_are_read(tmp_path: Path) -> None:
    last = schema.MetricsLine({"loss": 0.5}, 0.0, 9).encode()
    text = "".join(f"{line}\n" for line in [*BAD_LINES, *ODD_LINES]) + last
    (tmp_path / schema.METRICS_FILE).write_text(text)
    file = MetricsFile(tmp_path)
    frame = file.frame()
    assert file.damaged == len(BAD_LINES) and file.damaged_values == 1 + 3 + 0 + 1
    loss = frame[frame["name"] == "loss"]
    assert loss["epoch"].tolist() == [1, 1, 1, 1, 9] and loss["value"].tolist() == [1, 1, 1, 1, 0.5]
    assert math.isnan(frame[frame["name"] == "gone"]["value"].item())


@pytest.mark.parametrize("name", [schema.RUN_FILE, schema.STATUS_FILE, schema.METRICS_FILE])
@pytest.mark.parametrize("kind", ["pipe", "folder"])
def test_what_is_no_regular_file_is_said_and_never_waited_for(tmp_path: Path, name: str, kind: str) -> None:
    with Run(tmp_path, "a") as run:
        run.log_metrics(0, {"loss": 1})
    (run.path / name).unlink()
    os.mkfifo(run.path / name) if kind == "pipe" else (run.path / name).mkdir()
    found: list[Any] = []

    def look() -> None:
        catalogue = Catalogue(tmp_path)
        [seen] = catalogue.runs()
        found.extend([seen, catalogue.read_metrics(seen)])

    thread = threading.Thread(target=look, daemon=True)
    thread.start()
    thread.join(10)
    assert found, "the reader waits for the pipe"
    assert any(name in problem for problem in (*found[0].problems, found[1].attrs["problem"] or ""))
