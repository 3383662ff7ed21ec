"""Writes files into the folder of a run, as long as it is there: one that somebody removed is not brought back."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

from ... import schema
from ..atomic_files import append_line, write_atomically
from .claim import LOCK_FILE


class RunFolderGoneError(OSError):
    """The folder was removed or replaced while its run was logged."""


class RunFolder:
    """The folder at `path`. All methods that write raise RunFolderGoneError, an OSError, while it is gone."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._inode, self._created = _inode(path), _created(path)
        self.bytes_written = 0
        self.steps = 0
        """Grows with everything that gets done."""

    def replace(self, name: str, data: bytes | str) -> int:
        """Write the file `name` as a whole, atomically; returns its size in bytes."""
        return self.write(name, lambda path: write_atomically(path, data))

    def append(self, name: str, lines: str) -> int:
        """Append whole lines to the file `name`; returns the bytes written."""
        return self.write(name, lambda path: append_line(path, lines))

    def write(self, name: str, write: Callable[[Path], int]) -> int:
        """Call `write` with the path of the file `name`; it returns the bytes written."""
        self._check()
        size = write(self.path / name)
        self.bytes_written += size
        self.steps += 1
        return size

    def _check(self) -> None:
        found = _inode(self.path)
        if found is None or found != self._inode:
            # A network drive that comes back may number its files anew.
            if found is None or self._created is None or _created(self.path) != self._created:
                raise RunFolderGoneError(f"{self.path} was removed or replaced: nothing more is written into it")
            self._inode = found


def _inode(path: Path) -> tuple[int, int] | None:
    """Of the lock, which is open: the number of a removed folder may be given to another. None when all is gone."""
    for file in (path / LOCK_FILE, path):
        try:
            found = os.stat(file)
        except FileNotFoundError:
            continue
        except OSError:
            return None
        return found.st_dev, found.st_ino
    return None


def _created(path: Path) -> tuple[str, float] | None:
    """What tells a run from another in the same place; None when its run.json cannot be read."""
    try:
        info = schema.RunInfo.decode((path / schema.RUN_FILE).read_text("utf-8"))
    except (OSError, ValueError):
        return None
    return info.name, info.created
