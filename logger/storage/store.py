"""Writes samples, sheets and predictions in an order that keeps a run readable after a kill.

Pixels are on disk before the row of their sample, and that before the predictions for it. Everything here runs on the
writer's thread.
"""

from __future__ import annotations

import errno
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .. import schema
from ..data.arrays import NO_LABEL
from .atomic_files import write_atomically

_PENDING_BYTES = 64 << 20
"""Tiles that wait for their sheet take at most about this much memory."""


@dataclass(frozen=True)
class TileLocation:
    """Where the pixels of a sample are: sheet, tile, size of the image in its cell, and path of the original."""

    sheet: int = NO_LABEL
    tile: int = NO_LABEL
    width: int = NO_LABEL
    height: int = NO_LABEL
    original: str | None = None


_NOT_STORED = TileLocation()


@dataclass
class _Split:
    cell: int
    columns: int
    next_sheet: int = 0
    next_part: int = 0
    locations: dict[str, TileLocation] = field(default_factory=dict)
    tiles: list[tuple[int, str, NDArray[np.uint8], str | None]] = field(default_factory=list)
    tile_bytes: int = 0
    rows: list[dict[str, Any]] = field(default_factory=list)
    epoch: int | None = None
    predictions: list[dict[str, Any]] = field(default_factory=list)


