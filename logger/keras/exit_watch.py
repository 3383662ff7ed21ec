"""Detects that fit() was left by an exception. Keras calls no callback then, and the process may live on."""

from __future__ import annotations

import sys
import threading
import weakref
from collections.abc import Callable, Iterator
from types import CodeType, FrameType

from keras.callbacks import CallbackList

CHECK_SECONDS = 5.0

_watches: list[ExitWatch] = []


class ExitWatch:
    """Calls `on_exit` once when the current fit() has ended and `stop` was not called.

    Checked by a thread of its own, and when the next fit() begins in the same thread.
    """

    def __init__(self, on_exit: Callable[[], None]) -> None:
        self._on_exit, self._interval = on_exit, CHECK_SECONDS
        self._thread_id = threading.get_ident()
        self._frame, self._callbacks = _current_fit()
        self._stopped = threading.Event()
        if self._frame is not None:  # else the callbacks are not called by fit()
            _watches.append(self)
            threading.Thread(target=self._watch, name="proofsheet-watch", daemon=True).start()

    def stop(self) -> None:
        """Stop watching: `on_exit` is not called any more, unless it is running already."""
        self._stopped.set()
        if self in _watches:
            _watches.remove(self)

    def check(self) -> bool:
        """Whether the watch is over; calls `on_exit` when fit() has been left."""
        if self._stopped.is_set():
            return True
        if not self._left():
            return False
        self.stop()
        self._on_exit()
        return True

    def is_of_this_thread(self) -> bool:
        """Whether the watched fit() is one of the calling thread."""
        return self._thread_id == threading.get_ident()

    def _left(self) -> bool:
        # Frames are identified by id and code: a reference would keep the training data alive. The id may come back
        # once the frame is gone, but then its list of callbacks is gone as well.
        if self._callbacks is not None and self._callbacks() is None:
            return True
        stack = _stack(sys._current_frames().get(self._thread_id))
        return all((id(frame), frame.f_code) != self._frame for frame in stack)

    def _watch(self) -> None:
        while not self._stopped.wait(self._interval):
            if self.check():
                return


def end_left_fits() -> None:
    """Notice earlier calls of fit() in this thread that were left, before another begins."""
    for watch in list(_watches):
        if watch.is_of_this_thread():
            watch.check()


def _current_fit() -> tuple[tuple[int, CodeType] | None, weakref.ref[CallbackList] | None]:
    """The frame of the fit() that calls, and the list of callbacks that it made."""
    callbacks = None
    for frame in _stack(sys._getframe()):
        if frame.f_code.co_name == "fit":
            return (id(frame), frame.f_code), callbacks
        if frame.f_code.co_name == "on_train_begin":
            caller = frame.f_locals.get("self")
            callbacks = weakref.ref(caller) if isinstance(caller, CallbackList) else callbacks
    return None, None


def _stack(frame: FrameType | None) -> Iterator[FrameType]:
    while frame is not None:
        yield frame
        frame = frame.f_back
