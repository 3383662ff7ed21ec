"""The lines of metrics.jsonl and annotations.jsonl, which are append-only."""

from __future__ import annotations

import math
import re
import unicodedata
from dataclasses import dataclass
from typing import Any, Self

from .paths import ANNOTATIONS_FILE, METRICS_FILE
from .strict_json import FormatError, encode_json, known_fields, nonfinite_name, parse_object

TAG_LENGTH, NOTE_LENGTH, WHO_LENGTH = 40, 2_000, 60
"""Maximum length in characters of a tag, of a note, and of the name of their author."""


@dataclass(frozen=True)
class MetricsLine:
    """A line of metrics.jsonl: named numbers at an epoch or a training step."""

    values: dict[str, float]
    time: float
    """Seconds since 1970, UTC."""
    epoch: int | None = None
    """From 0. At least one of epoch and step is set."""
    step: int | None = None
    """Number of training batches so far, for lines logged within an epoch."""

    def encode(self) -> str:
        """The line with its newline. NaN and infinities are null; the object `nonfinite` names them."""
        nonfinite = {k: nonfinite_name(v) for k, v in self.values.items() if not math.isfinite(v)}
        line: dict[str, Any] = {"epoch": self.epoch, "step": self.step, "time": self.time}
        line["values"] = {k: None if k in nonfinite else v for k, v in self.values.items()}
        if nonfinite:
            line["nonfinite"] = nonfinite
        return encode_json({k: v for k, v in line.items() if v is not None}, indent=None) + "\n"

    @classmethod
    def decode(cls, text: str) -> Self:
        """From a line. Raises FormatError when it is not such an object."""
        raw = parse_object(text, METRICS_FILE)
        nonfinite = raw.get("nonfinite") or {}
        try:
            values = {
                str(k): float(nonfinite.get(k, "nan")) if v is None else float(v)
                for k, v in dict(raw["values"]).items()
            }
            epoch, step = (None if raw.get(k) is None else int(raw[k]) for k in ("epoch", "step"))
            return cls(values, float(raw.get("time") or 0.0), epoch, step)
        except (KeyError, TypeError, ValueError) as e:
            raise FormatError(f"{METRICS_FILE}: expected an object with `values`, got {text[:80]!r}") from e


@dataclass(frozen=True)
class Annotation:
    """A line of annotations.jsonl: a tag added to or removed from a sample, or a note on it.

    A later line of the same digest and tag replaces the earlier one, as does a later note of the same digest.
    """

    digest: str
    """Of the pixels: the line applies to every sample with these pixels."""
    time: float
    """Seconds since 1970, UTC."""
    tag: str | None = None
    """1 to TAG_LENGTH printable characters, no space at either end. At least one of tag and note is set."""
    removed: bool = False
    """The tag is removed."""
    note: str | None = None
    """At most NOTE_LENGTH characters; an empty note removes the earlier one."""
    who: str = ""
    """Name of the author, as entered: at most WHO_LENGTH printable characters, may be empty."""

    def encode(self) -> str:
        """The line with its newline. Raises FormatError when a field is not as documented."""
        self._check()
        line: dict[str, Any] = {"digest": self.digest, "tag": self.tag, "removed": self.removed or None}
        line |= {"note": self.note, "who": self.who or None, "time": self.time}
        return encode_json({k: v for k, v in line.items() if v is not None}, indent=None) + "\n"

    @classmethod
    def decode(cls, text: str) -> Self:
        """From a line. Raises FormatError when it is not such an object."""
        raw = {k: v for k, v in parse_object(text, ANNOTATIONS_FILE).items() if v is not None}
        found: Self = known_fields(cls, {"digest": "", "time": 0.0, **raw}, ANNOTATIONS_FILE)
        found._check()
        return found

    def _check(self) -> None:
        problem = None
        if not re.fullmatch(r"[0-9a-f]{32}", self.digest):
            problem = f"`digest` must be 32 hex digits, got {self.digest[:40]!r}"
        elif self.tag is None and self.note is None:
            problem = "at least one of `tag` and `note` must be set"
        elif not math.isfinite(self.time):
            problem = f"`time` must be seconds since 1970, got {self.time}"
        elif self.tag is not None and not _is_printable(self.tag, TAG_LENGTH):
            problem = (
                f"a tag is 1 to {TAG_LENGTH} printable characters without space at its ends, got {self.tag[:60]!r}"
            )
        elif self.note is not None and not _is_note(self.note):
            problem = f"a note is at most {NOTE_LENGTH:,} characters without control characters"
        elif self.who and not _is_printable(self.who, WHO_LENGTH):
            problem = f"`who` is at most {WHO_LENGTH} printable characters, got {self.who[:80]!r}"
        if problem:
            raise FormatError(f"{ANNOTATIONS_FILE}: {problem}.")


def _is_printable(text: str, max_length: int) -> bool:
    return 1 <= len(text) <= max_length and text.isprintable() and text == text.strip()


def _is_note(text: str) -> bool:
    return len(text) <= NOTE_LENGTH and all(c in "\n\t" or unicodedata.category(c) not in ("Cc", "Cs") for c in text)
