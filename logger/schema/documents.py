"""run.json and status.json, which are always replaced as a whole."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Self

from .cells import REDUCED_TILE, SHEET_SIDE
from .paths import RUN_FILE, SPLITS, STATUS_FILE
from .strict_json import FORMAT, as_dict, encode_json, known_fields, parse_object, plain

STATES = ("running", "finished", "failed")
TASKS = ("classification", "metrics")

LOST_KINDS = ("images", "samples", "predictions", "epochs", "metrics")

HEARTBEAT_SECONDS = 5.0
"""Maximum time between two writes of status.json while a run is alive."""


@dataclass(frozen=True)
class SplitInfo:
    """A split in run.json: how many samples it has, and the layout of its sheets."""

    samples: int = 0
    """Rows logged so far."""
    available: int | None = None
    """Size of the full set when a sample of it is logged; None when all of it is."""
    seed: int | None = None
    """Seed with which that sample was drawn."""
    cell: int = REDUCED_TILE
    """Side in pixels of the square cells of a sheet; no tile is larger."""
    columns: int = SHEET_SIDE // REDUCED_TILE
    """Cells per row of a sheet; a full sheet has `columns * columns` cells."""
    fingerprint: dict[str, Any] = field(default_factory=dict)
    """Pooled statistics of the inputs, see `logger.data.statistics.fingerprint`."""


@dataclass(frozen=True)
class RunInfo:
    """run.json: the description of a run. Replaced whenever something is added to it."""

    name: str
    """As passed by the user; the folder name is derived from it."""
    created: float
    """Seconds since 1970, UTC."""
    class_names: list[str] | None = None
    """Names of the classes, by index; None when not given: classes are then shown by number."""
    classes: int | None = None
    """Number of classes K; None before the first predictions."""
    config: dict[str, Any] = field(default_factory=dict)
    """Settings of the training, any JSON."""
    task: str = "classification"
    """`classification`, or `metrics` when only metrics are logged."""
    output: dict[str, Any] = field(default_factory=dict)
    """How the outputs are read: `kind`, one of `logger.data.output_kind.KINDS`, and `reason` in words."""
    display: dict[str, Any] = field(default_factory=dict)
    """The mapping from input values to displayed pixels, see `logger.data.display.Display`."""
    splits: dict[str, SplitInfo] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)
    """Notes of the logger to the person training, one sentence each."""
    logger: str = ""
    """Name and version of the writer of the folder."""

    def encode(self) -> str:
        """The content of run.json."""
        return encode_json({"format": FORMAT, **plain(as_dict(self))})

    @classmethod
    def decode(cls, text: str) -> Self:
        """From the content of run.json. Raises FormatError with a message for the user."""
        raw = parse_object(text, RUN_FILE)
        splits = {
            name: known_fields(SplitInfo, value, RUN_FILE)
            for name, value in dict(raw.get("splits") or {}).items()
            if name in SPLITS and isinstance(value, dict)
        }
        info: Self = known_fields(cls, {"name": "", "created": 0.0, **raw, "splits": splits}, RUN_FILE)
        return info

    def class_name(self, index: int) -> str:
        """The name of class `index`; `class 17` beyond the names, the bare number when there are none."""
        if self.class_names is None:
            return str(index)
        return self.class_names[index] if 0 <= index < len(self.class_names) else f"class {index}"


@dataclass(frozen=True)
class Status:
    """status.json: the state of a run. Replaced at least every HEARTBEAT_SECONDS."""

    state: str = "running"
    """One of STATES. The process of a `running` run without a recent heartbeat may be dead."""
    started: float = 0.0
    """Seconds since 1970, UTC, like all times."""
    heartbeat: float = 0.0
    heartbeat_every: float = HEARTBEAT_SECONDS
    """Seconds between heartbeats; after three times that without one a run counts as not responding."""
    finished: float | None = None
    epoch: int | None = None
    """The last epoch of which everything is on disk, from 0; None before the first."""
    epochs: int | None = None
    """How many epochs are planned, when known."""
    cost: dict[str, float] = field(default_factory=dict)
    """Seconds: `blocked` (training waited for the logger), its parts `first_epoch` and `last_epoch`, `predicting` (the
    model, for the log), `writing` (in the background)."""
    bytes: int = 0
    """Bytes written by the logger."""
    dropped: int = 0
    """Images, rows and lines that were lost; `errors` says why."""
    lost: dict[str, int] = field(default_factory=dict)
    """What they were, by LOST_KINDS: rows of samples and of predictions, epochs that lack such rows, metrics lines."""
    errors: list[str] = field(default_factory=list)
    """Errors of the logger, one sentence each."""
    failure: str | None = None
    """What ended the training, when it failed."""
    host: str = ""
    pid: int = 0
    process: str = ""
    """Identity of that process beyond its pid: the boot of the machine, its pid namespace and when it started."""

    def encode(self) -> str:
        """The content of status.json."""
        return encode_json({"format": FORMAT, **plain(as_dict(self))})

    @classmethod
    def decode(cls, text: str) -> Self:
        """From the content of status.json. Raises FormatError with a message for the user."""
        status: Self = known_fields(cls, parse_object(text, STATUS_FILE), STATUS_FILE)
        return status
