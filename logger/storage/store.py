"""Puts samples, sheets and predictions on disk, in the order that keeps a run readable after a kill.

A picture is on disk before the row that names it, and the row before the predictions that count on it.
Everything here runs on the writer's thread.
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
from .atomic_files import write_whole

_PENDING_BYTES = 64 << 20


@dataclass(frozen=True)
class Place:
    """Where a picture was stored: sheet, tile, the tile's size in its cell, and the original's path."""

    sheet: int = NO_LABEL
    tile: int = NO_LABEL
    width: int = NO_LABEL
    height: int = NO_LABEL
    original: str | None = None


_NOWHERE = Place()


@dataclass
class _Split:
    cell: int
    columns: int
    next_sheet: int = 0
    next_part: int = 0
    places: dict[str, Place] = field(default_factory=dict)
    tiles: list[tuple[int, str, NDArray[np.uint8], str | None]] = field(default_factory=list)
    tile_bytes: int = 0
    rows: list[dict[str, Any]] = field(default_factory=list)
    epoch: int | None = None
    predictions: list[dict[str, Any]] = field(default_factory=list)


class Store:
    """The files of one run folder. `lost` is told how many pictures or rows could not be written, and why."""

    def __init__(self, folder: Path, lost: Callable[[int, Exception], None]) -> None:
        self._folder = folder
        self._lost = lost
        self._splits: dict[str, _Split] = {}
        self._disk_full = False
        self.bytes_written = 0

    def open_split(self, split: str, cell: int, columns: int) -> None:
        """Begin a split whose sheets have square cells of `cell` pixels, `columns` in a row."""
        self._splits[split] = _Split(cell, columns)

    def restore_split(self, split: str, rows: list[dict[str, Any]]) -> None:
        """Go on after the samples `rows` of `tables.read_samples`; sheets and parts are never rewritten."""
        state = self._splits[split]
        for row in rows:
            if row["sheet"] is not None:
                at = (row[k] for k in ("sheet", "tile", "tile_width", "tile_height", "original"))
                state.places[row["digest"]] = Place(*at)
        parts = [schema.part_of(p.name) for p in (self._folder / schema.SAMPLES_DIR).glob("*.parquet")]
        state.next_part = 1 + max((n for found in parts if found for s, n in [found] if s == split), default=-1)
        sheets = (self._folder / schema.SHEETS_DIR).glob(f"{split}-*.webp")
        state.next_sheet = 1 + max((int(p.stem.split("-")[1]) for p in sheets), default=-1)

    def add_pixels(self, split: str, digests: list[str], labels: NDArray[np.int64], pixels: NDArray[np.uint8]) -> None:
        """Take pictures (n, H, W, C) that the split does not have yet."""
        from .sheets import make_tile

        state = self._splits[split]
        if self._disk_full:
            self._lost(len(digests), OSError(errno.ENOSPC, "the disk is full"))
            return
        for digest, label, picture in zip(digests, labels.tolist(), pixels, strict=True):
            tile = make_tile(picture, state.cell)
            original = None
            if tile.original is not None:
                original = schema.original_file(digest, tile.extension)
                try:
                    if not (self._folder / original).exists():
                        self.bytes_written += write_whole(self._folder / original, tile.original)
                except OSError as e:
                    self._failed(1, e)
                    continue
            state.tiles.append((label, digest, tile.pixels, original))
            state.tile_bytes += tile.pixels.nbytes
        if state.tile_bytes > _PENDING_BYTES:
            self._write_sheets(split, state)

    def add_samples(self, split: str, columns: dict[str, Any]) -> None:
        """Take rows of samples.parquet without their places; `digest` is an object array of 32 hex digits."""
        self._splits[split].rows.append(columns)

    def add_predictions(self, split: str, epoch: int, columns: dict[str, Any], complete: bool) -> None:
        """Take rows of an epoch. They are written when `complete`, another epoch begins, or `flush` is called."""
        state = self._splits[split]
        if state.epoch not in (None, epoch):
            self.flush()
        state.epoch = epoch
        state.predictions.append(columns)
        if complete:
            self.flush()

    def flush(self) -> None:
        """Write all that waits."""
        for split, state in self._splits.items():
            self._write_sheets(split, state)
            self._write_samples(split, state)
            self._write_predictions(split, state)

    def _write_sheets(self, split: str, state: _Split) -> None:
        from .sheets import sheet

        # By label, so that a class is on neighbouring sheets; the sort is stable, unknown labels come last.
        tiles = sorted(state.tiles, key=lambda t: t[0] if t[0] != NO_LABEL else np.inf)
        state.tiles, state.tile_bytes = [], 0
        capacity = state.columns**2
        for start in range(0, len(tiles), capacity):
            page = tiles[start : start + capacity]
            number = state.next_sheet
            state.next_sheet += 1
            try:
                data = sheet([pixels for _, _, pixels, _ in page], state.cell, state.columns)
                self.bytes_written += write_whole(self._folder / schema.sheet_file(split, number), data)
            except OSError as e:
                self._failed(len(page), e)
                continue
            for at, (_, digest, pixels, original) in enumerate(page):
                height, width = pixels.shape[:2]
                state.places[digest] = Place(number, at, width, height, original)

    def _write_samples(self, split: str, state: _Split) -> None:
        if not state.rows:
            return
        from .parquet import write_table

        columns = _stacked(state.rows)
        state.rows = []
        places = [state.places.get(digest, _NOWHERE) for digest in columns["digest"]]
        for name, attribute in (
            ("sheet", "sheet"),
            ("tile", "tile"),
            ("tile_width", "width"),
            ("tile_height", "height"),
        ):
            columns[name] = np.array([getattr(place, attribute) for place in places], np.int64)
        columns["original"] = np.array([place.original for place in places], object)
        path = self._folder / schema.samples_file(split, state.next_part)
        state.next_part += 1
        self.bytes_written += write_table(
            path, columns, schema.SAMPLE_COLUMNS, schema.sheet_facts(state.cell, state.columns)
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
        columns = _stacked(parts)
        # The last row of an index wins: an epoch that is logged again replaces what it repeats.
        index = columns["index"]
        _, from_end = np.unique(index[::-1], return_index=True)
        keep = len(index) - 1 - from_end
        columns = {name: values[keep] for name, values in columns.items()}
        self.bytes_written += write_table(path, columns, schema.PREDICTION_COLUMNS)

    def _failed(self, count: int, error: OSError) -> None:
        self._disk_full |= error.errno in (errno.ENOSPC, errno.EDQUOT)
        self._lost(count, error)


def _stacked(parts: list[dict[str, Any]]) -> dict[str, Any]:
    """Parts of columns one after the other; a column that some parts lack is filled with nothing there."""
    if len(parts) == 1:
        return dict(parts[0])
    names = {name: part[name] for part in parts for name in part}
    return {
        name: np.concatenate([part[name] if name in part else _nothing(example, len(part["index"])) for part in parts])
        for name, example in names.items()
    }


def _nothing(like: NDArray[Any], rows: int) -> NDArray[Any]:
    fill: Any = None if like.dtype == object else np.nan if like.dtype.kind == "f" else NO_LABEL
    return np.full((rows, *like.shape[1:]), fill, like.dtype)
