"""The sheets and originals of one split: images are gathered until they are written."""

from __future__ import annotations

import re
import time
from dataclasses import dataclass
from typing import NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from .. import schema
from ..data.arrays import NO_LABEL
from .free_space import Content, FreeSpace, QuotaError
from .ownership.run_folder import RunFolder

PENDING_BYTES = 64 << 20
"""Images that wait to be written take at most about this much memory."""
RETRY_SECONDS = 30.0
"""How long images are tried to be written before their samples are written without them."""
_SHEET_NAME = re.compile(r"([a-z]+)-(\d+)\.webp")


class Reports(Protocol):
    """Where errors are recorded, and what was lost to them."""

    def record_dropped(self, count: int, error: Exception, kind: str = "images") -> None: ...

    def record_error(self, error: Exception) -> None: ...


class TileLocation(NamedTuple):
    """Where the pixels of a sample are: sheet, tile, size of the image in its cell, and path of the original."""

    sheet: int = NO_LABEL
    tile: int = NO_LABEL
    width: int = NO_LABEL
    height: int = NO_LABEL
    original: str | None = None


@dataclass
class _PendingImage:
    label: int
    digest: str
    pixels: NDArray[np.uint8]
    original: bytes | None
    original_file: str | None
    failed: float | None = None
    """When it could not be written for the first time."""

    @property
    def size(self) -> int:
        return self.pixels.nbytes + len(self.original or b"")


class ImageFiles:
    """The images of a split."""

    def __init__(
        self,
        folder: RunFolder,
        space: FreeSpace,
        layout: tuple[str, int, int],
        reports: Reports,
    ) -> None:
        self._folder, self._space, self._reports = folder, space, reports
        self._split, self._cell, self._columns = layout
        self._pending: list[_PendingImage] = []
        self.locations: dict[str, TileLocation] = {}
        """By digest, of all images that are on disk."""
        self._next_sheet = 0

    def restore(self, locations: dict[str, TileLocation]) -> None:
        """Continue after the images of an earlier process. Existing sheets are never rewritten."""
        self.locations.update(locations)
        names = (_SHEET_NAME.fullmatch(path.name) for path in (self._folder.path / schema.SHEETS_DIR).glob("*.webp"))
        numbers = [int(found[2]) for found in names if found and found[1] == self._split]
        self._next_sheet = 1 + max(numbers, default=-1)

    @property
    def waiting(self) -> set[str]:
        """Digests of the images that are not written yet."""
        return {image.digest for image in self._pending}

    def add(self, digests: list[str], labels: NDArray[np.int64], pixels: NDArray[np.uint8]) -> None:
        """Add images (n, H, W, C) that the split does not have yet."""
        from .sheets import make_tile

        for digest, label, image in zip(digests, labels.tolist(), pixels, strict=True):
            tile = make_tile(image, self._cell)
            file = None if tile.original is None else schema.original_file(digest, tile.extension)
            self._pending.append(_PendingImage(label, digest, tile.pixels, tile.original, file))
            self._folder.steps += 1
        if sum(image.size for image in self._pending) > PENDING_BYTES:
            self.write(give_up=True)

    def write(self, give_up: bool = False) -> None:
        """Write what is pending. What fails is tried again at the next call, unless it was the last attempt."""
        # By label, so that a class is on neighbouring sheets. Stable; unknown labels come last.
        images = sorted(self._pending, key=lambda image: image.label if image.label != NO_LABEL else np.inf)
        self._pending = []
        capacity = self._columns**2
        for start in range(0, len(images), capacity):
            page = images[start : start + capacity]
            try:
                self._write_sheet(page)
            except OSError as error:
                self._keep(page, error, give_up)

    def _keep(self, page: list[_PendingImage], error: OSError, give_up: bool) -> None:
        now, lost = time.monotonic(), 0
        for image in page:
            image.failed = now if image.failed is None else image.failed
            if give_up or isinstance(error, QuotaError) or now - image.failed >= RETRY_SECONDS:
                lost += 1
            else:
                self._pending.append(image)
        if lost:
            self._reports.record_dropped(lost, error)
        else:
            self._reports.record_error(error)

    def _write_sheet(self, page: list[_PendingImage]) -> None:
        from .sheets import sheet

        for image in page:
            if image.original is not None and image.original_file is not None:
                if not (self._folder.path / image.original_file).exists():
                    self._write(image.original_file, image.original)
        number = self._next_sheet
        data = sheet([image.pixels for image in page], self._cell, self._columns)
        self._write(schema.sheet_file(self._split, number), data)
        self._next_sheet += 1
        for at, image in enumerate(page):
            height, width = image.pixels.shape[:2]
            self.locations[image.digest] = TileLocation(number, at, width, height, image.original_file)

    def _write(self, name: str, data: bytes) -> None:
        self._space.require(len(data), Content.IMAGES)
        self._space.used += self._folder.replace(name, data)
