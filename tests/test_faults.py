"""Real faults of disks and folders while a run is logged: training goes on, nothing is lost without a word."""

from __future__ import annotations

import json
import logging
import os
import resource
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import pytest

from logger import Run
from logger.storage import image_files
from tests.conftest import ROOT
from tests.reading import info_of, metrics_of, predictions_of, samples_of, status_of, tile_of

N = 200
IMAGES = np.random.default_rng(6).integers(0, 256, (N, 32, 32, 3), dtype=np.uint8)
LABELS = np.arange(N) % 10
P = np.random.default_rng(7).dirichlet(np.ones(10), N).astype(np.float32)
IDLE = 0.8
"""Seconds after which the writer has written what it can."""

Mount = Callable[[str], Path]


@pytest.fixture
def mount(tmp_path: Path) -> Iterator[Mount]:
    """A function that mounts a small disk of its own with these options."""
    disk = tmp_path / "disk"
    disk.mkdir()

    def mounted(options: str) -> Path:
        if subprocess.run(["mount", "-t", "tmpfs", "-o", options, "tmpfs", disk], capture_output=True).returncode:
            pytest.skip("needs the right to mount a small disk")
        return disk

    yield mounted
    subprocess.run(["umount", "--lazy", disk], capture_output=True)


@pytest.fixture
def read_only() -> Iterator[Callable[[Path], Callable[[], None]]]:
    """A function that makes a folder read-only, as a failing disk turns, and returns one that undoes it."""
    undone: list[Callable[[], None]] = []

    def turn(folder: Path) -> Callable[[], None]:
        def undo() -> None:
            subprocess.run(["umount", "--lazy", folder], capture_output=True)

        if subprocess.run(["mount", "--bind", folder, folder], capture_output=True).returncode:
            pytest.skip("needs the right to mount a folder")
        undone.append(undo)
        subprocess.run(["mount", "-o", "remount,ro,bind", folder], check=True)
        return undo

    yield turn
    for undo in undone:
        undo()


def log(run: Run, epochs: range, images: bool = True) -> None:
    for epoch in epochs:
        run.log_metrics(epoch, {"loss": 1.0})
        run.log_predictions(epoch, IMAGES if images else None, probabilities=P, labels=LABELS)


def check_readable(path: Path) -> None:
    """Every file that is there is whole, and what it refers to is there."""
    samples = {row["index"]: row for row in samples_of(path)} if (path / "samples").exists() else {}
    for row in list(samples.values())[::20]:
        if row["sheet"] is not None:
            assert (tile_of(path, row) == IMAGES[row["index"]]).all()
    for file in path.glob("predictions/split=val/*.parquet"):
        rows = pq.read_table(file, partitioning=None).to_pylist()
        assert [row["predicted"] for row in rows] == P[[row["index"] for row in rows]].argmax(1).tolist()
    assert not list(path.rglob("*.tmp"))


@pytest.mark.slow
@pytest.mark.parametrize("kilobytes", [32, 48, 64, 96, 128, 192, 256, 400, 600, 800, 1200, 2000])
def test_a_full_disk_keeps_the_metrics_then_the_predictions(mount: Mount, kilobytes: int, caplog, capfd) -> None:
    disk = mount(f"size={kilobytes}k")
    with caplog.at_level(logging.WARNING, "proofsheet"), Run(disk, "a") as run:
        log(run, range(5))
    assert [line.epoch for line in metrics_of(run.path)] == list(range(5))
    status, written = status_of(run.path), samples_of(run.path) if (run.path / "samples").exists() else []
    rows = sum(len(predictions_of(run.path, e)) for e in range(5) if (run.path / _file(e)).exists())
    assert status.state == "finished" and status.epoch == 4
    assert status.lost.get("predictions", 0) == 5 * N - rows
    assert status.lost.get("samples", 0) == N - len(written)
    assert sum(row["sheet"] is not None for row in written) + status.lost.get("images", 0) >= len(written)
    assert status.dropped == sum(count for kind, count in status.lost.items() if kind != "epochs")
    assert len(caplog.records) == (1 if status.lost else 0)
    assert ("LOST" in capfd.readouterr().err) == bool(status.lost)
    check_readable(run.path)


def _file(epoch: int) -> str:
    return f"predictions/split=val/epoch={epoch:05d}.parquet"


def test_originals_leave_the_last_files_of_a_disk_to_metrics(mount: Mount) -> None:
    disk = mount("nr_inodes=20,size=20m")
    large = np.random.default_rng(0).integers(0, 256, (40, 100, 100, 3), dtype=np.uint8)
    with Run(disk, "a") as run:
        for epoch in range(4):
            run.log_predictions(epoch, large, probabilities=P[:40], labels=LABELS[:40])
            run.log_metrics(epoch, {"loss": 1.0})
    status = status_of(run.path)
    assert [line.epoch for line in metrics_of(run.path)] == [0, 1, 2, 3]
    assert status.state == "finished" and status.lost["images"] > 0
    assert len(predictions_of(run.path, 0)) == 40
    assert any("No space left on device for more files" in error for error in status.errors)


