"""Making a run folder and putting files into it so that a kill at any instant leaves it readable."""

from __future__ import annotations

import os
import time
from pathlib import Path

from .. import schema


def new_run_folder(runs_dir: Path, name: str) -> Path:
    """A new folder in `runs_dir` named after `name`; `-2`, `-3` and so on when that one is taken.

    Raises OSError when it cannot be made.
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
    raise FileExistsError(f"{runs_dir} holds 10,000 runs named {safe!r}; give this one another name.")


def default_name(now: float) -> str:
    """A run's name when none is given: the local date and time it began."""
    return time.strftime("%Y-%m-%d_%H-%M-%S", time.localtime(now))


def write_whole(path: Path, data: bytes | str) -> int:
    """Write a whole file aside and move it into place; returns its size in bytes."""
    content = data.encode() if isinstance(data, str) else data
    path.parent.mkdir(parents=True, exist_ok=True)
    aside = aside_of(path)
    try:
        aside.write_bytes(content)
        os.replace(aside, path)
    except BaseException:
        aside.unlink(missing_ok=True)
        raise
    return len(content)


def aside_of(path: Path) -> Path:
    """Where a file is written before it is moved to `path`; hidden, and of this process alone."""
    return path.with_name(f".{path.name}.{os.getpid()}.tmp")


def append_line(path: Path, line: str) -> int:
    """Append one line; a line that a crash cut short is closed first. Returns the bytes written."""
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
