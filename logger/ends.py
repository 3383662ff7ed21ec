"""Runs that are still open when the process exits."""

from __future__ import annotations

import atexit
import os
import sys
import weakref
from typing import Protocol


class OpenRun(Protocol):
    """The part of `Run` that ends it."""

    def finish(self) -> None: ...

    def fail(self, reason: str) -> None: ...


_open_runs: weakref.WeakKeyDictionary[OpenRun, int] = weakref.WeakKeyDictionary()
"""Open runs and the process that opened each: a forked child must not end its parent's runs."""


def track(run: OpenRun) -> None:
    """End `run` at exit unless `untrack` is called first. Holds no reference to it."""
    _open_runs[run] = os.getpid()


def untrack(run: OpenRun) -> None:
    """`run` has ended."""
    _open_runs.pop(run, None)


@atexit.register
def end_open_runs() -> None:
    """Finish the runs of this process, or mark them failed after an uncaught exception."""
    kind = getattr(sys, "last_type", None)
    for run, pid in list(_open_runs.items()):
        if pid != os.getpid():
            continue
        if kind is None:
            run.finish()
        else:
            run.fail(f"{kind.__name__}: {getattr(sys, 'last_value', '')}")
