"""The table of runs and the differences between their settings, as data frames."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import tzinfo
from typing import Any

import pandas as pd

from dashboard import formatting, shared_state
from dashboard.analysis.metric_names import best, direction, main_metrics, per_epoch
from dashboard.catalogue.runs import Run
from logger.schema import METRICS_FILE, encode_json, plain

STATE_SIGNS = {"running": "●", "finished": "✓", "failed": "✕", "silent": "◌"}


@dataclass(frozen=True)
class Trend:
    """One metric of a run over its epochs."""

    name: str
    values: tuple[float, ...]
    """At the epochs it was logged, rising; may hold NaN and infinities."""
    best: tuple[int, float] | None
    """Epoch (from 0) and value; None when nothing finite was logged."""

    @property
    def last(self) -> float:
        """The value of the last epoch."""
        return self.values[-1]

    @property
    def change(self) -> float | None:
        """Last value minus the one before; None with fewer than two."""
        return self.values[-1] - self.values[-2] if len(self.values) > 1 else None


@dataclass(frozen=True)
class Summary:
    """What the table shows of one run besides its state."""

    accuracy: Trend | None
    """The metric of which higher is better, val before train, accuracy before others."""
    loss: Trend | None
    epoch_seconds: float | None
    """Mean time of an epoch; None before the first ends."""
    damage: tuple[str, ...] = ()
    """Damage of its metrics file, one sentence each."""


def summary(run: Run, frame: pd.DataFrame) -> Summary:
    """The summary of a run from its metrics. Cached until the run changes."""
    cached: dict[str, tuple[str, Summary]] = shared_state.once(("summaries", str(run.path.parent)), dict)
    known = cached.get(run.id)
    if known is None or known[0] != run.version:
        known = (run.version, _summary(run, frame))
        cached[run.id] = known
    return known[1]


def _summary(run: Run, frame: pd.DataFrame) -> Summary:
    accuracy, loss = (_trend(frame, name) if name else None for name in main_metrics(frame))
    ends = frame[frame["epoch"].notna() & frame["step"].isna()]
    elapsed = float(ends["time"].max()) - (run.status.started or run.info.created) if len(ends) else 0.0
    epochs = int(ends["epoch"].nunique())
    seconds = elapsed / epochs if epochs and elapsed > 0 else None
    return Summary(accuracy, loss, seconds, damage(frame))


def damage(frame: pd.DataFrame) -> tuple[str, ...]:
    """Damage of the metrics file behind `frame` (of `runs.read_metrics`), one sentence each."""
    lines, values = frame.attrs.get("damaged"), frame.attrs.get("damaged_values")
    counted = [formatting.plural(lines, "damaged line")] if lines else []
    counted += [formatting.plural(values, "damaged value")] if values else []
    sentence = f"{' and '.join(counted)} of {METRICS_FILE} left out." if counted else None
    return tuple(filter(None, (frame.attrs.get("problem"), sentence)))


def _trend(frame: pd.DataFrame, name: str) -> Trend | None:
    values = per_epoch(frame, name)
    if values.empty:
        return None
    return Trend(name, tuple(float(v) for v in values), best(values, direction(name)))


def state_words(run: Run, now: float, zone: tzinfo | None = None) -> str:
    """`running`, `finished`, `failed`, or `no heartbeat since 14:02`."""
    state = run.state(now)
    return f"no heartbeat since {formatting.clock(run.last_seen, now, zone)}" if state == "silent" else state


def epochs_words(run: Run) -> str:
    """`14 of 30` epochs, or `14` when it is not known how many are planned."""
    done = max([run.status.epoch if run.status.epoch is not None else -1, *_last_epochs(run)]) + 1
    return f"{done} of {run.status.epochs}" if run.status.epochs else str(done)


def _last_epochs(run: Run) -> list[int]:
    return [epochs[-1] for epochs in run.epochs.values() if epochs]


def cost_words(run: Run, epoch_seconds: float | None) -> str:
    """What the logger cost the training per epoch, and its share of the time: `4 ms (0.1 %)`; a dash when not known."""
    blocked, done = run.status.cost.get("blocked"), (run.status.epoch if run.status.epoch is not None else -1) + 1
    if blocked is None or done == 0:
        return "–"
    share = f" ({formatting.percent(blocked / done / epoch_seconds, 2)})" if epoch_seconds else ""
    return f"{formatting.seconds(blocked / done)}{share}"


def problems(run: Run, figures: Summary) -> list[str]:
    """Everything that went wrong in a run, the most serious first, one sentence each."""
    failure = [f"The training failed: {run.status.failure}"] if run.status.failure else []
    odd = [
        f"{t.name} is {formatting.number(t.last)}."
        for t in (figures.loss, figures.accuracy)
        if t and not math.isfinite(t.last)
    ]
    return [*failure, *odd, *run.status.errors, *run.problems, *figures.damage]


def images(run: Run) -> int:
    """Samples logged, all splits together."""
    return sum(split.samples for split in run.info.splits.values())


def table(
    runs: Sequence[Run], summaries: Mapping[str, Summary], now: float, zone: tzinfo | None = None
) -> pd.DataFrame:
    """One row a run, in the given order."""
    rows = []
    for run in runs:
        figures = summaries[run.id]
        accuracy, loss = figures.accuracy, figures.loss
        curve = accuracy or loss
        rows.append(
            {
                "run": formatting.clean(run.title, 120),
                "state": f"{STATE_SIGNS[run.state(now)]} {state_words(run, now, zone)}",
                "problems": str(len(problems(run, figures)) or ""),
                "epochs": epochs_words(run),
                "accuracy": accuracy.last if accuracy else None,
                "best accuracy": accuracy.best[1] if accuracy and accuracy.best else None,
                "at epoch": accuracy.best[0] + 1 if accuracy and accuracy.best else None,
                "loss": loss.last if loss else None,
                "best loss": loss.best[1] if loss and loss.best else None,
                "curve": _finite(curve.values) if curve else [],
                "images": images(run),
                "logger": cost_words(run, figures.epoch_seconds),
                "created": formatting.clock(run.info.created, now, zone),
            }
        )
    return pd.DataFrame(rows).astype({"at epoch": "Int64"}) if rows else pd.DataFrame()


def _finite(values: Sequence[float]) -> list[float]:
    return [v for v in values if abs(v) < float("inf")][-200:]


def settings(runs: Sequence[Run], *, only_differences: bool) -> pd.DataFrame:
    """The runs' settings: one row a setting (nested ones with dots), one column a run (its id), as text.

    A setting that a run does not have is empty text. With one run all its settings differ from nothing.
    """
    flat = {run.id: _flat(run.info.config) for run in runs}
    names = dict.fromkeys(name for config in flat.values() for name in config)
    rows = {name: [config.get(name, "") for config in flat.values()] for name in names}
    if only_differences and len(runs) > 1:
        rows = {name: values for name, values in rows.items() if len(set(values)) > 1}
    return pd.DataFrame.from_dict(rows, orient="index", columns=list(flat), dtype="object")


def _flat(config: Mapping[str, Any], prefix: str = "") -> dict[str, str]:
    out: dict[str, str] = {}
    for key, value in config.items():
        if isinstance(value, Mapping) and value:
            out |= _flat(value, f"{prefix}{key}.")
        else:
            out[f"{prefix}{key}"] = formatting.clean(_setting(value), 200)
    return out


def _setting(value: Any) -> str:
    if isinstance(value, float):
        return f"{value:.7g}"  # what a float32 holds: the rest is noise of its conversion
    return value if isinstance(value, str) else encode_json({"v": plain(value)}, indent=None)[6:-1]
