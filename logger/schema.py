"""The run folder, format 1: every file name, field name and rule that writer and reader share.

Standard library only, so that both sides can import it. What people read is `docs/run-folder.md`;
a test holds that page against the names in this module.

Words. A *run* is one training and one folder. A *split* says which data (`train`, `val`, `test`,
`production`). An *epoch* is counted from 0 in files and shown from 1. A *sample* is one input: its
`index` in the split, and the `digest` of its pixels. *label* is the truth, *predicted* the argmax,
*confidence* the probability of `predicted`; all class numbers index `class_names`. A *tile* is the
small picture of a sample, a *sheet* a picture file of many tiles in row-major order.
"""

from __future__ import annotations

import json
import math
import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any, Self

FORMAT = 1
SPLITS = ("train", "val", "test", "production")
STATES = ("running", "finished", "failed")
TASKS = ("classification", "metrics")

RUN_FILE = "run.json"
STATUS_FILE = "status.json"
METRICS_FILE = "metrics.jsonl"
ANNOTATIONS_FILE = "annotations.jsonl"
SAMPLES_DIR = "samples"
PREDICTIONS_DIR = "predictions"
SHEETS_DIR = "sheets"
ORIGINALS_DIR = "originals"

INVALID = -1
"""`predicted` of a sample whose output held a NaN or an infinity: never class 0."""

MAX_FULL_CLASSES = 100
"""Up to this many classes all probabilities are stored, above it the `TOP_CLASSES` highest."""
TOP_CLASSES = 10

EXACT_TILE = 64
"""Pictures of at most this many pixels a side are stored whole and lossless in their sheet."""
REDUCED_TILE = 96
"""Side in pixels of the tile of a larger picture, whose original lies in `originals/`."""
SHEET_SIDE = 1024
"""Sheets are at most this wide and high: about one megapixel."""

TAG_LENGTH, NOTE_LENGTH, WHO_LENGTH = 40, 2_000, 60
"""Most characters of a tag, of a note, and of the name of who made them."""

HEARTBEAT_SECONDS = 5.0
"""`status.json` is written at least this often while a run lives."""


class FormatError(ValueError):
    """A file of a run folder that this version cannot read; the text is fit to be shown."""


# --- where things are -----------------------------------------------------------------------


def samples_file(split: str, part: int) -> str:
    """Path inside the run folder of part number `part` (from 0) of a split's samples."""
    return f"{SAMPLES_DIR}/{split}-{part:05d}.parquet"


def predictions_file(split: str, epoch: int) -> str:
    """Path inside the run folder of a split's predictions at `epoch` (from 0)."""
    return f"{PREDICTIONS_DIR}/split={split}/epoch={epoch:05d}.parquet"


def sheet_file(split: str, sheet: int) -> str:
    """Path inside the run folder of sheet number `sheet` (from 0) of a split."""
    return f"{SHEETS_DIR}/{split}-{sheet:05d}.webp"


def original_file(digest: str, extension: str = "webp") -> str:
    """Path inside the run folder of the unreduced picture with this digest (32 hex digits)."""
    return f"{ORIGINALS_DIR}/{digest[:2]}/{digest}.{extension}"


_EPOCH_FILE = re.compile(r"epoch=(\d+)\.parquet")
_SAMPLES_PART = re.compile(r"([a-z]+)-(\d+)\.parquet")


def epoch_of(file_name: str) -> int | None:
    """The epoch that a predictions file name says, or None when it is not such a name."""
    found = _EPOCH_FILE.fullmatch(file_name)
    return int(found[1]) if found else None


def part_of(file_name: str) -> tuple[str, int] | None:
    """The split and part number that a samples file name says, or None when it is not such a name."""
    found = _SAMPLES_PART.fullmatch(file_name)
    return (found[1], int(found[2])) if found and found[1] in SPLITS else None


def safe_name(name: str) -> str:
    """A folder name made of `name`: letters, digits, `.`, `_`, `-`; at most 80 characters, never empty."""
    safe = re.sub(r"[^A-Za-z0-9._-]+", "-", name).strip("-._")[:80].rstrip("-._")
    return safe or "run"


# --- the columns of the Parquet files -------------------------------------------------------

