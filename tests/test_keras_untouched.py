"""A training with the callback is, to the last bit, the training without it."""

from __future__ import annotations

import copy
import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

keras = pytest.importorskip("keras", reason="install the `keras` extra to test the callback")
tf = pytest.importorskip("tensorflow", reason="install the `keras` extra to test the callback")

from logger.data.arrays import as_numpy  # noqa: E402
from logger.keras.callback import RunLogger  # noqa: E402
from logger.keras.predict import predict  # noqa: E402
from tests.keras_models import make_data, make_model  # noqa: E402

pytestmark = [pytest.mark.keras, pytest.mark.slow]

X, Y = make_data()


class AlwaysNoisy(keras.layers.Layer):  # type: ignore[misc]
    """Draws random numbers in inference too, from a seed of its own, and counts its calls."""

    def __init__(self) -> None:
        super().__init__()
        self.seed = keras.random.SeedGenerator(7)
        self.calls = self.add_weight(shape=(), initializer="zeros", trainable=False)

    def call(self, x: Any) -> Any:
        self.calls.assign_add(1.0)
        return x + keras.random.normal(keras.ops.shape(x), seed=self.seed)


def plain_model() -> Any:
    return make_model(metrics=["accuracy"])


def noisy_model() -> Any:
    layers = [keras.layers.Rescaling(1 / 255), keras.layers.RandomFlip(), AlwaysNoisy(), keras.layers.Dropout(0.5)]
    model = keras.Sequential([*layers, keras.layers.Flatten(), keras.layers.Dense(3, activation="softmax")])
    model.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
    return model


def arrays() -> tuple[Any, Any]:
    return (X, Y), (X, Y)


def shuffled() -> tuple[Any, Any]:
    def dataset() -> Any:
        pairs = tf.data.Dataset.from_tensor_slices((X, Y)).shuffle(48)
        return pairs.map(lambda x, y: (tf.image.random_flip_left_right(x), y)).batch(10)

    return dataset(), dataset()


def cached() -> tuple[Any, Any]:
    def dataset() -> Any:
        return tf.data.Dataset.from_tensor_slices((X, Y)).shuffle(48).cache().batch(10)

    return dataset(), dataset()


class Augmented(keras.utils.PyDataset):  # type: ignore[misc]
    """Draws from the global random states, as augmenting datasets do."""

    def __len__(self) -> int:
        return 5

    def __getitem__(self, index: int) -> tuple[Any, Any]:
        at = slice(index * 10, index * 10 + 10)
        return X[at] + np.random.randint(0, 20) * random.random(), Y[at]


def augmented() -> tuple[Any, Any]:
    return Augmented(), Augmented()


def loaders() -> tuple[Any, Any]:
    torch = pytest.importorskip("torch")
    torch.manual_seed(0)
    data = torch.utils.data.TensorDataset(torch.from_numpy(X), torch.from_numpy(Y))
    return tuple(torch.utils.data.DataLoader(data, batch_size=10, shuffle=True) for _ in range(2))  # type: ignore[return-value]


def train(make: Callable[[], Any], data: Callable[[], Any], runs_dir: Path | None) -> tuple[Any, list[Any], list[Any]]:
    """History, final weights and random states of a training with fixed seeds; logged when there is a `runs_dir`."""
    keras.utils.set_random_seed(5)
    model = make()
    training, validation = data()
    callbacks = []
    if runs_dir is not None:
        callbacks = [RunLogger(validation, training_data=training, training_samples=20, runs_dir=runs_dir)]
    fed = {"x": training[0], "y": training[1]} if isinstance(training, tuple) else {"x": training, "shuffle": False}
    history = model.fit(**fed, validation_data=validation, epochs=3, verbose=0, callbacks=callbacks)
    variables = [as_numpy(v.value) for v in (*model.variables, *model.optimizer.variables)]
    return history.history, variables, [random.random(), np.random.random(), float(tf.random.uniform(()))]


@pytest.mark.parametrize("data", [arrays, shuffled, cached, augmented, loaders])
@pytest.mark.parametrize("make", [plain_model, noisy_model])
def test_history_weights_and_random_states_are_the_same_with_and_without(
    tmp_path: Path, make: Callable[[], Any], data: Callable[[], Any]
) -> None:
    without, logged = train(make, data, None), train(make, data, tmp_path)
    assert without[0] == logged[0]
    assert all(np.array_equal(a, b) for a, b in zip(without[1], logged[1], strict=True))
    assert without[2] == logged[2]


def test_a_loop_of_fits_with_a_copied_callback_is_the_same_with_and_without(tmp_path: Path) -> None:
    def loop(callbacks: list[Any]) -> list[Any]:
        keras.utils.set_random_seed(5)
        model = noisy_model()
        losses = [model.fit(X, Y, epochs=1, verbose=0, callbacks=callbacks).history["loss"] for _ in range(3)]
        return [*losses, *(as_numpy(v.value) for v in (*model.variables, *model.optimizer.variables))]

    logger = copy.deepcopy(RunLogger((X, Y), runs_dir=tmp_path, log_steps=1))
    assert all(np.array_equal(a, b) for a, b in zip(loop([]), loop([logger]), strict=True))
    assert logger.run is not None and logger.run.last_epoch == 2


def test_predicting_does_not_change_the_model() -> None:
    model = noisy_model()
    model.build(X.shape)
    before = [as_numpy(v.value).copy() for v in model.variables]
    first = predict(model, X, None, lambda outputs: outputs)
    assert all(np.array_equal(a, as_numpy(v.value)) for a, v in zip(before, model.variables, strict=True))
    np.testing.assert_array_equal(first, predict(model, X, None, lambda outputs: outputs))


def test_predicting_in_padded_batches_gives_what_keras_gives() -> None:
    model = plain_model()
    ours = predict(model, X, 20, lambda outputs: outputs)
    np.testing.assert_allclose(ours, model.predict(X, verbose=0), rtol=1e-5)
