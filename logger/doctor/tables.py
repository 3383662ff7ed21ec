"""The Parquet files of a run, with the errors of those that cannot be read."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from .. import schema

READ_ERRORS = (OSError, ValueError, KeyError, pa.ArrowException)


@dataclass
class SplitTables:
    """The samples and predictions of a split. Errors by file."""

    samples: dict[int, dict[str, Any]] = field(default_factory=dict)
    """Columns index, digest, sheet and original of each sample, by index."""
    labels: dict[int, int] = field(default_factory=dict)
    """Labels by index, from the predictions."""
    epochs: dict[int, Path] = field(default_factory=dict)
    """Readable files of predictions."""
    classes: int = 0
    """Number of classes that the predictions show."""
    layout: tuple[int, int] | None = None
    """Cell and columns of the sheets, from the metadata of the samples files."""
    errors: dict[Path, Exception] = field(default_factory=dict)

    @property
    def missing(self) -> list[int]:
        """Indices that predictions name and no samples file has."""
        return sorted(set(self.labels) - set(self.samples))


def read_tables(folder: Path) -> dict[str, SplitTables]:
    """The splits of a run folder that have any file."""
    splits: dict[str, SplitTables] = {}
    for file in sorted((folder / schema.SAMPLES_DIR).glob("*.parquet")):
        part = schema.part_of(file.name)
        if part is not None:
            _read_samples(file, splits.setdefault(part[0], SplitTables()))
    for split in schema.SPLITS:
        files = (folder / schema.predictions_file(split, 0)).parent.glob("*.parquet")
        for file in sorted(files, key=lambda file: (schema.epoch_of(file.name) or 0, file.name)):
            epoch = schema.epoch_of(file.name)
            if epoch is not None:
                _read_predictions(file, epoch, splits.setdefault(split, SplitTables()))
    return splits


def _read_samples(file: Path, tables: SplitTables) -> None:
    try:
        table = pq.read_table(file, partitioning=None)
        names = [name for name in ("index", "digest", "sheet", "original") if name in table.column_names]
        rows = table.select(names).to_pylist()
        tables.samples.update({int(row["index"]): row for row in rows})
        metadata = (table.schema.metadata or {}).get(schema.METADATA_KEY.encode())
        if metadata is not None:
            facts = json.loads(metadata)
            tables.layout = int(facts["cell"]), int(facts["columns"])
    except (*READ_ERRORS, TypeError) as error:
        tables.errors[file] = error


def _read_predictions(file: Path, epoch: int, tables: SplitTables) -> None:
    try:
        table = pq.read_table(file, partitioning=None)
        indices, labels = table["index"].to_pylist(), table["label"].to_pylist()
        predicted = [p for p in table["predicted"].to_pylist() if p is not None]
        columns = [table[name].to_pylist() for name in ("probabilities", "classes") if name in table.column_names]
        full = [len(row) for row in columns[0] if row] if columns and not any(columns[-1]) else []
        seen = [p for row in columns[-1] if row for p in row] if columns and not full else []
        present = [label for label in labels if label is not None]
        highest = max([*predicted, *present, *(int(value) for value in seen)], default=-1)
        tables.classes = max(tables.classes, highest + 1, *full[:1])
        tables.labels.update(zip(indices, (-1 if label is None else label for label in labels), strict=True))
        tables.epochs[epoch] = file
    except (*READ_ERRORS, TypeError) as error:
        tables.errors[file] = error
