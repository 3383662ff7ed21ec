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

_MAX_ERRORS = 20


class StatusTracker:
    """The status of the run in `folder`. Thread-safe: training and the background writer both report to it.

    `started`: seconds since 1970. `last_epoch`: the last epoch of the run being resumed, from 0. `epochs`: how many
    are planned.
    """

    def __init__(self, folder: Path, started: float, last_epoch: int | None, epochs: int | None) -> None:
        self._folder = folder
        self._lock = threading.Lock()
        self.status = schema.Status(
            started=started, epoch=last_epoch, epochs=epochs, host=socket.gethostname(), pid=os.getpid()
        )
        self._cost_epoch: int | None = None
        self._in_first_epoch = True

    def set_planned_epochs(self, epochs: int | None) -> None:
        """Record how many epochs are planned."""
        with self._lock:
            self.status = replace(self.status, epochs=epochs)

    def record_epoch(self, epoch: int) -> None:
        """Record that something was logged at `epoch` (from 0)."""
        with self._lock:
            self.status = replace(self.status, epoch=max(epoch, self.status.epoch or 0))

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

    def record_dropped(self, count: int, error: Exception) -> None:
        """Record that `count` images or rows were lost to `error`."""
        with self._lock:
            self.status = replace(self.status, dropped=self.status.dropped + count)
        self.record_error(error)

    def record_error(self, error: Exception) -> None:
        """Record an error of the logger. The first one is logged as a warning."""
        text = f"{type(error).__name__}: {error}"
        with self._lock:
            errors = self.status.errors
            if text in errors or len(errors) >= _MAX_ERRORS:
                return
            self.status = replace(self.status, errors=[*errors, text])
        if not errors:
            # Not `warnings.warn`: with warnings as errors it would raise into the training.
            log.warning("Part of the run %s could not be logged (%s). Training goes on.", self._folder, text)

    def record_end(self, state: str, failure: str | None) -> None:
        """Record that the run is `finished`, or `failed` with the reason `failure`."""
        with self._lock:
            self.status = replace(self.status, state=state, failure=failure, finished=time.time())

    def heartbeat(self, bytes_written: int, writing_seconds: float) -> str:
        """The text of status.json as of now; the arguments are totals of the background writer."""
        with self._lock:
            cost = {**self.status.cost, "writing": writing_seconds}
            self.status = replace(self.status, heartbeat=time.time(), cost=cost, bytes=bytes_written)
            return self.status.encode()
