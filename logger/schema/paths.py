"""Names and paths of the files in a run folder."""

from __future__ import annotations

import re
from pathlib import Path

from .strict_json import FormatError

SPLITS = ("train", "val", "test", "production")

RUN_FILE = "run.json"
STATUS_FILE = "status.json"
METRICS_FILE = "metrics.jsonl"
ANNOTATIONS_FILE = "annotations.jsonl"
SAMPLES_DIR = "samples"
PREDICTIONS_DIR = "predictions"
SHEETS_DIR = "sheets"
ORIGINALS_DIR = "originals"


def samples_file(split: str, part: int) -> str:
    """Path in the run folder of part `part` (from 0) of the samples of a split."""
    return f"{SAMPLES_DIR}/{split}-{part:05d}.parquet"


def predictions_file(split: str, epoch: int) -> str:
    """Path in the run folder of the predictions for a split at `epoch` (from 0)."""
    return f"{PREDICTIONS_DIR}/split={split}/epoch={epoch:05d}.parquet"


def sheet_file(split: str, sheet: int) -> str:
    """Path in the run folder of sheet `sheet` (from 0) of a split."""
    return f"{SHEETS_DIR}/{split}-{sheet:05d}.webp"


def original_file(digest: str, extension: str = "webp") -> str:
    """Path in the run folder of the full-size image with this digest (32 hex digits)."""
    return f"{ORIGINALS_DIR}/{digest[:2]}/{digest}.{extension}"


_EPOCH_FILE = re.compile(r"epoch=(\d+)\.parquet")
_SAMPLES_PART = re.compile(r"([a-z]+)-(\d+)\.parquet")


def epoch_of(file_name: str) -> int | None:
    """The epoch in the name of a predictions file; None for any other name."""
    found = _EPOCH_FILE.fullmatch(file_name)
    return int(found[1]) if found else None


def part_of(file_name: str) -> tuple[str, int] | None:
    """The split and the part in the name of a samples file; None for any other name."""
    found = _SAMPLES_PART.fullmatch(file_name)
    return (found[1], int(found[2])) if found and found[1] in SPLITS else None


def safe_name(name: str) -> str:
    """A folder name derived from `name`: ASCII letters, digits, `.`, `_`, `-`; 1 to 80 characters."""
    safe = re.sub(r"[^A-Za-z0-9._-]+", "-", name).strip("-._")[:80].rstrip("-._")
    return safe or "run"


def inside(folder: Path, relative: str) -> Path:
    """The resolved path of `relative` in `folder`. Raises FormatError when it leads outside.

    Every path that comes from a file or a URL must pass through here.
    """
    root = folder.resolve()
    path = (root / relative).resolve()
    if not path.is_relative_to(root):
        raise FormatError(f"{relative!r} is outside the run folder.")
    return path
