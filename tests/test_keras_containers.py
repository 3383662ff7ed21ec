"""Every container that fit() accepts, through the real callback: the same rows in the same order."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

keras = pytest.importorskip("keras", reason="install the `keras` extra to test the callback")
tf = pytest.importorskip("tensorflow", reason="install the `keras` extra to test the callback")

from logger.keras.callback import RunLogger  # noqa: E402
from tests.keras_models import Logged, fit, make_data, make_model  # noqa: E402

pytestmark = [pytest.mark.keras, pytest.mark.slow]

X, Y = make_data()


@pytest.fixture(scope="module")
def model() -> Any:
    """One model for all: what is tested is how data is read."""
    return make_model()


class Batches(keras.utils.PyDataset):  # type: ignore[misc]
    """Batches of 10 by index; counts how often it was asked, and refuses the calls that belong to fit()."""

    def __init__(self, endless: bool = False) -> None:
        super().__init__()
        self.endless = endless

    @property
    def num_batches(self) -> int | None:
        return None if self.endless else 5

    def __getitem__(self, index: int) -> tuple[Any, Any]:
        at = slice((index % 5) * 10, (index % 5) * 10 + 10)
        return X[at], Y[at]

    def on_epoch_end(self) -> None:
        raise AssertionError("the epochs of a dataset belong to fit()")


def slices() -> Any:
    return tf.data.Dataset.from_tensor_slices((X, Y))


def torch_loader() -> Any:
    torch = pytest.importorskip("torch")
    data = torch.utils.data.TensorDataset(torch.from_numpy(X), torch.from_numpy(Y))
    return torch.utils.data.DataLoader(data, batch_size=10)


CONTAINERS: dict[str, Callable[[], Any]] = {
    "arrays": lambda: (X, Y),
    "arrays in a list": lambda: [X, Y],
    "with weights": lambda: (X, Y, np.ones(len(X))),
    "lists": lambda: (X.tolist(), Y.tolist()),
    "a list of images": lambda: (list(X), Y),
    "tensors": lambda: (tf.constant(X), tf.constant(Y)),
    "batched tf.data": lambda: slices().batch(10),
    "unbatched tf.data": lambda: slices(),
    "tf.data of one-hot samples": lambda: tf.data.Dataset.from_tensor_slices((X, np.eye(3)[Y])),
    "PyDataset": Batches,
    "torch loader": torch_loader,
    "function that makes a generator": lambda: lambda: ((X[i : i + 10], Y[i : i + 10]) for i in range(0, len(X), 10)),
}


@pytest.mark.parametrize("name", CONTAINERS)
def test_all_rows_are_logged_in_their_order(tmp_path: Path, model: Any, name: str) -> None:
    bound = len(X) if "function" in name else None
    logged = fit(model, X, Y, validation_data=CONTAINERS[name](), max_samples=bound, runs_dir=tmp_path)
    assert logged.samples("label") == Y.tolist()
    assert logged.samples("mean") == pytest.approx(X.mean(axis=(1, 2, 3)).tolist(), rel=1e-4)
    assert logged.column("predicted") == model.predict(X, verbose=0).argmax(axis=1).tolist()


ENDLESS: dict[str, Callable[[], Any]] = {
    "tf.data": lambda: slices().repeat().batch(10),
    "PyDataset": lambda: Batches(endless=True),
    "function that makes a generator": lambda: lambda: iter(lambda: (X[:10], Y[:10]), None),
}


@pytest.mark.parametrize("name", ENDLESS)
def test_data_without_an_end_needs_a_bound(tmp_path: Path, model: Any, name: str) -> None:
    with pytest.raises(ValueError, match="no end: pass max_samples="):
        RunLogger(ENDLESS[name]())
    logged = fit(model, X, Y, validation_data=ENDLESS[name](), max_samples=25, runs_dir=tmp_path)
    assert len(logged.samples("index")) == 25
    assert "25" in logged.notes


def test_arrays_are_bounded_by_a_seeded_sample_with_each_label_in_its_share(tmp_path: Path, model: Any) -> None:
    runs = [fit(model, X, Y, validation_data=(X, Y), max_samples=12, runs_dir=tmp_path, seed=s) for s in (1, 1, 2)]
    assert [runs[0].samples("label").count(label) for label in range(3)] == [4, 4, 4]
    assert runs[0].samples("digest") == runs[1].samples("digest") != runs[2].samples("digest")
    assert runs[0].info.splits["val"].available == len(X)


def test_training_data_is_logged_as_a_sample_of_its_own_split(tmp_path: Path, model: Any) -> None:
    logged = fit(
        model, X, Y, validation_data=(X[:9], Y[:9]), training_data=(X, Y), training_samples=6, runs_dir=tmp_path
    )
    assert [logged.info.splits[split].samples for split in ("val", "train")] == [9, 6]
    assert logged.info.splits["train"].available == len(X)
    assert len(logged.column("predicted", split="train")) == 6


def test_a_generator_is_refused_because_fit_would_lose_its_batches() -> None:
    def batches() -> Iterator[Any]:
        yield X, Y

    with pytest.raises(TypeError, match="Pass a function that makes a new one"):
        RunLogger(batches())


def test_the_image_among_several_inputs_is_inferred_or_chosen(tmp_path: Path) -> None:
    image, size = keras.Input((8, 8, 3), name="image"), keras.Input((1,), name="size")
    pooled = keras.layers.GlobalAveragePooling2D()(image)
    joined = keras.layers.Concatenate()([pooled, size])
    model = keras.Model({"image": image, "size": size}, keras.layers.Dense(3, activation="softmax")(joined))
    model.compile("adam", "sparse_categorical_crossentropy")
    inputs = {"image": X / np.float32(255), "size": np.ones((len(X), 1), np.float32)}
    logged = fit(model, inputs, Y, validation_data=(inputs, Y), runs_dir=tmp_path)
    assert logged.samples("width")[0] == 8
    assert logged.column("predicted") == model.predict(inputs, verbose=0).argmax(axis=1).tolist()
    with pytest.raises(ValueError, match="`image_key` must be one of 'left', 'right', got 'top'"):
        RunLogger(({"left": X, "right": X}, Y), image_key="top")


def test_a_model_of_two_pictures_is_logged_with_a_note_on_which_is_shown(tmp_path: Path) -> None:
    left, right = keras.Input((8, 8, 3), name="left"), keras.Input((8, 8, 3), name="right")
    pooled = [keras.layers.GlobalAveragePooling2D()(side) for side in (left, right)]
    outputs = keras.layers.Dense(3, activation="softmax")(keras.layers.Concatenate()(pooled))
    siamese = keras.Model({"left": left, "right": right}, outputs)
    siamese.compile("adam", "sparse_categorical_crossentropy")
    inputs = {"left": X / np.float32(255), "right": X[::-1] / np.float32(255)}
    shown = fit(siamese, inputs, Y, validation_data=(inputs, Y), runs_dir=tmp_path)
    assert "Of the inputs 'left', 'right', 'left' is shown as the image. Pass image_key= to choose" in shown.notes
    chosen = fit(siamese, inputs, Y, validation_data=(inputs, Y), runs_dir=tmp_path, image_key="right")
    assert chosen.samples("digest") == shown.samples("digest")[::-1]


def test_flat_inputs_become_images_by_a_function(tmp_path: Path) -> None:
    flat = X.reshape(len(X), -1) / np.float32(255)
    model = keras.Sequential([keras.layers.Input((192,)), keras.layers.Dense(3, activation="softmax")])
    model.compile("adam", "sparse_categorical_crossentropy")
    metrics_only = fit(model, flat, Y, validation_data=(flat, Y), runs_dir=tmp_path)
    assert "pass image_key=lambda x: x.reshape" in metrics_only.notes
    shown = fit(
        model, flat, Y, validation_data=(flat, Y), runs_dir=tmp_path, image_key=lambda x: x.reshape(-1, 8, 8, 3)
    )
    assert shown.samples("channels")[0] == 3


@pytest.mark.parametrize("as_dict", [True, False])
def test_one_of_several_outputs_is_chosen_with_a_note(tmp_path: Path, as_dict: bool) -> None:
    image = keras.Input((8, 8, 3))
    pooled = keras.layers.GlobalAveragePooling2D()(image)
    size = keras.layers.Dense(1, name="size")(pooled)
    kind = keras.layers.Dense(3, activation="softmax", name="kind")(pooled)
    model = keras.Model(image, {"size": size, "kind": kind} if as_dict else [size, kind])
    losses, labels = ["mse", "sparse_categorical_crossentropy"], [Y * 1.0, Y]
    names = ["size", "kind"]
    given = (dict(zip(names, losses, strict=True)), dict(zip(names, labels, strict=True)))
    loss, y = given if as_dict else (losses, labels)
    model.compile("adam", loss)
    logged = fit(model, X / np.float32(255), y, validation_data=(X / np.float32(255), y), runs_dir=tmp_path)
    assert logged.info.classes == 3
    assert "is logged. Pass output= to choose." in logged.notes
    assert logged.column("label") == Y.tolist()
    with pytest.raises(ValueError, match="`output` must be one of the model's outputs"):
        fit(model, X / np.float32(255), y, validation_data=(X / np.float32(255), y), runs_dir=tmp_path, output="colour")


def test_images_of_many_sizes_are_predicted_by_size(tmp_path: Path) -> None:
    model = make_model((None, None, 3))
    images = [image if i % 3 else np.tile(image, (1, 2, 1)) for i, image in enumerate(X)]
    logged = fit(model, X, Y, validation_data=(images, Y), runs_dir=tmp_path)
    assert logged.samples("width")[:4] == [16, 8, 8, 16]
    expected = [model.predict(image[None], verbose=0)[0].max() for image in images]
    assert logged.column("confidence") == pytest.approx(expected, rel=1e-4)


def test_class_names_of_the_dataset_are_used_and_compared(tmp_path: Path, model: Any) -> None:
    dataset = slices().batch(10)
    dataset.class_names = ["a", "b", "c"]
    assert fit(model, X, Y, validation_data=dataset, runs_dir=tmp_path).info.class_names == ["a", "b", "c"]
    swapped = fit(model, X, Y, validation_data=dataset, class_names=["b", "a", "c"], runs_dir=tmp_path)
    assert "but those of the dataset itself with ['a', 'b', 'c']" in swapped.notes


def test_rows_without_labels_are_logged_as_unlabelled(tmp_path: Path, model: Any) -> None:
    logged: Logged = fit(model, X, Y, validation_data=(X,), runs_dir=tmp_path)
    assert logged.column("label") == [None] * len(X)
