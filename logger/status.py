"""The state of a run while it is logged: the contents of status.json."""

from __future__ import annotations

import os
import socket
import threading
import time
from dataclasses import replace
from pathlib import Path

from . import schema
from .console import log
from .storage.ownership.process_identity import process_identity

_MAX_ERRORS = 20


class StatusTracker:
    """The status of the run in `folder`. Thread-safe: training and the background writer both report to it.

    `started`: seconds since 1970. `epochs`: how many are planned. `previous`: the status of the run being resumed:
    its costs, errors and drops are added to.
    """

    def __init__(self, folder: Path, started: float, epochs: int | None, previous: schema.Status | None = None) -> None:
        self._folder = folder
        self._lock = threading.Lock()
        before = schema.Status(started=started) if previous is None else replace(previous, cost=dict(previous.cost))
        self._bytes_before, self._writing_before = before.bytes, before.cost.get("writing", 0.0)
        self._dropped_before = before.dropped - sum(n for name, n in before.lost.items() if name != "epochs")
        self._warned = False
        self.status = replace(
            before,
            state="running",
            finished=None,
            failure=None,
            epochs=before.epochs if epochs is None else epochs,
            host=socket.gethostname(),
            pid=os.getpid(),
            process=process_identity(),
            heartbeat_every=schema.HEARTBEAT_SECONDS,
        )
        self.status.cost.pop("last_epoch", None)
        self._cost_epoch: int | None = None
        self._in_first_epoch = previous is None

    def set_planned_epochs(self, epochs: int | None) -> None:
        """Record how many epochs are planned."""
        with self._lock:
            self.status = replace(self.status, epochs=epochs)

    def record_epoch(self, epoch: int | None) -> None:
        """Record the last epoch (from 0) that is on disk."""
        with self._lock:
            self.status = replace(self.status, epoch=epoch)

    def add_cost(self, name: str, seconds: float, epoch: int | None = None) -> None:
        """Add to the total named `name`. "blocked" also updates the costs of the first and the last epoch."""
        with self._lock:
            cost = dict(self.status.cost)
            cost[name] = cost.get(name, 0.0) + seconds
            if name == "blocked":
                # Work before the first epoch, such as storing the images, is part of its cost.
                new_epoch = self._cost_epoch is not None and epoch is not None and epoch != self._cost_epoch
                cost["last_epoch"] = seconds + (0.0 if new_epoch else cost.get("last_epoch", 0.0))
                self._in_first_epoch &= not new_epoch
                if self._in_first_epoch:
                    cost["first_epoch"] = cost["last_epoch"]
                self._cost_epoch = self._cost_epoch if epoch is None else epoch
            self.status = replace(self.status, cost=cost)

    def record_dropped(self, count: int, error: Exception, kind: str = "images") -> None:
        """Record that `count` of a kind of `schema.LOST_KINDS` were lost to `error`."""
        with self._lock:
            lost = {**self.status.lost, kind: self.status.lost.get(kind, 0) + count}
            dropped = sum(n for name, n in lost.items() if name != "epochs")  # whose rows count already
            self.status = replace(self.status, dropped=self._dropped_before + dropped, lost=lost)
        self.record_error(error)

    def record_error(self, error: Exception) -> None:
        """Record an error of the logger. The first one of this process is logged as a warning."""
        text = f"{type(error).__name__}: {error}"
        with self._lock:
            errors = self.status.errors
            if text not in errors and len(errors) < _MAX_ERRORS:
                self.status = replace(self.status, errors=[*errors, text])
            warned, self._warned = self._warned, True
        if not warned:
            # Not `warnings.warn`: with warnings as errors it would raise into the training.
            log.warning("Part of the run %s could not be logged (%s). Training goes on.", self._folder, text)

    def record_end(self, state: str, failure: str | None) -> None:
        """Record that the run is `finished`, or `failed` with the reason `failure`."""
        with self._lock:
            self.status = replace(self.status, state=state, failure=failure, finished=time.time())

    def heartbeat(self, bytes_written: int, writing_seconds: float) -> str:
        """The text of status.json as of now; the arguments are totals of this process."""
        with self._lock:
            cost = {**self.status.cost, "writing": self._writing_before + writing_seconds}
            written = self._bytes_before + bytes_written
            self.status = replace(self.status, heartbeat=time.time(), cost=cost, bytes=written)
            return self.status.encode()
