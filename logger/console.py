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


def is_quiet(quiet: bool) -> bool:
    """Whether nothing is to be printed: `quiet` is what the user passed, PROOFSHEET_QUIET=1 asks for it everywhere."""
    return quiet or os.environ.get(QUIET_ENV, "").strip().lower() not in ("", "0", "false", "no")


def notify(message: str) -> None:
    """Print `message`. A stream that is closed or cannot encode it is ignored: printing must not end a training."""
    try:
        print(f"proofsheet: {message}", file=sys.stderr, flush=True)
    except (OSError, ValueError):
        log.debug("could not print %r", message)


def notify_start(folder: Path) -> None:
    """Print the link of a run that starts, if PROOFSHEET_URL says where the dashboard is."""
    try:
        url = viewing.run_url(folder)
    except ValueError as error:
        notify(str(error))
        return
    if url is not None:
        notify(f"logging to {folder}. View it: {url}")


def run_summary(folder: Path, status: schema.Status, splits: Mapping[str, schema.SplitInfo]) -> str:
    """What is printed when a run ends: how it ended, what was logged, what it cost, and how to view it. One line."""
    reason = " ".join((status.failure or "").split())[:_REASON_LENGTH]
    ending = f"{status.state}: {reason}" if reason else status.state
    counts = ", ".join(f"{info.samples:,} {split}" for split, info in splits.items())
    samples = f"{counts} samples, " if counts else ""
    blocked = status.cost.get("blocked", 0.0)
    return (
        f"{folder} {ending}; {samples}{status.bytes / 1e6:.1f} MB, training waited {blocked:.2f} s for the log. "
        f"View it: {_url(folder) or viewing.shell_command(folder.parent)}"
    )


def _url(folder: Path) -> str | None:
    try:
        return viewing.run_url(folder)
    except ValueError:
        return None  # `notify_start` printed what is wrong with the URL.