SAMPLE_COLUMNS: dict[str, tuple[str, str]] = {
    "index": ("int32", "place of the sample in its split, from 0; the same at every epoch"),
    "digest": (
        "string",
        "BLAKE2b-128 of the stored pixels with shape and dtype, 32 hex digits; null if none",
    ),
    "label": ("int32", "truth, an index into class_names; null when unknown"),
    "sheet": ("int32", "number of the sheet that holds the tile; null when the pixels were not stored"),
    "tile": ("int32", "place of the tile on its sheet, row-major, from 0"),
    "tile_width": ("int32", "width in pixels of the picture inside its cell, from the cell's top left"),
    "tile_height": ("int32", "height in pixels of the picture inside its cell"),
    "width": ("int32", "width in pixels of the input"),
    "height": ("int32", "height in pixels of the input"),
    "channels": ("int32", "channels of the input as it was given"),
    "dtype": ("string", "dtype of the input as it was given"),
    "min": ("float32", "smallest finite value of the input as it was given"),
    "max": ("float32", "largest finite value of the input"),
    "mean": ("float32", "mean of the finite values of the input"),
    "std": ("float32", "standard deviation of the finite values of the input"),
    "nonfinite": ("int32", "how many values of the input are NaN or infinite"),
    "original": ("string", "path in the run folder of the unreduced picture; null when the tile is whole"),
    "source": ("string", "where the input came from, as the logger was told (a path, an id); null if not"),
    "weight": ("float32", "sample weight; null when none was given"),
    "soft_label": ("list<float16>", "the label as a distribution, when it was given as one; else null"),
}
PREDICTION_COLUMNS: dict[str, tuple[str, str]] = {
    "epoch": ("int32", "the epoch of the file, from 0, so that all epochs can be read as one table"),
    "index": ("int32", "the sample, as in the samples file"),
    "label": ("int32", "truth that was counted at this epoch; null when unknown or of weight 0"),
    "predicted": ("int32", "class of the highest probability; -1 when the output held NaN or infinities"),
    "confidence": ("float32", "probability of `predicted`, 0 to 1; null when invalid"),
    "loss": ("float32", "cross-entropy in nats; null when unlabelled or invalid"),
    "log_prob_label": ("float32", "natural log of the label's probability; null as loss"),
    "log_prob_other": (
        "float32",
        "natural log of the highest probability of another class than the label "
        "(than `predicted` when unlabelled); null when invalid",
    ),
    "probabilities": (
        "list<float16>",
        "all classes in order up to 100 classes, else the 10 highest, falling; null when invalid",
    ),
    "classes": ("list<int32>", "the classes of `probabilities` when there are over 100; else null"),
}


# --- JSON -----------------------------------------------------------------------------------


def encode_json(value: Mapping[str, Any], *, indent: int | None = 1) -> str:
    """Strict JSON text (no NaN tokens), names of files and classes kept readable."""
    return json.dumps(value, ensure_ascii=False, allow_nan=False, indent=indent)


