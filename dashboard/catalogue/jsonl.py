"""A file of JSON lines that others append to: of what was read before, nothing is read again."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from dashboard.catalogue.regular_files import open_regular
from logger import schema


@dataclass
class Lines:
    """The lines of one file of a run folder. A line counts once its newline is there."""

    folder: Path
    """The run folder."""
    name: str
    """Of the file."""
    problem: str | None = None
    """A sentence when the file cannot be read."""
    _offset: int = 0
    _inode: int | None = None

    def fresh(self) -> tuple[bool, list[bytes]]:
        """Whether the file began anew (or went), so that all lines before are void; and the lines added since."""
        try:
            with open_regular(schema.inside(self.folder, self.name)) as file:
                stat = os.fstat(file.fileno())
                anew = stat.st_ino != self._inode or stat.st_size < self._offset
                if anew:
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
        return anew, whole.split(b"\n")[:-1]
