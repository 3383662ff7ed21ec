"""Going on with a run that has ended, however it ended."""

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
class OldRun:
    """What is known of the run that goes on."""

    path: Path
    info: schema.RunInfo
    last_epoch: int | None
    started: float

    def restore(self, intake: Intake, store: Store) -> None:
        """Make known again which samples the run has, and how its pictures are shown."""
        from .data.display import Display
        from .storage.parquet import read_samples

        if self.info.display:
            intake.display = Display.decode(self.info.display)
        for split, info in self.info.splits.items():
            rows = read_samples(self.path, split)
            known = intake.open_known(split, info)
            known.restore(
                (bytes.fromhex(row["digest"]), _or_none(row["label"]), _or_none(row["input_crc32"])) for row in rows
            )
            weights = {row["index"]: row["weight"] for row in rows if row["weight"] is not None}
            intake.restore_weights(split, weights)
            soft = {row["index"]: row["soft_label"] for row in rows if row["soft_label"] is not None}
            intake.restore_soft(split, soft)
            store.open_split(split, info.cell, info.columns)
            store.restore_split(split, rows)


def _or_none(value: int | None) -> int:
    """An integer of a file as arrays hold it: NO_LABEL stands for null."""
    return NO_LABEL if value is None else value


def reopen(runs_dir: Path, name: str) -> OldRun | None:
    """The run of this name in `runs_dir`, or None when there is none yet.

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
            "Wait until it has ended, or give this run another name."
        )
    return OldRun(path, info, status.epoch, status.started)
