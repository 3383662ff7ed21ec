"""Change topics and their version hashes: pages subscribe to topics and are redrawn when a version changes.

Heartbeats alone change no version. Versions are the same in every process and after a restart.

- `names`: which runs there are, and what they are called
- `all`: everything that is shown of all runs
- `data/RUN`: samples, predictions and settings of a run
- `run/RUN`: everything that is shown of a run except annotations
- `annotations/RUN`: annotations of the samples of a run
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from dashboard.catalogue.runs import Run
from dashboard.catalogue.versions import version_of

GONE = ""
"""The version of a run that is not there."""


def versions(runs: Sequence[Run], now: float | None = None, topics: Iterable[str] | None = None) -> dict[str, str]:
    """The versions of `topics`, from all runs; without `topics` of every one there is."""
    now = time.time() if now is None else now
    known = {run.id: run for run in runs}
    if topics is None:
        topics = ["names", "all", *(f"{kind}/{name}" for name in known for kind in ("data", "run", "annotations"))]
    return {topic: _version(topic, known, now) for topic in topics}


def _version(topic: str, runs: Mapping[str, Run], now: float) -> str:
    kind, _, name = topic.partition("/")
    if kind == "names":
        return version_of(sorted((run.id, run.title) for run in runs.values()))
    if kind == "all":
        return version_of(sorted((run.id, of_run(run, now)) for run in runs.values()))
    if name not in runs:
        return GONE
    if kind == "annotations":
        return runs[name].annotations_version
    return runs[name].data_version if kind == "data" else of_run(runs[name], now)


def of_run(run: Run, now: float) -> str:
    """The version of everything that is shown of a run: its state, but not the heartbeat that decides the state."""
    made_of = (run.version, run.problems, run.state(now))
    known = _known.get(str(run.path))
    if known is None or known[0] != made_of:
        status = replace(run.status, heartbeat=0.0, cost={}, bytes=0)
        known = _known[str(run.path)] = (made_of, version_of(run.training_version, status, *made_of[1:]))
    return known[1]


_known: dict[str, tuple[tuple[object, ...], str]] = {}
"""By run folder, the inputs of the last version and the version: with a thousand runs most have not changed."""
