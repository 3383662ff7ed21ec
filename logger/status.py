"""How a run and its logger are doing: what status.json says, kept by both threads."""

from __future__ import annotations

import logging
import os
import socket
import sys
import threading
import time
from dataclasses import replace
from pathlib import Path

from . import schema

log = logging.getLogger("proofsheet")

_MOST_ERRORS = 20


class Health:
    """The status of the run in `folder`: epochs reached, seconds spent, what went wrong. Safe between threads."""

    def __init__(self, folder: Path, started: float, epoch: int | None, epochs: int | None) -> None:
        self._folder = folder
        self._lock = threading.Lock()
        self.status = schema.Status(
            started=started, epoch=epoch, epochs=epochs, host=socket.gethostname(), pid=os.getpid()
        )
        self._cost_epoch: int | None = None
        self._in_first_epoch = True

    def plan(self, epochs: int | None) -> None:
        """How many epochs are planned."""
        with self._lock:
            self.status = replace(self.status, epochs=epochs)

    def reach(self, epoch: int) -> None:
        """Something was logged at `epoch`."""
        with self._lock:
            self.status = replace(self.status, epoch=max(epoch, self.status.epoch or 0))

    def spend(self, name: str, seconds: float, epoch: int | None = None) -> None:
        """Add to the cost `name`; of "blocked", also what the first and the last epoch took."""
        with self._lock:
            cost = dict(self.status.cost)
            cost[name] = cost.get(name, 0.0) + seconds
            if name == "blocked":
                # What comes before the first epoch, such as storing the pixels, belongs to it.
                begun = self._cost_epoch is not None and epoch is not None and epoch != self._cost_epoch
                cost["last_epoch"] = seconds + (0.0 if begun else cost.get("last_epoch", 0.0))
                self._in_first_epoch &= not begun
                if self._in_first_epoch:
                    cost["first_epoch"] = cost["last_epoch"]
                self._cost_epoch = self._cost_epoch if epoch is None else epoch
            self.status = replace(self.status, cost=cost)

    def lose(self, count: int, error: Exception) -> None:
        """`count` pictures or rows could not be logged."""
        with self._lock:
            self.status = replace(self.status, dropped=self.status.dropped + count)
        self.problem(error)

    def problem(self, error: Exception) -> None:
        """Keep an error of the logger; the first one is said in a warning."""
        text = f"{type(error).__name__}: {error}"
        with self._lock:
            known = self.status.errors
            if text in known or len(known) >= _MOST_ERRORS:
                return
            self.status = replace(self.status, errors=[*known, text])
        if not known:
            # Not `warnings`: where those are errors they would end the training.
            log.warning("Part of the run %s could not be logged (%s). Training goes on.", self._folder, text)

    def end(self, state: str, failure: str | None) -> None:
        """The run is over: `finished`, or `failed` with what ended it."""
        with self._lock:
            self.status = replace(self.status, state=state, failure=failure, finished=time.time())

    def beat(self, written: int, writing: float) -> str:
        """The text of status.json now, after `written` bytes and `writing` seconds of the writer's thread."""
        with self._lock:
            cost = {**self.status.cost, "writing": writing}
            self.status = replace(self.status, heartbeat=time.time(), cost=cost, bytes=written)
            return self.status.encode()


def say(sentence: str) -> None:
    """Tell the person training; a stream that is closed or cannot show a character must not matter."""
    try:
        print(f"proofsheet: {sentence}", file=sys.stderr, flush=True)
    except (OSError, ValueError):
        log.debug("could not print %r", sentence)
