"""How a run ends: by its own process only, once, and also when nobody calls `finish`."""

from __future__ import annotations

import atexit
import os
import threading
import time
import weakref
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Protocol

from .console import log, notify, run_summary
from .exit_status import exit_status, observe
from .status import StatusTracker

CHECK_SECONDS = 2.0
"""Seconds after which a run is ended that nothing refers to any more."""

DROPPED = "was dropped without finish()"


class Writer(Protocol):
    """Writes the files of a run."""

    def close(self) -> bool: ...


class RunEnd:
    """What it takes to end a run. Holds no reference to the `Run`, which may be dropped without `finish`."""

    def __init__(
        self, path: Path, status: StatusTracker, writer: Writer, samples: Mapping[str, int], quiet: bool
    ) -> None:
        self._path, self._status, self._writer, self._samples, self._quiet = path, status, writer, samples, quiet
        self._pid = os.getpid()
        self._ended = False
        self._told_pid = self._pid
        self._once = threading.Lock()
        self.unfinished: str | None = None
        """Why the run has failed if the process ends now or the run is dropped; None when it may just be over."""

    def watch(self, run: object) -> None:
        """End the run when `run` is dropped, and at exit."""
        observe()
        _open_runs[self] = weakref.ref(run)
        _start_checking()

    def in_own_process(self) -> bool:
        """Whether this process opened the run: a forked copy must not write into it."""
        return os.getpid() == self._pid

    def refuse_copy(self) -> bool:
        """Whether this process is a forked copy that must not log; says so once."""
        if self.in_own_process():
            return False
        if self._told_pid != os.getpid():
            self._told_pid = os.getpid()
            notify(
                f"process {os.getpid()} is a fork of process {self._pid}, which opened {self._path}: what it logs is "
                "not written. Log in the process that opened the run, or open a Run in this one."
            )
        return True

    def end(self, state: str, failure: str | None) -> None:
        """Write everything that is queued and record the end. Only the first call counts."""
        if not self.in_own_process():
            return
        with self._once:
            if self._ended:
                return
            self._ended = True
        _open_runs.pop(self, None)
        self._status.record_end(state, failure)
        if not self._writer.close():
            log.warning("The run %s is incomplete: the disk did not respond.", self._path)
        elif not self._quiet:
            notify(run_summary(self._path, self._status.status, self._samples))


_open_runs: dict[RunEnd, Callable[[], object | None]] = {}
_checking: threading.Thread | None = None


def _start_checking() -> None:
    global _checking
    if _checking is None or not _checking.is_alive():  # also in a forked copy, which has no threads
        _checking = threading.Thread(target=_check_runs, name="proofsheet-ends", daemon=True)
        _checking.start()


def _check_runs() -> None:
    while True:
        time.sleep(CHECK_SECONDS)
        for end, run in list(_open_runs.items()):
            if run() is None:
                end.end("failed", end.unfinished or DROPPED)


@atexit.register
def end_open_runs() -> None:
    """Finish the runs of this process, or mark them failed when the process fails or a training was left."""
    status = exit_status()
    for end in list(_open_runs):
        reason = status.failure or (None if status.reported else end.unfinished)
        end.end("failed" if reason else "finished", reason)
