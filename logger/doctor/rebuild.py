"""Rebuilds files of a run from what the others still say."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

from .. import schema
from ..data.arrays import NO_LABEL
from ..storage.atomic_files import write_atomically
from ..storage.durable_epochs import read_epochs
from ..storage.parquet import write_table
from .findings import set_aside
from .tables import SplitTables, read_tables

_NOTE = (
    "run.json was rebuilt by `proofsheet doctor` from the other files: class names, settings and notes of the run "
    "were lost."
)
_FAILURE = "the process ended without finish()"


def rebuild_info(folder: Path) -> None:
    """Write run.json anew. Where the layout of sheets is not known, their split is left out: no image is shown then."""
    tables = read_tables(folder)
    splits = {
        split: schema.SplitInfo(1 + max(found.samples), cell=found.layout[0], columns=found.layout[1])
        for split, found in tables.items()
        if found.samples and found.layout is not None
    }
    classes = max((found.classes for found in tables.values()), default=0)
    files = [file for file in folder.rglob("*") if file.is_file()]
    info = schema.RunInfo(
        folder.name,
        min((file.stat().st_mtime for file in files), default=time.time()),
        classes=classes or None,
        task="classification" if tables else "metrics",
        splits=splits,
        notes=[_NOTE],
        logger="proofsheet doctor",
    )
    _replace(folder / schema.RUN_FILE, info.encode(), schema.RunInfo.decode)


def rebuild_status(folder: Path) -> None:
    """Write status.json anew: the run has failed; what the old one says besides stays."""
    try:
        status = schema.Status.decode((folder / schema.STATUS_FILE).read_text("utf-8"))
        values = {**vars(status), "failure": status.failure or _FAILURE}
    except (OSError, ValueError):
        values = {"failure": _FAILURE, "host": ""}
    values |= {"state": "failed", "epoch": read_epochs(folder).last}
    _replace(folder / schema.STATUS_FILE, schema.Status(**values).encode(), schema.Status.decode)


def rebuild_samples(folder: Path, split: str, tables: SplitTables) -> None:
    """Write the rows that are missing into a further part: their index and label, which the predictions have."""
    # A part that was set aside keeps its number.
    numbers = [file.name.split(".")[0].split("-")[1] for file in (folder / schema.SAMPLES_DIR).glob(f"{split}-*")]
    taken = [int(number) for number in numbers if number.isdecimal()]
    indices = np.array(tables.missing, np.int32)
    labels = np.array([tables.labels[index] for index in tables.missing], np.int64)
    columns = {"index": indices, "label": np.where(labels < 0, NO_LABEL, labels)}
    path = folder / schema.samples_file(split, 1 + max(taken, default=-1))
    layout = None if tables.layout is None else schema.sheet_metadata(*tables.layout)
    write_table(path, columns, schema.SAMPLE_COLUMNS, layout)


def _replace(file: Path, text: str, decode: Callable[[str], object]) -> None:
    """Write `file`, whose former content is set aside if `decode` cannot read it."""
    try:
        decode(file.read_text("utf-8"))
    except FileNotFoundError:
        pass
    except (OSError, ValueError):
        set_aside(file)
    write_atomically(file, text)
