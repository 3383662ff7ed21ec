"""A background thread that runs tasks in order, behind a bounded queue.

- `submit` may be called from any thread. Tasks run one at a time, in the order of submission.
- The exception of a failing task goes to `on_error`, and the next task runs.
- While more than `limit_bytes` are queued, `submit` blocks for up to `timeout` seconds, then drops the task.
- `on_idle` is called once no task has come for IDLE_SECONDS; `on_heartbeat` at least every
  `schema.HEARTBEAT_SECONDS`.
"""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable

from .. import schema

IDLE_SECONDS = 0.3
SUBMIT_TIMEOUT = 60.0
LIMIT_BYTES = 256 << 20


class BackgroundWriter:
    """The thread and its queue; the module's docstring says what it guarantees."""

    def __init__(
        self,
        on_idle: Callable[[], None],
        on_heartbeat: Callable[[], None],
        on_error: Callable[[Exception], None],
        limit_bytes: int = LIMIT_BYTES,
        timeout: float = SUBMIT_TIMEOUT,
    ) -> None:
        self._on_idle, self._on_heartbeat, self._on_error = on_idle, on_heartbeat, on_error
        self._limit_bytes, self._timeout = limit_bytes, timeout
        self._tasks: deque[tuple[Callable[[], None], int]] = deque()
        self._queued_bytes = 0
        self._changed = threading.Condition()
        self._closing = False
        self.seconds = 0.0
        """Wall-clock seconds spent running tasks."""
        self._thread = threading.Thread(target=self._run, name="proofsheet-writer", daemon=True)
        self._thread.start()

    def submit(self, task: Callable[[], None], size: int = 0) -> bool:
        """Queue a task that holds `size` bytes; False when it was dropped because the queue stayed full or is closed.

        A task larger than the limit is accepted when nothing else is queued.
        """
        with self._changed:
            fits = self._changed.wait_for(
                lambda: self._queued_bytes == 0 or self._queued_bytes + size <= self._limit_bytes, self._timeout
            )
            if not fits or self._closing:
                return False
            self._tasks.append((task, size))
            self._queued_bytes += size
            self._changed.notify_all()
            return True

    def close(self, timeout: float) -> bool:
        """Run the queued tasks, call `on_idle` and stop; False when that took more than `timeout` seconds."""
        with self._changed:
            self._closing = True
            self._changed.notify_all()
        self._thread.join(timeout)
        return not self._thread.is_alive()

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
                self._run_task(self._on_idle)
                idle = True
            del task  # or its arrays would stay alive while the thread waits
            if time.monotonic() - last_heartbeat >= schema.HEARTBEAT_SECONDS:
                self._run_task(self._on_heartbeat)
                last_heartbeat = time.monotonic()
            if closing and idle and not self._tasks:
                return

    def _run_task(self, task: Callable[[], None]) -> None:
        began = time.perf_counter()
        try:
            task()
        except Exception as error:  # the thread must survive any failing task
            self._on_error(error)
        self.seconds += time.perf_counter() - began
