"""The splits that RunLogger predicts on: from the argument to rows and images."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from ...data.arrays import NO_LABEL, Array
from ...data.labels import label_array
from .images import FoundImages, ImageKey, find_images
from .rows import Rows, rows_from_arrays, subsample
from .streams import Stream, open_stream, read_rows
from .trees import Tree, leaves

Source = Rows | Stream


@dataclass(frozen=True)
class Split:
    """Rows in memory and the images among them."""

    name: str
    rows: Rows
    found: FoundImages

    @property
    def images(self) -> Array | None:
        """(N, H, W), (N, H, W, C) or object array (N,); None when there are none."""
        return self.found.pixels


@dataclass(frozen=True)
class SplitSource:
    """The checked data of a split, the argument by which it was passed, and which rows of it are logged."""

    name: str
    argument: str
    data: Source
    max_rows: int | None
    image_key: ImageKey
    seed: int


def check_data(
    data: Any, name: str, max_samples: int | None, sources: Sequence[Any] | None, image_key: ImageKey
) -> Source:
    """Check argument `name` as far as possible without a model. Raises TypeError or ValueError."""
    if isinstance(data, list | tuple):
        rows = rows_from_arrays(data, name)
        find_images(rows.inputs, image_key)
        if sources is not None:
            if len(sources) != len(rows):
                raise ValueError(f"`sources` must have one entry per image: expected {len(rows)}, got {len(sources)}.")
            rows = replace(rows, sources=[str(source) for source in sources])
        return rows
    dataset = open_stream(data, name, max_samples)
    if sources is not None:
        raise ValueError(f"`sources` must go with arrays, in their order; `{name}` is a {type(data).__name__}.")
    return dataset


def open_split(source: SplitSource, rank: int | None) -> Split:
    """The rows of a split; a dataset is read now. Raises ValueError for data that cannot be used.

    `rank`: of the model's image input with its batch axis, None when unknown.
    """
    if isinstance(source.data, Rows):
        rows = subsample(source.data, source.max_rows, source.seed)
    else:
        rows = read_rows(source.data, source.max_rows, rank)
    return Split(source.name, rows, find_images(rows.inputs, source.image_key))


def mask_ignored_class(labels: Array | None, ignored: Any) -> Array | None:
    """Labels with those equal to `ignored`, the `ignore_class` of the loss, replaced by -1."""
    if labels is None or ignored is None:
        return labels
    known = label_array(np.where(labels == ignored, -1, labels), len(labels))
    return np.where(known == NO_LABEL, -1, known)


def flatten_weights(weights: Tree | None, labels: Array | None) -> Array | None:
    """Sample weights as (N,); None when there are none, or they are not one per sample."""
    if weights is None:
        return None
    first = leaves(weights)[0]
    n = len(first) if labels is None else len(labels)
    return first.reshape(n) if first.size == n else None


def dataset_class_names(data: Any) -> list[str] | None:
    """Class names by index that a dataset carries, as image folder datasets do; else None."""
    names = getattr(data, "class_names", None)
    indices = getattr(data, "class_indices", None)
    if isinstance(names, list | tuple) and names and all(isinstance(n, str) for n in names):
        return list(names)
    if isinstance(indices, Mapping) and sorted(indices.values()) == list(range(len(indices))):
        return [str(name) for name, _ in sorted(indices.items(), key=lambda item: item[1])]
    return None
