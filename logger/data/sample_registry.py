"""Recognises samples that are logged again, so that a sample keeps its index over the epochs."""

from __future__ import annotations

import hashlib
import zlib
from collections import deque
from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from .arrays import NO_LABEL, Array

NO_CHECKSUM = NO_LABEL
"""Of an input whose displayed pixels are its very bytes: its digest identifies it."""


def digests(pixels: Array) -> list[bytes]:
    """BLAKE2b-128 of each image of (n, H, W, C) uint8: of the text "uint8 HxWxC\\n" followed by its bytes."""
    start = hashlib.blake2b(digest_size=16)
    height, width, channels = pixels.shape[1:]
    start.update(f"{pixels.dtype} {height}x{width}x{channels}\n".encode())
    out = []
    for image in pixels:
        digest = start.copy()
        digest.update(image)
        out.append(digest.digest())
    return out


def checksum(image: Array) -> int:
    """CRC-32, as a signed 32-bit integer, of the bytes of an input (H, W, C) before conversion to displayed pixels."""
    found: int = zlib.crc32(np.ascontiguousarray(image).data)
    return found - (1 << 32) if found >= 1 << 31 else found


class _UnloggedSamples:
    """The samples of one digest that the current pass has not logged yet. Both methods take amortised constant time."""

    def __init__(self) -> None:
        self._by_label: dict[int, deque[int]] = {}
        self._by_checksum: dict[tuple[int, int], deque[int]] = {}
        self._logged: set[int] = set()

    def add(self, index: int, label: int, checksum: int) -> None:
        """Add a sample; indices must be added in ascending order."""
        self._by_label.setdefault(label, deque()).append(index)
        self._by_checksum.setdefault((label, checksum), deque()).append(index)

    def pop(self, label: int, checksum: int) -> int | None:
        """Remove and return the sample that matches a row; None when there is none.

        One with the same checksum is preferred, then the lowest index. NO_LABEL matches any label.
        """
        labels = list(self._by_label) if label == NO_LABEL else [label, NO_LABEL]
        index = self._lowest(self._by_checksum.get((candidate, checksum)) for candidate in labels)
        if index is None:
            index = self._lowest(self._by_label.get(candidate) for candidate in labels)
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
    """The samples of one split, in the order in which they were first logged.

    Identity belongs to the row: two rows with the same image are two samples. In the first epoch of the split every
    row is a new sample. Later, a row is the first sample not yet logged in that epoch that has the same digest and
    checksum and a matching label (an unknown label matches any); if none has the checksum, the first with the digest;
    otherwise it is a new sample. Once an epoch has logged all samples that were known at its start, further rows
    replace those logged before.
    """

    def __init__(self) -> None:
        self.labels: list[int] = []
        self._digests: list[bytes] = []
        self._checksums: list[int] = []
        self._indices: dict[bytes, list[int]] = {}
        self.repeated = False
        """Whether the last call repeated all rows of the split's first epoch, which then count twice."""
        self._epoch: int | None = None
        self._begin_pass()

    def __len__(self) -> int:
        return len(self.labels)

    def wants_checksum(self, digest: bytes) -> bool:
        """Whether the checksum of a row with this digest is needed: unless exactly one sample has the digest."""
        return len(self._indices.get(digest, ())) != 1

    def has_image(self, digest: bytes) -> bool:
        """Whether an image with this digest has been logged in the split."""
        return digest in self._indices

    def restore(self, rows: Iterable[tuple[bytes, int, int]]) -> None:
        """Add the samples of a resumed run: (digest, label, checksum) in the order of their indices."""
        for digest, label, checksum in rows:
            self._add(digest, label, checksum)
        self._begin_pass()

    def recognise(
        self, found: list[bytes], labels: NDArray[np.int64], checksums: NDArray[np.int64], epoch: int | None
    ) -> tuple[NDArray[np.int32], NDArray[np.bool_]]:
        """Indices (n,) of rows with these digests, labels and checksums, and a mask (n,) of those that are new samples.

        `epoch` None: the samples are logged before any epoch. Logging all of them like that again changes nothing.
        """
        if epoch is None and found == self._digests and self._labels_agree(labels):
            return np.arange(len(found), dtype=np.int32), np.zeros(len(found), np.bool_)
        self.begin_epoch(epoch)
        self.repeated = not self._known_at_start and len(self) > 0 and found == self._digests
        indices = np.empty(len(found), np.int32)
        new = np.zeros(len(found), np.bool_)
        for row, (digest, label, checksum) in enumerate(zip(found, labels.tolist(), checksums.tolist(), strict=True)):
            index = self._pop_unlogged(digest, label, checksum)
            if index is None and self._known_at_start and not self._remaining and digest in self._indices:
                self._begin_pass()
                index = self._pop_unlogged(digest, label, checksum)
            if index is None:
                index, new[row] = self._add(digest, label, checksum), True
            elif index < self._known_at_start:
                self._remaining -= 1
            indices[row] = index
        return indices, new

    def begin_epoch(self, epoch: int | None) -> None:
        """Start a new pass over the samples unless `epoch` is the current one."""
        if epoch != self._epoch:
            self._epoch = epoch
            self._begin_pass()

    def assign(
        self, found: list[bytes], labels: NDArray[np.int64], checksums: NDArray[np.int64], indices: Array
    ) -> tuple[NDArray[np.int32], NDArray[np.bool_]]:
        """Like `recognise`, with indices (n,) chosen by the caller; those of new samples continue the known ones.

        Raises ValueError when they leave a gap, repeat, or belong to samples with other images.
        """
        chosen = np.asarray(indices).astype(np.int32)
        if chosen.shape != (len(found),):
            raise ValueError(f"`indices` must have one entry per image: expected {len(found)}, got {chosen.shape}.")
        new = chosen >= len(self)
        expected = np.arange(len(self), len(self) + new.sum())
        if (np.sort(chosen[new]) != expected).any() or (chosen < 0).any():
            raise ValueError(
                f"`indices` of new samples must continue from {len(self)} without a gap, got "
                f"{chosen.min()} to {chosen.max()}. Omit `indices` to have them assigned."
            )
        for row in np.flatnonzero(~new):
            if found[row] != self._digests[chosen[row]]:
                raise ValueError(
                    f"`indices` assigns sample {chosen[row]} to an image that is not that sample's. Pass the images in "
                    "the order of their indices, or omit `indices`."
                )
        for row in np.flatnonzero(new)[np.argsort(chosen[new])]:
            self._add(found[row], int(labels[row]), int(checksums[row]))
        return chosen, new

    def label_array(self, indices: NDArray[np.int32]) -> NDArray[np.int64]:
        """Labels (n,) of samples, NO_LABEL where unknown."""
        return np.array([self.labels[i] for i in indices.tolist()], np.int64)

    def _labels_agree(self, labels: NDArray[np.int64]) -> bool:
        known = np.array(self.labels, np.int64)
        return bool(((known == labels) | (known == NO_LABEL) | (labels == NO_LABEL)).all())

    def _begin_pass(self) -> None:
        """Start over: no sample counts as logged in this epoch."""
        self._known_at_start = self._remaining = len(self.labels)
        self._unlogged: dict[bytes, _UnloggedSamples] = {}

    def _pop_unlogged(self, digest: bytes, label: int, checksum: int) -> int | None:
        """The sample that a row is, which counts as logged from now on; None when there is none."""
        known = self._indices.get(digest)
        if known is None or known[0] >= self._known_at_start:
            return None
        unlogged = self._unlogged.get(digest)
        if unlogged is None:
            unlogged = self._unlogged[digest] = _UnloggedSamples()
            for index in known:
                if index < self._known_at_start:
                    unlogged.add(index, self.labels[index], self._checksums[index])
        return unlogged.pop(label, checksum)

    def _add(self, digest: bytes, label: int, checksum: int) -> int:
        index = len(self.labels)
        self._indices.setdefault(digest, []).append(index)
        self.labels.append(label)
        self._digests.append(digest)
        self._checksums.append(checksum)
        return index
