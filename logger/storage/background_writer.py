"""The background thread: tasks in order behind a bounded queue. It never raises into training.

- `submit` may be called from any thread; tasks run one after the other, in the order of submission.
- A task that fails is reported to `on_error` and the next one runs.
- When more than `limit` bytes wait, `submit` waits, at most PATIENCE seconds, then gives the task up.
- `idle` is called whenever nothing came for IDLE seconds, `beat` at least every `schema.HEARTBEAT_SECONDS`.
"""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable

from .. import schema

IDLE = 0.3
PATIENCE = 60.0
LIMIT_BYTES = 256 << 20


class Writer:
    """One thread that runs tasks; see the module's text for its promises."""

    def __init__(
        self,
        idle: Callable[[], None],
        beat: Callable[[], None],
        on_error: Callable[[Exception], None],
        limit: int = LIMIT_BYTES,
        patience: float = PATIENCE,
    ) -> None:
        self._idle, self._beat, self._on_error = idle, beat, on_error
        self._limit, self._patience = limit, patience
        self._tasks: deque[tuple[Callable[[], None], int]] = deque()
        self._waiting_bytes = 0
        self._changed = threading.Condition()
        self._closing = False
        self.seconds = 0.0
        """Wall seconds spent on tasks so far."""
        self._thread = threading.Thread(target=self._run, name="proofsheet-writer", daemon=True)
        self._thread.start()

    def submit(self, task: Callable[[], None], size: int = 0) -> bool:
        """Queue a task that holds `size` bytes; False when it was given up because the queue stayed full."""
        with self._changed:
            fits = self._changed.wait_for(
                lambda: self._waiting_bytes == 0 or self._waiting_bytes + size <= self._limit, self._patience
            )
            if not fits or self._closing:
                return False
            self._tasks.append((task, size))
            self._waiting_bytes += size
            self._changed.notify_all()
            return True

    def close(self, timeout: float) -> bool:
        """Run what waits, call `idle` once more and end; False when that took longer than `timeout` seconds."""
        with self._changed:
            self._closing = True
            self._changed.notify_all()
        self._thread.join(timeout)
        return not self._thread.is_alive()

    def _run(self) -> None:
        last_beat = time.monotonic()
        settled = True
        while True:
            wait = schema.HEARTBEAT_SECONDS - (time.monotonic() - last_beat)
            with self._changed:
                self._changed.wait_for(
                    lambda: self._tasks or self._closing, max(0.0, wait if settled else min(wait, IDLE))
                )
                task, size = self._tasks.popleft() if self._tasks else (None, 0)
                closing = self._closing
            if task is not None:
                self._guarded(task)
                settled = False
                with self._changed:
                    self._waiting_bytes -= size
                    self._changed.notify_all()
            elif not settled:
                self._guarded(self._idle)
                settled = True
            del task
            if time.monotonic() - last_beat >= schema.HEARTBEAT_SECONDS:
                self._guarded(self._beat)
                last_beat = time.monotonic()
            if closing and settled and not self._tasks:
                return

    def _guarded(self, task: Callable[[], None]) -> None:
        began = time.perf_counter()
        try:
            task()
        except Exception as e:  # whatever it is, training must not hear of it
            self._on_error(e)
        self.seconds += time.perf_counter() - began
