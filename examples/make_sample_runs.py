"""Makes sample_runs/: three real Keras trainings on scikit-learn's handwritten digits, with fixed seeds.

    python examples/make_sample_runs.py [--runs FOLDER]

- `small-cnn`: a healthy training.
- `wider-cnn`: a better one, to compare with.
- `names-sorted`: fails silently. The class names are sorted by the alphabet, as a folder listing would be, and
  the labels are not. Every metric looks as good as that of `small-cnn`; the pictures tell.
"""

from __future__ import annotations

import argparse
import os
import shutil
from pathlib import Path

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")

import keras
import numpy as np
from keras import layers
from sklearn.datasets import load_digits

from proofsheet.keras import RunLogger

NAMES = ["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"]
EPOCHS = 12


def load() -> tuple[tuple[np.ndarray, np.ndarray], tuple[np.ndarray, np.ndarray]]:
    """(x, y) for training and for validation: pictures (n, 8, 8, 1) float32 from 0 to 1."""
    digits = load_digits()
    x = (digits.images[..., None] / 16).astype(np.float32)
    order = np.random.default_rng(0).permutation(len(x))
    train, val = order[:1000], order[1000:]
    return (x[train], digits.target[train]), (x[val], digits.target[val])


def build(filters: int) -> keras.Model:
    """A small CNN for 8x8 pictures."""
    return keras.Sequential(
        [
            keras.Input((8, 8, 1)),
            layers.Conv2D(filters, 3, padding="same", activation="relu"),
            layers.MaxPooling2D(),
            layers.Conv2D(2 * filters, 3, padding="same", activation="relu"),
            layers.Flatten(),
            layers.Dropout(0.3),
            layers.Dense(10, activation="softmax"),
        ]
    )


def train(runs_dir: Path, name: str, filters: int, rate: float, class_names: list[str]) -> None:
    """One training with its log."""
    keras.utils.set_random_seed(7)
    (x, y), (xv, yv) = load()
    model = build(filters)
    model.compile(keras.optimizers.Adam(rate), "sparse_categorical_crossentropy", metrics=["accuracy"])
    logger = RunLogger(
        validation_data=(xv, yv),
        training_data=(x, y),
        training_samples=300,
        class_names=class_names,
        runs_dir=runs_dir,
        name=name,
        config={"filters": filters, "dropout": 0.3},
    )
    model.fit(x, y, validation_data=(xv, yv), epochs=EPOCHS, batch_size=32, callbacks=[logger], verbose=0)


def main() -> None:
    """Train all three into an emptied folder."""
    parser = argparse.ArgumentParser(description="Make the sample runs.")
    parser.add_argument("--runs", type=Path, default=Path(__file__).parent.parent / "sample_runs")
    runs_dir: Path = parser.parse_args().runs
    for name in ("small-cnn", "wider-cnn", "names-sorted"):
        shutil.rmtree(runs_dir / name, ignore_errors=True)
    train(runs_dir, "names-sorted", 4, 2e-3, sorted(NAMES))
    train(runs_dir, "small-cnn", 4, 2e-3, NAMES)
    train(runs_dir, "wider-cnn", 24, 3e-3, NAMES)


if __name__ == "__main__":
    main()