class Store:
    """The sample, sheet and prediction files of one run.

    `on_dropped(count, error)` is called with the number of images or rows that could not be written.
    """

    def __init__(self, folder: Path, on_dropped: Callable[[int, Exception], None]) -> None:
        self._folder = folder
        self._on_dropped = on_dropped
        self._splits: dict[str, _Split] = {}
        self._disk_full = False
        self.bytes_written = 0

    def open_split(self, split: str, cell: int, columns: int) -> None:
        """Add a split whose sheets have square cells of `cell` pixels a side, `columns` per row."""
        self._splits[split] = _Split(cell, columns)

    def restore_split(self, split: str, rows: list[dict[str, Any]]) -> None:
        """Continue after `rows` of `parquet.read_samples`. Existing sheets and parts are never rewritten."""
        state = self._splits[split]
        for row in rows:
            if row["sheet"] is not None:
                fields = (row[k] for k in ("sheet", "tile", "tile_width", "tile_height", "original"))
                state.locations[row["digest"]] = TileLocation(*fields)
        parts = [schema.part_of(p.name) for p in (self._folder / schema.SAMPLES_DIR).glob("*.parquet")]
        state.next_part = 1 + max((n for found in parts if found for s, n in [found] if s == split), default=-1)
        sheets = (self._folder / schema.SHEETS_DIR).glob(f"{split}-*.webp")
        state.next_sheet = 1 + max((int(p.stem.split("-")[1]) for p in sheets), default=-1)

    def add_pixels(self, split: str, digests: list[str], labels: NDArray[np.int64], pixels: NDArray[np.uint8]) -> None:
        """Add images (n, H, W, C) that the split does not have yet. `digests`: 32 hex digits each; `labels`: (n,)."""
        from .sheets import make_tile

        state = self._splits[split]
        if self._disk_full:
            self._on_dropped(len(digests), OSError(errno.ENOSPC, "the disk is full"))
            return
        for digest, label, image in zip(digests, labels.tolist(), pixels, strict=True):
            tile = make_tile(image, state.cell)
            original = None
            if tile.original is not None:
                original = schema.original_file(digest, tile.extension)
                try:
                    if not (self._folder / original).exists():
                        self.bytes_written += write_atomically(self._folder / original, tile.original)
                except OSError as e:
                    self._record_failure(1, e)
                    continue
            state.tiles.append((label, digest, tile.pixels, original))
            state.tile_bytes += tile.pixels.nbytes
        if state.tile_bytes > _PENDING_BYTES:
            self._write_sheets(split, state)

    def add_samples(self, split: str, columns: dict[str, Any]) -> None:
        """Add rows of `schema.SAMPLE_COLUMNS` without their locations; `digest`: object array of 32 hex digits."""
        self._splits[split].rows.append(columns)

    def add_predictions(self, split: str, epoch: int, columns: dict[str, Any], complete: bool) -> None:
        """Add rows of an epoch: written when `complete`, when another epoch follows, or by `flush`."""
        state = self._splits[split]
        if state.epoch not in (None, epoch):
            self.flush()
        state.epoch = epoch
        state.predictions.append(columns)
        if complete:
            self.flush()

    def flush(self) -> None:
        """Write everything that is pending."""
        for split, state in self._splits.items():
            self._write_sheets(split, state)
            self._write_samples(split, state)
            self._write_predictions(split, state)

    def _write_sheets(self, split: str, state: _Split) -> None:
        from .sheets import sheet

        # By label, so that a class is on neighbouring sheets. Stable; unknown labels come last.
        tiles = sorted(state.tiles, key=lambda t: t[0] if t[0] != NO_LABEL else np.inf)
        state.tiles, state.tile_bytes = [], 0
        capacity = state.columns**2
        for start in range(0, len(tiles), capacity):
            page = tiles[start : start + capacity]
            number = state.next_sheet
            state.next_sheet += 1
            try:
                data = sheet([pixels for _, _, pixels, _ in page], state.cell, state.columns)
                self.bytes_written += write_atomically(self._folder / schema.sheet_file(split, number), data)
            except OSError as e:
                self._record_failure(len(page), e)
                continue
            for at, (_, digest, pixels, original) in enumerate(page):
                height, width = pixels.shape[:2]
                state.locations[digest] = TileLocation(number, at, width, height, original)

    def _write_samples(self, split: str, state: _Split) -> None:
        if not state.rows:
            return
        from .parquet import write_table

        columns = _concatenated(state.rows)
        state.rows = []
        locations = [state.locations.get(digest, _NOT_STORED) for digest in columns["digest"]]
        for name, attribute in (
            ("sheet", "sheet"),
            ("tile", "tile"),
            ("tile_width", "width"),
            ("tile_height", "height"),
        ):
            columns[name] = np.array([getattr(location, attribute) for location in locations], np.int64)
        columns["original"] = np.array([location.original for location in locations], object)
        path = self._folder / schema.samples_file(split, state.next_part)
        state.next_part += 1
        self.bytes_written += write_table(
            path, columns, schema.SAMPLE_COLUMNS, schema.sheet_metadata(state.cell, state.columns)
        )

    def _write_predictions(self, split: str, state: _Split) -> None:
        if not state.predictions or state.epoch is None:
            return
        from .parquet import read_predictions, write_table

        parts, epoch = state.predictions, state.epoch
        state.predictions, state.epoch = [], None
        path = self._folder / schema.predictions_file(split, epoch)
        if path.exists():
            parts = [read_predictions(path), *parts]
        columns = _concatenated(parts)
        # The last row of a sample wins: logging an epoch again replaces its rows.
        index = columns["index"]
        _, from_end = np.unique(index[::-1], return_index=True)
        keep = len(index) - 1 - from_end
        columns = {name: values[keep] for name, values in columns.items()}
        self.bytes_written += write_table(path, columns, schema.PREDICTION_COLUMNS)

    def _record_failure(self, count: int, error: OSError) -> None:
        self._disk_full |= error.errno in (errno.ENOSPC, errno.EDQUOT)
        self._on_dropped(count, error)


def _concatenated(parts: list[dict[str, Any]]) -> dict[str, Any]:
    """The columns of all parts; a column that a part does not have is null there."""
    if len(parts) == 1:
        return dict(parts[0])
    names = {name: part[name] for part in parts for name in part}
    return {
        name: np.concatenate(
            [part[name] if name in part else _null_column(example, len(part["index"])) for part in parts]
        )
        for name, example in names.items()
    }


def _null_column(like: NDArray[Any], rows: int) -> NDArray[Any]:
    fill: Any = None if like.dtype == object else np.nan if like.dtype.kind == "f" else NO_LABEL
    return np.full((rows, *like.shape[1:]), fill, like.dtype)
