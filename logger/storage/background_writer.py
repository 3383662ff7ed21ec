"""A background thread that runs tasks in order, behind a bounded queue.

- `submit` may be called from any thread. Tasks run one at a time, in the order of submission.
- The exception of a failing task goes to `on_error`, and the next task runs.
- While more than `limit_bytes` are queued, `submit` blocks. If nothing gets done for `patience` seconds, tasks that do
  not fit are dropped, from then on at once: a disk that hangs is waited for only once.
- `on_idle` is called once no task has come for IDLE_SECONDS, and again as long as it returns True; `on_heartbeat` at
  least every `schema.HEARTBEAT_SECONDS`.
"""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable

from .. import schema

IDLE_SECONDS = 0.3
PATIENCE = 10.0
LIMIT_BYTES = 256 << 20
_LEAST_PATIENCE = 2.0
"""Seconds for which the end waits for a disk that did not answer before."""
_CHECK_SECONDS = 0.1


class BackgroundWriter:
    """The thread and its queue; the module's docstring says what it guarantees.

    `progress` returns a number that changes while a long task gets on.
    """

    def __init__(
        self,
        on_idle: Callable[[], bool | None],
        on_heartbeat: Callable[[], None],
        on_error: Callable[[Exception], None],
        limit_bytes: int = LIMIT_BYTES,
        patience: float = PATIENCE,
        progress: Callable[[], int] = lambda: 0,
    ) -> None:
        self._on_idle, self._on_heartbeat, self._on_error = on_idle, on_heartbeat, on_error
        self._limit_bytes, self._patience, self._progress = limit_bytes, patience, progress
        self._left = patience
        self._tasks: deque[tuple[Callable[[], None], int]] = deque()
        self._queued_bytes = self._done = 0
        self._changed = threading.Condition()
        self._closing = False
        self.seconds = 0.0
        """Wall-clock seconds spent running tasks."""
        self._thread = threading.Thread(target=self._run, name="proofsheet-writer", daemon=True)
        self._thread.start()

    @property
    def is_alive(self) -> bool:
        """Whether tasks may still run."""
        return self._thread.is_alive()

    def submit(self, task: Callable[[], None], size: int = 0) -> bool:
        """Queue a task that holds `size` bytes; False when it was dropped because the queue stayed full or is closed.

        A task larger than the limit is accepted when nothing else is queued. One of size 0 always fits.
        """
        with self._changed:
            fits = self._wait(
                lambda: size == 0 or self._queued_bytes == 0 or self._queued_bytes + size <= self._limit_bytes
            )
            if not fits or self._closing:
                return False
            self._tasks.append((task, size))
            self._queued_bytes += size
            self._changed.notify_all()
            return True

    def close(self) -> bool:
        """Run the queued tasks, call `on_idle` and stop; False when the disk does not respond."""
        with self._changed:
            self._closing = True
            self._left = self._patience = max(self._patience, _LEAST_PATIENCE)
            self._changed.notify_all()
            self._wait(lambda: not self._tasks and not self._queued_bytes)
        while self._thread.is_alive() and self._left > 0:
            self._spend(lambda seconds: self._thread.join(seconds))
        return not self._thread.is_alive()

    def _wait(self, is_over: Callable[[], bool]) -> bool:
        """Wait for `is_over`; False when nothing got done for so long that the patience has run out."""
        while not is_over():
            if self._left <= 0:
                self._patience = 0.0
                return False
            self._spend(lambda seconds: self._changed.wait(seconds))
        return True

    def _spend(self, wait: Callable[[float], object]) -> None:
        """Wait a moment. It costs patience unless something gets done in it."""
        before, began = (self._done, self._progress()), time.monotonic()
        wait(min(_CHECK_SECONDS, self._left))
        if (self._done, self._progress()) == before:
            self._left -= time.monotonic() - began
        else:
            self._left = self._patience

    def _run(self) -> None:
        last_heartbeat = time.monotonic()
        idle = True
        while True:
            wait = schema.HEARTBEAT_SECONDS - (time.monotonic() - last_heartbeat)
            with self._changed:
                self._changed.wait_for(
                    lambda: self._tasks or self._closing, max(0.0, wait if idle else min(wait, IDLE_SECONDS))
                )
                task, size = self._tasks.popleft() if self._tasks else (None, 0)
                closing = self._closing
            if task is not None:
                self._run_task(task)
                idle = False
                with self._changed:
                    self._queued_bytes -= size
                    self._changed.notify_all()
            elif not idle:
                idle = not self._run_task(self._on_idle) or closing
            del task  # or its arrays would stay alive while the thread waits
            if time.monotonic() - last_heartbeat >= schema.HEARTBEAT_SECONDS:
                self._run_task(self._on_heartbeat)
                last_heartbeat = time.monotonic()
            if closing and idle and not self._tasks:
                return

    def _run_task(self, task: Callable[[], bool | None]) -> bool:
        """Run a task; whether it returned True."""
        began = time.perf_counter()
        more = False
        try:
            more = bool(task())
        except Exception as error:  # the thread must survive any failing task
            self._on_error(error)
        self.seconds += time.perf_counter() - began
        self._done += 1
        return more
