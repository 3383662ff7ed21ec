"""run.json and status.json: files that are rewritten whole."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Self

from .cells import REDUCED_TILE, SHEET_SIDE
from .paths import RUN_FILE, SPLITS, STATUS_FILE
from .strict_json import FORMAT, as_dict, encode_json, known_fields, parse_object, plain

STATES = ("running", "finished", "failed")
TASKS = ("classification", "metrics")

HEARTBEAT_SECONDS = 5.0
"""`status.json` is written at least this often while a run lives."""


@dataclass(frozen=True)
class SplitInfo:
    """What run.json says of one split: how many samples, and how its sheets are laid out."""

    samples: int = 0
    """Rows logged so far."""
    available: int | None = None
    """How many the logger was given, when it logs a sample of them; None when all are logged."""
    seed: int | None = None
    """Seed of that sample."""
    cell: int = REDUCED_TILE
    """Side in pixels of a sheet's square cells; a tile never fills more."""
    columns: int = SHEET_SIDE // REDUCED_TILE
    """Cells in a row of a sheet; a full sheet has `columns * columns` cells."""
    fingerprint: dict[str, Any] = field(default_factory=dict)
    """Pooled statistics of the inputs as given: dtype, shape, per channel min, p1, mean, std, p99, max."""


@dataclass(frozen=True)
class RunInfo:
    """run.json: what a run is. Rewritten whole when something becomes known."""

    name: str
    """As people gave it; the folder's name is made of it."""
    created: float
    """Seconds since 1970, UTC."""
    class_names: list[str] | None = None
    """Name of each class, by index; None when not told (then classes are shown by number)."""
    classes: int | None = None
    """Number of classes K of the output; None before the first predictions."""
    config: dict[str, Any] = field(default_factory=dict)
    """Settings of the training, as given."""
    task: str = "classification"
    """`classification`, or `metrics` when the outputs cannot be shown as classified images."""
    output: dict[str, Any] = field(default_factory=dict)
    """How the model's output was read: `kind` (probabilities, logits, sigmoid, sigmoid_logits), `reason`."""
    display: dict[str, Any] = field(default_factory=dict)
    """The run's one mapping from input values to shown pixels: `rule`, `low`, `high`, `channels`, `reason`."""
    splits: dict[str, SplitInfo] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)
    """Sentences that the logger said to the person training."""
    logger: str = ""
    """What wrote the folder, with its version."""

    def encode(self) -> str:
        """The text of run.json."""
        return encode_json({"format": FORMAT, **plain(as_dict(self))})

    @classmethod
    def decode(cls, text: str) -> Self:
        """From the text of run.json. Raises FormatError with a sentence for a person."""
        raw = parse_object(text, RUN_FILE)
        splits = {
            name: known_fields(SplitInfo, value, RUN_FILE)
            for name, value in dict(raw.get("splits") or {}).items()
            if name in SPLITS and isinstance(value, dict)
        }
        info: Self = known_fields(cls, {"name": "", "created": 0.0, **raw, "splits": splits}, RUN_FILE)
        return info

    def class_name(self, index: int) -> str:
        """Name of class `index`: its given name, `class 17` past the end of the names, or the bare number."""
        if self.class_names is None:
            return str(index)
        return self.class_names[index] if 0 <= index < len(self.class_names) else f"class {index}"


@dataclass(frozen=True)
class Status:
    """status.json: how a run is doing. Rewritten whole at least every HEARTBEAT_SECONDS."""

    state: str = "running"
    """`running`, `finished` or `failed`; a running one without fresh heartbeat has no news."""
    started: float = 0.0
    """Seconds since 1970, UTC, as all times."""
    heartbeat: float = 0.0
    heartbeat_every: float = HEARTBEAT_SECONDS
    """Seconds between heartbeats; three times that without one means no news."""
    finished: float | None = None
    epoch: int | None = None
    """Last epoch that was logged, from 0; None before the first."""
    epochs: int | None = None
    """How many epochs are planned, when known."""
    cost: dict[str, float] = field(default_factory=dict)
    """Seconds: `blocked` (training waited), `first_epoch`, `last_epoch` (of it), `predicting`, `writing`."""
    bytes: int = 0
    """Bytes written by the logger."""
    dropped: int = 0
    """Rows whose pictures or predictions were given up; the errors say why."""
    errors: list[str] = field(default_factory=list)
    """What went wrong in the logger, one sentence each."""
    failure: str | None = None
    """The exception that ended the training, when it failed."""
    host: str = ""
    pid: int = 0

    def encode(self) -> str:
        """The text of status.json."""
        return encode_json({"format": FORMAT, **plain(as_dict(self))})

    @classmethod
    def decode(cls, text: str) -> Self:
        """From the text of status.json. Raises FormatError with a sentence for a person."""
        status: Self = known_fields(cls, parse_object(text, STATUS_FILE), STATUS_FILE)
        return status
