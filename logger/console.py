"""What the logger prints to the person training. Standard error only: standard output belongs to their program."""

from __future__ import annotations

import logging
import sys
from collections.abc import Mapping
from pathlib import Path

from . import schema

log = logging.getLogger("proofsheet")


def notify(message: str) -> None:
    """Print `message`. A stream that is closed or cannot encode it is ignored: printing must not end a training."""
    try:
        print(f"proofsheet: {message}", file=sys.stderr, flush=True)
    except (OSError, ValueError):
        log.debug("could not print %r", message)


def run_summary(folder: Path, status: schema.Status, splits: Mapping[str, schema.SplitInfo]) -> str:
    """What is printed when a run ends: how it ended, what was logged, what it cost, and how to view it."""
    ending = f"{status.state}: {status.failure}" if status.failure else status.state
    counts = ", ".join(f"{info.samples:,} {split}" for split, info in splits.items())
    samples = f"{counts} samples, " if counts else ""
    blocked = status.cost.get("blocked", 0.0)
    return (
        f"{folder} {ending}; {samples}{status.bytes / 1e6:.1f} MB, training waited {blocked:.2f} s for the log. "
        f"View it:\n    streamlit run app.py -- --runs {folder.parent}"
    )