def plain(value: Any) -> Any:
    """`value` as strict JSON can hold it: NaN and infinities become their names, unknown objects their text."""
    if value is None or isinstance(value, bool | int | str):
        return value
    if isinstance(value, float):
        return value if math.isfinite(value) else _nonfinite_name(value)
    if isinstance(value, Mapping):
        return {str(k): plain(v) for k, v in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [plain(v) for v in value]
    if callable(getattr(value, "item", None)) and getattr(value, "ndim", 1) == 0:
        return plain(value.item())
    if callable(getattr(value, "tolist", None)):
        return plain(value.tolist())
    return str(value)


def _nonfinite_name(value: float) -> str:
    return "NaN" if math.isnan(value) else "Infinity" if value > 0 else "-Infinity"


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
        return encode_json({"format": FORMAT, **plain(_as_dict(self))})

    @classmethod
    def decode(cls, text: str) -> Self:
        """From the text of run.json. Raises FormatError with a sentence for a person."""
        raw = _object(text, RUN_FILE)
        splits = {
            name: _known(SplitInfo, value, RUN_FILE)
            for name, value in dict(raw.get("splits") or {}).items()
            if name in SPLITS and isinstance(value, dict)
        }
        info: Self = _known(cls, {"name": "", "created": 0.0, **raw, "splits": splits}, RUN_FILE)
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
        return encode_json({"format": FORMAT, **plain(_as_dict(self))})

    @classmethod
    def decode(cls, text: str) -> Self:
        """From the text of status.json. Raises FormatError with a sentence for a person."""
        status: Self = _known(cls, _object(text, STATUS_FILE), STATUS_FILE)
        return status


@dataclass(frozen=True)
class MetricsLine:
    """One line of metrics.jsonl: named numbers at an epoch or a training step."""

    values: dict[str, float]
    time: float
    """Seconds since 1970, UTC."""
    epoch: int | None = None
    """From 0. At least one of epoch and step is there."""
    step: int | None = None
    """Training batches seen so far, for lines logged within an epoch."""

    def encode(self) -> str:
        """One line with its newline. NaN and infinities are null, and `nonfinite` names them."""
        odd = {k: _nonfinite_name(v) for k, v in self.values.items() if not math.isfinite(v)}
        line: dict[str, Any] = {"epoch": self.epoch, "step": self.step, "time": self.time}
        line["values"] = {k: None if k in odd else v for k, v in self.values.items()}
        if odd:
            line["nonfinite"] = odd
        return encode_json({k: v for k, v in line.items() if v is not None}, indent=None) + "\n"

    @classmethod
    def decode(cls, text: str) -> Self:
        """From one line. Raises FormatError when it is not such an object."""
        raw = _object(text, METRICS_FILE)
        odd = raw.get("nonfinite") or {}
        try:
            values = {
                str(k): float(odd.get(k, "nan")) if v is None else float(v) for k, v in dict(raw["values"]).items()
            }
            epoch, step = (None if raw.get(k) is None else int(raw[k]) for k in ("epoch", "step"))
            return cls(values, float(raw.get("time") or 0.0), epoch, step)
        except (KeyError, TypeError, ValueError) as e:
            raise FormatError(f"{METRICS_FILE}: expected an object with `values`, got {text[:80]!r}") from e


@dataclass(frozen=True)
class Annotation:
    """One line of annotations.jsonl: a tag put on a sample or taken off it, or a note on it.

    A later line of the same digest and tag replaces the earlier one, as does a later note of the same digest.
    """

    digest: str
    """Of the sample's pixels; every sample with these pixels is meant."""
    time: float
    """Seconds since 1970, UTC."""
    tag: str | None = None
    """1 to TAG_LENGTH printable characters, no space at either end. At least one of tag and note is there."""
    removed: bool = False
    """The tag is taken off."""
    note: str | None = None
    """At most NOTE_LENGTH characters; empty takes the note away."""
    who: str = ""
    """As the person calls themselves; at most WHO_LENGTH printable characters, may be empty."""

    def encode(self) -> str:
        """One line with its newline. Raises FormatError when a part is not as described above."""
        self._check()
        line: dict[str, Any] = {"digest": self.digest, "tag": self.tag, "removed": self.removed or None}
        line |= {"note": self.note, "who": self.who or None, "time": self.time}
        return encode_json({k: v for k, v in line.items() if v is not None}, indent=None) + "\n"

    @classmethod
    def decode(cls, text: str) -> Self:
        """From one line. Raises FormatError when it is not such an object."""
        raw = {k: v for k, v in _object(text, ANNOTATIONS_FILE).items() if v is not None}
        found: Self = _known(cls, {"digest": "", "time": 0.0, **raw}, ANNOTATIONS_FILE)
        found._check()
        return found

    def _check(self) -> None:
        problem = None
        if not re.fullmatch(r"[0-9a-f]{32}", self.digest):
            problem = f"`digest` must be 32 hex digits, got {self.digest[:40]!r}"
        elif self.tag is None and self.note is None:
            problem = "at least one of `tag` and `note` must be there"
        elif not math.isfinite(self.time):
            problem = f"`time` must be seconds since 1970, got {self.time}"
        elif self.tag is not None and not _is_words(self.tag, TAG_LENGTH):
            said = f"1 to {TAG_LENGTH} printable characters without space at its ends"
            problem = f"a tag is {said}, got {self.tag[:60]!r}"
        elif self.note is not None and not _is_note(self.note):
            problem = f"a note is at most {NOTE_LENGTH:,} characters without control characters"
        elif self.who and not _is_words(self.who, WHO_LENGTH):
            problem = f"`who` is at most {WHO_LENGTH} printable characters, got {self.who[:80]!r}"
        if problem:
            raise FormatError(f"{ANNOTATIONS_FILE}: {problem}.")


def _is_words(text: str, most: int) -> bool:
    return 1 <= len(text) <= most and text.isprintable() and text == text.strip()


def _is_note(text: str) -> bool:
    return len(text) <= NOTE_LENGTH and all(c in "\n\t" or unicodedata.category(c) not in ("Cc", "Cs") for c in text)


def _as_dict(value: Any) -> dict[str, Any]:
    return {
        f.name: {k: _as_dict(v) if hasattr(v, "__dataclass_fields__") else v for k, v in got.items()}
        if isinstance(got := getattr(value, f.name), dict)
        else got
        for f in fields(value)
    }


def _object(text: str, file: str) -> dict[str, Any]:
    try:
        raw = json.loads(text)
    except ValueError as e:
        raise FormatError(f"{file} is not JSON: {e}.") from e
    if not isinstance(raw, dict):
        raise FormatError(f"{file}: expected a JSON object, got {type(raw).__name__}.")
    version = raw.get("format", FORMAT)
    if not isinstance(version, int) or version > FORMAT:
        raise FormatError(
            f"{file} says format {version}; this version of Proofsheet reads up to {FORMAT}. "
            "Upgrade Proofsheet to open this run."
        )
    return raw


_KINDS: dict[str, tuple[type, ...]] = {
    "str": (str,),
    "int": (int,),
    "float": (int, float),
    "bool": (bool,),
    "dict": (dict,),
    "list": (list,),
    "None": (type(None),),
}


def _known(cls: type[Any], raw: Mapping[str, Any], file: str) -> Any:
    """`cls` from the fields of `raw` that it knows; what newer writers add is ignored."""
    values = {}
    for f in fields(cls):
        if f.name not in raw:
            continue
        kinds = [kind.strip().split("[")[0] for kind in str(f.type).split("|")]
        if not isinstance(raw[f.name], tuple(t for kind in kinds for t in _KINDS[kind])):
            got = type(raw[f.name]).__name__
            raise FormatError(f"{file}: `{f.name}` must be {f.type}, got {got}.")
        values[f.name] = raw[f.name]
    return cls(**values)


def inside(folder: Path, relative: str) -> Path:
    """The resolved path of `relative` in `folder`. Raises FormatError when it lies outside.

    Every path read from a file or a URL goes through here.
    """
    root = folder.resolve()
    path = (root / relative).resolve()
    if not path.is_relative_to(root):
        raise FormatError(f"{relative!r} lies outside of the run folder.")
    return path
