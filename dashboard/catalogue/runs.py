"""Find the runs of a folder and their state; a file that has not changed is not read again.

A run's name in a URL becomes a folder only through `Catalogue.get`. What is damaged, half-written, foreign or
of a newer format gives one sentence in `Run.problems`, and the run shows what is left.
"""

from __future__ import annotations

import os
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path

import pandas as pd

from dashboard import settings, shared_state
from dashboard.catalogue.metrics_file import MetricsFile
from dashboard.catalogue.run_folder import Folder, Scan
from dashboard.catalogue.versions import version_of
from logger import schema

DEEPEST, MOST_LOOKED_INTO = 3, 100
"""How many levels below the folder of runs, and how many folders of each, are searched when it holds no run."""


@dataclass(frozen=True)
class Run:
    """A snapshot of one run folder."""

    id: str
    """Name of its folder."""
    path: Path
    info: schema.RunInfo
    status: schema.Status
    epochs: dict[str, tuple[int, ...]] = field(default_factory=dict)
    """By split, the epochs (from 0, rising) with a predictions file."""
    samples: dict[str, tuple[Path, ...]] = field(default_factory=dict)
    """By split, the parts of its samples file, in order."""
    version: str = ""
    """Changes whenever any file of the run does."""
    data_version: str = ""
    """Changes when samples, predictions or run.json do; heartbeats and metrics leave it."""
    training_version: str = ""
    """Changes when any file of the training but status.json does."""
    annotations_version: str = ""
    """Changes when samples are annotated."""
    problems: tuple[str, ...] = ()
    """One sentence for each thing that could not be read."""
    last_seen: float = 0.0
    """Seconds since 1970 of the last heartbeat or file change."""

    @property
    def title(self) -> str:
        """The name as given. Text, not markup."""
        return self.info.name or self.id

    @property
    def splits(self) -> tuple[str, ...]:
        """The splits with samples or predictions, val first."""
        order = {"val": 0, "test": 1, "train": 2, "production": 3}
        return tuple(sorted({*self.epochs, *self.samples}, key=lambda s: order.get(s, 9)))

    @property
    def main_split(self) -> str | None:
        """The split that a page opens on: the first with predictions, val before the others."""
        return next((s for s in self.splits if self.epochs.get(s)), self.splits[0] if self.splits else None)

    def predictions(self, split: str, epoch: int) -> Path:
        """The file of a split's predictions at `epoch` (from 0). Raises FormatError outside of the folder."""
        return schema.inside(self.path, schema.predictions_file(split, epoch))

    def prediction_files(self, split: str, *, up_to: int | None = None) -> list[Path]:
        """Files of the split's epochs in order; `up_to` (included) leaves out later ones."""
        epochs = self.epochs.get(split, ())
        return [self.predictions(split, epoch) for epoch in epochs if up_to is None or epoch <= up_to]

    def epoch_before(self, split: str, epoch: int) -> int | None:
        """The epoch logged before `epoch`, or None when it is the first."""
        return max((e for e in self.epochs.get(split, ()) if e < epoch), default=None)

    def epoch_files(self, split: str, epoch: int) -> list[Path]:
        """The file of `epoch` and that of the epoch logged before it, if any."""
        before = self.epoch_before(split, epoch)
        return [self.predictions(split, e) for e in (before, epoch) if e is not None]

    def state(self, now: float | None = None) -> str:
        """`running`, `finished`, `failed`, or `silent`: running according to its status, but without a heartbeat for
        long.
        """
        if self.status.state != "running":
            return self.status.state if self.status.state in schema.STATES else "silent"
        quiet = (time.time() if now is None else now) - self.last_seen
        return "running" if quiet <= 3 * max(1.0, self.status.heartbeat_every) else "silent"


