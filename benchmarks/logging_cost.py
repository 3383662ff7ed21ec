"""What logging costs a training: 10,000 pictures of 32x32x3, 10 classes, 10 epochs, against others on the same work.

    python benchmarks/logging_cost.py [--data FOLDER_OF_CLASS_FOLDERS] [--wandb-python PYTHON_WITH_WANDB]

Every contestant runs in a process of its own; they take turns, `--rounds` times, and medians are printed.
`blocked` is the time that the training loop waits in an epoch, the model's own time not counted. Between epochs a
stand-in for training keeps one core busy, so that work in the background is not free.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

sys.path.insert(0, str(Path(__file__).parent.parent))

from benchmarks.pictures import CLASSES, load, predictions

Log = Callable[[int, np.ndarray], None]


def train(seconds: float) -> None:
    """Keep one core busy, as a training does."""
    a = np.random.default_rng(0).random((256, 256), np.float32)
    until = time.perf_counter() + seconds
    while time.perf_counter() < until:
        a = np.tanh(a @ a)


def by_hand(folder: Path, x: np.ndarray, y: np.ndarray) -> tuple[Log, Callable[[], None]]:
    """A PNG per image and epoch, and a CSV: what people write themselves."""
    import csv

    from PIL import Image

    def log(epoch: int, p: np.ndarray) -> None:
        (folder / f"epoch-{epoch:03d}").mkdir(parents=True)
        with open(folder / f"epoch-{epoch:03d}.csv", "w", newline="") as file:
            writer = csv.writer(file)
            writer.writerow(["image", "label", "predicted", *CLASSES])
            for i, (picture, label, row) in enumerate(zip(x, y, p, strict=True)):
                Image.fromarray(picture).save(folder / f"epoch-{epoch:03d}" / f"{i:05d}.png")
                writer.writerow([i, CLASSES[label], CLASSES[row.argmax()], *row.tolist()])

    return log, lambda: None


def run_every_time(folder: Path, x: np.ndarray, y: np.ndarray) -> tuple[Log, Callable[[], None]]:
    """`Run`, given the images again at every epoch."""
    from logger import Run

    run = Run(folder, "run", CLASSES)
    return lambda epoch, p: run.log_predictions(epoch, x, probabilities=p, labels=y), run.finish


def run_once(folder: Path, x: np.ndarray, y: np.ndarray) -> tuple[Log, Callable[[], None]]:
    """`Run`, given the images at the first epoch only, as the Keras callback does."""
    from logger import Run

    run = Run(folder, "run", CLASSES)

    def log(epoch: int, p: np.ndarray) -> None:
        images = x if epoch == 0 else None
        run.log_predictions(epoch, images, probabilities=p, labels=y if epoch == 0 else None)

    return log, run.finish


def wandb_table(folder: Path, x: np.ndarray, y: np.ndarray) -> tuple[Log, Callable[[], None]]:
    """W&B offline, a Table of image, label, prediction and scores."""
    import wandb  # type: ignore[import-not-found]

    folder.mkdir(parents=True, exist_ok=True)
    os.environ["WANDB_SILENT"] = "true"
    run = wandb.init(mode="offline", dir=str(folder), project="benchmark")

    def log(epoch: int, p: np.ndarray) -> None:
        table = wandb.Table(columns=["image", "label", "predicted", *CLASSES])
        for picture, label, row in zip(x, y, p, strict=True):
            table.add_data(wandb.Image(picture), CLASSES[label], CLASSES[row.argmax()], *row.tolist())
        run.log({"epoch": epoch, "predictions": table})

    return log, run.finish


CONTESTANTS = {f.__name__: f for f in (by_hand, run_every_time, run_once, wandb_table)}


def contest(name: str, options: argparse.Namespace) -> dict[str, Any]:
    """One contestant, in this process."""
    x, y, _ = load(options.data, options.n)
    folder = Path(tempfile.mkdtemp(prefix="benchmark-", dir=options.scratch))
    blocked, rss = [], []
    log, finish = CONTESTANTS[name](folder / "log", x, y)
    cpu = time.process_time()
    for epoch in range(options.epochs):
        train(options.between)
        p = predictions(y, epoch)
        began = time.perf_counter()
        log(epoch, p)
        blocked.append(time.perf_counter() - began)
        rss.append(resident())
    finish()
    cpu = time.process_time() - cpu - options.between * options.epochs
    files = [file for file in folder.rglob("*") if file.is_file()]
    size = sum(file.stat().st_size for file in files)
    shutil.rmtree(folder)
    return {"blocked": blocked, "cpu": cpu, "bytes": size, "files": len(files), "rss": rss}


def resident() -> float:
    """MB of memory that this process holds now."""
    with open("/proc/self/statm") as file:
        return int(file.read().split()[1]) * resource.getpagesize() / 1e6


def measure(name: str, options: argparse.Namespace, python: str) -> dict[str, Any]:
    command = [python, __file__, "--contestant", name, "--n", str(options.n), "--epochs", str(options.epochs)]
    command += ["--between", str(options.between), "--scratch", str(options.scratch)]
    command += ["--data", str(options.data)] if options.data else []
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode:
        raise SystemExit(f"{name} failed:\n{done.stderr[-2000:]}")
    result: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return result


def png_bytes(x: np.ndarray) -> int:
    """Size of all pictures as a PNG each, once."""
    import io

    from PIL import Image

    total = 0
    for picture in x:
        buffer = io.BytesIO()
        Image.fromarray(picture).save(buffer, "png")
        total += len(buffer.getvalue())
    return total


def report(results: dict[str, list[dict[str, Any]]], options: argparse.Namespace) -> None:
    x, _, source = load(options.data, options.n)
    pngs = png_bytes(x)
    print(f"{source}, {options.epochs} epochs, medians of {options.rounds} rounds taking turns")
    print(f"PNG size of the pictures once: {pngs / 1e6:.1f} MB\n")
    head = f"{'':16}{'first s':>9}{'later s':>9}{'CPU s':>8}{'MB':>9}{'files':>9}{'B/row':>8}"
    print(head + f"{'first':>10}{'later':>10}   (by hand = 1)")

    def middle(name: str, pick: Callable[[dict[str, Any]], float]) -> float:
        return statistics.median(pick(result) for result in results[name])

    base = {
        "first": middle("by_hand", lambda r: r["blocked"][0]),
        "later": middle("by_hand", lambda r: statistics.median(r["blocked"][1:])),
    }
    for name in results:
        first = middle(name, lambda r: r["blocked"][0])
        later = middle(name, lambda r: statistics.median(r["blocked"][1:]))
        size, files = middle(name, lambda r: r["bytes"]), middle(name, lambda r: r["files"])
        row = (size - pngs) / (options.n * options.epochs)
        print(
            f"{name:16}{first:9.3f}{later:9.3f}{middle(name, lambda r: r['cpu']):8.1f}{size / 1e6:9.1f}{files:9.0f}"
            f"{row:8.0f}{first / base['first']:10.4f}{later / base['later']:10.4f}"
        )
    allowed = 1.2 * pngs + 60 * options.n * options.epochs
    for name in ("run_once", "run_every_time"):
        growth = statistics.median(r["rss"][-1] - r["rss"][len(r["rss"]) // 2] for r in results[name])
        size = middle(name, lambda r: r["bytes"])
        print(
            f"{name}: {size / allowed:.2f} of the disk allowed; "
            f"memory from the middle to the last epoch {growth:+.1f} MB"
        )
    if "wandb_table" in results:
        ours, theirs = (middle(n, lambda r: statistics.median(r["blocked"][1:])) for n in ("run_once", "wandb_table"))
        print(f"later epochs: {ours / theirs:.5f} of W&B's Table")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path)
    parser.add_argument("--n", type=int, default=10_000)
    parser.add_argument("--epochs", type=int, default=10)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--between", type=float, default=1.0, help="seconds of training between epochs")
    parser.add_argument("--scratch", type=Path, default=Path(tempfile.gettempdir()))
    parser.add_argument("--wandb-python", help="a Python that has wandb, numpy and pillow")
    parser.add_argument("--contestant", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.contestant:
        print(json.dumps(contest(options.contestant, options)))
        return
    names = ["by_hand", "run_every_time", "run_once"] + (["wandb_table"] if options.wandb_python else [])
    results: dict[str, list[dict[str, Any]]] = {name: [] for name in names}
    for _ in range(options.rounds):
        for name in names:
            python = options.wandb_python if name == "wandb_table" else sys.executable
            results[name].append(measure(name, options, python))
    report(results, options)


if __name__ == "__main__":
    main()
