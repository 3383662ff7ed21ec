"""Resuming a run that has ended, in whatever way."""

from __future__ import annotations

import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from . import schema
from .data.arrays import NO_LABEL

if TYPE_CHECKING:
    from .data.intake import Intake
    from .storage.store import Store


@dataclass(frozen=True)
class PreviousRun:
    """The run to resume, as its files describe it."""

    path: Path
    info: schema.RunInfo
    last_epoch: int | None
    started: float

    def restore(self, intake: Intake, store: Store) -> None:
        """Restore the samples of the run and their display mapping."""
        from .data.display import Display
        from .storage.parquet import read_samples

        if self.info.display:
            intake.display = Display.decode(self.info.display)
        for split, info in self.info.splits.items():
            rows = read_samples(self.path, split)
            registry = intake.register_split(split, info)
            registry.restore(
                (bytes.fromhex(row["digest"]), _or_no_label(row["label"]), _or_no_label(row["input_crc32"]))
                for row in rows
            )
            weights = {row["index"]: row["weight"] for row in rows if row["weight"] is not None}
            soft = {row["index"]: row["soft_label"] for row in rows if row["soft_label"] is not None}
            intake.restore(split, weights, soft)
            store.open_split(split, info.cell, info.columns)
            store.restore_split(split, rows)


def _or_no_label(value: int | None) -> int:
    """NO_LABEL for a null in a file."""
    return NO_LABEL if value is None else value


def reopen(runs_dir: Path, name: str) -> PreviousRun | None:
    """The run of this name in `runs_dir`, or None when there is none.

    Raises FormatError when it cannot be read, RuntimeError when another process is writing it.
    """
    path = runs_dir / schema.safe_name(name)
    if not (path / schema.RUN_FILE).exists():
        return None
    info = schema.RunInfo.decode((path / schema.RUN_FILE).read_text(encoding="utf-8"))
    status = schema.Status()
    if (path / schema.STATUS_FILE).exists():
        status = schema.Status.decode((path / schema.STATUS_FILE).read_text(encoding="utf-8"))
    if status.state == "running" and time.time() - status.heartbeat < 3 * status.heartbeat_every:
        raise RuntimeError(
            f"The run {path} is being written by process {status.pid} on {status.host}. "
            "Wait until it has ended, or choose another name."
        )
    return PreviousRun(path, info, status.epoch, status.started)
