"""Which run a fit() is logged to, in loops, resumed trainings and several processes; and what it prints."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

keras = pytest.importorskip("keras", reason="install the `keras` extra to test the callback")
tf = pytest.importorskip("tensorflow", reason="install the `keras` extra to test the callback")

from logger import Run  # noqa: E402
from logger.keras.callback import RunLogger  # noqa: E402
from tests.keras_models import Logged, logged, make_data, make_model, run_names  # noqa: E402

pytestmark = [pytest.mark.keras, pytest.mark.slow]

X, Y = make_data()


def metric_epochs(run: Logged) -> list[int | None]:
    return [line.epoch for line in run.metrics]


def test_a_second_fit_with_later_epochs_continues_the_run(tmp_path: Path) -> None:
    model, logger = make_model(), RunLogger((X, Y), runs_dir=tmp_path)
    model.fit(X, Y, epochs=2, verbose=0, callbacks=[logger])
    model.fit(X, Y, epochs=4, initial_epoch=2, verbose=0, callbacks=[logger])
    assert logged(logger).epochs() == [0, 1, 2, 3]
    assert len(logged(logger).samples("index")) == len(X)
    assert len(run_names(tmp_path)) == 1


def test_a_loop_of_fits_is_one_run_with_its_epochs_counted_on(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    model, logger = make_model(), RunLogger((X, Y), runs_dir=tmp_path, name="loop", log_steps=3)
    for _ in range(5):
        model.fit(X, Y, batch_size=16, epochs=1, verbose=0, callbacks=[logger])
    run = logged(logger)
    assert run_names(tmp_path) == ["loop"]
    assert run.epochs() == [0, 1, 2, 3, 4]
    assert [line.step for line in run.metrics if line.step is not None] == [3, 6, 9, 12, 15]
    assert (run.status.state, run.status.epoch, run.status.epochs) == ("finished", 4, 5)
    assert capfd.readouterr().err.count("continues") == 1


def test_a_model_compiled_anew_or_another_model_starts_another_run(tmp_path: Path) -> None:
    model, logger = make_model(), RunLogger((X, Y), runs_dir=tmp_path, name="a")
    model.fit(X, Y, epochs=2, verbose=0, callbacks=[logger])
    first = {path: path.read_bytes() for path in tmp_path.rglob("*.parquet")}
    model.compile("sgd", "sparse_categorical_crossentropy")
    model.fit(X, Y, epochs=1, verbose=0, callbacks=[logger])
    make_model().fit(X, Y, epochs=1, verbose=0, callbacks=[logger])
    assert run_names(tmp_path) == ["a", "a-2", "a-3"]
    assert Logged(tmp_path / "a-2").info.config["optimizer"] == "SGD"
    assert all(path.read_bytes() == content for path, content in first.items())


def test_a_later_run_of_a_callback_is_continued_in_its_own_folder(tmp_path: Path) -> None:
    logger = RunLogger((X, Y), runs_dir=tmp_path, name="a")
    make_model().fit(X, Y, epochs=1, verbose=0, callbacks=[logger])
    model = make_model()
    for _ in range(2):
        model.fit(X, Y, epochs=1, verbose=0, callbacks=[logger])
    assert run_names(tmp_path) == ["a", "a-2"]
    assert (Logged(tmp_path / "a").epochs(), Logged(tmp_path / "a-2").epochs()) == ([0], [0, 1])


def test_another_model_is_read_anew(tmp_path: Path) -> None:
    logger = RunLogger((X, Y), runs_dir=tmp_path, name="a")
    make_model().fit(X, Y, epochs=1, verbose=0, callbacks=[logger])
    logits = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    make_model(units=4, activation=None, loss=logits).fit(X, Y, epochs=1, verbose=0, callbacks=[logger])
    assert logged(logger).info.classes == 4
    assert logged(logger).info.output["kind"] == "logits"


def test_a_run_passed_by_the_user_takes_all_trainings_and_is_not_finished(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    with Run(tmp_path, "own", config={"mine": 1}) as run:
        model = make_model()
        for logger in [RunLogger((X, Y), run=run)] * 3 + [RunLogger((X, Y), run=run)]:
            model.fit(X, Y, epochs=1, verbose=0, callbacks=[logger])
        make_model().fit(X, Y, epochs=2, verbose=0, callbacks=[RunLogger((X, Y), run=run)])
        assert run.state == "running"
    assert Logged(run.path).epochs() == metric_epochs(Logged(run.path)) == [0, 1, 2, 3, 4, 5]
    assert Logged(run.path).info.config["mine"] == 1
    assert run_names(tmp_path) == ["own"]
    said = capfd.readouterr().err
    assert said.count("this fit() continues") == 1
    assert said.count("another training continues") == 1


def test_two_callbacks_on_one_run_agree_about_its_epochs(tmp_path: Path) -> None:
    with Run(tmp_path, "own") as run:
        both = [RunLogger((X, Y), run=run), RunLogger(run=run, log_steps=3)]
        model = make_model()
        for _ in range(3):
            model.fit(X, Y, batch_size=16, epochs=1, verbose=0, callbacks=both)
    assert Logged(run.path).epochs() == [0, 1, 2]
    assert {line.epoch for line in Logged(run.path).metrics} == {0, 1, 2}


def test_a_training_resumed_from_an_older_checkpoint_replaces_its_epochs(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    with Run(tmp_path, "job", resume=True) as run:
        make_model().fit(X, Y, epochs=4, verbose=0, callbacks=[RunLogger((X, Y), run=run)])
    before = Logged(run.path).column("confidence", 3)
    with Run(tmp_path, "job", resume=True) as run:
        make_model().fit(X, Y, epochs=6, initial_epoch=2, verbose=0, callbacks=[RunLogger((X, Y), run=run)])
    assert Logged(run.path).epochs() == [0, 1, 2, 3, 4, 5]
    assert Logged(run.path).column("confidence", 3) != before
    assert "already has epoch 3: what is logged again replaces it" in capfd.readouterr().err


def test_only_the_first_process_logs_unless_told_otherwise(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("RANK", "1")
    logger = RunLogger((X, Y), runs_dir=tmp_path)
    make_model().fit(X, Y, verbose=0, callbacks=[logger])
    assert logger.run is None
    assert run_names(tmp_path) == []
    assert "RunLogger(process_rank=0) logs it" in capfd.readouterr().err
    make_model().fit(X, Y, verbose=0, callbacks=[RunLogger((X, Y), runs_dir=tmp_path, process_rank=0)])
    assert len(run_names(tmp_path)) == 1
    monkeypatch.delenv("RANK")
    make_model().fit(X, Y, verbose=0, callbacks=[RunLogger((X, Y), runs_dir=tmp_path, process_rank=2)])
    assert len(run_names(tmp_path)) == 1


def test_independent_tasks_of_a_launcher_are_logged_with_a_note(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SLURM_PROCID", "3")
    logger = RunLogger((X, Y), runs_dir=tmp_path)
    make_model().fit(X, Y, verbose=0, callbacks=[logger])
    assert logged(logger).epochs() == [0]
    assert "SLURM_PROCID=3 numbers this process" in logged(logger).notes


def test_a_run_prints_one_line_at_its_beginning_and_one_at_its_end(
    tmp_path: Path, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PROOFSHEET_URL", "http://localhost:8501")
    options = {"training_data": (X, Y), "class_names": ["a", "b", "c"], "runs_dir": tmp_path}
    make_model().fit(X, Y, epochs=3, verbose=0, callbacks=[RunLogger((X, Y), **options, name="loud")])
    first, last = capfd.readouterr().err.splitlines()
    assert "48 val images" in first and "48 train images" in first
    assert first.endswith("View it: http://localhost:8501/gallery?run=loud")
    assert "loud finished; 48 val, 48 train samples" in last
    make_model().fit(X, Y, epochs=1, verbose=0, callbacks=[RunLogger(runs_dir=tmp_path, quiet=True, name="quiet")])
    assert "validation_data" in Logged(tmp_path / "quiet").notes
    monkeypatch.setenv("PROOFSHEET_QUIET", "1")
    make_model().fit(X, Y, epochs=1, verbose=0, callbacks=[RunLogger((X, Y), runs_dir=tmp_path)])
    assert capfd.readouterr().err == ""


def test_values_of_other_callbacks_that_are_no_numbers_cost_themselves(tmp_path: Path) -> None:
    class Clock(keras.callbacks.Callback):  # type: ignore[misc]
        def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
            logs.update(elapsed="00:42", nothing=None, deep={"a": 1}, per_class=np.array([1.0, 2.0]))

    logger = RunLogger((X, Y), runs_dir=tmp_path)
    make_model(metrics=["accuracy"]).fit(X, Y, epochs=2, verbose=0, callbacks=[Clock(), logger])
    for line in logged(logger).metrics:
        assert {"loss", "accuracy", "per_class_0", "per_class_1"} <= set(line.values)
        assert "elapsed" not in line.values
    assert logged(logger).notes.count("elapsed") == 1
    assert logged(logger).status.errors == []


def test_arguments_of_ranks_are_checked() -> None:
    with pytest.raises(ValueError, match="`process_rank` must be a whole number from 0"):
        RunLogger(process_rank=-1)
