"""Creating a run folder and writing files into it so that it stays readable after a kill at any instant."""

from __future__ import annotations

import os
import time
from pathlib import Path

from .. import schema


def create_run_folder(runs_dir: Path, name: str) -> Path:
    """Create a folder in `runs_dir` named after `name`, with the suffix `-2`, `-3` and so on if that is taken.

    Raises OSError when it cannot be created.
    """
    safe = schema.safe_name(name)
    runs_dir.mkdir(parents=True, exist_ok=True)
    for attempt in range(1, 10_000):
        path = runs_dir / (safe if attempt == 1 else f"{safe}-{attempt}")
        try:
            path.mkdir()
            return path
        except FileExistsError:
            continue
    raise FileExistsError(f"{runs_dir} already has 10,000 runs named {safe!r}. Choose another name.")


def default_name(now: float) -> str:
    """The name of a run that was given none: local date and time at `now`, seconds since 1970."""
    return time.strftime("%Y-%m-%d_%H-%M-%S", time.localtime(now))


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
    """Append `line`, which ends with a newline; returns the bytes written.

    If the file ends in the middle of a line, as after a crash, that line is ended first.
    """
    content = line.encode()
    with open(path, "ab") as file:
        if file.tell() and not _ends_with_newline(path):
            content = b"\n" + content
        file.write(content)
    return len(content)


def _ends_with_newline(path: Path) -> bool:
    with open(path, "rb") as file:
        file.seek(-1, os.SEEK_END)
        return file.read(1) == b"\n"
