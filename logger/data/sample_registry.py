"""Which sample is this? A row that is logged again is recognised, so that it keeps its index over the epochs."""

from __future__ import annotations

import hashlib
import zlib
from collections import deque
from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from .arrays import NO_LABEL, Array

NO_CHECKSUM = NO_LABEL
"""Stands for the checksum of an input that is shown byte for byte, whose digest says everything."""


def digests(pixels: Array) -> list[bytes]:
    """BLAKE2b-128 of each picture of (n, H, W, C) uint8: of the text "uint8 HxWxC\\n", then its bytes."""
    start = hashlib.blake2b(digest_size=16)
    height, width, channels = pixels.shape[1:]
    start.update(f"{pixels.dtype} {height}x{width}x{channels}\n".encode())
    out = []
    for picture in pixels:
        one = start.copy()
        one.update(picture)
        out.append(one.digest())
    return out


def checksum(image: Array) -> int:
    """CRC-32 (a signed number) of the bytes of an input (H, W, C) as given: tells inputs apart that look the same."""
    found: int = zlib.crc32(np.ascontiguousarray(image).data)
    return found - (1 << 32) if found >= 1 << 31 else found


class _Unlogged:
    """The samples of one digest that the present pass has not logged yet: lowest index first, in constant time."""

    def __init__(self) -> None:
        self._by_label: dict[int, deque[int]] = {}
        self._by_checksum: dict[tuple[int, int], deque[int]] = {}
        self._logged: set[int] = set()

    def add(self, index: int, label: int, checksum: int) -> None:
        """A sample that waits to be logged, with a higher index than those before it."""
        self._by_label.setdefault(label, deque()).append(index)
        self._by_checksum.setdefault((label, checksum), deque()).append(index)

    def take(self, label: int, checksum: int) -> int | None:
        """The sample that a row with this label and checksum is, from now on logged; None when there is none."""
        labels = list(self._by_label) if label == NO_LABEL else [label, NO_LABEL]
        index = self._lowest(self._by_checksum.get((one, checksum)) for one in labels)
        if index is None:
            index = self._lowest(self._by_label.get(one) for one in labels)
        if index is not None:
            self._logged.add(index)
        return index

    def _lowest(self, queues: Iterable[deque[int] | None]) -> int | None:
        first = [index for queue in queues if queue and (index := self._head(queue)) is not None]
        return min(first, default=None)

    def _head(self, queue: deque[int]) -> int | None:
        while queue and queue[0] in self._logged:
            queue.popleft()
        return queue[0] if queue else None


