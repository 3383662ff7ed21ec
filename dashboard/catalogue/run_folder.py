"""Scanning a run folder repeatedly: only files that changed are read.

A file is unchanged while its size, modification time and inode are. A directory is listed again when it changed, or
changed so recently that its clock may hide a second change.
"""

from __future__ import annotations

import os
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar, cast

from dashboard.catalogue.documents import Decode, read_run, read_status
from dashboard.catalogue.regular_files import read_regular, require_regular
from logger import schema

T = TypeVar("T")
Stamp = tuple[int, ...]
"""Size, modification time in ns, inode."""
_SETTLED = 2.0
"""Seconds after which a directory's modification time is final: the coarsest clocks have a resolution of 2 s."""


@dataclass(frozen=True)
class Scan:
    """The result of a scan."""

    info: schema.RunInfo | None
    status: schema.Status | None
    epochs: dict[str, tuple[int, ...]]
    samples: dict[str, tuple[Path, ...]]
    stamps: dict[str, Stamp]
    """By path in the run folder."""
    problems: tuple[str, ...]
    created: float
    """Of the newest file, for a run whose creation time is not known."""
    last_seen: float
    """Seconds since 1970 of the last heartbeat or file change."""
    annotations: Stamp | None
    """Of annotations.jsonl. Not among `stamps`: the training does not write it."""


@dataclass
class _Listing:
    stamp: Stamp
    taken: float
    files: dict[str, Stamp]
    problems: list[str]


_WATCHED = (
    *(schema.RUN_FILE, schema.STATUS_FILE, schema.METRICS_FILE, schema.SAMPLES_DIR, schema.PREDICTIONS_DIR),
    schema.ANNOTATIONS_FILE,
    *(f"{schema.PREDICTIONS_DIR}/split={split}" for split in schema.SPLITS),
)
"""A change of any file of a run changes one of these: whole files are moved into their directories."""


def _look(path: str) -> Stamp | None:
    try:
        stat = os.stat(path)
    except OSError:
        return None
    return stat.st_size, stat.st_mtime_ns, stat.st_ino


