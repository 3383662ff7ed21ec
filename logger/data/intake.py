"""Takes images in on the training's thread: recognises samples, hands new pixels and rows to the store.

What blocks training is here: reading statistics once, converting to shown pixels, and hashing.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from .. import schema
from .arrays import NO_LABEL, Array, Group
from .channels import image_groups
from .display import Display, decide_display
from .labels import are_signed, label_array, soft_rows, unknown_note
from .sample_registry import NO_CHECKSUM, SampleRegistry, checksum, digests
from .statistics import chunks, fingerprint, sample_statistics, value_range
from .values import text_of

Submit = Callable[[Callable[[], None], int], bool]


class SampleSink(Protocol):
    """Where new samples go: `storage.store.Store`, on the writer's thread."""

    def open_split(self, split: str, cell: int, columns: int) -> None: ...

    def add_pixels(
        self, split: str, digests: list[str], labels: NDArray[np.int64], pixels: NDArray[np.uint8]
    ) -> None: ...

    def add_samples(self, split: str, columns: dict[str, Any]) -> None: ...


@dataclass(frozen=True)
class SampleBatch:
    """Samples as they were handed over in one call; see `Run.log_samples`. `images` None: those logged before."""

    images: Any
    labels: Any
    split: str
    epoch: int | None
    sources: Any = None
    weights: Any = None
    indices: Any = None
    available: int | None = None
    seed: int | None = None


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
        self.signed: set[str] = set()
        """Splits whose labels are -1 and 1."""
        self._weights: dict[str, dict[int, float]] = {}
        self._soft: dict[str, dict[int, Array]] = {}

    def take(self, batch: SampleBatch) -> tuple[NDArray[np.int32], NDArray[np.int64], int]:
        """Indices (N,) and labels (N,) of images, and how many are new; new ones are on their way to disk."""
        split = batch.split
        groups, guessed = image_groups(batch.images, self._data_format)
        n = sum(len(group.places) for group in groups)
        truth = self._truth(split, batch.labels, n)
        extra = _extra_columns(n, batch.labels, batch.sources, batch.weights)
        if n == 0:
            return np.empty(0, np.int32), truth, 0
        fresh = split not in self.splits
        undecided = self.display is None or self.display.provisional
        statistics = [sample_statistics(g.pixels) for g in groups] if fresh or undecided else None
        if undecided and statistics is not None:
            self._decide_display(groups, *value_range(statistics))
        if fresh:
            self.notes += [guessed] if guessed else []
            self._open_split(split, groups, statistics or [], batch.available, batch.seed)
        found, checksums = self._hash(groups, truth, split, n)
        known = self.known[split]
        if batch.indices is None:
            at, new = known.recognise(found, truth, checksums, batch.epoch)
            if known.repeated:
                self.notes.append(
                    f"All {n:,} {split} pictures of this call were logged before in the same epoch, the split's first: "
                    "they count as further samples. Pass indices= to replace what was logged for them."
                )
        else:
            at, new = known.place(found, truth, checksums, batch.indices)
        if "weight" in extra:
            self._weights.setdefault(split, {}).update(zip(at.tolist(), extra["weight"].tolist(), strict=True))
        if "soft_label" in extra:
            self._soft.setdefault(split, {}).update(zip(at.tolist(), extra["soft_label"], strict=True))
        if new.any():
            extra |= {"input_crc32": checksums, "label": truth, "index": at}
            extra["digest"] = np.array([digest.hex() for digest in found], object)
            self._submit_rows(split, groups, statistics, new, extra)
        self.splits[split] = replace(self.splits[split], samples=len(known))
        truth = np.where(truth == NO_LABEL, known.label_array(at), truth)
        return at, truth, int(new.sum())

    def recall(self, batch: SampleBatch) -> tuple[NDArray[np.int32], NDArray[np.int64]]:
        """Indices and labels of samples that were logged before: all of the split, or those of the batch's indices."""
        known = self._known(batch.split)
        indices = batch.indices
        at = np.arange(len(known), dtype=np.int32) if indices is None else np.asarray(indices, np.int32)
        if len(at) and not (0 <= at.min() and at.max() < len(known)):
            raise ValueError(f"`indices` must be from 0 to {len(known) - 1}, got {at.min()} to {at.max()}.")
        truth = known.label_array(at) if batch.labels is None else self._truth(batch.split, batch.labels, len(at))
        known.reach(batch.epoch)
        return at, truth

    def count(self, split: str, indices: Any) -> int:
        """How many samples are meant when no images are given: all of the split, or those of `indices`."""
        return len(self._known(split)) if indices is None else len(indices)

    def soft(self, split: str, at: NDArray[np.int32], labels: Any) -> NDArray[np.float32] | None:
        """Soft labels (n, K) of samples: those of `labels`, else those that they were logged with; NaN rows without."""
        if labels is not None:
            return soft_rows(labels)
        known = self._soft.get(split)
        if not known:
            return None
        nothing = np.full(len(next(iter(known.values()))), np.nan, np.float32)
        return np.stack([known.get(i, nothing) for i in at.tolist()])

    def restore_soft(self, split: str, rows: dict[int, Any]) -> None:
        """Soft labels by index of samples that were logged with one."""
        if rows:
            self._soft[split] = {index: np.asarray(row, np.float32) for index, row in rows.items()}

    def _known(self, split: str) -> SampleRegistry:
        if split not in self.known:
            raise ValueError(
                f"No {split} samples are logged yet: pass `images` once, or call log_samples(images, split={split!r})."
            )
        return self.known[split]

    def _truth(self, split: str, labels: Any, n: int) -> NDArray[np.int64]:
        """Labels (n,) as class indices. Labels of -1 and 1 are two classes; other negative ones are unknown."""
        if split not in self.signed and are_signed(labels):
            self.signed.add(split)
            self.notes.append(f"The {split} labels are -1 and 1: read as the classes 0 and 1.")
        truth = label_array(labels, n, signed=split in self.signed)
        if split not in self.signed and split not in self.splits and (said := unknown_note(labels, truth)):
            self.notes.append(said)
        return truth

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
        split: str,
        groups: list[Group],
        statistics: list[dict[str, Array]] | None,
        new: NDArray[np.bool_],
        columns: dict[str, Array],
    ) -> None:
        """Send the rows of new samples to the store: their `columns`, statistics and sizes."""
        for number, group in enumerate(groups):
            mask = new[group.places]
            if not mask.any():
                continue
            places = group.places[mask]
            if statistics is not None:
                rows = {name: values[mask] for name, values in statistics[number].items()}
            else:
                rows = sample_statistics(group.pixels[mask])
            height, width, channels = group.pixels.shape[1:]
            sizes = (("height", height), ("width", width), ("channels", channels))
            rows |= {name: np.full(len(places), value) for name, value in sizes}
            rows["dtype"] = np.full(len(places), str(group.pixels.dtype), object)
            rows |= {name: values[places] for name, values in columns.items()}
            self._submit(partial(self._store.add_samples, split, rows), 0)


def _extra_columns(n: int, labels: Any, sources: Any, weights: Any) -> dict[str, Array]:
    extra: dict[str, Array] = {}
    if sources is not None:
        given = [None if source is None else text_of(source) for source in sources]
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
