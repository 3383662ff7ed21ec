"""The conventions of pixels, labels and outputs through real Keras models, read back from the files."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

keras = pytest.importorskip("keras", reason="install the `keras` extra to test the callback")

from tests.keras_models import fit, make_data, make_model  # noqa: E402

pytestmark = [pytest.mark.keras, pytest.mark.slow]

X, Y = make_data()
BINARY = (Y > 0).astype(int)
CCE, BCE = "categorical_crossentropy", "binary_crossentropy"
SPARSE = keras.losses.SparseCategoricalCrossentropy

PIXELS = {
    "uint8": (X, "as is"),
    "float [0,1]": (X / np.float32(255), "[0, 1]"),
    "float64 [0,1]": (X / 255, "[0, 1]"),
    "float16 [0,1]": ((X / 255).astype(np.float16), "[0, 1]"),
    "float [-1,1]": (X / np.float32(127.5) - 1, "[-1, 1]"),
    "float [0,255]": (X.astype(np.float32), "[0, 255]"),
    "standardised": (((X - X.mean()) / X.std()).astype(np.float32), "rescaled"),
    "gray HxWx1": (X[..., :1], "as is"),
    "RGBA": (np.concatenate([X, X[..., :1]], axis=3), "as is"),
    "5 channels": (np.concatenate([X, X[..., :2]], axis=3), "as is"),
    "height 1": (X[:, :1], "as is"),
    "int64": (X.astype(np.int64), "as is"),
    "uint16": (X * np.uint16(257), "16 bit"),
    "bool": (X > 90, "0 or 1"),
}


@pytest.mark.parametrize("name", PIXELS)
def test_pixels_are_logged_as_the_model_got_them(tmp_path: Path, name: str) -> None:
    images, rule = PIXELS[name]
    model = make_model(images.shape[1:])
    logged = fit(model, images, Y, validation_data=(images, Y), runs_dir=tmp_path)
    assert logged.info.display["rule"] == rule
    assert logged.samples("dtype")[0] == str(images.dtype)
    assert logged.samples("mean") == pytest.approx([image.astype(float).mean() for image in images], abs=2e-3, rel=1e-3)
    assert logged.column("predicted") == np.argmax(model.predict(images, verbose=0), axis=1).tolist()


LABELS: dict[str, tuple[Any, Any, dict[str, Any]]] = {
    "sparse": (Y, SPARSE(), {}),
    "sparse (N, 1)": (Y[:, None], SPARSE(), {}),
    "sparse float": (Y.astype(np.float32), SPARSE(), {}),
    "sparse int8": (Y.astype(np.int8), SPARSE(), {}),
    "one-hot": (np.eye(3)[Y], CCE, {}),
    "one-hot int": (np.eye(3, dtype=int)[Y], CCE, {}),
    "soft": (np.eye(3)[Y] * 0.9 + 0.1 / 3, CCE, {}),
    "logits": (Y, SPARSE(from_logits=True), {"activation": None}),
    "linear head, loss without from_logits": (Y, SPARSE(), {"activation": None}),
    "one-hot, sigmoids": (np.eye(3)[Y], BCE, {"activation": "sigmoid"}),
    "focal": (np.eye(3)[Y], keras.losses.CategoricalFocalCrossentropy(), {}),
    "mean squared error": (np.eye(3)[Y], "mse", {}),
}


@pytest.mark.parametrize("name", LABELS)
def test_labels_and_outputs_are_read_as_they_were_meant(tmp_path: Path, name: str) -> None:
    keras.utils.set_random_seed(1)  # by chance the outputs of a linear head can all lie within 0 to 1
    labels, loss, head = LABELS[name]
    model = make_model(loss=loss, **head)
    logged = fit(model, X, labels, validation_data=(X, labels), runs_dir=tmp_path)
    outputs = model.predict(X, verbose=0)
    assert logged.column("label") == Y.tolist()
    assert logged.column("predicted") == outputs.argmax(axis=1).tolist()
    assert logged.info.output["kind"] == _expected_kind(name)
    assert np.sum(logged.column("probabilities"), axis=1) == pytest.approx(1, abs=2e-3)


def _expected_kind(name: str) -> str:
    return "logits" if "logits" in name or "linear" in name else "scores" if "sigmoids" in name else "probabilities"


BINARIES = {
    "sigmoid": (BINARY, BCE, {"activation": "sigmoid"}, "sigmoid"),
    "sigmoid, labels (N, 1)": (BINARY[:, None].astype(np.float32), BCE, {"activation": "sigmoid"}, "sigmoid"),
    "logit": (BINARY, keras.losses.BinaryCrossentropy(from_logits=True), {"activation": None}, "sigmoid_logits"),
}


@pytest.mark.parametrize("name", BINARIES)
def test_one_unit_is_the_probability_of_class_1(tmp_path: Path, name: str) -> None:
    labels, loss, head, kind = BINARIES[name]
    model = make_model(loss=loss, units=1, **head)
    logged = fit(model, X, labels, validation_data=(X, labels), runs_dir=tmp_path, class_names=["dark", "bright"])
    outputs = model.predict(X, verbose=0)[:, 0]
    assert logged.info.output["kind"] == kind
    assert logged.info.classes == 2
    assert logged.column("predicted") == (outputs > (0.5 if kind == "sigmoid" else 0)).astype(int).tolist()


@pytest.mark.filterwarnings("ignore:.*softmax over axis")
def test_a_softmax_of_one_unit_is_noted_in_training(tmp_path: Path) -> None:
    model = make_model(units=1, loss="mse")
    logged = fit(model, X, BINARY, validation_data=(X, BINARY), runs_dir=tmp_path)
    assert logged.column("predicted") == [1] * len(X)
    assert "softmax over a single unit cannot learn" in logged.notes


def test_losses_are_those_that_keras_computes(tmp_path: Path) -> None:
    model = make_model()
    logged = fit(model, X, Y, validation_data=(X, Y), runs_dir=tmp_path)
    expected = keras.losses.sparse_categorical_crossentropy(Y, model.predict(X, verbose=0))
    assert logged.column("loss") == pytest.approx(np.array(expected).tolist(), rel=1e-4)


def test_outputs_of_mixed_precision_are_read(tmp_path: Path) -> None:
    for policy in ("mixed_float16", "mixed_bfloat16"):
        dtype = keras.DTypePolicy(policy)
        model = keras.Sequential([keras.layers.Flatten(), keras.layers.Dense(3, activation="softmax", dtype=dtype)])
        model.compile("adam", "sparse_categorical_crossentropy")
        logged = fit(model, X / np.float32(255), Y, validation_data=(X / np.float32(255), Y), runs_dir=tmp_path)
        assert logged.info.output["kind"] == "probabilities"
        assert None not in logged.column("loss")


def test_rows_of_weight_0_and_of_the_ignored_class_do_not_count(tmp_path: Path) -> None:
    labels = np.where(np.arange(len(Y)) < 5, -1, Y)
    weights = np.where(np.arange(len(Y)) >= 40, 0.0, 1.0)
    model = make_model(loss=SPARSE(ignore_class=-1))
    logged = fit(model, X, labels, validation_data=(X, labels, weights), runs_dir=tmp_path)
    assert logged.column("label") == [None] * 5 + Y[5:40].tolist() + [None] * 8
    assert logged.samples("weight") == weights.tolist()


def test_predictions_that_are_not_numbers_are_invalid(tmp_path: Path) -> None:
    model = make_model()
    model.optimizer.learning_rate = float("nan")
    logged = fit(model, X, Y, validation_data=(X, Y), runs_dir=tmp_path)
    assert logged.column("predicted") == [-1] * len(X)
    assert np.isnan(logged.metrics[0].values["loss"])


def test_channels_first_is_taken_from_the_model(tmp_path: Path) -> None:
    images = X.transpose(0, 3, 1, 2)
    model = keras.Sequential(
        [
            keras.layers.Input((3, 8, 8)),
            keras.layers.ZeroPadding2D(data_format="channels_first"),
            keras.layers.Flatten(),
            keras.layers.Dense(3, activation="softmax"),
        ]
    )
    model.compile("adam", "sparse_categorical_crossentropy")
    logged = fit(model, images, Y, validation_data=(images, Y), runs_dir=tmp_path)
    assert (logged.samples("width")[0], logged.samples("channels")[0]) == (8, 3)


REFUSED: dict[str, tuple[Any, Any, dict[str, Any], str]] = {
    "autoencoder": ((8, 8, 3), X / 255, {"loss": "mse"}, "not one row of class scores"),
    "several classes": (3, np.stack([Y > 0, Y > 1, Y < 2], 1) * 1, {"loss": BCE, "activation": "sigmoid"}, "several"),
    "regression": (1, Y + 0.5, {"loss": "mse"}, "not whole numbers"),
    "regression of whole numbers": (1, Y * 10, {"loss": "mse"}, "is a regression"),
    "embedding": (16, Y, {"loss": lambda y, z: keras.ops.mean(z**2, axis=1)}, "look like an embedding"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_other_tasks_log_metrics_only_with_the_reason(tmp_path: Path, name: str) -> None:
    shape, labels, head, reason = REFUSED[name]
    if isinstance(shape, tuple):
        model = keras.Sequential([keras.layers.Input(shape), keras.layers.Conv2D(3, 3, padding="same")])
        model.compile("adam", **head)
    else:
        model = make_model(units=shape, **{"activation": None, **head})
    logged = fit(model, X, labels, epochs=2, validation_data=(X, labels), runs_dir=tmp_path)
    assert logged.info.task == "metrics"
    assert reason in logged.notes
    assert [line.epoch for line in logged.metrics] == [0, 1]
    assert logged.epochs() == []
