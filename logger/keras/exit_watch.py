"""Detects that fit() was left by an exception. Keras calls no callback then, and a notebook's process lives on."""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable
from types import CodeType, FrameType

CHECK_SECONDS = 5.0


class ExitWatch:
    """Calls `on_exit` once, from its own thread, when the current fit() has ended and `stop` was not called."""

    def __init__(self, on_exit: Callable[[], None]) -> None:
        self._on_exit, self._interval = on_exit, CHECK_SECONDS
        self._thread_id = threading.get_ident()
        self._frame = _fit_frame(sys._getframe())
        self._stopped = threading.Event()
        if self._frame is not None:  # else the callbacks are not called by fit()
            threading.Thread(target=self._watch, name="proofsheet-watch", daemon=True).start()

    def stop(self) -> None:
        """Stop watching: `on_exit` is not called any more, unless it is running already."""
        self._stopped.set()

    def _watch(self) -> None:
        while not self._stopped.wait(self._interval):
            if _fit_frame(sys._current_frames().get(self._thread_id), self._frame) is None:
                if not self._stopped.is_set():
                    self._on_exit()
                return


def _fit_frame(frame: FrameType | None, wanted: tuple[int, CodeType] | None = None) -> tuple[int, CodeType] | None:
    # Frames are identified by id and code: a reference would keep the training data alive.
    while frame is not None:
        found = (id(frame), frame.f_code)
        if found == wanted or (wanted is None and frame.f_code.co_name == "fit"):
            return found
        frame = frame.f_back
    return None
