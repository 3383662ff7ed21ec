"""What RunLogger costs a Keras training: time that fit() waits, and memory, against the same fit() without it.

    python benchmarks/keras_cost.py [--data FOLDER_OF_CLASS_FOLDERS] [--n 10000] [--epochs 10]

Each training runs in a process of its own. `hooks` is the time inside the callback's methods, the model's own
predictions taken out; memory is the peak and the growth of what the process holds.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np

sys.path.insert(0, str(Path(__file__).parent.parent))

from benchmarks.logging_cost import resident
from benchmarks.pictures import CLASSES, load


def train(options: argparse.Namespace) -> dict[str, Any]:
    """One training in this process, with or without the logger."""
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
    import keras
    from keras import layers

    keras.utils.set_random_seed(0)
    pictures, labels, _ = load(options.data, options.n)
    x = (pictures / np.float32(255)).astype(np.float32)
    del pictures
    model = keras.Sequential(
        [
            keras.Input((32, 32, 3)),
            layers.Conv2D(16, 3, strides=2, activation="relu"),
            layers.Conv2D(32, 3, strides=2, activation="relu"),
            layers.GlobalAveragePooling2D(),
            layers.Dense(10, activation="softmax"),
        ]
    )
    model.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
    rss: list[float] = []

    class Watch(keras.callbacks.Callback):
        def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
            rss.append(resident())

    callbacks: list[Any] = []
    spent = {"train_begin": 0.0, "epochs": []}
    with tempfile.TemporaryDirectory(dir=options.scratch) as folder:
        if options.with_logger:
            from logger.keras.callback import RunLogger

            class Timed(RunLogger):
                def on_train_begin(self, logs: Any = None) -> None:
                    began = time.perf_counter()
                    super().on_train_begin(logs)
                    spent["train_begin"] = time.perf_counter() - began

                def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
                    began = time.perf_counter()
                    super().on_epoch_end(epoch, logs)
                    spent["epochs"].append(time.perf_counter() - began)

            callbacks.append(Timed(validation_data=(x, labels), class_names=CLASSES, runs_dir=folder, name="run"))
        began = time.perf_counter()
        callbacks.append(Watch())
        model.fit(
            x,
            labels,
            validation_data=(x, labels),
            epochs=options.epochs,
            batch_size=128,
            verbose=0,
            callbacks=callbacks,
        )
        total = time.perf_counter() - began
        cost: dict[str, float] = {}
        if options.with_logger:
            cost = json.loads((Path(folder) / "run" / "status.json").read_text())["cost"]
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e3
    return {"total": total, "rss": rss, "peak": peak, "data": x.nbytes / 1e6, "spent": spent, "cost": cost}


def measure(options: argparse.Namespace, with_logger: bool) -> dict[str, Any]:
    command = [sys.executable, __file__, "--n", str(options.n), "--epochs", str(options.epochs), "--child"]
    command += ["--scratch", str(options.scratch)] + (["--with-logger"] if with_logger else [])
    command += ["--data", str(options.data)] if options.data else []
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode:
        raise SystemExit(done.stderr[-3000:])
    result: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return result


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path)
    parser.add_argument("--n", type=int, default=10_000)
    parser.add_argument("--epochs", type=int, default=10)
    parser.add_argument("--scratch", type=Path, default=Path(tempfile.gettempdir()))
    parser.add_argument("--child", action="store_true", help=argparse.SUPPRESS)
    parser.add_argument("--with-logger", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.child:
        print(json.dumps(train(options)))
        return
    plain, logged = measure(options, False), measure(options, True)
    hooks, cost = logged["spent"], logged["cost"]
    predicting = cost["predicting"] / options.epochs
    later = sorted(hooks["epochs"][1:])[len(hooks["epochs"]) // 2]
    print(f"{options.n:,} validation pictures of 32x32x3 float32 ({logged['data']:.0f} MB), {options.epochs} epochs")
    print(f"fit() without the logger {plain['total']:.1f} s, with it {logged['total']:.1f} s")
    print(f"the model's predictions for the log: {predicting:.2f} s an epoch")
    print(f"hooks, predictions included: first {hooks['train_begin'] + hooks['epochs'][0]:.3f} s, later {later:.3f} s")
    print(f"the logger's own time: first epoch {cost['first_epoch']:.3f} s, last {cost['last_epoch']:.4f} s")
    extra = logged["peak"] - plain["peak"]
    print(
        f"peak memory: {plain['peak']:.0f} -> {logged['peak']:.0f} MB: {extra / logged['data']:.2f} of the data given"
    )
    half = options.epochs // 2
    for name, result in (("without", plain), ("with", logged)):
        print(f"growth {name} the logger, middle to last epoch: {result['rss'][-1] - result['rss'][half]:+.1f} MB")


if __name__ == "__main__":
    main()
