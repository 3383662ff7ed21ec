"""What the logger prints to the person training. Standard error only: standard output belongs to their program."""

from __future__ import annotations

import logging
import os
import sys
from collections.abc import Mapping
from pathlib import Path

from . import schema, viewing

log = logging.getLogger("proofsheet")

QUIET_ENV = "PROOFSHEET_QUIET"
_REASON_LENGTH = 200
_LOST = {"images": "images", "samples": "samples", "epochs": "epochs of predictions", "metrics": "lines of metrics"}


def is_quiet(quiet: bool) -> bool:
    """Whether nothing is to be printed: `quiet` is what the user passed, PROOFSHEET_QUIET=1 asks for it everywhere."""
    return quiet or os.environ.get(QUIET_ENV, "").strip().lower() not in ("", "0", "false", "no")


def notify(message: str) -> None:
    """Print `message`. A stream that is closed or cannot encode it is ignored: printing must not end a training."""
    try:
        print(f"proofsheet: {message}", file=sys.stderr, flush=True)
    except (OSError, ValueError):
        log.debug("could not print %r", message)


def notify_start(folder: Path, content: str | None = None) -> None:
    """Print the one line of a run that starts: its `content`, if any, and its link, if PROOFSHEET_URL gives it one."""
    try:
        url = viewing.run_url(folder)
    except ValueError as error:
        notify(str(error))
        url = None
    if content is not None or url is not None:
        link = "" if url is None else f". View it: {url}"
        notify(f"{'' if content is None else content + '; '}logging to {folder}{link}")


def run_summary(folder: Path, status: schema.Status, samples: Mapping[str, int]) -> str:
    """What is printed when a run ends: how it ended, what is on disk, what it cost, and how to view it. One line."""
    reason = " ".join((status.failure or "").split())[:_REASON_LENGTH]
    ending = f"{status.state}: {reason}" if reason else status.state
    counts = ", ".join(f"{count:,} {split}" for split, count in samples.items())
    logged = f"{counts} samples, " if counts else ""
    lost = ", ".join(f"{count:,} {_LOST[kind]}" for kind, count in status.lost.items() if kind in _LOST)
    loss = f"LOST {lost} ({status.errors[-1] if status.errors else 'see status.json'}); " if lost else ""
    blocked = status.cost.get("blocked", 0.0)
    return (
        f"{folder} {ending}; {loss}{logged}{status.bytes / 1e6:.1f} MB, training waited {blocked:.2f} s for the log. "
        f"View it: {_url(folder) or viewing.shell_command(folder.parent)}"
    )


def _url(folder: Path) -> str | None:
    try:
        return viewing.run_url(folder)
    except ValueError:
        return None  # `notify_start` printed what is wrong with the URL.
