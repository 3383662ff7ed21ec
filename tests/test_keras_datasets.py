"""Datasets as people have them: cached on disk, in folders of files, with a short last batch."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

keras = pytest.importorskip("keras", reason="install the `keras` extra to test the callback")
tf = pytest.importorskip("tensorflow", reason="install the `keras` extra to test the callback")

from logger.keras.callback import RunLogger  # noqa: E402
from logger.keras.inputs.streams import open_stream, read_rows  # noqa: E402
from tests.keras_models import Logged, fit, logged, make_data, make_model  # noqa: E402

pytestmark = [pytest.mark.keras, pytest.mark.slow]

X, Y = make_data()


def cached(path: Path) -> Any:
    return tf.data.Dataset.from_tensor_slices((X, Y)).cache(str(path)).batch(8)


def cached_in_memory(path: Path) -> Any:
    return tf.data.Dataset.from_tensor_slices((X, Y)).cache().batch(8)


def cached_after_a_shuffle(path: Path) -> Any:
    return tf.data.Dataset.from_tensor_slices((X, Y)).shuffle(48).batch(8).cache(str(path))


@pytest.mark.parametrize("limit", [20, None])
@pytest.mark.parametrize("data", [cached, cached_in_memory, cached_after_a_shuffle])
def test_a_cache_is_filled_by_the_training_alone(
    tmp_path: Path, data: Callable[[Path], Any], limit: int | None
) -> None:
    validation = data(tmp_path / "cache")
    rows = read_rows(open_stream(validation, "validation_data", limit), limit, 4)
    assert len(rows) == (limit or 48)
    assert list(tmp_path.iterdir()) == []
    logger = RunLogger(validation, max_samples=limit, runs_dir=tmp_path / "runs")
    history = make_model().fit(X, Y, validation_data=validation, epochs=2, verbose=0, callbacks=[logger]).history
    assert len(history["val_loss"]) == 2
    assert len(logged(logger).samples("index")) == (limit or 48)


def test_a_complete_cache_is_read(tmp_path: Path) -> None:
    drawn = tf.data.Dataset.from_tensor_slices((X, Y)).map(lambda x, y: (tf.image.random_brightness(x, 0.5), y))
    validation = drawn.batch(8).cache(str(tmp_path / "cache"))
    pixels = np.concatenate([x.numpy() for x, _ in validation])
    rows = read_rows(open_stream(validation, "validation_data", None), None, 4)
    assert np.array_equal(rows.inputs, pixels)


def folder(path: Path) -> Path:
    for name, images in (("cat", X[:9]), ("dog", X[9:20])):
        (path / name).mkdir(parents=True)
        for i, image in enumerate(images):
            Image.fromarray(image).save(path / name / f"{i}.png")
    return path


@pytest.mark.parametrize("shuffle", [False, True])
def test_images_of_a_folder_are_logged_with_their_files(tmp_path: Path, shuffle: bool) -> None:
    files = keras.utils.image_dataset_from_directory(
        folder(tmp_path / "data"), image_size=(8, 8), batch_size=6, shuffle=shuffle, seed=3, verbose=False
    )
    run = fit(make_model(units=2), X, Y % 2, validation_data=files, runs_dir=tmp_path / "runs")
    assert run.info.class_names == ["cat", "dog"]
    sources = run.samples("source")
    assert len(set(sources)) == 20
    names = [Path(source).parent.name for source in sources]
    assert [run.info.class_names[label] for label in run.samples("label")] == names
    rows = read_rows(open_stream(files, "validation_data", None), None, 4)
    for pixels, source in zip(rows.inputs, sources, strict=True):
        assert np.array_equal(pixels, np.asarray(Image.open(source)))


def test_files_are_not_guessed_where_the_order_is_not_theirs(tmp_path: Path) -> None:
    files = keras.utils.image_dataset_from_directory(
        folder(tmp_path / "data"), image_size=(8, 8), batch_size=6, seed=3, verbose=False
    )
    limited = fit(make_model(units=2), X, Y % 2, validation_data=files, max_samples=8, runs_dir=tmp_path / "runs")
    assert limited.samples("source") == [None] * 8
    changed = files.unbatch().filter(lambda x, y: y == 0).batch(4)
    changed.file_paths = files.file_paths
    run = fit(make_model(units=2), X, Y % 2, validation_data=changed, runs_dir=tmp_path / "runs")
    assert run.samples("source") == [None] * 9


class Uneven(keras.utils.PyDataset):  # type: ignore[misc]
    """Five batches of 10, the last of 8."""

    def __len__(self) -> int:
        return 5

    def __getitem__(self, index: int) -> Any:
        return X[index * 10 :][:10], Y[index * 10 :][:10]


@pytest.mark.parametrize(
    ("limit", "samples", "said"),
    [
        (20, 20, "20 of about 50 images"),
        (30, 30, "30 of about 50 images"),
        (47, 47, "47 of about 50 images"),
        (48, 48, None),
        (100, 48, None),
        (None, 48, None),
    ],
)
def test_a_short_last_batch_is_counted(tmp_path: Path, limit: int | None, samples: int, said: str | None) -> None:
    run: Logged = fit(make_model(), X, Y, validation_data=Uneven(), max_samples=limit, runs_dir=tmp_path)
    assert len(run.samples("index")) == samples
    assert (said or "") in run.notes
    assert ("Only some rows" in run.notes) == (said is not None)
