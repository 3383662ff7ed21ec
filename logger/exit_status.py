"""How the interpreter ends: normally, by an uncaught exception, or by SystemExit and with which code.

Python tells exit handlers nothing about a SystemExit. So the argument of the last `sys.exit`, `exit` or `quit` is
recorded, and the outermost frame of the main thread is kept: its last instruction shows whether it returned.
"""

from __future__ import annotations

import _sitebuiltins
import dis
import functools
import sys
import threading
from dataclasses import dataclass
from types import FrameType
from typing import Any, NoReturn

UNKNOWN_CODE = "SystemExit: the process was ended before finish()"

_UNSET: Any = object()
_code: Any = _UNSET
_outermost: FrameType | None = None
_earlier_exception: int | None = None
_observing = False


def observe() -> None:
    """Observe how this process ends from now on. Cheap to call again."""
    global _outermost, _earlier_exception, _observing
    frame = sys._current_frames().get(threading.main_thread().ident or 0)
    while frame is not None and frame.f_back is not None:
        frame = frame.f_back
    _outermost = frame or _outermost
    if not _observing:
        _observing = True
        _earlier_exception = id(getattr(sys, "last_value", None))
        _record_exits()


def failure_of(error: BaseException) -> str | None:
    """The reason why a run that `error` ended has failed; None for a SystemExit that reports success."""
    if isinstance(error, SystemExit):
        return _failure_of_code(error.code)
    return f"{type(error).__name__}: {error}" if str(error) else type(error).__name__


@dataclass(frozen=True)
class ExitStatus:
    """How the process ends. `failure` is the reason when it failed; `reported` means that it exited with code 0."""

    failure: str | None = None
    reported: bool = False


def exit_status() -> ExitStatus:
    """How the process ends. To be called in an exit handler."""
    error = getattr(sys, "last_value", None)
    if isinstance(error, BaseException) and id(error) != _earlier_exception:
        return ExitStatus(failure_of(error))
    interactive = hasattr(sys, "ps1") or bool(sys.flags.interactive)
    if not interactive and _returned(_outermost):
        return ExitStatus()  # if an exit was recorded, its SystemExit was caught
    if _code is not _UNSET:
        failure = _failure_of_code(_code)
        return ExitStatus(failure, reported=failure is None)
    return ExitStatus(None if interactive else UNKNOWN_CODE)


def _failure_of_code(code: object) -> str | None:
    return None if code is None or code == 0 else f"SystemExit: {code}"


def _returned(frame: FrameType | None) -> bool:
    if frame is None or frame.f_lasti < 0:
        return True
    return dis.opname[frame.f_code.co_code[frame.f_lasti]].startswith("RETURN")


def _record_exits() -> None:
    original_exit, original_quit = sys.exit, _sitebuiltins.Quitter.__call__

    @functools.wraps(original_exit)
    def exit_recorded(status: Any = None, /) -> NoReturn:
        _record(status)
        original_exit(status)

    def quit_recorded(self: Any, code: Any = None) -> Any:
        _record(code)
        return original_quit(self, code)

    sys.exit = exit_recorded
    _sitebuiltins.Quitter.__call__ = quit_recorded  # type: ignore[method-assign]


def _record(code: Any) -> None:
    global _code
    if threading.current_thread() is threading.main_thread():
        _code = code
