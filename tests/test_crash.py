"""What is left after a kill, a full disk, a broken folder, a script that just ends."""

from __future__ import annotations

import logging
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

from logger import Run
from tests.conftest import ROOT
from tests.reading import metrics_of, predictions_of, samples_of, status_of, tile_of

IMAGES = np.random.default_rng(6).integers(0, 256, (300, 32, 32, 3), dtype=np.uint8)
LABELS = np.arange(300) % 10
P = np.random.default_rng(7).dirichlet(np.ones(10), 300).astype(np.float32)

SCRIPT = """
import sys, time
import numpy as np
from logger import Run
images = np.random.default_rng(6).integers(0, 256, (300, 32, 32, 3), dtype=np.uint8)
p = np.random.default_rng(7).dirichlet(np.ones(10), 300).astype(np.float32)
run = Run(sys.argv[1], "a")
for epoch in range(10_000):
    run.log_predictions(epoch, images, probabilities=p, labels=np.arange(300) %% 10)
    run.log_metrics(epoch, {"loss": 1.0})
    if epoch == int(sys.argv[2]):
        %s
"""


def script(end: str) -> str:
    return SCRIPT % end


def run_script(tmp_path: Path, end: str, epochs: int = 2) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-c", script(end), str(tmp_path), str(epochs)]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=60)


@pytest.mark.slow
@pytest.mark.parametrize("after", [0.3, 0.35, 0.45, 0.6, 0.9])
def test_a_kill_at_any_instant_leaves_whole_epochs(tmp_path: Path, after: float) -> None:
    process = subprocess.Popen(
        [sys.executable, "-c", script("pass"), str(tmp_path), "-1"], cwd=ROOT, stderr=subprocess.DEVNULL
    )
    deadline = time.monotonic() + 30
    while not (tmp_path / "a" / "metrics.jsonl").exists() and time.monotonic() < deadline:
        time.sleep(0.005)
    time.sleep(after)
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    run = tmp_path / "a"
    epochs = sorted(int(f.stem.split("=")[1]) for f in run.glob("predictions/split=val/epoch=*.parquet"))
    assert epochs == list(range(len(epochs)))
    samples = {row["index"]: row for row in samples_of(run)}
    for epoch in epochs:
        rows = predictions_of(run, epoch)
        assert [row["predicted"] for row in rows] == P.argmax(1).tolist()
        assert all(row["index"] in samples for row in rows)
    for row in list(samples.values())[::50]:
        assert (tile_of(run, row) == IMAGES[row["index"]]).all()
    whole = (run / "metrics.jsonl").read_bytes().rpartition(b"\n")[0].count(b"\n") + 1
    assert whole >= len(epochs) - 1  # a line follows its epoch's predictions
    assert status_of(run).state == "running"


def test_a_run_left_open_by_a_script_is_finished_at_exit(tmp_path: Path) -> None:
    done = run_script(tmp_path, "break")
    assert done.returncode == 0, done.stderr
    status = status_of(tmp_path / "a")
    assert status.state == "finished" and status.epoch == 2
    assert len(predictions_of(tmp_path / "a", 2)) == 300 and len(metrics_of(tmp_path / "a")) == 3


def test_an_uncaught_exception_marks_the_run_failed(tmp_path: Path) -> None:
    done = run_script(tmp_path, "raise RuntimeError('out of memory')")
    assert done.returncode == 1
    status = status_of(tmp_path / "a")
    assert status.state == "failed" and status.failure == "RuntimeError: out of memory"
    assert len(predictions_of(tmp_path / "a", 2)) == 300


def test_only_images_are_lost_when_their_folder_is_not_writable(tmp_path: Path, caplog) -> None:
    run = Run(tmp_path, "a")
    (run.path / "sheets").write_text("in the way")
    with run, caplog.at_level(logging.WARNING, "proofsheet"):
        for epoch in range(3):
            run.log_predictions(epoch, IMAGES, probabilities=P, labels=LABELS)
            run.log_metrics(epoch, {"loss": 1.0})
    assert [row["sheet"] for row in samples_of(run.path)] == [None] * 300
    assert len(predictions_of(run.path, 2)) == 300 and len(metrics_of(run.path)) == 3
    status = status_of(run.path)
    assert status.state == "finished" and status.dropped == 300 and "sheets" in status.errors[0]
    assert len(caplog.records) == 1 and "Training goes on" in caplog.text


def test_a_run_folder_that_vanishes_does_not_stop_the_training(tmp_path: Path) -> None:
    import shutil

    with Run(tmp_path, "a") as run:
        run.log_predictions(0, IMAGES, probabilities=P, labels=LABELS)
        time.sleep(0.6)
        shutil.rmtree(run.path)
        for epoch in range(1, 3):
            run.log_predictions(epoch, IMAGES, probabilities=P, labels=LABELS)
            run.log_metrics(epoch, {"loss": 1.0})


@pytest.mark.slow
def test_a_full_disk_keeps_the_metrics_and_never_raises(tmp_path: Path) -> None:
    disk = tmp_path / "disk"
    disk.mkdir()
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=400k", "tmpfs", disk], capture_output=True)
    if mounted.returncode:
        pytest.skip("needs the right to mount a small disk")
    try:
        with Run(disk, "a") as run:
            for epoch in range(5):
                run.log_metrics(epoch, {"loss": 1.0})
                run.log_predictions(epoch, IMAGES, probabilities=P, labels=LABELS)
        status = status_of(run.path)
        assert status.dropped == 300 and any("No space left" in error for error in status.errors)
        assert len(metrics_of(run.path)) == 5 and status.state == "finished"
        assert len(predictions_of(run.path, 4)) == 300
    finally:
        subprocess.run(["umount", disk], check=True)


def test_a_runs_folder_that_cannot_be_created_raises_at_construction(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(OSError, match="file"):
        Run(tmp_path / "file" / "runs")