class Catalogue:
    """The runs of one folder. Shared by all sessions; what has not changed is not read again."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.problems: tuple[str, ...] = ()
        """Folders that are left out, one sentence each."""
        self._folders: dict[str, Folder] = {}
        self._metrics: dict[str, MetricsFile] = {}
        self._scans: dict[str, tuple[Scan, Run]] = {}
        self._lock = threading.RLock()

    def runs(self) -> list[Run]:
        """All runs, newest first; none when the folder is missing or empty."""
        with self._lock:
            self._folders, self.problems = _run_folders(self.root, self._folders)
            runs = [self._run(name, folder) for name, folder in self._folders.items()]
            return sorted(runs, key=lambda run: (run.info.created, run.id), reverse=True)

    def get(self, name: str) -> Run | None:
        """The run of this id, or None: the only way from a name in a URL to a folder."""
        with self._lock:
            found, _ = _run_folders(self.root, self._folders)
            return self._run(name, found[name]) if name in found else None

    def read_metrics(self, run: Run) -> pd.DataFrame:
        """The run's metrics: columns epoch (from 0), step, time, name, value. Not to be changed.

        `attrs["damaged"]` and `attrs["damaged_values"]` count the lines and values left out, `attrs["problem"]` is a
        sentence or None.
        """
        with self._lock:
            file = self._metrics.setdefault(run.id, MetricsFile(run.path))
            frame = file.frame()
            frame.attrs.update(damaged=file.damaged, damaged_values=file.damaged_values, problem=file.problem)
            return frame

    def _run(self, name: str, folder: Folder) -> Run:
        scan, known = folder.scan(), self._scans.get(name)
        if known is None or known[0] is not scan:
            known = self._scans[name] = (scan, _as_run(name, folder, scan))
        return known[1]


def _as_run(name: str, folder: Folder, scan: Scan) -> Run:
    lasting = {file: stamp for file, stamp in scan.stamps.items() if "/" in file or file == schema.RUN_FILE}
    info = scan.info or schema.RunInfo(name=name, created=scan.created)
    return Run(
        id=name,
        path=folder.path,
        info=info,
        status=scan.status or schema.Status(state="silent", started=info.created, heartbeat=scan.last_seen),
        epochs=scan.epochs,
        samples=scan.samples,
        version=version_of(sorted(scan.stamps.items())),
        data_version=version_of(sorted(lasting.items())),
        training_version=version_of(
            sorted({file: stamp for file, stamp in scan.stamps.items() if file != schema.STATUS_FILE}.items())
        ),
        annotations_version=version_of(scan.annotations),
        problems=scan.problems,
        last_seen=scan.last_seen,
    )


def _run_folders(root: Path, known: dict[str, Folder]) -> tuple[dict[str, Folder], tuple[str, ...]]:
    """By name the folders in `root` that are runs, and a sentence for each that is left out."""
    found: dict[str, Folder] = {}
    problems: list[str] = []
    others: list[Path] = []
    try:
        with os.scandir(root) as entries:
            listed = sorted(entries, key=lambda entry: entry.name)
    except OSError:
        return {}, ()
    for entry in listed:
        try:
            if entry.name.startswith(".") or not entry.is_dir():
                continue
            if not entry.name.isascii() and not _is_unicode(entry.name):
                shown = os.fsencode(entry.name).decode("utf-8", "backslashreplace")
                problems.append(f"{shown} is left out, because its name is not UTF-8. Rename the folder.")
                continue
            if entry.is_symlink():
                schema.inside(root, entry.name)
            folder = known.get(entry.name) or Folder(root / entry.name)
            if folder.is_run():
                found[entry.name] = folder
            elif not os.access(folder.path, os.R_OK | os.X_OK):
                problems.append(f"{entry.name} cannot be opened: permission denied.")
            else:
                others.append(folder.path)
        except schema.FormatError:
            problems.append(f"{entry.name} is a link to a place outside of the folder of runs and is left out.")
        except OSError as e:
            problems.append(f"{entry.name} cannot be opened: {e.strerror}.")
    if not found and others and (deeper := _first_run_below(others)):
        example = deeper.relative_to(root)
        problems.append(f"There are runs in subfolders, such as {example}: start with --runs {deeper.parent}.")
    return found, tuple(problems)


def _is_unicode(name: str) -> bool:
    try:
        name.encode()
    except UnicodeEncodeError:
        return False
    return True


def _first_run_below(folders: list[Path]) -> Path | None:
    """A run at most DEEPEST levels below `folders`; None without one."""
    for _ in range(DEEPEST):
        below = [path for folder in folders[:MOST_LOOKED_INTO] for path in _folders_in(folder)]
        if run := next((path for path in below if (path / schema.RUN_FILE).is_file()), None):
            return run
        folders = below
    return None


def _folders_in(folder: Path) -> list[Path]:
    try:
        with os.scandir(folder) as entries:
            return sorted(
                Path(e.path) for e in entries if not e.name.startswith(".") and e.is_dir(follow_symlinks=False)
            )
    except OSError:
        return []


def catalogue() -> Catalogue:
    """The process-wide catalogue of the configured folder of runs."""
    root = settings.runs_root()
    return shared_state.once(("catalogue", str(root)), lambda: Catalogue(root))


def read_metrics(run: Run) -> pd.DataFrame:
    """`Catalogue.read_metrics` of the process-wide catalogue."""
    return catalogue().read_metrics(run)
