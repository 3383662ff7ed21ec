"""Who may write when space runs out: metrics always, samples and predictions before images."""

from __future__ import annotations

import enum
import errno
import os
import shutil
from dataclasses import dataclass
from pathlib import Path

from .. import schema


class Content(enum.Enum):
    """What is to be written, and what it must leave free for what is more important.

    `bytes_free` and `files_free` of a large disk are left free, and shares of a small one, but not less than
    `least_bytes`: a few lines of metrics and a status.json.
    """

    IMAGES = (16 << 20, 32 << 10, 64, 1 / 8, 1 / 2)
    ROWS = (1 << 20, 16 << 10, 3, 1 / 64, 1 / 6)

    def __init__(
        self, bytes_free: int, least_bytes: int, files_free: int, bytes_share: float, files_share: float
    ) -> None:
        self.bytes_free, self.least_bytes, self.files_free = bytes_free, least_bytes, files_free
        self.bytes_share, self.files_share = bytes_share, files_share

    def reserve(self, total: int) -> float:
        """Bytes that are left free on a disk of `total` bytes."""
        return min(self.bytes_free, max(self.least_bytes, self.bytes_share * total))


class QuotaError(OSError):
    """The quota of a run is used up, which does not change."""


IMAGES_OF_QUOTA = 0.75
"""Share of a run's quota that images may fill: the rest is for rows."""


@dataclass
class FreeSpace:
    """The space of the run in `folder`: that of its disk, and its `quota` in bytes, if it has one."""

    folder: Path
    quota: int | None = None
    used: int = 0
    """Bytes of images and rows in the folder."""

    def require(self, size: int, content: Content) -> None:
        """Raises OSError unless a file of `size` bytes may be written; QuotaError when it never may."""
        if self.quota is not None:
            share = IMAGES_OF_QUOTA if content is Content.IMAGES else 1.0
            if self.used + size > share * self.quota:
                raise QuotaError(errno.EDQUOT, f"the run has reached its quota of {self.quota:,} bytes")
        total, free, files, files_free = _disk(self.folder)
        if total and free - size < content.reserve(total):
            raise OSError(errno.ENOSPC, f"{os.strerror(errno.ENOSPC)}: the rest is left for metrics")
        if files and files_free <= min(content.files_free, content.files_share * files):
            raise OSError(errno.ENOSPC, f"{os.strerror(errno.ENOSPC)} for more files: the rest is left for metrics")


def used_bytes(folder: Path) -> int:
    """Bytes of the images and rows in a run folder."""
    folders = (schema.SHEETS_DIR, schema.ORIGINALS_DIR, schema.SAMPLES_DIR, schema.PREDICTIONS_DIR)
    return sum(
        os.stat(os.path.join(where, name)).st_size
        for top in folders
        for where, _, names in os.walk(folder / top)
        for name in names
        if os.path.exists(os.path.join(where, name))
    )


def _disk(folder: Path) -> tuple[int, int, int, int]:
    """Size and free bytes of the disk, number of files that it may hold and free ones; 0 for what is unknown."""
    try:
        if not hasattr(os, "statvfs"):
            usage = shutil.disk_usage(folder)
            return usage.total, usage.free, 0, 0
        found = os.statvfs(folder)
    except OSError:
        return 0, 0, 0, 0
    return found.f_blocks * found.f_frsize, found.f_bavail * found.f_frsize, found.f_files, found.f_favail
