"""What a polling observer stats: active runs every time, idle ones now and then.

A folder of a thousand finished runs would otherwise cost ten thousand `stat` calls a second, over a network.
"""

from __future__ import annotations

import os
import random
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from dashboard.catalogue.run_folder import Stamp

IDLE_AFTER = 600.0
"""Seconds without a change after which a run is checked less often; heartbeats come more often."""
CHECK_INTERVAL = (5.0, 15.0)
"""Seconds between two checks of an idle run, lowest and highest."""

ListEntries = Callable[[str], Iterator[os.DirEntry[str]]]


@dataclass
class _RunState:
    stamps: dict[str, Stamp]
    idle: bool
    changed: float
    """When a change was last found; for a run that was idle from the start, when it was first seen."""
    next: float


class PollingFileSystem:
    """`stat` and `listdir` for `PollingObserverVFS`, called by its one thread.

    An idle run appears as an empty folder. When a check finds a change its files appear again, which the observer
    reports as a change of the run.
    """

    def __init__(self, root: Path, list_entries: ListEntries, clock: Callable[[], float] = time.monotonic) -> None:
        self._root, self._list_entries, self._clock = str(root), list_entries, clock
        self._runs: dict[str, _RunState] = {}

    def stat(self, path: str) -> os.stat_result:
        """The state of a file or folder."""
        found = os.stat(path)
        if os.path.dirname(path) == self._root:
            self._check_run(path)
        return found

    def listdir(self, path: str | None) -> Iterator[os.DirEntry[str]]:
        """What is in a directory, and nothing of an idle run."""
        where = path or self._root
        if where == self._root:
            entries = list(self._list_entries(where))
            there = {os.path.join(where, entry.name) for entry in entries}
            self._runs = {run: seen for run, seen in self._runs.items() if run in there}
            return iter(entries)
        seen = self._runs.get(where)
        return iter(()) if seen and seen.idle else self._list_entries(where)

    def _check_run(self, run: str) -> None:
        now, seen = self._clock(), self._runs.get(run)
        if seen is not None and now < seen.next:
            return
        stamps = self._stamps(run)
        if seen is None:
            newest = max((stamp[1] for stamp in stamps.values()), default=0) / 1e9
            seen = self._runs[run] = _RunState(stamps, time.time() - newest > IDLE_AFTER, now, now)
        elif stamps != seen.stamps:
            seen.stamps, seen.changed, seen.idle = stamps, now, False
        elif now - seen.changed > IDLE_AFTER:
            seen.idle = True
        seen.next = now + random.uniform(*CHECK_INTERVAL)

    def _stamps(self, run: str) -> dict[str, Stamp]:
        found: dict[str, Stamp] = {}
        folders = [run]
        while folders:
            try:
                entries = list(self._list_entries(folders.pop()))
            except OSError:
                continue
            for entry in entries:
                try:
                    stat = entry.stat()
                except OSError:
                    continue
                found[entry.path] = (stat.st_size, stat.st_mtime_ns, stat.st_ino)
                if entry.is_dir():
                    folders.append(entry.path)
        return found
