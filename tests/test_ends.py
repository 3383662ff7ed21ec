"""How a run ends when nobody calls `finish`: exits, signals, forks, and runs that are dropped."""

from __future__ import annotations

import gc
import os
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

from logger import Run
from logger.ends import DROPPED
from tests.conftest import ROOT
from tests.reading import metrics_of, status_of

OPEN = """
import argparse, os, signal, sys
from logger import Run
run = Run(sys.argv[1], "a")
run.log_metrics(0, {"loss": 1.0})
"""
IN_FUNCTION = """
import sys
from logger import Run
def main():
    run = Run(sys.argv[1], "a")
    run.log_metrics(0, {"loss": 1.0})
"""

ENDS: dict[str, tuple[str, str, str | None]] = {
    "falls off the end": (OPEN, "finished", None),
    "exit code": (OPEN + "sys.exit(3)", "failed", "SystemExit: 3"),
    "exit code of a function": (OPEN + "def main():\n    sys.exit(4)\nmain()", "failed", "SystemExit: 4"),
    "exit message": (OPEN + "sys.exit('no data')", "failed", "SystemExit: no data"),
    "exit code 0": (OPEN + "sys.exit(0)", "finished", None),
    "exit without a code": (OPEN + "sys.exit()", "finished", None),
    "exit of the shell": (OPEN + "exit(5)", "failed", "SystemExit: 5"),
    "exit imported early": ("from sys import exit" + OPEN + "exit(5)", "failed", "SystemExit: the process was ended"),
    "raised": (OPEN + "raise SystemExit(6)", "failed", "SystemExit: the process was ended"),
    "caught": (OPEN + "try:\n    sys.exit(2)\nexcept SystemExit:\n    pass", "finished", None),
    "in a block": (OPEN + "with run:\n    sys.exit(3)", "failed", "SystemExit: 3"),
    "code 0 in a block": (OPEN + "with run:\n    sys.exit(0)", "finished", None),
    "interrupt": (OPEN + "os.kill(os.getpid(), signal.SIGINT)", "failed", "KeyboardInterrupt"),
    "exception": (OPEN + "{}['a']", "failed", "KeyError: 'a'"),
    "argument parser": (
        OPEN + "import argparse\nargparse.ArgumentParser().parse_args(['x'])",
        "failed",
        "SystemExit: 2",
    ),
    "in a function": (IN_FUNCTION + "main()", "finished", None),
    "exit code in a function": (IN_FUNCTION + "    sys.exit(3)\nmain()", "failed", "SystemExit: 3"),
    "exception in a function": (IN_FUNCTION + "    raise OSError('gone')\nmain()", "failed", "OSError: gone"),
}


def end_of(script: str, runs_dir: Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-c", script, str(runs_dir)]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=60, check=False)


@pytest.mark.parametrize("name", ENDS)
def test_a_run_ends_as_its_process_does(tmp_path: Path, name: str) -> None:
    script, state, failure = ENDS[name]
    end_of(script, tmp_path)
    status = status_of(tmp_path / "a")
    assert (status.state, status.failure) == (state, failure) or (failure and str(status.failure).startswith(failure))
    assert status.state == state


def test_a_module_that_runs_as_a_script_ends_the_same(tmp_path: Path) -> None:
    (tmp_path / "training.py").write_text(OPEN + "sys.exit(int(sys.argv[2]))")
    for code, state in ((0, "finished"), (7, "failed")):
        runs = tmp_path / state
        command = [sys.executable, "-m", "training", str(runs), str(code)]
        done = subprocess.run(command, cwd=tmp_path, env={**os.environ, "PYTHONPATH": str(ROOT)}, capture_output=True)
        assert done.returncode == code
        assert status_of(runs / "a").state == state


@pytest.mark.parametrize("hard", ["os._exit(0)", "os.kill(os.getpid(), signal.SIGKILL)"])
def test_a_process_that_vanishes_leaves_the_run_running_without_a_heartbeat(tmp_path: Path, hard: str) -> None:
    end_of(OPEN + "import time; time.sleep(1)\n" + hard, tmp_path)
    assert status_of(tmp_path / "a").state == "running"


def test_a_dropped_run_writes_what_is_queued_and_fails(tmp_path: Path) -> None:
    gc.disable()
    try:
        run = Run(tmp_path, "a")
        for epoch in range(50):
            run.log_metrics(epoch, {"loss": 1.0})
        run.log_predictions(0, np.zeros((8, 4, 4, 3), np.uint8), probabilities=np.eye(8), labels=range(8))
        path = run.path
        del run
        _wait_until_ended(path)
    finally:
        gc.enable()
    assert (status_of(path).state, status_of(path).failure) == ("failed", DROPPED)
    assert len(metrics_of(path)) == 50


FORK = """
child = os.fork()
if child == 0:
    %s
    sys.exit(3)
os.waitpid(child, 0)
run.log_metrics(1, {'loss': 0.5})
run.finish()
"""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system cannot fork")
@pytest.mark.parametrize(
    "child",
    [
        "with run: run.log_metrics(0, {'child': 1.0})",
        "with run: raise ValueError",
        "del run; import gc; gc.collect()",
        "run.log_metrics(9, {'child': 1.0}); run.fail('child')",
        "run.log_predictions(9, [[[0]]], predicted=[0]); run.update(config={'child': 1}); run.note('child')",
        "pass",
    ],
)
def test_a_forked_process_writes_nothing_into_the_run(tmp_path: Path, child: str) -> None:
    done = end_of(OPEN + FORK % child, tmp_path)
    status = status_of(tmp_path / "a")
    assert (status.state, status.failure, status.epoch) == ("finished", None, 1)
    assert [line.values for line in metrics_of(tmp_path / "a")] == [{"loss": 1.0}, {"loss": 0.5}]
    assert "child" not in (tmp_path / "a" / "run.json").read_text()
    assert done.stderr.count("is a fork of process") == ("run." in child)
    assert "finished" in done.stderr.splitlines()[-1]


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system cannot fork")
def test_a_forked_process_has_runs_of_its_own(tmp_path: Path) -> None:
    end_of(OPEN + FORK % "own = Run(sys.argv[1], 'child'); own.log_metrics(0, {'loss': 2.0})", tmp_path)
    assert status_of(tmp_path / "child").failure == "SystemExit: 3"
    assert status_of(tmp_path / "a").state == "finished"


def _wait_until_ended(path: Path) -> None:
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline and not ((path / "status.json").exists() and status_of(path).state != "running"):
        time.sleep(0.05)
