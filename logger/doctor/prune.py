"""Which images of a run may go to make room, and removing them."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pyarrow.parquet as pq

from .. import schema
from .tables import SplitTables, read_tables

KEEP = {
    "tiles": "all reduced tiles; originals go",
    "wrong": "all tiles, and the originals of samples that the last epoch got wrong",
    "none": "no image at all",
}
"""What pruning may leave."""


@dataclass(frozen=True)
class Pruning:
    """Files to remove."""

    files: list[Path]
    bytes: int

    def remove(self) -> None:
        """Remove the files, and folders that become empty."""
        for file in self.files:
            file.unlink(missing_ok=True)
        for folder in sorted({file.parent for file in self.files}):
            if not any(folder.iterdir()):
                folder.rmdir()


def plan_pruning(folder: Path, keep: str) -> Pruning:
    """The images of the run in `folder` that go when `keep`, one of KEEP, stays."""
    originals = {file for file in (folder / schema.ORIGINALS_DIR).rglob("*") if file.is_file()}
    if keep == "wrong":
        tables = read_tables(folder)
        wanted = {folder / path for found in tables.values() for path in _wrong_originals(found)}
        originals -= wanted
    sheets = set((folder / schema.SHEETS_DIR).glob("*.webp")) if keep == "none" else set()
    files = sorted(originals | sheets)
    return Pruning(files, sum(file.stat().st_size for file in files))


def _wrong_originals(tables: SplitTables) -> set[str]:
    """Originals of the samples that the last epoch did not get right, those without a label among them."""
    if not tables.epochs:
        return {row["original"] for row in tables.samples.values() if row.get("original")}
    last = pq.read_table(tables.epochs[max(tables.epochs)], partitioning=None).select(["index", "label", "predicted"])
    right = {row["index"] for row in last.to_pylist() if row["label"] is not None and row["label"] == row["predicted"]}
    return {row["original"] for index, row in tables.samples.items() if row.get("original") and index not in right}
