"""How the sheets of a split are laid out. Without the layout no picture can be cut out correctly, so none is shown.

It is in the metadata of the samples files, so that a lost run.json mixes up nothing; of older runs it is in run.json.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from dashboard.catalogue import versions
from dashboard.catalogue.runs import Run
from logger import schema

_MOST = 16_384


@dataclass(frozen=True)
class SheetLayout:
    """Square cells of `cell` pixels, `columns` in a row. `problem` says why it is not known; then nothing is shown."""

    cell: int = schema.REDUCED_TILE
    columns: int = schema.SHEET_SIDE // schema.REDUCED_TILE
    problem: str | None = None

    def fits(self, width: int, height: int) -> bool:
        """Whether a sheet of this size in pixels has this layout."""
        return width == self.cell * self.columns and height > 0 and height % self.cell == 0

    def box(self, tile: int, width: int, height: int) -> tuple[int, int, int, int] | None:
        """Left, top, right, bottom of tile number `tile` on its sheet; None when it cannot lie in a cell."""
        if tile < 0 or not 0 < width <= self.cell or not 0 < height <= self.cell:
            return None
        left, top = tile % self.columns * self.cell, tile // self.columns * self.cell
        return left, top, left + width, top + height


def sheet_layout(run: Run, split: str) -> SheetLayout:
    """The layout of a split's sheets."""
    parts = run.samples.get(split, ())
    found = _stored(parts, versions.version(parts))
    if found is not None:
        return found
    info = run.info.splits.get(split)
    if info is None:
        return SheetLayout(
            problem=f"Pictures are not shown: {schema.RUN_FILE} does not say how the sheets of {split} are laid out, "
            "and the samples files, written by an earlier version, do not either."
        )
    return SheetLayout(info.cell, info.columns)


@lru_cache(maxsize=256)
def _stored(parts: tuple[Path, ...], _version: str) -> SheetLayout | None:
    """The layout in the samples files, None where they have none."""
    layouts = {layout for part in parts if (layout := _of_part(part)) is not None}
    if len(layouts) > 1:
        return SheetLayout(problem="Pictures are not shown: the samples files disagree about the layout of the sheets.")
    return next(iter(layouts), None)


def _of_part(part: Path) -> SheetLayout | None:
    try:
        metadata = pq.read_schema(part).metadata or {}
        facts = json.loads(metadata[schema.METADATA_KEY.encode()])
        cell, columns = facts["cell"], facts["columns"]
    except (OSError, pa.ArrowException, KeyError, TypeError, ValueError, RecursionError):
        return None
    whole = all(type(value) is int and 0 < value <= _MOST for value in (cell, columns))
    return SheetLayout(cell, columns) if whole else None
