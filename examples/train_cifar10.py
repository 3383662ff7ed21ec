"""Train a small convolutional network on CIFAR-10 and log all 10,000 test images at every epoch.

    python examples/train_cifar10.py                        # downloads CIFAR-10 (170 MB)
    python examples/train_cifar10.py --data FOLDER          # FOLDER/train/<class>/*.png and FOLDER/test/<class>/*.png
    python examples/train_cifar10.py --data TRAIN --test-data TEST

Needs the `keras` extra: pip install ".[keras]". The command that opens the dashboard is printed at the end.
"""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

import keras
import numpy as np
from PIL import Image

from proofsheet.keras import RunLogger

CLASSES = ["airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck"]
SUFFIXES = {".png", ".jpg", ".jpeg", ".bmp", ".webp"}


def main() -> None:
    """Read the arguments, load the data, train."""
    options = _arguments()
    keras.utils.set_random_seed(options.seed)
    (x, y), (x_test, y_test), names, paths = load_data(options.data, options.test_data)
    model = small_cnn(len(names))
    model.compile(keras.optimizers.Adam(options.rate), "sparse_categorical_crossentropy", metrics=["accuracy"])
    logger = RunLogger(
        validation_data=(x_test, y_test),
        training_data=(x, y),
        class_names=names,
        runs_dir=options.runs,
        name=options.name,
        sources=paths,
        config={"batch_size": options.batch_size, "seed": options.seed},
    )
    model.fit(
        x,
        y,
        validation_data=(x_test, y_test),
        epochs=options.epochs,
        batch_size=options.batch_size,
        verbose=2,
        callbacks=[logger],
    )


def small_cnn(classes: int) -> Any:
    """About 0.1 million parameters: under a minute for an epoch on two cores."""
    layers = keras.layers
    blocks: list[Any] = [layers.Input((32, 32, 3)), layers.Rescaling(1 / 255)]
    for filters in (32, 64, 128):
        blocks += [
            layers.Conv2D(filters, 3, padding="same", use_bias=False),
            layers.BatchNormalization(),
            layers.ReLU(),
            layers.MaxPooling2D(),
        ]
    blocks += [layers.Flatten(), layers.Dropout(0.4), layers.Dense(classes, activation="softmax")]
    return keras.Sequential(blocks, name="small_cnn")


def load_data(folder: Path | None, test_folder: Path | None) -> tuple[Any, Any, list[str], list[str] | None]:
    """(x, y) to train on, (x, y) to test on, class names, and paths of the test images where they are files."""
    if folder is None:
        return *download(), CLASSES, None
    train, test = (folder, test_folder) if test_folder is not None else (folder / "train", folder / "test")
    x, y, names, _ = read_class_folders(train, 32)
    x_test, y_test, test_names, paths = read_class_folders(test, 32)
    if names != test_names:
        raise SystemExit(f"{train} and {test} must have the same classes, got {names} and {test_names}.")
    # Folders come class by class; a batch should hold them all.
    order = np.random.default_rng(0).permutation(len(y))
    return (x[order], y[order]), (x_test, y_test), names, paths


def read_class_folders(folder: Path, side: int) -> tuple[Any, Any, list[str], list[str]]:
    """Images (N, side, side, 3) uint8, labels (N,) int64, class names (sorted) and paths.

    `folder` holds one folder of pictures for each class, or one folder that does. Pictures of another size are
    resized. Raises SystemExit with one sentence when there are none.
    """
    inner = [path for path in folder.iterdir() if path.is_dir()] if folder.is_dir() else []
    if len(inner) == 1 and any(path.is_dir() for path in inner[0].iterdir()):
        return read_class_folders(inner[0], side)
    names = sorted(path.name for path in inner)
    files = [(path, label) for label, name in enumerate(names) for path in sorted((folder / name).iterdir())]
    files = [(path, label) for path, label in files if path.suffix.lower() in SUFFIXES]
    if not files:
        raise SystemExit(f"{folder} must hold one folder of pictures for each class; found no picture there.")
    images = np.empty((len(files), side, side, 3), np.uint8)
    for row, (path, _) in enumerate(files):
        with Image.open(path) as picture:
            picture = picture.convert("RGB")
            images[row] = picture if picture.size == (side, side) else picture.resize((side, side))
    return images, np.array([label for _, label in files]), names, [str(path) for path, _ in files]


def download() -> tuple[Any, Any]:
    """CIFAR-10 by Keras. Raises SystemExit with one sentence when it cannot be had."""
    try:
        (x, y), (x_test, y_test) = keras.datasets.cifar10.load_data()
    except Exception as error:  # Keras wraps what the network says in exceptions of many kinds
        raise SystemExit(
            f"CIFAR-10 could not be downloaded ({str(error).splitlines()[0][:200]}). "
            "Get its pictures as folders of classes and pass --data FOLDER."
        ) from None
    return (x, y[:, 0]), (x_test, y_test[:, 0])


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, help="folder with train/ and test/, or the folder to train on")
    parser.add_argument("--test-data", type=Path, help="folder to test on, when --data is the one to train on")
    parser.add_argument("--runs", type=Path, default=Path("runs"), help="where the run is written (default: runs)")
    parser.add_argument("--name", default="cifar10", help="name of the run (default: cifar10)")
    parser.add_argument("--epochs", type=int, default=5)
    parser.add_argument("--batch-size", type=int, default=128)
    parser.add_argument("--rate", type=float, default=1e-3, help="learning rate")
    parser.add_argument("--seed", type=int, default=0)
    return parser.parse_args()


if __name__ == "__main__":
    main()
