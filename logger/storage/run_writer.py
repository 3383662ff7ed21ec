"""Writes the files of one run on a background thread; every method returns before the disk has answered."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, Protocol

from .. import schema
from .atomic_files import remove_leftovers
from .background_writer import BackgroundWriter
from .durable_epochs import METRICS, DurableEpochs
from .free_space import FreeSpace, used_bytes
from .image_files import Reports
from .ownership.claim import Claim
from .ownership.run_folder import RunFolder
from .store import Store

_MAX_PENDING_LINES = 100_000
"""Lines of metrics that wait until they can be written."""


class StatusSink(Reports, Protocol):
    """Where drops, errors and the last epoch are recorded, and where the text of status.json comes from."""

    def record_epoch(self, epoch: int | None) -> None: ...

    def heartbeat(self, bytes_written: int, writing_seconds: float) -> str: ...


class RunWriter:
    """The files of the run in `folder`. Errors go to `status`; nothing is raised into the training.

    `claim` is released at the end. `epochs`: what is on disk of the run being resumed.
    """

    def __init__(
        self,
        folder: Path,
        status: StatusSink,
        claim: Claim,
        epochs: DurableEpochs | None = None,
        quota: int | None = None,
    ) -> None:
        self._status, self._claim = status, claim
        self._folder = RunFolder(folder)
        self._space = FreeSpace(folder, quota)
        self._epochs = epochs or DurableEpochs()
        self._info: str | None = None
        """A run.json that waits to be written."""
        self._lines: list[tuple[str, int | None]] = []
        """Lines of metrics that wait to be written, with their epochs."""
        self._lines_error: Exception = TimeoutError("the disk does not respond")
        self._closing = False
        self._reported_bytes = -1
        self.store = Store(self._folder, self._space, status, self._epochs.add)
        self._thread = BackgroundWriter(
            self._on_idle, self._on_heartbeat, status.record_error, progress=lambda: self._folder.steps
        )
        self.submit(self._prepare if epochs is None else self._clean_up)

    def submit(self, task: Callable[[], None], size: int = 0) -> bool:
        """Queue a task that holds `size` bytes; False when it was dropped because the queue stayed full."""
        return self._thread.submit(task, size)

    def write_info(self, info: schema.RunInfo) -> None:
        """Replace run.json."""
        text = info.encode()
        self.submit(lambda: self._write_info(text))

    def write_status(self) -> None:
        """Replace status.json, as every heartbeat does."""
        self.submit(self._write_status)

    def append_metrics(self, line: schema.MetricsLine) -> None:
        """Append a line to metrics.jsonl."""
        text, epoch = line.encode(), None if line.step is not None else line.epoch
        if not self.submit(lambda: self._append_metrics(text, epoch)):
            self._status.record_dropped(1, TimeoutError("the disk does not respond"), "metrics")

    def add_predictions(
        self, split: str, epoch: int, compute_columns: Callable[[], dict[str, Any]], size: int, complete: bool
    ) -> bool:
        """Queue rows of an epoch's predictions; False when they were dropped.

        `compute_columns` runs on the writer's thread and holds `size` bytes until then. `complete`: they are all rows
        of the split.
        """
        return self.submit(lambda: self.store.add_predictions(split, epoch, compute_columns(), complete), size)

    def close(self) -> bool:
        """Write everything that is queued, then status.json; False when the disk does not respond."""
        self._closing = True
        if not self._thread.close():
            return False
        if self._lines:
            self._status.record_dropped(len(self._lines), self._lines_error, "metrics")
        try:
            self._write_status()
        except OSError as error:
            self._status.record_error(error)
        self._claim.release()
        return True

    def _prepare(self) -> None:
        self._folder.append(schema.METRICS_FILE, "")  # while there is room: other files may take the last of it

    def _clean_up(self) -> None:
        self._space.used = used_bytes(self._folder.path)
        remove_leftovers(self._folder.path)

    def _write_info(self, text: str) -> None:
        self._info = text
        try:
            self._folder.replace(schema.RUN_FILE, text)
            self._info = None
        except OSError as error:
            self._status.record_error(error)

    def _append_metrics(self, text: str, epoch: int | None) -> None:
        self._lines.append((text, epoch))
        self._write_lines()

    def _write_lines(self) -> None:
        try:
            self._folder.append(schema.METRICS_FILE, "".join(text for text, _ in self._lines))
        except OSError as error:
            self._lines_error = error
            self._status.record_error(error)
            if len(self._lines) > _MAX_PENDING_LINES:
                self._status.record_dropped(1, error, "metrics")
                del self._lines[0]
            return
        for _, epoch in self._lines:
            if epoch is not None:
                self._epochs.add(METRICS, epoch)
                self.store.confirm(until=epoch)  # predictions that come before the metrics are all there
        self._lines = []

    def _retry(self) -> None:
        if self._lines:
            self._write_lines()
        if self._info is not None:
            self._write_info(self._info)

    def _on_idle(self) -> bool:
        """Whether something is still to be written, and to be tried again."""
        self._retry()
        if self._closing:
            self.store.flush(last=True)
        pending = self.store.flush_gathered()
        if self._folder.bytes_written != self._reported_bytes:
            self._write_status()
        return pending or bool(self._lines) or self._info is not None

    def _on_heartbeat(self) -> None:
        self._retry()
        self.store.flush_gathered()
        self._write_status()

    def _write_status(self) -> None:
        self._status.record_epoch(self._announced())
        text = self._status.heartbeat(self._folder.bytes_written, self._thread.seconds)
        self._folder.replace(schema.STATUS_FILE, text)
        self._reported_bytes = self._folder.bytes_written

    def _announced(self) -> int | None:
        """The last epoch of which everything is on disk. Once nothing can follow, the last one that is."""
        for split in self.store.samples:
            self._epochs.expect(split)
        last, pending = self._epochs.last_whole, self.store.first_pending_epoch()
        if self._closing and not self._thread.is_alive:
            return self._epochs.last
        if last is not None and pending is not None and pending <= last:
            return pending - 1 if pending > 0 else None
        return last
