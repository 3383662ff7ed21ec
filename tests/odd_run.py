"""A run with every kind of sample, written by the real logger and then made foreign by hand."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from logger import Run, schema

SAMPLES = 240
CLASSES = ["cat", "dog", "a/b <i>", "fox"]
EPOCHS = (0, 1, 4)


def log_odd_run(runs_dir: Path, name: str = "odd", seed: int = 3) -> Path:
    """Log SAMPLES pictures of many sizes at EPOCHS; the first 30 have no label, some outputs are NaN.

    Of the last epoch, every 40th label is then rewritten as class 9, which is not declared.
    """
    rng = np.random.default_rng(seed)
    sizes = rng.integers(5, 13, (SAMPLES, 2))
    images = [rng.integers(0, 256, (height, width, 3), dtype=np.uint8) for height, width in sizes]
    labels = rng.integers(0, 4, SAMPLES).astype(float)
    labels[:30] = np.nan
    sources = [f"Folder {i % 7}/image_{i:03d}.png" for i in range(SAMPLES)]
    with Run(runs_dir, name, CLASSES) as run:
        for epoch in EPOCHS:
            probabilities = rng.dirichlet(np.ones(4), SAMPLES)
            probabilities[20:26] = probabilities[100:105] = np.nan
            run.log_predictions(epoch, images, probabilities=probabilities, labels=labels, sources=sources)
    relabel(run.path / schema.predictions_file("val", EPOCHS[-1]))
    return run.path


def relabel(file: Path) -> None:
    table = pq.read_table(file)
    labels = [9 if i % 40 == 39 else label for i, label in enumerate(table["label"].to_pylist())]
    at = table.column_names.index("label")
    pq.write_table(table.set_column(at, "label", pa.array(labels, pa.int32())), file)
