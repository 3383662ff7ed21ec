"""Opens regular files and nothing else: opening a pipe that nobody writes to would block for ever."""

from __future__ import annotations

import errno
import os
import stat
from pathlib import Path
from typing import BinaryIO


def open_regular(path: Path) -> BinaryIO:
    """The file, open for reading. Raises OSError for a folder, pipe or device as for a file that is not there."""
    descriptor = open_descriptor(path, os.O_RDONLY)
    return os.fdopen(descriptor, "rb")


def open_descriptor(path: Path, flags: int) -> int:
    """`os.open` of a regular file, binary on every system. Raises OSError as `open_regular`."""
    descriptor = os.open(path, flags | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0), 0o666)
    try:
        require_regular(os.fstat(descriptor).st_mode)
    except BaseException:
        os.close(descriptor)
        raise
    return descriptor


def require_regular(mode: int) -> None:
    """Raises OSError when `mode`, the `st_mode` of a file, is not that of a regular one."""
    if stat.S_ISDIR(mode):
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR))
    if not stat.S_ISREG(mode):
        raise OSError(errno.EINVAL, "it is not a regular file")


def read_regular(path: Path) -> bytes:
    """The whole content of a regular file. Raises OSError as `open_regular`."""
    with open_regular(path) as file:
        return file.read()
