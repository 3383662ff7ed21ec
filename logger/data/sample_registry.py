"""Which sample is this? Pictures seen again are recognised by digest, so that pixels are stored once."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from .arrays import NO_LABEL, Array


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


class KnownSamples:
    """The samples of one split by digest and label, in the order in which they were first seen.

    Two samples may be the same picture. Within an epoch the k-th appearance of a picture is its k-th sample;
    when a call brings only samples that this epoch has had already, it is a repetition and replaces them.
    """

    def __init__(self) -> None:
        self._indices: dict[bytes, list[int]] = {}
        self._used: set[int] = set()
        self._epoch: int | None = None
        self.labels: list[int] = []

    def __len__(self) -> int:
        return len(self.labels)

    def has_picture(self, digest: bytes) -> bool:
        """Whether a picture with this digest has been seen in the split."""
        return digest in self._indices

    def restore(self, keys: Iterable[tuple[bytes, int]]) -> None:
        """Learn the samples of a run that is gone on with, in the order of their indices."""
        for digest, label in keys:
            self._add(digest, label)

    def recognise(
        self, found: list[bytes], labels: NDArray[np.int64], epoch: int | None
    ) -> tuple[NDArray[np.int32], NDArray[np.bool_]]:
        """Indices (n,) of samples with these digests and labels, and which of them are new.

        An unknown label (NO_LABEL) matches any. `epoch` None: the samples are announced before any epoch.
        """
        keys = list(zip(found, labels.tolist(), strict=True))
        if epoch is None or epoch != self._epoch or self._all_used(keys):
            self._used, self._epoch = set(), epoch
        indices = np.empty(len(keys), np.int32)
        new = np.zeros(len(keys), np.bool_)
        for place, (digest, label) in enumerate(keys):
            index = self._unused(digest, label)
            new[place] = index is None
            indices[place] = self._add(digest, label) if index is None else index
            self._used.add(int(indices[place]))
        return indices, new

    def place(
        self, found: list[bytes], labels: NDArray[np.int64], indices: Array
    ) -> tuple[NDArray[np.int32], NDArray[np.bool_]]:
        """As `recognise`, for a caller who says the indices. New ones must go on where the known ones end.

        Raises ValueError when they leave a gap.
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
        for place in np.flatnonzero(new)[np.argsort(at[new])]:
            self._add(found[place], int(labels[place]))
        return at, new

    def label_array(self, indices: NDArray[np.int32]) -> NDArray[np.int64]:
        """Labels (n,) of known samples, NO_LABEL where unknown."""
        return np.array([self.labels[i] for i in indices.tolist()], np.int64)

    def _candidates(self, digest: bytes, label: int) -> list[int]:
        known = self._indices.get(digest, ())
        return [i for i in known if self.labels[i] == label or NO_LABEL in (label, self.labels[i])]

    def _unused(self, digest: bytes, label: int) -> int | None:
        return next((i for i in self._candidates(digest, label) if i not in self._used), None)

    def _all_used(self, keys: list[tuple[bytes, int]]) -> bool:
        return bool(self._used) and all(
            (candidates := self._candidates(*key)) and self._used.issuperset(candidates) for key in keys
        )

    def _add(self, digest: bytes, label: int) -> int:
        index = len(self.labels)
        self._indices.setdefault(digest, []).append(index)
        self.labels.append(label)
        return index
