"""Writing files so that a run folder stays readable after a kill at any instant."""

from __future__ import annotations

import os
import re
from pathlib import Path

TEMPORARY_FILE = re.compile(r"\..+\.\d+\.tmp")
"""Names that `temporary_path` gives."""


def write_atomically(path: Path, data: bytes | str) -> int:
    """Write to a temporary file and rename it to `path`; returns the size in bytes. Creates missing folders."""
    content = data.encode() if isinstance(data, str) else data
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = temporary_path(path)
    try:
        temporary.write_bytes(content)
        os.replace(temporary, path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
    return len(content)


def temporary_path(path: Path) -> Path:
    """Where this process writes a file before renaming it to `path`: a hidden name in the same folder."""
    return path.with_name(f".{path.name}.{os.getpid()}.tmp")


def append_line(path: Path, line: str) -> int:
    """Append `line`, which ends with a newline; returns the bytes written. When that fails, nothing is appended.

    If the file ends in the middle of a line, as after a crash, that line is ended first.
    """
    content = line.encode()
    with open(path, "ab", buffering=0) as file:
        size = file.tell()
        if size and not _ends_with_newline(path):
            content = b"\n" + content
        written = 0
        try:
            while written < len(content):
                written += file.write(content[written:])
        except OSError:
            os.ftruncate(file.fileno(), size)
            raise
    return len(content)


def remove_leftovers(folder: Path) -> int:
    """Remove the temporary files of processes that died while they wrote; returns how many there were."""
    found = 0
    for where, _, names in os.walk(folder):
        for name in names:
            if TEMPORARY_FILE.fullmatch(name):
                Path(where, name).unlink(missing_ok=True)
                found += 1
    return found


def _ends_with_newline(path: Path) -> bool:
    with open(path, "rb") as file:
        file.seek(-1, os.SEEK_END)
        return file.read(1) == b"\n"
