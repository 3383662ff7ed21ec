"""Tags and notes of a run's samples: reads annotations.jsonl as it grows, and appends to it."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from dashboard import shared_state
from dashboard.catalogue.jsonl import JsonLinesFile
from dashboard.catalogue.regular_files import open_descriptor
from dashboard.catalogue.runs import Run
from logger import schema
from logger.schema import Annotation


class NotSaved(OSError):
    """The file could not be written. The message may be shown to visitors."""


@dataclass
class Annotations:
    """The annotations.jsonl of one run folder. Safe for many threads."""

    folder: Path
    """The run folder."""
    damaged: int = 0
    """Number of lines left out."""
    _lines: JsonLinesFile = field(init=False)
    _tags: dict[str, dict[str, Annotation]] = field(default_factory=dict)
    _notes: dict[str, Annotation] = field(default_factory=dict)
    _lock: threading.RLock = field(default_factory=threading.RLock)

    def __post_init__(self) -> None:
        self._lines = JsonLinesFile(self.folder, schema.ANNOTATIONS_FILE)

    @property
    def path(self) -> Path:
        """The file. It does not exist before the first annotation."""
        return self.folder / schema.ANNOTATIONS_FILE

    @property
    def problem(self) -> str | None:
        """A sentence when the file cannot be read."""
        return self._lines.problem

    def tagged(self) -> list[tuple[str, str]]:
        """Pairs of digest and tag, of all tags that samples have now."""
        with self._lock:
            self._read()
            return [(digest, tag) for digest, tags in self._tags.items() for tag in tags]

    def noted(self) -> list[str]:
        """Digests of the samples that have a note."""
        with self._lock:
            self._read()
            return list(self._notes)

    def of(self, digest: str) -> tuple[list[Annotation], Annotation | None]:
        """The tags of a sample, by name, and its note."""
        with self._lock:
            self._read()
            return sorted(self._tags.get(digest, {}).values(), key=_tag), self._notes.get(digest)

    def tag(self, digests: Iterable[str], tag: str, *, removed: bool = False, who: str = "") -> int:
        """Add a tag to samples, or remove it. Returns how many samples changed.

        Raises FormatError for an invalid tag or name, NotSaved when the file cannot be written.
        """
        with self._lock:
            self._read()
            now = time.time()
            changed = [d for d in dict.fromkeys(digests) if (tag in self._tags.get(d, {})) == removed]
            Annotation("0" * 32, now, tag, who=who).encode()  # Validates the tag even when no sample changes.
            self._append([Annotation(d, now, tag, removed, who=who) for d in changed])
            return len(changed)

    def note(self, digest: str, note: str, *, who: str = "") -> int:
        """Set the note of a sample; an empty one removes it. Returns 1, or 0 when nothing changed.

        Raises FormatError for invalid text, NotSaved when the file cannot be written.
        """
        with self._lock:
            self._read()
            line = Annotation(digest, time.time(), note=note, who=who)
            line.encode()
            before = self._notes.get(digest)
            if note == (before.note if before else ""):
                return 0
            self._append([line])
            return 1

    def _read(self) -> None:
        replaced, lines = self._lines.read_new()
        if replaced:
            self.damaged, self._tags, self._notes = 0, {}, {}
        for line in lines:
            try:
                self._apply(Annotation.decode(line.decode("utf-8")))
            except (schema.FormatError, UnicodeDecodeError, RecursionError):
                self.damaged += 1

    def _apply(self, annotation: Annotation) -> None:
        if annotation.tag is not None and annotation.removed:
            self._tags.get(annotation.digest, {}).pop(annotation.tag, None)
        elif annotation.tag is not None:
            self._tags.setdefault(annotation.digest, {})[annotation.tag] = annotation
        if annotation.note:
            self._notes[annotation.digest] = annotation
        elif annotation.note is not None:
            self._notes.pop(annotation.digest, None)

    def _append(self, lines: Sequence[Annotation]) -> None:
        """Append whole lines in a single write where possible, so that other writers cannot interleave."""
        text = "".join(line.encode() for line in lines).encode()
        if not text:
            return
        try:
            path = schema.inside(self.folder, schema.ANNOTATIONS_FILE)
            file = open_descriptor(path, os.O_RDWR | os.O_APPEND | os.O_CREAT)
            try:
                text = _newline_owed(file) + text
                while text:
                    text = text[os.write(file, text) :]
            finally:
                os.close(file)
        except (OSError, schema.FormatError) as e:
            reason = e.strerror if isinstance(e, OSError) else str(e)
            raise NotSaved(f"Not saved: {schema.ANNOTATIONS_FILE} of this run cannot be written ({reason}).") from e


def _tag(annotation: Annotation) -> str:
    return annotation.tag or ""


def _newline_owed(file: int) -> bytes:
    """A newline if the file does not end with one, so that a truncated line does not corrupt ours."""
    size = os.fstat(file).st_size
    if size == 0:
        return b""
    os.lseek(file, size - 1, os.SEEK_SET)
    return b"" if os.read(file, 1) == b"\n" else b"\n"


def annotations_of(run: Run) -> Annotations:
    """The process's annotations of a run."""
    return shared_state.once(("annotations", str(run.path)), lambda: Annotations(run.path))
