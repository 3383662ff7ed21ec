"""Versions: short hashes that change when what they stand for does. One way to make them, for files and for values."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from hashlib import blake2b
from pathlib import Path


def version_of(*parts: object) -> str:
    """Sixteen hex digits of the `repr` of plain values: the same in every process and after a restart."""
    return blake2b(repr(parts).encode("utf-8", "surrogatepass"), digest_size=8).hexdigest()


def version(files: Iterable[Path]) -> str:
    """Changes when a file is replaced, appears or goes.

    Made of name, size, inode and the times of modification and of change: a copy that keeps its size and modification
    time is another version all the same.
    """
    stamps: list[tuple[object, ...]] = []
    for file in files:
        try:
            stat = file.stat()
            stamps.append((file.name, stat.st_mtime_ns, stat.st_size, stat.st_ino, stat.st_ctime_ns))
        except OSError:
            stamps.append((file.name, None))
    return version_of(*stamps)


def identity(parts: Sequence[Path]) -> str:
    """Of the samples of a split: the same while they grow, another when a run replaces them.

    Made of the first part of the samples file, which is never rewritten.
    """
    return version(parts[:1])
