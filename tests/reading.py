"""Reads a run folder back as plain Python, without the dashboard: what any other tool would see."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.parquet as pq
from numpy.typing import NDArray
from PIL import Image

from logger import schema


def info_of(run: Path) -> schema.RunInfo:
    return schema.RunInfo.decode((run / schema.RUN_FILE).read_text("utf-8"))


def status_of(run: Path) -> schema.Status:
    return schema.Status.decode((run / schema.STATUS_FILE).read_text("utf-8"))


def metrics_of(run: Path) -> list[schema.MetricsLine]:
    text = (run / schema.METRICS_FILE).read_text("utf-8")
    return [schema.MetricsLine.decode(line) for line in text.splitlines()]


def samples_of(run: Path, split: str = "val") -> list[dict[str, Any]]:
    files = sorted((run / schema.SAMPLES_DIR).glob(f"{split}-*.parquet"))
    rows = [row for file in files for row in pq.read_table(file, partitioning=None).to_pylist()]
    return sorted(rows, key=lambda row: row["index"])


def predictions_of(run: Path, epoch: int, split: str = "val") -> list[dict[str, Any]]:
    return list(pq.read_table(run / schema.predictions_file(split, epoch), partitioning=None).to_pylist())


def tile_of(run: Path, row: dict[str, Any], split: str = "val") -> NDArray[np.uint8]:
    """The pixels that the sheet shows of a sample: (h, w, 3 or 4)."""
    layout = info_of(run).splits[split]
    with Image.open(run / schema.sheet_file(split, row["sheet"])) as sheet:
        pixels = np.asarray(sheet)
    y, x = row["tile"] // layout.columns * layout.cell, row["tile"] % layout.columns * layout.cell
    return pixels[y : y + row["tile_height"], x : x + row["tile_width"]]
