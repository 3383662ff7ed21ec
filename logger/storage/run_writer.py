"""Writes the files of one run on a background thread; every method returns before the disk has answered."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, Protocol

from .. import schema
from .atomic_files import append_line, write_atomically
from .background_writer import BackgroundWriter
from .store import Store

_CLOSE_TIMEOUT = 600.0
"""Seconds that the end of a run waits for the disk."""


class StatusSink(Protocol):
    """Where drops and errors are recorded, and where the text of status.json comes from."""

    def record_dropped(self, count: int, error: Exception) -> None: ...

    def record_error(self, error: Exception) -> None: ...

    def heartbeat(self, bytes_written: int, writing_seconds: float) -> str: ...


class RunWriter:
    """The files of the run in `folder`. Errors go to `status`; nothing is raised into the training."""

    def __init__(self, folder: Path, status: StatusSink) -> None:
        self._folder, self._status = folder, status
        self.store = Store(folder, status.record_dropped)
        self._thread = BackgroundWriter(self.store.flush, self._write_status, status.record_error)

    def submit(self, task: Callable[[], None], size: int = 0) -> bool:
        """Queue a task that holds `size` bytes; False when it was dropped because the queue stayed full."""
        return self._thread.submit(task, size)

    def write_info(self, info: schema.RunInfo) -> None:
        """Replace run.json."""
        text = info.encode()
        self.submit(lambda: self._write(schema.RUN_FILE, text))

    def write_status(self) -> None:
        """Replace status.json, as every heartbeat does."""
        self.submit(self._write_status)

    def append_metrics(self, line: schema.MetricsLine) -> None:
        """Append a line to metrics.jsonl."""
        text = line.encode()
        self.submit(lambda: self._append_metrics(text), len(text))

    def add_predictions(
        self, split: str, epoch: int, compute_columns: Callable[[], dict[str, Any]], size: int, complete: bool
    ) -> bool:
        """Queue rows of an epoch's predictions; False when they were dropped.

        `compute_columns` runs on the writer's thread and holds `size` bytes until then. `complete`: they are all rows
        of the split.
        """
        return self.submit(lambda: self.store.add_predictions(split, epoch, compute_columns(), complete), size)

    def close(self) -> bool:
        """Write everything that is queued, then status.json; False when the disk did not answer in time."""
        if not self._thread.close(_CLOSE_TIMEOUT):
            return False
        try:
            self._write_status()
        except OSError as error:
            self._status.record_error(error)
        return True

    def _write(self, name: str, text: str) -> None:
        self.store.bytes_written += write_atomically(self._folder / name, text)

    def _append_metrics(self, text: str) -> None:
        self.store.bytes_written += append_line(self._folder / schema.METRICS_FILE, text)

    def _write_status(self) -> None:
        text = self._status.heartbeat(self.store.bytes_written, self._thread.seconds)
        write_atomically(self._folder / schema.STATUS_FILE, text)
