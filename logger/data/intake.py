"""Takes images in on the training's thread: recognises samples, hands new pixels and rows to the store.

What blocks training is here: reading statistics once, converting to shown pixels, and hashing.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from .. import schema
from .arrays import NO_LABEL, Array, Group
from .channels import image_groups
from .display import Display, decide_display
from .labels import label_array, soft_rows
from .sample_registry import NO_CHECKSUM, SampleRegistry, checksum, digests
from .statistics import chunks, fingerprint, sample_statistics, value_range

Submit = Callable[[Callable[[], None], int], bool]


class SampleSink(Protocol):
    """Where new samples go: `storage.store.Store`, on the writer's thread."""

    def open_split(self, split: str, cell: int, columns: int) -> None: ...

    def add_pixels(
        self, split: str, digests: list[str], labels: NDArray[np.int64], pixels: NDArray[np.uint8]
    ) -> None: ...

    def add_samples(self, split: str, columns: dict[str, Any]) -> None: ...


class Intake:
    """The samples that a run knows, its display mapping, and the way of new ones to the store."""

    def __init__(
        self,
        store: SampleSink,
        submit: Submit,
        lost: Callable[[int, Exception], None],
        display_range: Any,
        data_format: str | None,
        show_channels: Any = None,
    ) -> None:
        self._store, self._submit, self._lost = store, submit, lost
        self._display_range, self._data_format, self._show_channels = display_range, data_format, show_channels
        self.notes: list[str] = []
        """What was inferred and must be said; whoever says it takes it away."""
        self.display: Display | None = None
        self.known: dict[str, SampleRegistry] = {}
        self.splits: dict[str, schema.SplitInfo] = {}
        self._weights: dict[str, dict[int, float]] = {}

    def take(
        self,
        images: Any,
        *,
        labels: Any,
        split: str,
        epoch: int | None,
        sources: Any,
        weights: Any,
        indices: Any,
        available: int | None,
        seed: int | None,
    ) -> tuple[NDArray[np.int32], NDArray[np.int64], int]:
        """Indices (N,) and labels (N,) of `images`, and how many are new; new ones are on their way to disk."""
        groups, guessed = image_groups(images, self._data_format)
        n = sum(len(group.places) for group in groups)
        truth = label_array(labels, n)
        extra = _extra_columns(n, labels, sources, weights)
        if n == 0:
            return np.empty(0, np.int32), truth, 0
        fresh = split not in self.splits
        undecided = self.display is None or self.display.provisional
        statistics = [sample_statistics(g.pixels) for g in groups] if fresh or undecided else None
        if undecided and statistics is not None:
            self._decide_display(groups, *value_range(statistics))
        if fresh:
            self.notes += [guessed] if guessed else []
            self._open_split(split, groups, statistics or [], available, seed)
        found, checksums = self._hash(groups, truth, split, n)
        known = self.known[split]
        if indices is None:
            at, new = known.recognise(found, truth, checksums, epoch)
            if known.repeated:
                self.notes.append(
                    f"All {n:,} {split} pictures of this call were logged before in the same epoch, the split's first: "
                    "they count as further samples. Pass indices= to replace what was logged for them."
                )
        else:
            at, new = known.place(found, truth, checksums, indices)
        if "weight" in extra:
            self._weights.setdefault(split, {}).update(zip(at.tolist(), extra["weight"].tolist(), strict=True))
        if new.any():
            self._submit_rows(groups, statistics, found, checksums, truth, at, new, extra, split)
        self.splits[split] = replace(self.splits[split], samples=len(known))
        truth = np.where(truth == NO_LABEL, known.label_array(at), truth)
        return at, truth, int(new.sum())

    def recall(self, split: str, epoch: int, indices: Any, labels: Any) -> tuple[NDArray[np.int32], NDArray[np.int64]]:
        """Indices and labels of samples that were logged before: all of the split, or those of `indices`."""
        if split not in self.known:
            raise ValueError(
                f"No {split} samples are logged yet: pass `images` once, or call log_samples(images, split={split!r})."
            )
        known = self.known[split]
        at = np.arange(len(known), dtype=np.int32) if indices is None else np.asarray(indices, np.int32)
        if len(at) and not (0 <= at.min() and at.max() < len(known)):
            raise ValueError(f"`indices` must be from 0 to {len(known) - 1}, got {at.min()} to {at.max()}.")
        truth = known.label_array(at) if labels is None else label_array(labels, len(at))
        known.reach(epoch)
        return at, truth

    def weights(self, split: str, at: NDArray[np.int32]) -> NDArray[np.float32] | None:
        """Weights (n,) that samples were logged with; None when the split has none."""
        known = self._weights.get(split)
        return None if known is None else np.array([known.get(i, 1.0) for i in at.tolist()], np.float32)

    def restore_weights(self, split: str, weights: dict[int, float]) -> None:
        """Weights by index of samples that were logged with one."""
        if weights:
            self._weights[split] = weights

    def open_known(self, split: str, info: schema.SplitInfo) -> SampleRegistry:
        """Begin to know a split whose sheets are laid out as `info` says."""
        self.splits[split], self.known[split] = info, SampleRegistry()
        return self.known[split]

    def _open_split(
        self,
        split: str,
        groups: list[Group],
        statistics: list[dict[str, Array]],
        available: int | None,
        seed: int | None,
    ) -> None:
        if nonfinite := sum(int((row["nonfinite"] > 0).sum()) for row in statistics):
            self.notes.append(f"{nonfinite:,} {split} pictures hold NaN or infinite values, which are shown black.")
        cell = schema.cell_side(max(max(group.pixels.shape[1:3]) for group in groups))
        columns = max(1, schema.SHEET_SIDE // cell)
        print_of = fingerprint(groups, statistics)
        self.open_known(split, schema.SplitInfo(0, available, seed, cell, columns, print_of))
        self._submit(lambda: self._store.open_split(split, cell, columns), 0)

    def _decide_display(self, groups: list[Group], low: float, high: float) -> None:
        self.display = decide_display(groups, low, high, self._display_range, self._show_channels)
        if self.display.note:
            self.notes.append(self.display.note)

    def _hash(
        self, groups: list[Group], labels: NDArray[np.int64], split: str, n: int
    ) -> tuple[list[bytes], NDArray[np.int64]]:
        """Digests and checksums of all images; pictures that the split lacks go to the store as they are found."""
        assert self.display is not None  # for the type checker: `take` decides it before
        known, sent = self.known[split], set[bytes]()
        found: list[bytes] = [b""] * n
        checksums = np.full(n, NO_CHECKSUM, np.int64)
        for group in groups:
            for piece in chunks(group.pixels):
                pixels = self.display.pixels(group.pixels[piece])
                places = group.places[piece]
                lossy = not self.display.keeps_bytes(group.pixels[piece])
                unseen = []
                for row, (place, digest) in enumerate(zip(places.tolist(), digests(pixels), strict=True)):
                    found[place] = digest
                    if lossy and known.wants_checksum(digest):
                        checksums[place] = checksum(group.pixels[piece][row])
                    if digest not in sent and not known.has_picture(digest):
                        sent.add(digest)
                        unseen.append(row)
                if unseen:
                    if len(unseen) < len(pixels):
                        pixels = pixels[unseen]
                    self._send_pixels(
                        split, [found[places[row]].hex() for row in unseen], labels[places[unseen]], pixels
                    )
        return found, checksums

    def _send_pixels(self, split: str, hexes: list[str], labels: NDArray[np.int64], pixels: NDArray[np.uint8]) -> None:
        if not self._submit(lambda: self._store.add_pixels(split, hexes, labels, pixels), pixels.nbytes):
            self._lost(len(hexes), TimeoutError("the disk did not keep up with the pictures"))

    def _submit_rows(
        self,
        groups: list[Group],
        statistics: list[dict[str, Array]] | None,
        found: list[bytes],
        checksums: NDArray[np.int64],
        truth: NDArray[np.int64],
        at: NDArray[np.int32],
        new: NDArray[np.bool_],
        extra: dict[str, Array],
        split: str,
    ) -> None:
        parts = []
        for number, group in enumerate(groups):
            mask = new[group.places]
            if not mask.any():
                continue
            places = group.places[mask]
            if statistics is not None:
                rows = {name: values[mask] for name, values in statistics[number].items()}
            else:
                rows = sample_statistics(group.pixels[mask])
            count = len(places)
            height, width, channels = group.pixels.shape[1:]
            rows |= {"index": at[places], "label": truth[places], "input_crc32": checksums[places]}
            rows |= {k: np.full(count, v) for k, v in (("height", height), ("width", width), ("channels", channels))}
            rows["dtype"] = np.full(count, str(group.pixels.dtype), object)
            rows["digest"] = np.array([found[place].hex() for place in places], object)
            rows |= {name: values[places] for name, values in extra.items()}
            parts.append(rows)
        for rows in parts:
            self._submit(partial(self._store.add_samples, split, rows), 0)


def _extra_columns(n: int, labels: Any, sources: Any, weights: Any) -> dict[str, Array]:
    extra: dict[str, Array] = {}
    if sources is not None:
        given = [None if source is None else str(source) for source in sources]
        extra["source"] = _of_length(np.array(given, object), n, "sources")
    if weights is not None:
        extra["weight"] = _of_length(np.asarray(weights, np.float32).reshape(-1), n, "weights")
    soft = soft_rows(labels)
    if soft is not None and soft.shape[1] <= schema.MAX_FULL_CLASSES:
        extra["soft_label"] = soft
    return extra


def _of_length(values: Array, n: int, name: str) -> Array:
    if len(values) != n:
        raise ValueError(f"`{name}` must have one entry per image: expected {n}, got {len(values)}.")
    return values