@dataclass
class Folder:
    """A run folder and its last scan."""

    path: Path
    _texts: dict[str, tuple[Stamp, object]] = field(default_factory=dict)
    _listings: dict[str, _Listing] = field(default_factory=dict)
    _last: tuple[tuple[Stamp | None, ...], Scan] | None = None
    _alive: tuple[float, float] | None = None
    """The last heartbeat read, and when by our own clock it first differed from the one before."""

    def __post_init__(self) -> None:
        self._watched = [f"{self.path}/{name}" for name in _WATCHED]

    def scan(self) -> Scan:
        """Scan again. Never raises; what cannot be read is a sentence in `problems`.

        Returns the same object while nothing changed, which takes one `stat` for each of a few files.
        """
        look = tuple(map(_look, self._watched))
        if self._last is None or look != self._last[0] or not self._settled():
            self._last = (look, self._scan())
        return self._last[1]

    def is_run(self) -> bool:
        """Whether any file of a run is there."""
        return any(os.path.exists(path) for path in self._watched)

    def _settled(self) -> bool:
        return all(listing.taken - listing.stamp[0] / 1e9 >= _SETTLED for listing in self._listings.values())

    def _scan(self) -> Scan:
        problems: list[str] = []
        stamps: dict[str, Stamp] = {}
        info = self._json(schema.RUN_FILE, read_run, stamps, problems)
        if info is None and not problems:
            problems.append(f"{schema.RUN_FILE} is missing, so its name, classes and settings are not known.")
        status = self._json(schema.STATUS_FILE, read_status, stamps, problems)
        self._stamp(schema.METRICS_FILE, stamps, problems)
        epochs = self._epochs(stamps, problems)
        samples = self._samples(stamps, problems)
        newest = max((stamp[1] for stamp in stamps.values()), default=0) / 1e9
        last_seen = self._last_seen(status, stamps, newest)
        annotations = _look(f"{self.path}/{schema.ANNOTATIONS_FILE}")
        return Scan(info, status, epochs, samples, stamps, tuple(problems), newest, last_seen, annotations)

    def _last_seen(self, status: schema.Status | None, stamps: dict[str, Stamp], newest: float) -> float:
        """A heartbeat from a clock that runs ahead counts as its file's time; one that we saw change counts as of then,
        whatever the writer's clock says."""
        if status is None or schema.STATUS_FILE not in stamps:
            return newest
        if self._alive is None:
            self._alive = (status.heartbeat, 0.0)
        elif self._alive[0] != status.heartbeat:
            self._alive = (status.heartbeat, time.time())
        return max(min(status.heartbeat, stamps[schema.STATUS_FILE][1] / 1e9), self._alive[1])

    def _json(self, name: str, decode: Decode[T], stamps: dict[str, Stamp], problems: list[str]) -> T | None:
        """The decoded file; None for one that is missing or cannot be read, which `problems` says."""
        stamp = self._stamp(name, stamps, problems)
        if stamp is None:
            return None
        known = self._texts.get(name)
        if known is None or known[0] != stamp:
            try:
                known = (stamp, decode(read_regular(schema.inside(self.path, name)).decode("utf-8-sig")))
            except (schema.FormatError, UnicodeDecodeError, OSError, TypeError, ValueError, RecursionError) as e:
                known = (stamp, e)
            self._texts[name] = known
        if isinstance(known[1], Exception):
            problems.append(_sentence(name, known[1]))
            return None
        document, wrong = cast(tuple[T, list[str]], known[1])
        problems.extend(wrong)
        return document

    def _stamp(self, name: str, stamps: dict[str, Stamp], problems: list[str]) -> Stamp | None:
        try:
            path = self.path / name
            if path.is_symlink():
                path = schema.inside(self.path, name)
            stat = path.stat()
        except FileNotFoundError:
            return None
        except (OSError, schema.FormatError) as e:
            problems.append(_sentence(name, e))
            return None
        stamps[name] = (stat.st_size, stat.st_mtime_ns, stat.st_ino)
        return stamps[name]

    def _epochs(self, stamps: dict[str, Stamp], problems: list[str]) -> dict[str, tuple[int, ...]]:
        found = {}
        for split in schema.SPLITS:
            relative = f"{schema.PREDICTIONS_DIR}/split={split}"
            files = self._list(relative, problems)
            stamps.update({f"{relative}/{name}": stamp for name, stamp in files.items()})
            known = {name: epoch for name in files if (epoch := schema.epoch_of(name)) is not None}
            numbers = sorted(e for name, e in known.items() if name == Path(schema.predictions_file(split, e)).name)
            for name in sorted(name for name, e in known.items() if e not in numbers):
                expected = Path(schema.predictions_file(split, known[name])).name
                problems.append(f"{relative}/{name} is not read: rename it to {expected}.")
            if numbers:
                found[split] = tuple(numbers)
        return found

    def _samples(self, stamps: dict[str, Stamp], problems: list[str]) -> dict[str, tuple[Path, ...]]:
        found: dict[str, list[tuple[int, Path]]] = {}
        for name, stamp in self._list(schema.SAMPLES_DIR, problems).items():
            if part := schema.part_of(name):
                stamps[f"{schema.SAMPLES_DIR}/{name}"] = stamp
                found.setdefault(part[0], []).append((part[1], self.path / schema.SAMPLES_DIR / name))
        return {split: tuple(path for _, path in sorted(parts)) for split, parts in found.items()}

    def _list(self, relative: str, problems: list[str]) -> dict[str, Stamp]:
        """The Parquet files of a directory of the run, with their stamps; empty when it is not there."""
        folder = self.path / relative
        try:
            stat = folder.stat()
        except OSError:
            return {}
        known, stamp = self._listings.get(relative), (stat.st_mtime_ns, stat.st_ino)
        if known is None or known.stamp != stamp or known.taken - stat.st_mtime_ns / 1e9 < _SETTLED:
            known = _Listing(stamp, time.time(), *_files(self.path, relative))
            self._listings[relative] = known
        problems.extend(known.problems)
        return known.files


def _files(root: Path, relative: str) -> tuple[dict[str, Stamp], list[str]]:
    files: dict[str, Stamp] = {}
    problems: list[str] = []
    try:
        with os.scandir(schema.inside(root, relative)) as entries:
            for entry in entries:
                if not entry.name.endswith(".parquet"):
                    continue
                try:
                    if entry.is_symlink():
                        schema.inside(root, f"{relative}/{entry.name}")
                    stat = entry.stat()
                    require_regular(stat.st_mode)
                except (OSError, schema.FormatError) as e:
                    problems.append(_sentence(f"{relative}/{entry.name}", e))
                    continue
                files[entry.name] = (stat.st_size, stat.st_mtime_ns, stat.st_ino)
    except (OSError, schema.FormatError) as e:
        problems.append(_sentence(relative, e))
    return files, problems


def _sentence(name: str, error: Exception) -> str:
    if isinstance(error, schema.FormatError):
        return str(error)
    reason = error.strerror if isinstance(error, OSError) else None
    return f"{name} cannot be read: {reason or error}."
