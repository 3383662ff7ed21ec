"""Whether a run that says it is running has a writer, told without comparing clocks."""

from __future__ import annotations

import time
from pathlib import Path

from ... import schema
from .process_identity import is_running


def read_status(folder: Path) -> schema.Status:
    """status.json; that of a failed run where it is missing or damaged, which must keep nobody from going on."""
    try:
        return schema.Status.decode((folder / schema.STATUS_FILE).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return schema.Status(state="failed")


def has_writer(folder: Path, status: schema.Status) -> bool:
    """Whether the process of `status` writes the run in `folder`.

    A process of another machine or container does if its heartbeat changes while it is watched, three heartbeats long.
    """
    if status.state != "running":
        return False
    running = is_running(status.host, status.pid, status.process)
    if running is not None:
        return running
    deadline = time.monotonic() + 3 * min(max(status.heartbeat_every, 0.1), 2 * schema.HEARTBEAT_SECONDS)
    while time.monotonic() < deadline:
        time.sleep(0.1)
        if read_status(folder).heartbeat != status.heartbeat:
            return True
    return False
