"""Opening the folder of a run: a new one, or that of a run to resume."""

from __future__ import annotations

import itertools
import re
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from . import schema
from .data.arrays import NO_LABEL
from .storage.atomic_files import write_atomically
from .storage.durable_epochs import DurableEpochs, read_epochs
from .storage.ownership.claim import LOCK_FILE, Claim, ClaimedError, claim, is_claimed
from .storage.ownership.heartbeat import has_writer, read_status

if TYPE_CHECKING:
    from .data.intake import Intake
    from .storage.store import Store

_NEW_FOLDER_SECONDS = 1.0
"""Seconds that a process which creates a run is given to write its run.json."""
_MAX_FOLDERS = 10_000


@dataclass(frozen=True)
class PreviousRun:
    """The run to resume, as its files describe it."""

    path: Path
    info: schema.RunInfo
    status: schema.Status
    epochs: DurableEpochs

    def restore(self, intake: Intake, store: Store, on_error: Callable[[Exception], None]) -> None:
        """Restore the samples of the run and their display mapping. Damaged files are left alone and reported."""
        from .data.display import Display
        from .storage.parquet import last_index, read_samples

        if self.info.display:
            intake.display = Display.decode(self.info.display)
        for split, info in self.info.splits.items():
            rows = read_samples(self.path, split, on_error)
            registry = intake.register_split(split, info)
            # A part that could not be written or read leaves a gap: its indices stay taken.
            by_index = {int(row["index"]): row for row in rows}
            count = 1 + max([last_index(self.path, split), *by_index])
            registry.restore(_identity(by_index.get(index)) for index in range(count))
            weights = {row["index"]: row["weight"] for row in rows if row["weight"] is not None}
            soft = {row["index"]: row["soft_label"] for row in rows if row["soft_label"] is not None}
            intake.restore(split, weights, soft)
            store.open_split(split, info.cell, info.columns)
            store.restore_split(split, rows)


def _identity(row: dict[str, object] | None) -> tuple[bytes, int, int]:
    """Digest, label and checksum of a sample; those of a lost one match nothing."""
    if row is None:
        return b"", NO_LABEL, NO_LABEL
    label, checksum = row["label"], row["input_crc32"]
    return (
        bytes.fromhex(str(row["digest"] or "")),
        label if isinstance(label, int) else NO_LABEL,
        checksum if isinstance(checksum, int) else NO_LABEL,
    )


@dataclass(frozen=True)
class OpenedFolder:
    """A folder that only this process writes, and the run that it holds, if any."""

    path: Path
    claim: Claim
    previous: PreviousRun | None = None


def open_folder(runs_dir: Path, name: str, resume: bool | Path) -> OpenedFolder:
    """The folder of the run of this name in `runs_dir`, or at the path `resume`; a new one where there is none.

    Raises FormatError when it cannot be read, RuntimeError when another process is writing it, OSError when it
    cannot be created, and FileNotFoundError when there is no run at the path.
    """
    if isinstance(resume, Path):
        if not (resume / schema.RUN_FILE).exists():
            raise FileNotFoundError(f"There is no run to resume in {resume}: it has no {schema.RUN_FILE}.")
        return _reopened(resume)
    runs_dir.mkdir(parents=True, exist_ok=True)
    taken = set[str]()
    while len(taken) < _MAX_FOLDERS:
        folders = list(_folders(runs_dir, schema.safe_name(name)))
        if resume and (found := _newest_of_name(folders, name)) is not None:
            return _reopened(found)
        taken |= {folder.name for folder in folders}
        path = runs_dir / _free_name(schema.safe_name(name), taken)
        try:
            path.mkdir()
        except FileExistsError:  # another process was faster, or the file system takes `Run` and `run` for one name
            taken.add(path.name)
            continue
        return OpenedFolder(path, _claimed_as_new(path))
    raise FileExistsError(f"{runs_dir} has no free folder for a run {name!r}. Choose another name.")


def default_name(now: float) -> str:
    """The name of a run that was given none: local date and time at `now`, seconds since 1970."""
    return time.strftime("%Y-%m-%d_%H-%M-%S", time.localtime(now))


def write_first_info(folder: Path, info: schema.RunInfo) -> None:
    """Write run.json at once, so that other processes see whose the folder is."""
    try:
        write_atomically(folder / schema.RUN_FILE, info.encode())
    except OSError:
        pass  # a full disk: the writer tries again, and records the error


def _folders(runs_dir: Path, safe: str) -> Iterator[Path]:
    """What may be the folder of a run that is named after `safe`, on a case-insensitive file system too."""
    pattern = re.compile(re.escape(safe.casefold()) + r"(-\d+)?")
    return (path for path in runs_dir.iterdir() if pattern.fullmatch(path.name.casefold()))


def _free_name(safe: str, taken: set[str]) -> str:
    candidates = (safe if number == 1 else f"{safe}-{number}" for number in itertools.count(1))
    return next(candidate for candidate in candidates if candidate not in taken)


def _newest_of_name(folders: list[Path], name: str) -> Path | None:
    """The folder of the run that is called exactly `name`; of several, the one created last.

    Raises FormatError when there is none, and the folder where it would be cannot be read.
    """
    found: list[tuple[float, Path]] = []
    unreadable: schema.FormatError | None = None
    for folder in folders:
        try:
            info = _info(folder)
        except schema.FormatError as error:
            unreadable = error if folder.name == schema.safe_name(name) else unreadable
            continue
        if info is not None and info.name == name:
            found.append((info.created, folder))
    if not found and unreadable is not None:
        raise unreadable
    return max(found)[1] if found else None


def _info(folder: Path) -> schema.RunInfo | None:
    """run.json of a folder; None when it is not a run. Waits for a process that has only just created it."""
    file = folder / schema.RUN_FILE
    deadline = time.monotonic() + _NEW_FOLDER_SECONDS
    while not file.exists():
        if not folder.is_dir() or time.monotonic() > deadline or not _is_being_created(folder):
            return None
        time.sleep(0.02)
    return schema.RunInfo.decode(file.read_text(encoding="utf-8"))


def _is_being_created(folder: Path) -> bool:
    names = [path.name for path in folder.iterdir()]
    return not names or (LOCK_FILE in names and is_claimed(folder))


def _reopened(path: Path) -> OpenedFolder:
    claimed = _claimed(path)
    try:
        info = schema.RunInfo.decode((path / schema.RUN_FILE).read_text(encoding="utf-8"))
        status = read_status(path)
        if has_writer(path, status):
            raise _being_written(path, status)
        return OpenedFolder(path, claimed, PreviousRun(path, info, status, read_epochs(path, info.splits)))
    except BaseException:
        claimed.release()
        raise


def _claimed(path: Path) -> Claim:
    try:
        return claim(path)
    except ClaimedError:
        raise _being_written(path, read_status(path)) from None


def _claimed_as_new(path: Path) -> Claim:
    """The claim of a folder that this process has made. Others may hold it for a moment, to see whether it is taken."""
    deadline = time.monotonic() + _NEW_FOLDER_SECONDS
    while time.monotonic() < deadline:
        try:
            return claim(path)
        except ClaimedError:
            time.sleep(0.005)
    return _claimed(path)


def _being_written(path: Path, status: schema.Status) -> RuntimeError:
    writer = f"process {status.pid} on {status.host}" if status.host else "another process"
    return RuntimeError(
        f"The run {path} is being written by {writer}. Wait until it has ended, or choose another name."
    )
