"""Copies of the callback, as tuners make them: each logs a run of its own."""

from __future__ import annotations

import copy
import pickle
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

keras = pytest.importorskip("keras", reason="install the `keras` extra to test the callback")
tf = pytest.importorskip("tensorflow", reason="install the `keras` extra to test the callback")

from logger.keras.callback import RunLogger  # noqa: E402
from tests.keras_models import Logged, logged, make_data, make_model, run_names  # noqa: E402

pytestmark = [pytest.mark.keras, pytest.mark.slow]

X, Y = make_data()


def arrays() -> Any:
    return X, Y


def tf_data() -> Any:
    return tf.data.Dataset.from_tensor_slices((X, Y)).batch(16)


class Batches(keras.utils.PyDataset):  # type: ignore[misc]
    def __len__(self) -> int:
        return 3

    def __getitem__(self, index: int) -> Any:
        return X[index * 16 :][:16], Y[index * 16 :][:16]


@pytest.mark.parametrize("data", [arrays, tf_data, Batches])
def test_each_copy_of_a_callback_logs_its_own_run(tmp_path: Path, data: Callable[[], Any]) -> None:
    original = RunLogger(data(), runs_dir=tmp_path, name="trial", log_steps=2)
    for _ in range(2):
        [mine] = copy.deepcopy([original])
        make_model().fit(X, Y, batch_size=12, epochs=1, verbose=0, callbacks=[mine])
        assert [line.step for line in logged(mine).metrics if line.step is not None] == [2, 4]
        assert len(logged(mine).column("predicted")) == 48
    assert original.run is None
    original = mine  # a copy of a callback that has logged begins anew
    make_model().fit(X, Y, epochs=1, verbose=0, callbacks=[copy.deepcopy(original)])
    assert run_names(tmp_path) == ["trial", "trial-2", "trial-3"]


def test_copies_share_the_arrays_and_what_a_subclass_adds() -> None:
    class Tagged(RunLogger):
        def __init__(self, tag: str) -> None:
            super().__init__((X, Y))
            self.tag = tag

    copied = copy.deepcopy(Tagged("mine"))
    assert copied.tag == "mine"
    assert np.shares_memory(copied._settings.splits["val"].data.inputs, X)


def test_a_pickled_callback_logs_as_the_original(tmp_path: Path) -> None:
    logger = pickle.loads(pickle.dumps(RunLogger((X, Y), runs_dir=tmp_path, log_steps=1, class_names=["a", "b", "c"])))
    make_model().fit(X, Y, batch_size=48, epochs=2, verbose=0, callbacks=[logger])
    assert logged(logger).epochs() == [0, 1]
    assert logged(logger).info.class_names == ["a", "b", "c"]
    assert [line.step for line in logged(logger).metrics if line.step is not None] == [1, 2]


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_a_tuner_makes_a_run_of_each_trial(tmp_path: Path) -> None:
    tuning = pytest.importorskip("keras_tuner", reason="KerasTuner is not installed")
    pytest.importorskip("tensorboard", reason="KerasTuner needs tensorboard")

    def build(parameters: Any) -> Any:
        model = make_model()
        model.compile(keras.optimizers.Adam(parameters.Choice("rate", [1e-2, 1e-3])), "sparse_categorical_crossentropy")
        return model

    tuner = tuning.RandomSearch(build, "val_loss", max_trials=2, directory=tmp_path / "tuner")
    callback = RunLogger(tf_data(), runs_dir=tmp_path / "runs", name="trial")
    tuner.search(X, Y, validation_data=(X, Y), epochs=2, verbose=0, callbacks=[callback])
    runs = [Logged(tmp_path / "runs" / name) for name in run_names(tmp_path / "runs")]
    assert [(run.status.state, run.epochs()) for run in runs] == [("finished", [0, 1])] * 2
    assert {round(run.info.config["learning_rate"], 4) for run in runs} == {0.01, 0.001}
