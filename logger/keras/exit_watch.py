"""Noticing that fit() was left by an exception: Keras then calls no callback, and a notebook lives on."""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable
from types import CodeType, FrameType

EVERY_SECONDS = 5.0


class FitWatch:
    """Calls `gone` once, from a thread of its own, when the fit() that is running now has ended without `stop`."""

    def __init__(self, gone: Callable[[], None]) -> None:
        self._gone, self._every = gone, EVERY_SECONDS
        self._thread_id = threading.get_ident()
        self._frame = _fit_frame(sys._getframe())
        self._stopped = threading.Event()
        if self._frame is not None:  # else somebody drives the callbacks by hand
            threading.Thread(target=self._watch, name="proofsheet-watch", daemon=True).start()

    def stop(self) -> None:
        """No more watching; `gone` is not called after this returned, unless it runs already."""
        self._stopped.set()

    def _watch(self) -> None:
        while not self._stopped.wait(self._every):
            if _fit_frame(sys._current_frames().get(self._thread_id), self._frame) is None:
                if not self._stopped.is_set():
                    self._gone()
                return


def _fit_frame(frame: FrameType | None, wanted: tuple[int, CodeType] | None = None) -> tuple[int, CodeType] | None:
    # The frame is told by its number and code: a reference would keep the training data alive.
    while frame is not None:
        found = (id(frame), frame.f_code)
        if found == wanted or (wanted is None and frame.f_code.co_name == "fit"):
            return found
        frame = frame.f_back
    return None
