"""Writes samples, sheets and predictions in an order that keeps a run readable after a kill.

Pixels are on disk before the row of their sample, and that before the predictions for it. What cannot be written is
tried again later. Everything here runs on the writer's thread.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .. import schema
from .columns import concatenated, last_of_each_sample, rows_of
from .free_space import Content, FreeSpace
from .image_files import PENDING_BYTES, ImageFiles, Reports, TileLocation
from .ownership.run_folder import RunFolder

_LONGEST_WAIT = 60.0
"""Seconds that rows of an epoch that grows slowly are gathered at most."""
_SAMPLE_BYTES = 100
"""About the size of the row of a sample in its file."""
_NOT_STORED = TileLocation()


@dataclass
class _Split:
    images: ImageFiles
    cell: int
    columns: int
    next_part: int = 0
    rows: list[dict[str, Any]] = field(default_factory=list)
    predictions: dict[int, list[dict[str, Any]]] = field(default_factory=dict)
    """Rows that wait to be written, by epoch."""
    epoch: int | None = None
    written: set[int] = field(default_factory=set)
    """Epochs of which this process has written rows: others are replaced as a whole."""
    unconfirmed: set[int] = field(default_factory=set)
    """Epochs of which rows are on disk, and more may follow."""
    flushed: float = 0.0
    wait: float = 0.0
    """Seconds after `flushed` until an unfinished epoch is written again."""

    @property
    def is_pending(self) -> bool:
        return bool(self.rows or self.predictions or self.images.waiting)


class Store:
    """The sample, sheet and prediction files of one run. `on_written(split, epoch)`: all predictions are on disk."""

    def __init__(
        self, folder: RunFolder, space: FreeSpace, reports: Reports, on_written: Callable[[str, int], None]
    ) -> None:
        self._folder, self._space, self._reports, self._on_written = folder, space, reports, on_written
        self._splits: dict[str, _Split] = {}
        self.samples: dict[str, int] = {}
        """Samples on disk, by split."""

    def open_split(self, split: str, cell: int, columns: int) -> None:
        """Add a split whose sheets have square cells of `cell` pixels a side, `columns` per row."""
        images = ImageFiles(self._folder, self._space, (split, cell, columns), self._reports)
        self._splits[split] = _Split(images, cell, columns)
        self.samples[split] = 0

    def restore_split(self, split: str, rows: list[dict[str, Any]]) -> None:
        """Continue after `rows` of `parquet.read_samples`. Existing sheets and parts are never rewritten."""
        state = self._splits[split]
        names = ("sheet", "tile", "tile_width", "tile_height", "original")
        located = [row for row in rows if row["sheet"] is not None]
        state.images.restore({row["digest"]: TileLocation(*(row[name] for name in names)) for row in located})
        files = (self._folder.path / schema.SAMPLES_DIR).glob("*.parquet")
        parts = [part for file in files if (part := schema.part_of(file.name)) and part[0] == split]
        state.next_part = 1 + max((number for _, number in parts), default=-1)
        self.samples[split] = len(rows)

    def add_pixels(self, split: str, digests: list[str], labels: NDArray[np.int64], pixels: NDArray[np.uint8]) -> None:
        """Add images (n, H, W, C) that the split does not have yet. `digests`: 32 hex digits each; `labels`: (n,)."""
        self._splits[split].images.add(digests, labels, pixels)

    def add_samples(self, split: str, columns: dict[str, Any]) -> None:
        """Add rows of `schema.SAMPLE_COLUMNS` without their locations; `digest`: object array of 32 hex digits."""
        self._splits[split].rows.append(columns)

    def add_predictions(self, split: str, epoch: int, columns: dict[str, Any], complete: bool) -> None:
        """Add rows of an epoch: written when `complete`, when another epoch follows, or by a flush."""
        state = self._splits[split]
        if state.epoch != epoch:
            if state.epoch is not None:
                self.flush()
            state.epoch, state.wait = epoch, 0.0
        state.predictions.setdefault(epoch, []).append(columns)
        if complete:
            self.flush()

    def first_pending_epoch(self) -> int | None:
        """The first epoch of which rows wait to be written, or may follow."""
        states = self._splits.values()
        return min((epoch for state in states for epoch in (*state.predictions, *state.unconfirmed)), default=None)

    def flush_gathered(self) -> bool:
        """Write what was gathered long enough; whether something is still pending.

        An epoch that grows slowly is written at intervals that double, so that it makes few files.
        """
        for split, state in self._splits.items():
            if state.is_pending and time.monotonic() >= state.flushed + state.wait:
                self._flush_split(split, state, last=False)
                state.flushed, state.wait = time.monotonic(), min(_LONGEST_WAIT, max(1.0, 2 * state.wait))
        return any(state.is_pending for state in self._splits.values())

    def flush(self, last: bool = False) -> None:
        """Write everything that is pending. `last`: what cannot be written now is lost."""
        for split, state in self._splits.items():
            self._flush_split(split, state, last)
        self.confirm()

    def confirm(self, until: int | None = None) -> None:
        """No more rows follow of the epochs that are on disk, those until `until` (None: all)."""
        for split, state in self._splits.items():
            whole = {e for e in state.unconfirmed - set(state.predictions) if until is None or e <= until}
            state.unconfirmed -= whole
            for epoch in sorted(whole):
                self._on_written(split, epoch)

    def _flush_split(self, split: str, state: _Split, last: bool) -> None:
        state.images.write(give_up=last)
        self._write_samples(split, state, last)
        for epoch in sorted(state.predictions):
            if not self._write_predictions(split, state, epoch, last):
                break

    def _write_samples(self, split: str, state: _Split, last: bool) -> None:
        if not state.rows:
            return
        columns = concatenated(state.rows)
        waiting = state.images.waiting
        ready = np.array([digest not in waiting for digest in columns["digest"]], np.bool_)
        state.rows = [] if ready.all() else [rows_of(columns, ~ready)]
        if not ready.any():
            return
        columns = rows_of(columns, ready)
        try:
            self._write_part(split, state, columns)
        except OSError as error:
            if last:
                self._reports.record_dropped(len(columns["index"]), error, "samples")
            else:
                self._reports.record_error(error)
                state.rows.append(columns)
        except Exception as error:  # rows that can never be written must not keep others from it
            self._reports.record_dropped(len(columns["index"]), error, "samples")

    def _write_part(self, split: str, state: _Split, columns: dict[str, Any]) -> None:
        from .parquet import write_table

        found = [state.images.locations.get(digest, _NOT_STORED) for digest in columns["digest"]]
        located = dict(columns)
        for at, name in enumerate(("sheet", "tile", "tile_width", "tile_height")):
            located[name] = np.array([location[at] for location in found], np.int64)
        located["original"] = np.array([location.original for location in found], object)
        layout = schema.sheet_metadata(state.cell, state.columns)
        self._space.require(_SAMPLE_BYTES * len(found), Content.ROWS)
        self._space.used += self._folder.write(
            schema.samples_file(split, state.next_part),
            lambda path: write_table(path, located, schema.SAMPLE_COLUMNS, layout),
        )
        state.next_part += 1
        self.samples[split] += len(found)

    def _write_predictions(self, split: str, state: _Split, epoch: int, last: bool) -> bool:
        """Write the rows of an epoch; whether they were written, or given up."""
        parts = state.predictions.pop(epoch)
        try:
            self._write_epoch(split, state, epoch, parts)
        except Exception as error:
            others = sum(_nbytes(part) for pending in state.predictions.values() for part in pending)
            if isinstance(error, OSError) and not last and others < PENDING_BYTES:
                self._reports.record_error(error)
                state.predictions[epoch] = parts
                return False
            self._reports.record_dropped(sum(len(part["index"]) for part in parts), error, "predictions")
            self._reports.record_dropped(1, error, "epochs")
        return True

    def _write_epoch(self, split: str, state: _Split, epoch: int, parts: list[dict[str, Any]]) -> None:
        from .parquet import write_table

        name = schema.predictions_file(split, epoch)
        path = self._folder.path / name
        before = path.stat().st_size if path.exists() else 0
        if before and epoch in state.written:
            parts = [*self._written_rows(path), *parts]
        columns = last_of_each_sample(concatenated(parts))
        waiting = sum(len(part["index"]) for other in self._splits.values() for part in other.rows)
        self._space.require(_nbytes(columns) // 2 - before + _SAMPLE_BYTES * waiting, Content.ROWS)
        self._space.used -= before
        self._space.used += self._folder.write(name, lambda path: write_table(path, columns, schema.PREDICTION_COLUMNS))
        state.written.add(epoch)
        state.unconfirmed.add(epoch)

    def _written_rows(self, path: Path) -> list[dict[str, Any]]:
        from .parquet import read_predictions

        try:
            return [read_predictions(path)]
        except (OSError, ValueError) as error:
            self._reports.record_error(error)
            return []


def _nbytes(columns: dict[str, Any]) -> int:
    return sum(int(values.nbytes) for values in columns.values())
