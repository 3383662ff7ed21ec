"""Epochs, metrics, names, labels and outputs in every form: one bad value costs only that value."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.parquet as pq
import pytest

from logger import Run, schema
from logger.arguments import class_names, numbers, runs_dir
from logger.data.outputs import columns_in_blocks, outcome, prediction_columns
from logger.data.values import text_of

RNG = np.random.default_rng(0)
IMAGES = RNG.integers(0, 256, (6, 8, 8, 3), np.uint8)
P = RNG.dirichlet(np.ones(3), 6).astype(np.float32)
LABELS = np.array([0, 1, 2, 0, 1, 2])


def notes(run: Run) -> list[str]:
    found: list[str] = json.loads((run.path / "run.json").read_text("utf-8"))["notes"]
    return found


def rows(run: Run, file: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = pq.read_table(run.path / file, partitioning=None).to_pylist()
    return found


@pytest.mark.parametrize("epoch", [np.int64(2), np.uint8(2), 2.0, np.float32(2), np.array(2)])
def test_an_epoch_is_any_whole_number(tmp_path: Path, epoch: Any) -> None:
    with Run(tmp_path, "a") as run:
        run.log_metrics(epoch, {"loss": 1})
        run.log_predictions(epoch, IMAGES, probabilities=P)
    assert schema.MetricsLine.decode((run.path / "metrics.jsonl").read_text()).epoch == 2
    assert (run.path / schema.predictions_file("val", 2)).is_file()


def test_a_metric_that_is_not_a_number_is_left_out_and_noted_once(tmp_path: Path) -> None:
    with Run(tmp_path, "a") as run:
        for epoch in range(3):
            rejected = {"elapsed": "00:42", "none": None, "dict": {"a": 1}, "matrix": np.zeros((50, 50))}
            run.log_metrics(epoch, {"loss": np.float32(0.5), "per class": [0.1, 0.2], "text": "0.25", **rejected})
    lines = [schema.MetricsLine.decode(line) for line in (run.path / "metrics.jsonl").read_text().splitlines()]
    assert [line.values for line in lines] == [{"loss": 0.5, "per class_0": 0.1, "per class_1": 0.2, "text": 0.25}] * 3
    assert sum("'elapsed' is the text '00:42', not a number, and is left out" in note for note in notes(run)) == 1
    assert any("'matrix' has 2,500 entries, more than 100" in note for note in notes(run))


def test_numbers_beyond_floats_become_infinities() -> None:
    assert numbers({"a": 10**400, "b": -(10**400)})[0] == {"a": float("inf"), "b": float("-inf")}


@pytest.mark.parametrize(
    ("given", "names"),
    [
        ({"cats": 0, "dogs": 1}, ["cats", "dogs"]),
        ({"0": 0, "1": 1, "10": 2, "2": 3}, ["0", "1", "10", "2"]),
        ({1: "b", 0: "a"}, ["a", "b"]),
        ({"0": "a", "1": "b"}, ["a", "b"]),
        (np.array(["a", "b"]), ["a", "b"]),
        (np.array([b"a", "é".encode()]), ["a", "é"]),
        ([1, 2], ["1", "2"]),
    ],
)
def test_class_names_of_many_forms(given: Any, names: list[str]) -> None:
    assert class_names(given) == names


def test_duplicate_class_names_are_noted(tmp_path: Path) -> None:
    with Run(tmp_path, "a", class_names=["cat", "dog", "cat"]) as run:
        pass
    assert notes(run) == ["class_names repeats 'cat': such classes cannot be told apart by name."]


def test_text_that_is_not_utf8_loses_nothing_else(tmp_path: Path) -> None:
    latin1 = os.fsdecode(b"/data/caf\xe9/1.png")
    with Run(tmp_path, latin1, class_names=["a", latin1, "c"], config={"path": latin1, latin1: 1}) as run:
        run.log_predictions(
            0, IMAGES, probabilities=P, labels=LABELS, sources=[latin1, "b", b"/c\xc3\xa9", None, 5, Path("p")]
        )
        run.log_metrics(0, {latin1: 1.0})
        run.note(latin1)
    info = schema.RunInfo.decode((run.path / "run.json").read_text("utf-8"))
    assert info.class_names == ["a", r"/data/caf\xe9/1.png", "c"] and info.name == r"/data/caf\xe9/1.png"
    assert info.config == {"path": r"/data/caf\xe9/1.png", r"/data/caf\xe9/1.png": 1}
    sources = [row["source"] for row in rows(run, schema.samples_file("val", 0))]
    assert sources == [r"/data/caf\xe9/1.png", "b", "/cé", None, "5", "p"]
    assert json.loads((run.path / "status.json").read_text())["errors"] == []


class _Broken:
    def __str__(self) -> str:
        raise RuntimeError("no text")


def test_settings_may_hold_anything(tmp_path: Path) -> None:
    cycle: dict[str, Any] = {}
    cycle["self"] = cycle
    config = {"cycle": cycle, "broken": _Broken(), "large": np.zeros((1000, 1000)), "set": {3, 1}, "huge": 10**400}
    with Run(tmp_path, "a", config={**config, "nan": float("nan"), "path": Path("x"), "numpy": np.float32(0.5)}) as run:
        pass
    found = json.loads((run.path / "run.json").read_text())["config"]
    assert found["large"] == "array of shape (1000, 1000), float64" and found["broken"] == "<_Broken>"
    assert found["set"] == [1, 3] and found["nan"] == "NaN" and found["path"] == "x" and found["numpy"] == 0.5


def test_text_of_anything() -> None:
    assert [text_of(v) for v in (b"caf\xe9", np.str_("a"), np.bytes_(b"b"), Path("c/d"), 3)] == [
        r"caf\xe9",
        "a",
        "b",
        "c/d",
        "3",
    ]
    assert text_of(_Broken()) == "<_Broken>"


def test_a_folder_of_runs_is_a_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    assert runs_dir("~/runs") == tmp_path / "runs"
    with pytest.raises(ValueError, match="got the URL 'gs://bucket/runs'"):
        Run("gs://bucket/runs")
    (tmp_path / "file").touch()
    with pytest.raises(NotADirectoryError, match="got the file"):
        Run(tmp_path / "file")


def test_predicted_classes_without_probabilities(tmp_path: Path) -> None:
    with Run(tmp_path, "a", class_names=["a", "b", "c", "d"]) as run:
        run.log_predictions(0, IMAGES, predicted=[0, 1, 3, -1, None, 2], confidence=np.full(6, 0.5), labels=LABELS)
        run.log_predictions(1, predicted=LABELS)
    first, second = (rows(run, schema.predictions_file("val", epoch)) for epoch in (0, 1))
    assert [row["predicted"] for row in first] == [0, 1, 3, -1, -1, 2]
    assert [row["confidence"] for row in first] == [0.5, 0.5, 0.5, None, None, 0.5]
    assert [row["predicted"] for row in second] == LABELS.tolist() and second[0]["confidence"] is None
    assert {row["loss"] for row in first} == {None} and {row["probabilities"] for row in first} == {None}
    info = schema.RunInfo.decode((run.path / "run.json").read_text())
    assert info.classes == 4 and info.output["kind"] == "classes"


@pytest.mark.parametrize(
    ("labels", "expected"),
    [
        ([1, 2, 3, 1, 2, 3], "they seem to start at 1"),
        ([0, 1, 2, 0, 1, 7], "1 of 6 labels are 7, but the model's classes are 0 to 2 only"),
        ([0, 1, 2, 255, 255, 0], "2 of 6 labels are 255"),
        ([0, 1, 2, -1, -1, 0], "2 of 6 labels are negative: their samples count as unlabelled"),
    ],
)
def test_unusual_labels_are_noted(tmp_path: Path, labels: list[int], expected: str) -> None:
    with Run(tmp_path, "a") as run:
        run.log_predictions(0, IMAGES, probabilities=P, labels=labels)
        run.log_predictions(1, IMAGES, probabilities=P, labels=labels)
    assert sum(expected in note for note in notes(run)) == 1


def test_labels_of_minus_one_and_one_are_two_classes(tmp_path: Path) -> None:
    outputs, labels = np.array([-0.9, 0.8, 0.1, -0.2, 0.5, -0.6], np.float32), np.array([-1, 1, 1, -1, -1, 1])
    with Run(tmp_path, "a") as run:
        run.log_predictions(0, IMAGES, probabilities=outputs, labels=labels)
        run.log_predictions(1, probabilities=outputs)
    for epoch in (0, 1):
        found = rows(run, schema.predictions_file("val", epoch))
        assert [row["label"] for row in found] == [0, 1, 1, 0, 0, 1]
        assert [row["predicted"] for row in found] == [0, 1, 1, 0, 1, 0]
    assert run.info.output["kind"] == "tanh"
    assert any("The val labels are -1 and 1: read as the classes 0 and 1" in note for note in notes(run))


def test_features_are_no_scores(tmp_path: Path) -> None:
    features = np.maximum(RNG.normal(size=(6, 128)), 0)
    with Run(tmp_path, "a", class_names=list("abc")) as run, pytest.raises(ValueError, match="look like an embedding"):
        run.log_predictions(0, IMAGES, probabilities=features, labels=LABELS)
    assert "val" not in run.info.splits


def test_soft_labels_keep_their_loss_when_labels_are_left_out_and_over_a_resume(tmp_path: Path) -> None:
    soft = np.full((6, 3), 0.1, np.float32)
    soft[np.arange(6), LABELS] = 0.8
    with Run(tmp_path, "a") as run:
        run.log_predictions(0, IMAGES, probabilities=P, labels=soft)
        run.log_predictions(1, probabilities=P)
    with Run(tmp_path, "a", resume=True) as run:
        run.log_predictions(2, probabilities=P)
    losses = [[row["loss"] for row in rows(run, schema.predictions_file("val", epoch))] for epoch in range(3)]
    assert losses[1] == pytest.approx(losses[0], abs=1e-3) and losses[2] == pytest.approx(losses[0], abs=1e-3)


@pytest.mark.parametrize("classes", [3, 1000])
@pytest.mark.parametrize("kind", ["probabilities", "logits"])
def test_blocks_give_the_same_columns_as_one_pass(monkeypatch: pytest.MonkeyPatch, classes: int, kind: str) -> None:
    values = RNG.normal(size=(50, classes)).astype(np.float32)
    values[3, 1] = np.nan
    if kind == "probabilities":
        values = np.exp(values) / np.exp(values).sum(1, keepdims=True)
    labels = RNG.integers(0, classes, 50)
    whole = prediction_columns(4, np.arange(50, dtype=np.int32), labels, outcome(values, kind, labels))
    monkeypatch.setattr("logger.data.outputs._BLOCK_VALUES", 7 * classes)
    blocks = columns_in_blocks(values, kind, 4, np.arange(50, dtype=np.int32), labels)
    assert list(blocks) == list(whole)
    for name, column in whole.items():
        np.testing.assert_array_equal(blocks[name], column)