def test_what_did_not_fit_is_written_once_there_is_space_again(mount: Mount) -> None:
    disk = mount("size=4m")
    with Run(disk, "a") as run:
        time.sleep(IDLE)
        ballast = disk / "ballast"
        fill(ballast)
        log(run, range(3))
        time.sleep(IDLE)
        assert not (run.path / "samples").exists() and status_of(run.path).epoch is None
        ballast.unlink()
    status = status_of(run.path)
    assert status.lost == {} and status.dropped == 0 and any("No space left" in error for error in status.errors)
    assert [line.epoch for line in metrics_of(run.path)] == [0, 1, 2] and status.epoch == 2
    assert all(len(predictions_of(run.path, epoch)) == N for epoch in range(3))
    assert all(row["sheet"] is not None for row in samples_of(run.path)) and len(samples_of(run.path)) == N
    check_readable(run.path)


def fill(file: Path) -> None:
    """Fill the disk to its last byte."""
    with open(file, "wb", buffering=0) as ballast:
        for size in (1 << 16, 1 << 12, 1):
            try:
                while True:
                    ballast.write(b"\0" * size)
            except OSError:
                continue


def test_images_that_cannot_be_written_for_long_do_not_hold_their_samples_back(mount, monkeypatch) -> None:
    monkeypatch.setattr(image_files, "RETRY_SECONDS", 0.5)
    with Run(mount("size=400k"), "a") as run:
        log(run, range(1))
        for epoch in range(1, 4):
            time.sleep(IDLE)
            log(run, range(epoch, epoch + 1))
        time.sleep(IDLE)
        assert [row["sheet"] for row in samples_of(run.path)] == [None] * N
        assert status_of(run.path).lost == {"images": N}


def test_a_disk_that_turns_read_only_and_back_loses_nothing(tmp_path: Path, read_only, caplog) -> None:
    with caplog.at_level(logging.WARNING, "proofsheet"), Run(tmp_path, "a") as run:
        log(run, range(1))
        time.sleep(IDLE)
        make_writable = read_only(tmp_path)
        log(run, range(1, 3))
        time.sleep(IDLE)
        assert len(metrics_of(run.path)) == 1
        make_writable()
    assert len(caplog.records) == 1 and "Read-only file system" in caplog.text
    assert [line.epoch for line in metrics_of(run.path)] == [0, 1, 2] and status_of(run.path).lost == {}
    assert all(len(predictions_of(run.path, epoch)) == N for epoch in range(3))
    check_readable(run.path)


def test_a_disk_that_stays_read_only_is_said_at_the_end(tmp_path: Path, read_only, capfd) -> None:
    with Run(tmp_path, "a") as run:
        log(run, range(1))
        time.sleep(IDLE)
        read_only(tmp_path)
        log(run, range(1, 3))
    said = capfd.readouterr().err
    assert "LOST 2 epochs of predictions, 2 lines of metrics" in said and f"{N} val samples" in said
    assert "Read-only file system" in said


LIMITED = """
import resource, sys
import numpy as np
from logger import Run
images = np.random.default_rng(6).integers(0, 256, (200, 32, 32, 3), dtype=np.uint8)
p = np.random.default_rng(7).dirichlet(np.ones(10), 200).astype(np.float32)
resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, resource.RLIM_INFINITY))
with Run(sys.argv[1], "a") as run:
    for epoch in range(3):
        run.log_predictions(epoch, images, probabilities=p, labels=np.arange(200) % 10)
        run.log_metrics(epoch, {"loss": 1.0})
"""


@pytest.mark.slow
def test_a_limit_to_the_size_of_files_costs_only_what_is_larger(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", LIMITED, str(tmp_path)], cwd=ROOT, capture_output=True, text=True, timeout=60
    )
    assert done.returncode == 0, done.stderr
    status = status_of(tmp_path / "a")
    assert status.lost == {"images": N} and "File too large" in status.errors[0]
    assert len(metrics_of(tmp_path / "a")) == 3 and len(predictions_of(tmp_path / "a", 2)) == N
    check_readable(tmp_path / "a")


def test_when_no_more_files_can_be_opened_what_waits_is_written_later(tmp_path: Path) -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    with Run(tmp_path, "a") as run:
        log(run, range(1))
        time.sleep(IDLE)
        resource.setrlimit(resource.RLIMIT_NOFILE, (len(os.listdir("/proc/self/fd")) - 1, hard))
        try:
            log(run, range(1, 3))
            time.sleep(IDLE)
        finally:
            resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
        assert len(metrics_of(run.path)) == 1
    status = status_of(run.path)
    assert status.lost == {} and any("Too many open files" in error for error in status.errors)
    assert len(metrics_of(run.path)) == 3 and len(predictions_of(run.path, 2)) == N


