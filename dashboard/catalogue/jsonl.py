"""Reading a growing file of JSON lines: each call reads only what was appended since the last."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from dashboard.catalogue.regular_files import open_regular
from logger import schema


@dataclass
class JsonLinesFile:
    """One JSON-lines file of a run folder. A line counts once its newline is written."""

    folder: Path
    """The run folder."""
    name: str
    """Of the file."""
    problem: str | None = None
    """A sentence when the file cannot be read."""
    _offset: int = 0
    _inode: int | None = None

    def read_new(self) -> tuple[bool, list[bytes]]:
        """Whether the file was replaced or removed, so that earlier lines do not count; and the lines added since."""
        try:
            with open_regular(schema.inside(self.folder, self.name)) as file:
                stat = os.fstat(file.fileno())
                replaced = stat.st_ino != self._inode or stat.st_size < self._offset
                if replaced:
                    self._offset, self._inode = 0, stat.st_ino
                file.seek(self._offset)
                data = file.read() if stat.st_size > self._offset else b""
        except FileNotFoundError:
            self._offset, self._inode, self.problem = 0, None, None
            return True, []
        except (OSError, schema.FormatError) as e:
            reason = e.strerror if isinstance(e, OSError) else str(e).rstrip(".")
            self.problem = f"{self.name} cannot be read: {reason}."
            return False, []
        self.problem = None
        whole = data[: data.rfind(b"\n") + 1]
        self._offset += len(whole)
        return replaced, whole.split(b"\n")[:-1]
