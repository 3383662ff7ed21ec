import json
from pathlib import Path

import numpy as np
import pytest

from logger import Run, schema
from tests.reading import info_of, metrics_of, predictions_of, samples_of, status_of, tile_of

RNG = np.random.default_rng(5)
IMAGES = RNG.random((40, 10, 10, 3)).astype(np.float32)
LABELS = RNG.integers(0, 4, 40)
P = RNG.dirichlet(np.ones(4), 40).astype(np.float32)


def logged(tmp_path: Path, epoch: int, images=IMAGES, labels=LABELS, p=P, **options) -> Path:
    with Run(tmp_path, "a", resume=True, **options) as run:
        run.log_predictions(epoch, images, probabilities=p, labels=labels)
        run.log_metrics(epoch, {"loss": float(epoch)})
    return run.path


def test_a_run_is_resumed_in_its_folder_with_its_samples(tmp_path: Path) -> None:
    path = logged(tmp_path, 0, config={"rate": 1})
    before = info_of(path)
    assert logged(tmp_path, 1, config={"epochs": 2}) == path
    assert len(samples_of(path)) == 40 and len(list((path / "sheets").iterdir())) == 1
    for old, new in zip(predictions_of(path, 0), predictions_of(path, 1), strict=True):
        assert new == {**old, "epoch": 1}
    assert [line.epoch for line in metrics_of(path)] == [0, 1]
    after = info_of(path)
    assert (after.created, after.display, after.config) == (before.created, before.display, {"rate": 1, "epochs": 2})
    assert status_of(path).epoch == 1


def test_new_samples_of_a_resumed_run_go_to_new_sheets_and_parts(tmp_path: Path) -> None:
    path = logged(tmp_path, 0)
    more = RNG.random((5, 10, 10, 3)).astype(np.float32)
    first = (path / "sheets" / "val-00000.webp").read_bytes()
    logged(tmp_path, 1, np.concatenate([IMAGES, more]), np.append(LABELS, [0] * 5), np.concatenate([P, P[:5]]))
    samples = samples_of(path)
    assert [s["index"] for s in samples] == list(range(45)) and {s["sheet"] for s in samples[40:]} == {1}
    assert (path / "sheets" / "val-00000.webp").read_bytes() == first
    assert (tile_of(path, samples[44]) == np.floor(more[4] * 255 + 0.5)).all()


def test_a_line_that_a_crash_cut_short_is_closed_and_the_next_is_whole(tmp_path: Path) -> None:
    path = logged(tmp_path, 0)
    with open(path / "metrics.jsonl", "a") as file:
        file.write('{"epoch": 1, "val')
    logged(tmp_path, 2)
    lines = (path / "metrics.jsonl").read_text().splitlines()
    assert len(lines) == 3 and json.loads(lines[2])["epoch"] == 2


def test_a_run_that_another_process_writes_is_not_touched(tmp_path: Path) -> None:
    with Run(tmp_path, "a"), pytest.raises(RuntimeError, match=r"being written by process \d+"):
        _wait_for_status(tmp_path / "a")
        Run(tmp_path, "a", resume=True)


def _wait_for_status(path: Path) -> None:
    import time

    deadline = time.monotonic() + 5
    while not (path / schema.STATUS_FILE).exists() and time.monotonic() < deadline:
        time.sleep(0.01)


def test_resume_without_a_previous_run_starts_one(tmp_path: Path) -> None:
    assert logged(tmp_path, 0).name == "a"


def test_samples_of_weight_0_stay_unlabelled_in_a_resumed_run(tmp_path: Path) -> None:
    weights = np.ones(40)
    weights[3] = 0
    with Run(tmp_path, "a", resume=True) as run:
        run.log_samples(IMAGES, labels=LABELS, weights=weights)
        run.log_predictions(0, probabilities=P)
    with Run(tmp_path, "a", resume=True) as run:
        run.log_predictions(1, probabilities=P)
    for epoch in (0, 1):
        assert [row["index"] for row in predictions_of(run.path, epoch) if row["label"] is None] == [3]