def test_a_folder_that_is_removed_is_given_up_with_one_sentence(tmp_path: Path, caplog, capfd) -> None:
    with caplog.at_level(logging.WARNING, "proofsheet"), Run(tmp_path, "a") as run:
        log(run, range(1))
        time.sleep(IDLE)
        shutil.rmtree(run.path)
        log(run, range(1, 3))
    assert not run.path.exists()
    assert len(caplog.records) == 1 and "was removed or replaced" in caplog.text
    assert "LOST 2 epochs of predictions, 2 lines of metrics" in capfd.readouterr().err


def test_a_run_that_took_the_place_of_another_is_not_written_into(tmp_path: Path) -> None:
    with Run(tmp_path, "a") as run:
        log(run, range(1))
        time.sleep(IDLE)
        shutil.rmtree(run.path)
        with Run(tmp_path, "a") as other:
            log(run, range(1, 3))
            other.log_metrics(0, {"loss": 2.0})
            time.sleep(IDLE)
    assert run.path == other.path and [line.values for line in metrics_of(other.path)] == [{"loss": 2.0}]
    assert info_of(other.path).splits == {} and not (other.path / "predictions").exists()


def test_a_folder_that_was_moved_away_and_back_goes_on(tmp_path: Path) -> None:
    with Run(tmp_path, "a") as run:
        log(run, range(1))
        time.sleep(IDLE)
        run.path.rename(tmp_path / "away")
        log(run, range(1, 2))
        time.sleep(IDLE)
        assert not run.path.exists()
        (tmp_path / "away").rename(run.path)
    assert status_of(run.path).lost == {} and len(metrics_of(run.path)) == 2
    assert len(predictions_of(run.path, 1)) == N


@pytest.mark.slow
def test_a_disk_that_hangs_is_waited_for_once(tmp_path: Path, caplog, monkeypatch) -> None:
    from logger.storage import background_writer

    run = Run(tmp_path, "a")
    run._writer._thread._limit_bytes = 1 << 20  # a small queue: it fills with the first images
    time.sleep(IDLE)
    metrics = run.path / "metrics.jsonl"
    metrics.unlink()
    os.mkfifo(metrics)  # opening it to write hangs until somebody reads
    run.log_metrics(0, {"loss": 1.0})
    began = time.monotonic()
    for epoch in range(8):
        run.log_predictions(epoch, IMAGES, probabilities=P, labels=LABELS, indices=np.arange(N))
        run.log_samples(np.random.default_rng(epoch).integers(0, 256, (400, 32, 32, 3), dtype=np.uint8), split="train")
    waited = time.monotonic() - began
    assert background_writer.PATIENCE - 1 < waited < background_writer.PATIENCE + 3
    began = time.monotonic()
    with caplog.at_level(logging.WARNING, "proofsheet"):
        run.finish()
    assert time.monotonic() - began < 4
    assert "incomplete" in caplog.text
    status = run._status.status
    assert status.dropped > 400 and any("did not keep up" in error for error in status.errors)
    reader = os.open(metrics, os.O_RDONLY)  # the disk is back
    time.sleep(IDLE)
    os.close(reader)


def test_a_slow_disk_is_waited_for_as_long_as_it_gets_on() -> None:
    from logger.storage.background_writer import BackgroundWriter

    done: list[int] = []
    writer = BackgroundWriter(lambda: None, lambda: None, lambda error: None, limit_bytes=100, patience=0.3)
    for number in range(8):
        assert writer.submit(lambda n=number: (time.sleep(0.2), done.append(n))[0], 80)
    assert writer.close() and done == list(range(8))


def test_metrics_are_never_dropped_because_images_fill_the_queue() -> None:
    from logger.storage.background_writer import BackgroundWriter

    gate = threading.Event()
    writer = BackgroundWriter(lambda: None, lambda: None, lambda error: None, limit_bytes=100, patience=0.1)
    writer.submit(gate.wait, 80)
    assert not writer.submit(lambda: None, 80)
    assert writer.submit(lambda: None, 0)
    gate.set()
    assert writer.close()


@pytest.mark.slow
def test_a_slow_evaluation_in_batches_makes_few_files(tmp_path: Path) -> None:
    with Run(tmp_path, "a") as run:
        for at in range(0, N, 10):
            rows = slice(at, at + 10)
            run.log_predictions(0, IMAGES[rows], probabilities=P[rows], labels=LABELS[rows])
            time.sleep(0.4)
    assert len(list((run.path / "sheets").iterdir())) <= 6 and len(list((run.path / "samples").iterdir())) <= 6
    assert len(predictions_of(run.path, 0)) == N and len(samples_of(run.path)) == N
    check_readable(run.path)


def test_the_status_is_strict_json_with_its_losses_by_kind(tmp_path: Path) -> None:
    with Run(tmp_path, "a") as run:
        run._status.record_dropped(3, OSError("x"), "images")
        run._status.record_dropped(2, OSError("x"), "metrics")
        run._status.record_dropped(1, OSError("x"), "epochs")
    raw = json.loads((run.path / "status.json").read_text())
    assert raw["dropped"] == 5 and raw["lost"] == {"images": 3, "metrics": 2, "epochs": 1}