class SampleRegistry:
    """The samples of one split in the order in which they were first logged.

    A sample is what was logged as that row: two rows with the same picture are two samples. In the split's first epoch
    every row is a sample of its own. In a later one a row is the first sample with its digest, its checksum and a label
    that agrees (an unknown one agrees with any) that this epoch has not logged yet; failing the checksum, the first
    that looks the same; failing that a new sample. Once an epoch has logged every sample known when it began, rows that
    come again replace theirs.
    """

    def __init__(self) -> None:
        self.labels: list[int] = []
        self._digests: list[bytes] = []
        self._checksums: list[int] = []
        self._indices: dict[bytes, list[int]] = {}
        self.repeated = False
        """Whether the latest call gave again all rows of the split's first epoch, which then count twice."""
        self._epoch: int | None = None
        self._begin_pass()

    def __len__(self) -> int:
        return len(self.labels)

    def wants_checksum(self, digest: bytes) -> bool:
        """Whether a row with this digest is told apart by its checksum: it is new, or several samples look the same."""
        return len(self._indices.get(digest, ())) != 1

    def has_picture(self, digest: bytes) -> bool:
        """Whether a picture with this digest has been logged in the split."""
        return digest in self._indices

    def restore(self, rows: Iterable[tuple[bytes, int, int]]) -> None:
        """Learn (digest, label, checksum) of each sample of a resumed run, in the order of their indices."""
        for digest, label, checksum in rows:
            self._add(digest, label, checksum)
        self._begin_pass()

    def recognise(
        self, found: list[bytes], labels: NDArray[np.int64], checksums: NDArray[np.int64], epoch: int | None
    ) -> tuple[NDArray[np.int32], NDArray[np.bool_]]:
        """Indices (n,) of rows with these digests, labels and checksums, and which of them are new samples.

        `epoch` None: the samples are announced before any epoch; announcing all of them once more changes nothing.
        """
        if epoch is None and found == self._digests and self._labels_agree(labels):
            return np.arange(len(found), dtype=np.int32), np.zeros(len(found), np.bool_)
        self.reach(epoch)
        self.repeated = not self._known_at_begin and len(self) > 0 and found == self._digests
        indices = np.empty(len(found), np.int32)
        new = np.zeros(len(found), np.bool_)
        for place, (digest, label, checksum) in enumerate(zip(found, labels.tolist(), checksums.tolist(), strict=True)):
            index = self._unlogged(digest, label, checksum)
            if index is None and self._known_at_begin and not self._remaining and digest in self._indices:
                self._begin_pass()
                index = self._unlogged(digest, label, checksum)
            if index is None:
                index, new[place] = self._add(digest, label, checksum), True
            elif index < self._known_at_begin:
                self._remaining -= 1
            indices[place] = index
        return indices, new

    def reach(self, epoch: int | None) -> None:
        """Rows of `epoch` follow. What was announced before the first epoch is what that epoch logs."""
        if epoch != self._epoch:
            self._epoch = epoch
            self._begin_pass()

    def place(
        self, found: list[bytes], labels: NDArray[np.int64], checksums: NDArray[np.int64], indices: Array
    ) -> tuple[NDArray[np.int32], NDArray[np.bool_]]:
        """As `recognise`, for a caller who says the indices. New ones must go on where the known ones end.

        Raises ValueError when they leave a gap, occur twice, or name samples with other pictures.
        """
        at = np.asarray(indices).astype(np.int32)
        if at.shape != (len(found),):
            raise ValueError(f"`indices` must have one entry per image: expected {len(found)}, got {at.shape}.")
        new = at >= len(self)
        expected = np.arange(len(self), len(self) + new.sum())
        if (np.sort(at[new]) != expected).any() or (at < 0).any():
            raise ValueError(
                f"`indices` of new samples must go on from {len(self)} without a gap, got "
                f"{at.min()} to {at.max()}. Leave `indices` out to let the run count."
            )
        for place in np.flatnonzero(~new):
            if found[place] != self._digests[at[place]]:
                raise ValueError(
                    f"`indices` names sample {at[place]} for a picture that is not that sample's. Pass the pictures in "
                    "the order of their indices, or leave `indices` out."
                )
        for place in np.flatnonzero(new)[np.argsort(at[new])]:
            self._add(found[place], int(labels[place]), int(checksums[place]))
        return at, new

    def label_array(self, indices: NDArray[np.int32]) -> NDArray[np.int64]:
        """Labels (n,) of known samples, NO_LABEL where unknown."""
        return np.array([self.labels[i] for i in indices.tolist()], np.int64)

    def _labels_agree(self, labels: NDArray[np.int64]) -> bool:
        known = np.array(self.labels, np.int64)
        return bool(((known == labels) | (known == NO_LABEL) | (labels == NO_LABEL)).all())

    def _begin_pass(self) -> None:
        """From now on no sample counts as logged in this epoch."""
        self._known_at_begin = self._remaining = len(self.labels)
        self._waiting: dict[bytes, _Unlogged] = {}

    def _unlogged(self, digest: bytes, label: int, checksum: int) -> int | None:
        """The sample that this row is, from now on logged; None when there is none."""
        known = self._indices.get(digest)
        if known is None or known[0] >= self._known_at_begin:
            return None
        waiting = self._waiting.get(digest)
        if waiting is None:
            waiting = self._waiting[digest] = _Unlogged()
            for index in known:
                if index < self._known_at_begin:
                    waiting.add(index, self.labels[index], self._checksums[index])
        return waiting.take(label, checksum)

    def _add(self, digest: bytes, label: int, checksum: int) -> int:
        index = len(self.labels)
        self._indices.setdefault(digest, []).append(index)
        self.labels.append(label)
        self._digests.append(digest)
        self._checksums.append(checksum)
        return index
