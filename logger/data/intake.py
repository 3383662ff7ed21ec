"""Images and labels in, on the training's thread: samples are recognised, new ones are queued for writing.

This is the work that training waits for: statistics, conversion to displayed pixels, and hashing.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from .. import schema
from .arrays import NO_LABEL, Array, ImageGroup
from .channels import image_groups
from .display import Display, decide_display
from .labels import are_signed, label_array, soft_rows, unknown_note
from .sample_batch import LoggedSamples, SampleBatch
from .sample_registry import NO_CHECKSUM, SampleRegistry, checksum, digests
from .statistics import chunks, fingerprint, sample_statistics, value_range

Submit = Callable[[Callable[[], None], int], bool]


class SampleSink(Protocol):
    """Where new samples go, on the writer's thread: `storage.store.Store`."""

    def open_split(self, split: str, cell: int, columns: int) -> None: ...

    def add_pixels(
        self, split: str, digests: list[str], labels: NDArray[np.int64], pixels: NDArray[np.uint8]
    ) -> None: ...

    def add_samples(self, split: str, columns: dict[str, Any]) -> None: ...


class Intake:
    """The samples of a run and the mapping by which their pixels are displayed.

    `submit(task, size)` runs a task on the writer's thread; `on_dropped(count, error)` is called for lost images.
    """

    def __init__(
        self,
        sink: SampleSink,
        submit: Submit,
        on_dropped: Callable[[int, Exception], None],
        display_range: Any,
        data_format: str | None,
        show_channels: Any = None,
    ) -> None:
        self._sink, self._submit, self._on_dropped = sink, submit, on_dropped
        self._display_range, self._data_format, self._show_channels = display_range, data_format, show_channels
        self.notes: list[str] = []
        """What was inferred and should be reported; the caller removes what it has reported."""
        self.display: Display | None = None
        self.registries: dict[str, SampleRegistry] = {}
        self.splits: dict[str, schema.SplitInfo] = {}
        self.signed_splits: set[str] = set()
        """Splits whose labels are -1 and 1."""
        self._weights: dict[str, dict[int, float]] = {}
        self._soft: dict[str, dict[int, Array]] = {}

    def add(self, batch: SampleBatch) -> LoggedSamples:
        """Recognise the images of `batch`; new ones are queued for writing. Raises ValueError for unfit arguments."""
        split = batch.split
        groups, layout_note = image_groups(batch.images, self._data_format)
        n = sum(len(group.positions) for group in groups)
        labels = self._class_indices(split, batch.labels, n)
        columns = batch.extra_columns(n)
        if n == 0:
            return LoggedSamples(np.empty(0, np.int32), labels)
        first = split not in self.splits
        undecided = self.display is None or self.display.provisional
        statistics = [sample_statistics(group.pixels) for group in groups] if first or undecided else None
        if undecided and statistics is not None:
            self._decide_display(groups, *value_range(statistics))
        if first:
            self.notes += [layout_note] if layout_note else []
            self._open_split(batch, groups, statistics or [])
        found, checksums = self._hash(groups, labels, split, n)
        indices, new = self._identify(batch, found, labels, checksums)
        self._remember(split, indices, columns)
        if new.any():
            columns |= {"input_crc32": checksums, "label": labels, "index": indices}
            columns["digest"] = np.array([digest.hex() for digest in found], object)
            self._submit_rows(split, groups, statistics, new, columns)
        registry = self.registries[split]
        self.splits[split] = replace(self.splits[split], samples=len(registry))
        labels = np.where(labels == NO_LABEL, registry.label_array(indices), labels)
        return LoggedSamples(indices, labels, int(new.sum()))

    def lookup(self, batch: SampleBatch) -> LoggedSamples:
        """Samples that were logged before: all of the split, or those of the batch's indices.

        Raises ValueError when the split has none, or not these.
        """
        registry = self._registry(batch.split)
        indices = np.arange(len(registry), dtype=np.int32)
        if batch.indices is not None:
            indices = np.asarray(batch.indices, np.int32)
        if len(indices) and not (0 <= indices.min() and indices.max() < len(registry)):
            raise ValueError(
                f"`indices` must be from 0 to {len(registry) - 1}, got {indices.min()} to {indices.max()}."
            )
        if batch.labels is None:
            labels = registry.label_array(indices)
        else:
            labels = self._class_indices(batch.split, batch.labels, len(indices))
        registry.begin_epoch(batch.epoch)
        return LoggedSamples(indices, labels)

    def count(self, split: str, indices: Any) -> int:
        """How many samples a call without images refers to: all of the split, or those of `indices`."""
        return len(self._registry(split)) if indices is None else len(indices)

    def weights(self, split: str, indices: NDArray[np.int32]) -> NDArray[np.float32] | None:
        """Weights (n,) with which samples were logged, 1 where none was given; None when the split has none."""
        logged = self._weights.get(split)
        return None if logged is None else np.array([logged.get(i, 1.0) for i in indices.tolist()], np.float32)

    def soft_labels(self, split: str, indices: NDArray[np.int32], labels: Any) -> NDArray[np.float32] | None:
        """Soft labels (n, K) of `labels`; when that is None those with which the samples were logged, NaN without."""
        if labels is not None:
            return soft_rows(labels)
        logged = self._soft.get(split)
        if not logged:
            return None
        missing = np.full(len(next(iter(logged.values()))), np.nan, np.float32)
        return np.stack([logged.get(i, missing) for i in indices.tolist()])

    def register_split(self, split: str, info: schema.SplitInfo) -> SampleRegistry:
        """Add a split whose sheets are laid out as `info` says; returns its empty registry."""
        self.splits[split], self.registries[split] = info, SampleRegistry()
        return self.registries[split]

    def restore(self, split: str, weights: dict[int, float], soft_labels: dict[int, Any]) -> None:
        """Weights and soft labels by index, of the samples of a resumed run that have them."""
        if weights:
            self._weights[split] = weights
        if soft_labels:
            self._soft[split] = {index: np.asarray(row, np.float32) for index, row in soft_labels.items()}

    def _registry(self, split: str) -> SampleRegistry:
        if split not in self.registries:
            raise ValueError(
                f"No {split} samples are logged yet: pass `images` once, or call log_samples(images, split={split!r})."
            )
        return self.registries[split]

    def _class_indices(self, split: str, labels: Any, n: int) -> NDArray[np.int64]:
        """Labels (n,) as class indices. Labels of -1 and 1 are two classes; other negative ones are unknown."""
        if split not in self.signed_splits and are_signed(labels):
            self.signed_splits.add(split)
            self.notes.append(f"The {split} labels are -1 and 1: read as the classes 0 and 1.")
        indices = label_array(labels, n, signed=split in self.signed_splits)
        first = split not in self.signed_splits and split not in self.splits
        if first and (note := unknown_note(labels, indices)):
            self.notes.append(note)
        return indices

    def _open_split(self, batch: SampleBatch, groups: list[ImageGroup], statistics: list[dict[str, Array]]) -> None:
        split = batch.split
        if nonfinite := sum(int((row["nonfinite"] > 0).sum()) for row in statistics):
            self.notes.append(f"{nonfinite:,} {split} images hold NaN or infinite values, which are shown black.")
        cell = schema.cell_side(max(max(group.pixels.shape[1:3]) for group in groups))
        columns = max(1, schema.SHEET_SIDE // cell)
        pooled = fingerprint(groups, statistics)
        self.register_split(split, schema.SplitInfo(0, batch.available, batch.seed, cell, columns, pooled))
        self._submit(lambda: self._sink.open_split(split, cell, columns), 0)

    def _decide_display(self, groups: list[ImageGroup], low: float, high: float) -> None:
        self.display = decide_display(groups, low, high, self._display_range, self._show_channels)
        if self.display.note:
            self.notes.append(self.display.note)

    def _identify(
        self, batch: SampleBatch, found: list[bytes], labels: NDArray[np.int64], checksums: NDArray[np.int64]
    ) -> tuple[NDArray[np.int32], NDArray[np.bool_]]:
        registry = self.registries[batch.split]
        if batch.indices is not None:
            return registry.assign(found, labels, checksums, batch.indices)
        indices, new = registry.recognise(found, labels, checksums, batch.epoch)
        if registry.repeated:
            self.notes.append(
                f"All {len(found):,} {batch.split} images of this call were logged before in the same epoch, the first "
                "of the split: they count as further samples. Pass indices= to replace what was logged for them."
            )
        return indices, new

    def _remember(self, split: str, indices: NDArray[np.int32], columns: dict[str, Array]) -> None:
        if "weight" in columns:
            self._weights.setdefault(split, {}).update(zip(indices.tolist(), columns["weight"].tolist(), strict=True))
        if "soft_label" in columns:
            self._soft.setdefault(split, {}).update(zip(indices.tolist(), columns["soft_label"], strict=True))

    def _hash(
        self, groups: list[ImageGroup], labels: NDArray[np.int64], split: str, n: int
    ) -> tuple[list[bytes], NDArray[np.int64]]:
        """Digests and checksums of all images. Images that the split does not have yet are queued on the way."""
        assert self.display is not None  # for the type checker: `add` decides it before
        registry, sent = self.registries[split], set[bytes]()
        found: list[bytes] = [b""] * n
        checksums = np.full(n, NO_CHECKSUM, np.int64)
        for group in groups:
            for piece in chunks(group.pixels):
                pixels = self.display.pixels(group.pixels[piece])
                positions = group.positions[piece]
                lossy = not self.display.keeps_bytes(group.pixels[piece])
                unseen = []
                for row, (position, digest) in enumerate(zip(positions.tolist(), digests(pixels), strict=True)):
                    found[position] = digest
                    if lossy and registry.wants_checksum(digest):
                        checksums[position] = checksum(group.pixels[piece][row])
                    if digest not in sent and not registry.has_image(digest):
                        sent.add(digest)
                        unseen.append(row)
                if unseen:
                    hexes = [found[positions[row]].hex() for row in unseen]
                    new_pixels = pixels if len(unseen) == len(pixels) else pixels[unseen]
                    self._submit_pixels(split, hexes, labels[positions[unseen]], new_pixels)
        return found, checksums

    def _submit_pixels(
        self, split: str, hexes: list[str], labels: NDArray[np.int64], pixels: NDArray[np.uint8]
    ) -> None:
        if not self._submit(lambda: self._sink.add_pixels(split, hexes, labels, pixels), pixels.nbytes):
            self._on_dropped(len(hexes), TimeoutError("the disk did not keep up with the images"))

    def _submit_rows(
        self,
        split: str,
        groups: list[ImageGroup],
        statistics: list[dict[str, Array]] | None,
        new: NDArray[np.bool_],
        columns: dict[str, Array],
    ) -> None:
        """Queue the rows of new samples: their `columns`, statistics and sizes."""
        for number, group in enumerate(groups):
            mask = new[group.positions]
            if not mask.any():
                continue
            positions = group.positions[mask]
            if statistics is not None:
                rows = {name: values[mask] for name, values in statistics[number].items()}
            else:
                rows = sample_statistics(group.pixels[mask])
            height, width, channels = group.pixels.shape[1:]
            sizes = (("height", height), ("width", width), ("channels", channels))
            rows |= {name: np.full(len(positions), value) for name, value in sizes}
            rows["dtype"] = np.full(len(positions), str(group.pixels.dtype), object)
            rows |= {name: values[positions] for name, values in columns.items()}
            self._submit(partial(self._sink.add_samples, split, rows), 0)
