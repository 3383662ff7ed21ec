"""The claim of a process on a run folder: one at a time writes it. The system drops it when the process dies."""

from __future__ import annotations

import os
import threading
from io import BufferedRandom
from pathlib import Path

try:
    import fcntl
except ImportError:  # Windows
    fcntl = None  # type: ignore[assignment]

LOCK_FILE = ".lock"

# A record lock is released as soon as its process closes any handle of the file, so this process must never open the
# lock of a folder that it has claimed.
_claimed: dict[str, Claim] = {}
_guard = threading.Lock()


class ClaimedError(Exception):
    """Another process, or another `Run` of this one, has claimed the folder."""


class Claim:
    """Held until `release`, or until the process ends. Where the file system has no locks it holds nothing."""

    def __init__(self, key: str, file: BufferedRandom | None) -> None:
        self._key, self._file, self._pid = key, file, os.getpid()

    def is_stale(self, folder: Path) -> bool:
        """Whether the folder that was claimed is gone; another one may have taken its place."""
        if self._file is None:
            return False
        try:
            return not os.path.samestat(os.fstat(self._file.fileno()), os.stat(folder / LOCK_FILE))
        except FileNotFoundError:
            return True

    def release(self) -> None:
        """Let others write the folder."""
        with _guard:
            if _claimed.get(self._key) is self:
                del _claimed[self._key]
            if self._file is not None and self._pid == os.getpid():
                self._file.close()
                self._file = None


def claim(folder: Path) -> Claim:
    """Claim `folder`. Raises ClaimedError when it is taken."""
    key = str(folder.resolve())
    with _guard:
        if key in _claimed and not _claimed[key].is_stale(folder):
            raise ClaimedError(key)
        _claimed[key] = Claim(key, _locked(folder / LOCK_FILE))
        return _claimed[key]


def is_claimed(folder: Path) -> bool:
    """Whether another process, or this one, has claimed the folder now."""
    try:
        claim(folder).release()
    except ClaimedError:
        return True
    return False


def _locked(path: Path) -> BufferedRandom | None:
    if fcntl is None:
        return None
    try:
        file = open(path, "a+b")
    except OSError:
        return None  # a full disk must not keep a training from being logged
    try:
        fcntl.lockf(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        file.close()
        if isinstance(error, BlockingIOError | PermissionError):
            raise ClaimedError(str(path)) from error
        return None  # no locks on this file system
    return file


def _forget_in_copy() -> None:
    _claimed.clear()  # a forked process holds none of its parent's locks


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_forget_in_copy)
