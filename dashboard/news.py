"""What a page can follow, and its version: a digest of what would be shown, so that only news are news.

A heartbeat alone changes no version. Versions are the same in every process and after a restart.

- `names`: which runs there are, and what they are called
- `all`: everything that is shown of all runs
- `data/RUN`: samples, predictions and settings of a run
- `run/RUN`: everything that is shown of a run
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import replace
from hashlib import blake2b

from dashboard.runs import Run

GONE = ""
"""The version of a run that is not there."""


def versions(runs: Sequence[Run], now: float | None = None) -> dict[str, str]:
    """The version of every topic, from all runs."""
    now = time.time() if now is None else now
    found: dict[str, str] = {}
    for run in runs:
        found[f"data/{run.id}"] = run.data_version
        found[f"run/{run.id}"] = of_run(run, now)
    return {**found, **of_folder(runs, found)}


def of_run(run: Run, now: float) -> str:
    """The version of everything that is shown of a run. Not of its heartbeat, but of what that says."""
    status = replace(run.status, heartbeat=0.0, cost={}, bytes=0)
    return _digest(run.steady_version, status, run.problems, run.state(now))


def of_folder(runs: Sequence[Run], found: dict[str, str]) -> dict[str, str]:
    """The versions of `names` and `all`; `found` holds those of each run."""
    names = sorted((run.id, run.title) for run in runs)
    return {"names": _digest(names), "all": _digest(names, [found[f"run/{name}"] for name, _ in names])}


def _digest(*parts: object) -> str:
    return blake2b(repr(parts).encode("utf-8", "surrogatepass"), digest_size=8).hexdigest()
