"""Small real Keras models and data for the tests of the callback, and what their runs hold."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pyarrow.parquet as pq

from logger import schema
from logger.keras.callback import RunLogger

Array = Any


def make_data(n: int = 48, classes: int = 3, side: int = 8, channels: int = 3) -> tuple[Array, Array]:
    """Images (n, side, side, channels) uint8, brighter the higher their class, and labels (n,)."""
    rng = np.random.default_rng(0)
    labels = np.arange(n) % classes
    noise = rng.integers(0, 60, (n, side, side, channels))
    return (noise + (labels * 60)[:, None, None, None]).astype(np.uint8), labels


def make_model(
    shape: tuple[int | None, ...] = (8, 8, 3),
    units: int = 3,
    activation: str | None = "softmax",
    loss: Any = "sparse_categorical_crossentropy",
    **compile_arguments: Any,
) -> Any:
    """A compiled classifier with a convolution, batch normalisation and dropout."""
    model = keras.Sequential(
        [
            keras.layers.Input(shape),
            keras.layers.Rescaling(1 / 255),
            keras.layers.Conv2D(4, 3, activation="relu", padding="same"),
            keras.layers.BatchNormalization(),
            keras.layers.Dropout(0.3),
            keras.layers.GlobalAveragePooling2D(),
            keras.layers.Dense(units, activation=activation),
        ]
    )
    model.compile("adam", loss, **compile_arguments)
    return model


@dataclass(frozen=True)
class Logged:
    """What is in a run's folder."""

    path: Path

    @property
    def info(self) -> schema.RunInfo:
        return schema.RunInfo.decode((self.path / schema.RUN_FILE).read_text())

    @property
    def status(self) -> schema.Status:
        return schema.Status.decode((self.path / schema.STATUS_FILE).read_text())

    @property
    def metrics(self) -> list[schema.MetricsLine]:
        return [schema.MetricsLine.decode(line) for line in (self.path / schema.METRICS_FILE).read_text().splitlines()]

    def epochs(self, split: str = "val") -> list[int]:
        folder = (self.path / schema.predictions_file(split, 0)).parent
        return sorted(int(file.name[6:11]) for file in folder.glob("*.parquet"))

    def column(self, name: str, epoch: int = 0, split: str = "val") -> list[Any]:
        table = pq.read_table(self.path / schema.predictions_file(split, epoch), partitioning=None)
        return [row[name] for row in sorted(table.to_pylist(), key=lambda row: row["index"])]

    def samples(self, name: str, split: str = "val") -> list[Any]:
        table = pq.read_table(self.path / schema.samples_file(split, 0), partitioning=None)
        return [row[name] for row in sorted(table.to_pylist(), key=lambda row: row["index"])]

    @property
    def notes(self) -> str:
        return "\n".join(json.loads((self.path / schema.RUN_FILE).read_text())["notes"])


def fit(model: Any, x: Any, y: Any = None, epochs: int = 1, callback: RunLogger | None = None, **given: Any) -> Logged:
    """Train with a callback (made of `given` when there is none) and open what it logged."""
    callback = RunLogger(**given) if callback is None else callback
    model.fit(x, y, epochs=epochs, verbose=0, callbacks=[callback])
    assert callback.run is not None
    logged = Logged(callback.run.path)
    assert logged.status.errors == []
    return logged


def logged(logger: RunLogger) -> Logged:
    """The run of a callback whose training has begun."""
    assert logger.run is not None
    return Logged(logger.run.path)


def run_names(runs_dir: Path) -> list[str]:
    """The folders of the runs in `runs_dir`."""
    return sorted(path.name for path in runs_dir.iterdir())
