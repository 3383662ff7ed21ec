"""RunLogger in real trainings: what it logs when, what it says, and that nothing it does can stop fit()."""

from __future__ import annotations

import logging
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

keras = pytest.importorskip("keras", reason="install the `keras` extra to test the callback")

from logger.keras.callback import RunLogger  # noqa: E402
from tests.keras_models import Logged, fit, make_data, make_model  # noqa: E402

pytestmark = [pytest.mark.keras, pytest.mark.slow]

X, Y = make_data()
NAMES = ["dark", "middle", "bright"]


def test_a_training_is_logged_by_one_line(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    model = make_model(metrics=["accuracy"])
    logged = fit(model, X, Y, 3, validation_data=(X, Y), class_names=NAMES, runs_dir=tmp_path)
    assert logged.epochs() == [0, 1, 2]
    assert logged.status.state == "finished"
    assert (logged.status.epoch, logged.status.epochs) == (2, 3)
    assert logged.status.cost["predicting"] > 0
    assert logged.info.class_names == NAMES
    assert {"loss", "accuracy", "learning_rate"} <= set(logged.metrics[2].values)
    assert "48 val images 8x8x3 uint8, 3 classes, probabilities; logging to" in capfd.readouterr().err


def test_the_settings_of_the_training_are_stored_and_the_given_ones_take_precedence(tmp_path: Path) -> None:
    logged = fit(make_model(), X, Y, runs_dir=tmp_path, config={"loss": "mine", "augment": True})
    assert logged.info.config["optimizer"] == "Adam"
    assert logged.info.config["learning_rate"] == pytest.approx(1e-3)
    assert logged.info.config["loss"] == "mine"
    assert logged.info.config["augment"] is True
    assert logged.info.config["parameters"] == 143
    assert logged.info.config["backend"] == keras.config.backend()


def test_without_data_the_metrics_are_logged_with_one_note(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    logged = fit(make_model(), X, Y, 2, class_names=NAMES, runs_dir=tmp_path)
    assert logged.info.task == "metrics"
    assert len(logged.metrics) == 2
    assert capfd.readouterr().err.count("pass RunLogger(validation_data=(x_val, y_val))") == 1


def test_predictions_are_made_at_the_first_every_nth_and_the_last_epoch(tmp_path: Path) -> None:
    logged = fit(make_model(), X, Y, 6, validation_data=(X, Y), every=4, runs_dir=tmp_path)
    assert logged.epochs() == [0, 3, 5]
    assert len(logged.metrics) == 6


def test_batches_are_logged_when_asked_for(tmp_path: Path) -> None:
    logger = RunLogger(runs_dir=tmp_path, log_steps=2)
    make_model().fit(X, Y, batch_size=8, epochs=2, verbose=0, callbacks=[logger])
    assert logger.run is not None
    lines = Logged(logger.run.path).metrics
    assert [line.step for line in lines if line.step is not None] == [2, 4, 6, 8, 10, 12]


def test_epochs_are_those_of_a_resumed_training(tmp_path: Path) -> None:
    logger = RunLogger((X, Y), runs_dir=tmp_path)
    make_model().fit(X, Y, epochs=7, initial_epoch=5, steps_per_epoch=2, verbose=0, callbacks=[logger])
    assert logger.run is not None
    assert Logged(logger.run.path).epochs() == [5, 6]


def test_restored_weights_are_recognised(tmp_path: Path) -> None:
    model = make_model()
    model.optimizer.learning_rate = 0.0

    class Worse(keras.callbacks.Callback):  # type: ignore[misc]
        def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
            kernel = self.model.layers[-1].kernel
            kernel.assign(kernel + epoch)
            logs["val_loss"] = float(epoch)

    restore = keras.callbacks.EarlyStopping("val_loss", patience=2, restore_best_weights=True)
    logger = RunLogger((X, Y), runs_dir=tmp_path)
    model.fit(X, Y, epochs=9, verbose=0, callbacks=[Worse(), restore, logger])
    assert logger.run is not None
    logged = Logged(logger.run.path)
    assert logged.epochs() == [0, 1, 2]
    assert "ends with the weights of epoch 1, not with those of the last epoch" in logged.notes


def test_a_training_that_stops_at_nan_leaves_a_readable_run(tmp_path: Path) -> None:
    model, logger = make_model(), RunLogger((X, Y), runs_dir=tmp_path)
    model.optimizer.learning_rate = float("nan")
    model.fit(X, Y, epochs=5, verbose=0, callbacks=[keras.callbacks.TerminateOnNaN(), logger])
    assert logger.run is not None
    logged = Logged(logger.run.path)
    assert logged.status.state == "finished"
    assert set(logged.column("predicted", logged.epochs()[-1])) == {-1}


def test_a_failing_log_is_reported_once_and_the_training_continues(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    class Breaks(keras.layers.Layer):  # type: ignore[misc]
        broken = False

        def call(self, x: Any) -> Any:
            if Breaks.broken:
                raise OSError("no luck")
            return x

    class Break(keras.callbacks.Callback):  # type: ignore[misc]
        def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
            self.model.predict_function = None
            Breaks.broken = True

    model = keras.Sequential([keras.layers.Rescaling(1 / 255), Breaks(), keras.layers.Flatten(), keras.layers.Dense(3)])
    model.compile("adam", keras.losses.SparseCategoricalCrossentropy(from_logits=True))
    logger = RunLogger((X, Y), runs_dir=tmp_path)
    with caplog.at_level(logging.WARNING, "proofsheet"):
        history = model.fit(X, Y, epochs=3, verbose=0, callbacks=[Break(), logger])
    assert len(history.history["loss"]) == 3
    assert [record.name for record in caplog.records if record.name != "tensorflow"] == ["proofsheet"]
    assert logger.run is not None
    logged = Logged(logger.run.path)
    assert "no luck" in logged.status.errors[0]
    assert len(logged.metrics) == 3


def test_a_model_with_its_own_training_step_is_logged(tmp_path: Path) -> None:
    class Own(keras.Model):  # type: ignore[misc]
        def __init__(self) -> None:
            super().__init__()
            self.inner = make_model()

        def call(self, x: Any, training: bool = False) -> Any:
            return self.inner(x, training=training)

        def train_step(self, data: Any) -> dict[str, Any]:
            return {"own": keras.ops.mean(keras.ops.cast(data[1], "float32"))}

    model = Own()
    model.compile("adam")
    logged = fit(model, X, Y, validation_data=(X, Y), runs_dir=tmp_path)
    assert "own" in logged.metrics[0].values
    assert len(logged.column("predicted")) == len(X)


MISTAKES: dict[str, tuple[dict[str, Any], str]] = {
    "lengths": ({"validation_data": (X, Y[:-1])}, "as many labels as images: expected 48, got 47|expected"),
    "tuple": ({"validation_data": (X, Y, Y, Y)}, "got a tuple of 4"),
    "labels missing": ({"validation_data": X}, "must be .x, y. of arrays"),
    "empty": ({"validation_data": (X[:0], Y[:0])}, "at least one image, got 0"),
    "dataset in tuple": ({"validation_data": (iter([]), Y)}, "or a dataset by itself"),
    "class_names": ({"class_names": "cat"}, "must be a list of names"),
    "every": ({"every": 0}, "`every` must be a whole number from 1, got 0"),
    "sources": ({"validation_data": (X, Y), "sources": ["a"]}, "one entry per image: expected 48, got 1"),
    "display_range": ({"display_range": 3}, "must be .low, high."),
    "config": ({"config": [1]}, "`config` must be a dict"),
    "labels of several lengths": ({"validation_data": (X[:2], [[1], [1, 2]])}, "labels of validation_data` must be an"),
    "a path": ({"validation_data": "data/val"}, "must be the data itself, got the path 'data/val'"),
    "the name of a run": ({"run": "runs/a"}, "`run` must be a Run, got str. Pass runs_dir= and name="),
}


@pytest.mark.parametrize("name", MISTAKES)
def test_invalid_arguments_are_refused_at_construction(name: str) -> None:
    arguments, sentence = MISTAKES[name]
    with pytest.raises((TypeError, ValueError), match=sentence):
        RunLogger(**arguments)


def test_images_of_another_shape_than_the_model_takes_are_refused_before_the_first_epoch(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"images of shape \(8, 8, 3\), like the model's input, got \(9, 8, 3\)"):
        fit(make_model(), X, Y, validation_data=(np.zeros((4, 9, 8, 3)), Y[:4]), runs_dir=tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_a_model_that_begins_with_nan_is_noted(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    model = make_model()
    model.set_weights([weights * np.nan for weights in model.get_weights()])
    logged = fit(model, X, Y, validation_data=(X, Y), runs_dir=tmp_path)
    assert "Before training, all outputs of the model for the first val images are NaN or infinite" in logged.notes
    assert "outputs NaN or infinite; logging to" in capfd.readouterr().err


def test_labels_that_are_names_cost_the_images_with_advice(tmp_path: Path) -> None:
    logged = fit(make_model(), X, Y, validation_data=(X, np.array(NAMES)[Y]), class_names=NAMES, runs_dir=tmp_path)
    assert "labels are text or objects, not class indices. Turn names into indices" in logged.notes
    assert len(logged.metrics) == 1


def test_labels_beyond_the_classes_are_noted(tmp_path: Path) -> None:
    logged = fit(make_model(), X, Y, validation_data=(X, np.where(Y == 2, 7, Y)), runs_dir=tmp_path)
    assert "16 of 48 labels are 7, but the model's classes are 0 to 2 only" in logged.notes
    assert set(logged.column("label")) == {0, 1, 7}


def test_importing_the_logger_does_not_import_keras() -> None:
    code = "import sys, logger; sys.exit('keras' in sys.modules or 'tensorflow' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
