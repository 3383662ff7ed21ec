"""Trainings that leave fit() before its end: pruned trials, interrupts, and processes that exit."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

keras = pytest.importorskip("keras", reason="install the `keras` extra to test the callback")
tf = pytest.importorskip("tensorflow", reason="install the `keras` extra to test the callback")

from logger.keras.callback import RunLogger  # noqa: E402
from tests.conftest import ROOT  # noqa: E402
from tests.keras_models import Logged, logged, make_data, make_model  # noqa: E402

pytestmark = [pytest.mark.keras, pytest.mark.slow]

X, Y = make_data()


class Stop(keras.callbacks.Callback):  # type: ignore[misc]
    """Leaves fit() at an epoch by an exception, as tuners prune trials."""

    def __init__(self, error: BaseException, epoch: int = 0) -> None:
        super().__init__()
        self.error, self.epoch = error, epoch

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        if epoch == self.epoch:
            raise self.error


@pytest.mark.parametrize("error", [KeyboardInterrupt(), SystemExit(3), RuntimeError("pruned")])
def test_an_exception_passes_through_and_the_run_fails_while_the_process_lives(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, error: BaseException
) -> None:
    monkeypatch.setattr("logger.keras.exit_watch.CHECK_SECONDS", 0.05)
    logger = RunLogger((X, Y), runs_dir=tmp_path)
    with pytest.raises(type(error)):
        make_model().fit(X, Y, epochs=3, verbose=0, callbacks=[logger, Stop(error)])
    deadline = time.monotonic() + 20
    while logged(logger).status.state == "running" and time.monotonic() < deadline:
        time.sleep(0.05)
    status = logged(logger).status
    assert (status.state, status.failure) == (
        "failed",
        "fit() was left before its end, by an exception or an interrupt",
    )
    assert logged(logger).epochs() == [0]


@pytest.mark.parametrize("retain", [False, True])
def test_a_pruned_trial_has_ended_when_the_next_begins(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, retain: bool
) -> None:
    monkeypatch.setattr("logger.keras.exit_watch.CHECK_SECONDS", 60.0)
    errors: list[BaseException] = []
    trials: list[RunLogger] = []

    class Look(keras.callbacks.Callback):  # type: ignore[misc]
        def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
            states.append([logged(trial).status.state for trial in trials])

    states: list[list[str]] = []
    for _ in range(4):
        last = len(trials) == 3
        trials.append(RunLogger((X, Y), runs_dir=tmp_path))
        try:
            extra = Look() if last else Stop(RuntimeError("pruned"))
            make_model().fit(X, Y, epochs=2, verbose=0, callbacks=[trials[-1], extra])
        except RuntimeError as error:
            errors += [error] * retain
    assert states == [["failed"] * 3 + ["running"]] * 2
    assert logged(trials[-1]).status.state == "finished"


SCRIPT = """
import sys, numpy as np, keras
from logger.keras import RunLogger
class Stop(keras.callbacks.Callback):
    def on_epoch_end(self, epoch, logs=None):
        %s
x, y = np.zeros((8, 4, 4, 1), np.uint8), np.arange(8) %% 2
layers = [keras.layers.Input((4, 4, 1)), keras.layers.Flatten(), keras.layers.Dense(2, activation="softmax")]
m = keras.Sequential(layers)
m.compile("adam", "sparse_categorical_crossentropy")
def train():
    m.fit(x, y, epochs=3, verbose=0, callbacks=[RunLogger((x, y), runs_dir=sys.argv[1], name="a"), Stop()])
%s
"""
LEFT = "fit() was left before its end"


@pytest.mark.parametrize(
    ("in_callback", "around", "expected"),
    [
        ("sys.exit(3)", "train()", ("failed", "SystemExit: 3")),
        ("sys.exit(0)", "train()", ("finished", None)),
        ("raise KeyboardInterrupt", "train()", ("failed", "KeyboardInterrupt")),
        ("raise OSError", "try: train()\nexcept OSError: pass", ("failed", LEFT)),
        ("pass", "train(); sys.exit(3)", ("finished", None)),
    ],
)
def test_a_process_that_ends_within_fit_says_how(
    tmp_path: Path, in_callback: str, around: str, expected: tuple[str, str | None]
) -> None:
    command = [sys.executable, "-c", SCRIPT % (in_callback, around), str(tmp_path)]
    subprocess.run(command, cwd=ROOT, capture_output=True, timeout=120, check=False)
    status = Logged(tmp_path / "a").status
    assert (status.state, status.failure) == expected
