"""One process at a time writes a run: which one may, told without anybody's clock."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
from dataclasses import replace
from pathlib import Path

import pytest

from logger import Run, schema
from logger.storage.atomic_files import write_atomically
from logger.storage.ownership.claim import ClaimedError, claim
from logger.storage.ownership.process_identity import is_running, process_identity
from tests.conftest import ROOT
from tests.reading import metrics_of, status_of

LOG_AND_WAIT = """
import sys, time
from logger import Run
run = Run(sys.argv[1], "a", resume=True, quiet=True)
run.log_metrics(0 if run.last_epoch is None else run.last_epoch + 1, {"loss": 1.0})
time.sleep(0.7)
print("logged", flush=True)
time.sleep(float(sys.argv[2]))
"""
linux = pytest.mark.skipif(not process_identity(), reason="needs /proc")


def start(folder: Path, seconds: float) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", LOG_AND_WAIT, str(folder), str(seconds)],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def killed_run(folder: Path) -> Path:
    """A run whose process was killed while it said that it was running."""
    process = start(folder, 60)
    assert process.stdout is not None and process.stdout.readline() == "logged\n"
    process.kill()
    process.communicate()
    assert status_of(folder / "a").state == "running"
    return folder / "a"


def as_if_of_another_machine(path: Path, **changes) -> schema.Status:
    machine = f"another-boot pid:[1] {process_identity().split()[-1]}"
    status = replace(status_of(path), host="elsewhere", process=machine, heartbeat_every=0.2, **changes)
    write_atomically(path / schema.STATUS_FILE, status.encode())
    return status


@linux
@pytest.mark.parametrize("clock", [0.0, -1e9, 1e9])
def test_a_run_whose_process_was_killed_is_resumed_at_once_whatever_the_clock_says(tmp_path: Path, clock) -> None:
    path = killed_run(tmp_path)
    status = status_of(path)
    write_atomically(path / schema.STATUS_FILE, replace(status, heartbeat=status.heartbeat + clock).encode())
    began = time.monotonic()
    with Run(tmp_path, "a", resume=True) as run:
        assert time.monotonic() - began < 2
        assert run.path == path and run.last_epoch == 0


@linux
def test_a_pid_that_another_process_has_now_is_not_the_writer(tmp_path: Path) -> None:
    path = killed_run(tmp_path)
    write_atomically(path / schema.STATUS_FILE, replace(status_of(path), pid=os.getppid()).encode())
    with Run(tmp_path, "a", resume=True) as run:
        assert run.path == path


def test_a_live_process_is_not_pushed_aside(tmp_path: Path) -> None:
    process = start(tmp_path, 60)
    try:
        assert process.stdout is not None and process.stdout.readline() == "logged\n"
        with pytest.raises(RuntimeError, match=f"being written by process {process.pid} on"):
            Run(tmp_path, "a", resume=True)
        os.remove(tmp_path / "a" / ".lock")  # as where the file system has no locks
        with pytest.raises(RuntimeError, match=f"being written by process {process.pid} on"):
            Run(tmp_path, "a", resume=True)
    finally:
        process.kill()
        process.communicate()
    assert len(metrics_of(tmp_path / "a")) == 1


@linux
def test_a_run_of_another_machine_that_beats_is_left_alone_and_a_silent_one_is_resumed(tmp_path: Path) -> None:
    path = killed_run(tmp_path)
    beating = threading.Event()

    def beat() -> None:
        hours_ago = 1_000.0
        while not beating.wait(0.1):
            hours_ago += 0.1
            as_if_of_another_machine(path, heartbeat=hours_ago)

    as_if_of_another_machine(path, heartbeat=1_000.0)
    thread = threading.Thread(target=beat)
    thread.start()
    try:
        with pytest.raises(RuntimeError, match=r"being written by process .* on elsewhere"):
            Run(tmp_path, "a", resume=True)
    finally:
        beating.set()
        thread.join()
    as_if_of_another_machine(path, heartbeat=time.time() + 1e6)
    began = time.monotonic()
    with Run(tmp_path, "a", resume=True) as run:
        assert run.path == path and 0.5 < time.monotonic() - began < 3


@pytest.mark.slow
@pytest.mark.parametrize("existing", [True, False])
def test_of_processes_that_resume_a_run_at_the_same_time_one_wins(tmp_path: Path, existing: bool) -> None:
    if existing:
        with Run(tmp_path, "a", quiet=True) as run:
            run.log_metrics(0, {"loss": 1.0})
    processes = [start(tmp_path, 1.5) for _ in range(5)]
    ends = [process.communicate(timeout=60) for process in processes]
    assert sorted(process.returncode for process in processes) == [0, 1, 1, 1, 1]
    assert all("being written by" in error for _, error in ends if error)
    assert [path.name for path in tmp_path.iterdir()] == ["a"]
    assert [line.epoch for line in metrics_of(tmp_path / "a")] == ([0, 1] if existing else [0])


@pytest.mark.filterwarnings("ignore:.*fork:DeprecationWarning")
def test_a_claim_ends_with_its_run_and_is_not_inherited_by_a_fork(tmp_path: Path) -> None:
    with Run(tmp_path, "a", quiet=True) as run:
        with pytest.raises(ClaimedError):
            claim(run.path)
        child = os.fork()
        if child == 0:
            try:
                claim(run.path)
            except ClaimedError:
                os._exit(0)
            os._exit(1)
        assert os.waitpid(child, 0)[1] == 0
    claim(run.path).release()


@linux
def test_a_process_is_known_by_its_start_not_by_its_number() -> None:
    mine = process_identity()
    machine, start_time = mine.rsplit(" ", 1)
    assert is_running("", os.getpid(), mine) is True
    assert is_running("", os.getpid(), f"{machine} {int(start_time) + 1}") is False
    assert is_running("", os.getpid(), f"x {start_time}") is None
    assert is_running("another host", os.getpid(), "") is None
