"""Watches the folder of runs, once per process: changes become new versions of topics, and subscribers are notified.

File system events (or polling, see `file_events`) name the runs to read again, the catalogue reads what changed, and
`topics` computes versions. Time counts too: a run whose heartbeat stops becomes silent.
"""

from __future__ import annotations

import logging
import os
import threading
import time
from collections.abc import Callable, Iterable
from pathlib import Path

from watchdog.observers.api import BaseObserver

from dashboard import shared_state
from dashboard.catalogue import runs
from dashboard.catalogue import topics as catalogue_topics
from dashboard.catalogue.runs import Catalogue, Run
from dashboard.live import file_events

log = logging.getLogger("proofsheet")

DEBOUNCE = 0.1
"""Seconds within which changes are handled together."""
TICK = 0.5
"""Seconds between checks of what raises no event: the folder itself, and the time."""
AUDIT = 15.0
"""Seconds between checks that the file system does deliver events."""


class Watch:
    """The versions of a catalogue's runs, kept up to date by one thread. All methods may be called from any thread."""

    def __init__(self, catalogue: Catalogue, mode: str | None = None) -> None:
        self.catalogue = catalogue
        self.mode = "off"
        """How changes are found now: one of `file_events.MODES`."""
        self._requested_mode = mode
        self._runs: dict[str, Run] = {}
        self._versions: dict[str, str] = {}
        self._listeners: set[Callable[[], None]] = set()
        self._dirty: set[str] = set()
        self._changed = threading.Condition()
        self._stopping = False
        self._thread: threading.Thread | None = None
        self._observer: BaseObserver | None = None
        self._place: tuple[str, int, int] | None = None
        self._changed_without_event: set[str] = set()
        self._audited = 0.0

    def start(self) -> None:
        """Compute the first versions and start watching. Does nothing when already started."""
        if self._thread is None:
            self._stopping = False
            self._refresh_all()
            self._thread = threading.Thread(target=self._run, name="proofsheet-watch", daemon=True)
            if self._requested_mode != "off":
                self._observe()
                self._thread.start()

    def stop(self) -> None:
        """End all threads. It can be started again."""
        with self._changed:
            self._stopping = True
            self._changed.notify_all()
        if self._thread is not None and self._thread.is_alive():
            self._thread.join(10)
        self._thread = None
        self._stop_observer()

    def versions(self, topics: Iterable[str]) -> dict[str, str]:
        """The versions of these topics; `topics.GONE` for a run that is not there."""
        with self._changed:
            return {topic: self._versions.get(topic, catalogue_topics.GONE) for topic in topics}

    def listen(self, callback: Callable[[], None]) -> Callable[[], None]:
        """Call `callback` on the watcher's thread after each change. Returns a function that unsubscribes."""
        with self._changed:
            self._listeners.add(callback)
        return lambda: self._forget(callback)

    @property
    def listeners(self) -> int:
        """How many listen now."""
        return len(self._listeners)

    def touched(self, name: str) -> None:
        """Mark the run `name` as changed."""
        with self._changed:
            self._dirty.add(name)
            self._changed.notify_all()

    def _forget(self, callback: Callable[[], None]) -> None:
        with self._changed:
            self._listeners.discard(callback)

    # --- the thread ---------------------------------------------------------------------------

    def _run(self) -> None:
        while not self._stopping:
            with self._changed:
                if self._changed.wait_for(lambda: self._dirty or self._stopping, TICK):
                    self._changed.wait_for(lambda: self._stopping, DEBOUNCE)
            try:
                self._step(time.time())
            except Exception:  # A watcher that dies silently would leave every page stale.
                log.exception("The folder of runs could not be scanned; trying again.")
                time.sleep(TICK)

    def _step(self, now: float) -> None:
        if self._observe():
            self._refresh_all()
        with self._changed:
            dirty, self._dirty = self._dirty | self._aged(now), set()
        if dirty:
            self._changed_without_event -= dirty
            self._refresh(dirty)
        if self.mode == "events" and time.monotonic() - self._audited > AUDIT:
            self._audit_events()

    def _aged(self, now: float) -> set[str]:
        """The runs whose state has changed by time alone."""
        running = (run for run in self._runs.values() if run.status.state == "running")
        return {run.id for run in running if self._versions.get(f"run/{run.id}") != catalogue_topics.of_run(run, now)}

    def _refresh(self, names: set[str]) -> None:
        for name in names:
            run = self.catalogue.get(name)
            if run is None:
                self._runs.pop(name, None)
            else:
                self._runs[name] = run
        self._publish()

    def _refresh_all(self) -> None:
        self._runs = {run.id: run for run in self.catalogue.runs()}
        self._audited = time.monotonic()
        self._publish()

    def _publish(self) -> None:
        versions = catalogue_topics.versions(list(self._runs.values()))
        with self._changed:
            same, self._versions = versions == self._versions, versions
            listeners = [] if same else list(self._listeners)
        for callback in listeners:
            callback()

    def _audit_events(self) -> None:
        """Detect a file system that delivers no events: a change that two checks in a row found without one."""
        before, suspects = self._runs, self._changed_without_event
        self._refresh_all()
        changed = {name for name in {*before, *self._runs} if before.get(name) != self._runs.get(name)}
        with self._changed:
            notified = set(self._dirty)
        self._changed_without_event = changed - notified
        if suspects and self._requested_mode is None:
            log.warning("%s changed without a file system event; polling it from now on.", self.catalogue.root)
            self._stop_observer()
            self._requested_mode = "polling"
        if self._changed_without_event:
            self._audited = time.monotonic() - AUDIT + 2 * TICK

    # --- the observer ------------------------------------------------------------------------

    def _observe(self) -> bool:
        """Observe the folder as it is now. True when the observer was restarted, so that anything may have changed."""
        root = Path(os.path.realpath(self.catalogue.root))
        try:
            stat = root.stat()
            place = (str(root), stat.st_dev, stat.st_ino) if root.is_dir() else None
        except OSError:
            place = None
        # The observer of a deleted folder stops by itself; a new folder may get the old one's inode.
        alive = self._observer is not None and all(emitter.is_alive() for emitter in self._observer.emitters)
        if place == self._place and (alive or place is None):
            return False
        self._stop_observer()
        self._place = place
        if place is not None:
            mode = self._requested_mode or ("polling" if file_events.network_drive(root) else "events")
            try:
                self._observer, self.mode = file_events.observe(root, mode, self.touched)
            except OSError:
                self._place = None
        return True

    def _stop_observer(self) -> None:
        observer, self._observer, self._place, self.mode = self._observer, None, None, "off"
        if observer is not None and observer.is_alive():
            observer.stop()
            observer.join(5)


def watch() -> Watch:
    """The process-wide watch of the configured folder of runs. Raises ValueError for an invalid PROOFSHEET_WATCH."""
    mode, catalogue = file_events.configured_mode(), runs.catalogue()
    return shared_state.once(("watch", str(catalogue.root), mode), lambda: Watch(catalogue, mode))
