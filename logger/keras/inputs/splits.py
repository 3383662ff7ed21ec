"""The splits that RunLogger predicts on: from the argument to rows and images."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from ...data.arrays import NO_LABEL, Array, as_numpy
from ...data.labels import label_array
from .rows import Rows, rows_from_arrays, subsample
from .streams import Stream, open_stream, read_rows
from .trees import Tree, leaves

ImageKey = str | int | Callable[[Any], Any] | None
Source = Rows | Stream


@dataclass(frozen=True)
class Split:
    """Rows in memory and their `images` (N, H, W), (N, H, W, C) or object array (N,); None when there are none."""

    name: str
    rows: Rows
    images: Array | None
    unsupported: str | None = None
    """Why there are no images."""


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
        find_images(rows.inputs, image_key, name)
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
    images, unsupported = find_images(rows.inputs, source.image_key, source.argument)
    return Split(source.name, rows, images, unsupported)


def find_images(inputs: Tree, image_key: ImageKey, name: str) -> tuple[Array | None, str | None]:
    """The images among the inputs, or None and the reason. Raises ValueError when several inputs may be the image."""
    if callable(image_key):
        images = as_numpy(image_key(inputs))
        if images.dtype != object and (images.ndim not in (3, 4) or len(images) != len(leaves(inputs)[0])):
            raise ValueError(
                "`image_key` must return images (N, H, W) or (N, H, W, C), one for each row, "
                f"got {images.shape} for {len(leaves(inputs)[0])} rows."
            )
        return images, None
    chosen, candidates = _image_input(inputs, image_key)
    if candidates:
        raise ValueError(
            f"`{name}` has several inputs that may be the image ({candidates}): pass image_key= to choose one."
        )
    if chosen is None or (chosen.dtype != object and chosen.ndim not in (3, 4)) or chosen.dtype.kind in "USM":
        shapes = ", ".join("(" + ", ".join(["N", *map(str, leaf.shape[1:])]) + ")" for leaf in leaves(inputs))
        return None, (
            f"inputs of shape {shapes} are not images; "
            "to show them as images pass image_key=lambda x: x.reshape(-1, height, width, channels)"
        )
    return chosen, None


def _image_input(inputs: Tree, image_key: str | int | None) -> tuple[Array | None, str]:
    """The input `image_key`; when that is None the only input with the rank of images, or the keys of several."""
    if not isinstance(inputs, Mapping | list | tuple):
        if image_key not in (None, 0):
            raise ValueError(f"`image_key` is for data with several inputs, got {image_key!r} for a single one.")
        return inputs, ""
    keys: list[Any] = list(inputs) if isinstance(inputs, Mapping) else list(range(len(inputs)))
    if image_key is not None:
        if image_key not in keys:
            raise ValueError(f"`image_key` must be one of {', '.join(map(repr, keys))}, got {image_key!r}.")
        named: Any = inputs
        return as_numpy(named[image_key]), ""
    for rank in (4, 3):
        candidates = [key for key in keys if np.ndim(inputs[key]) == rank or inputs[key].dtype == object]
        if candidates:
            several = ", ".join(map(repr, candidates)) if len(candidates) > 1 else ""
            return as_numpy(inputs[candidates[0]]), several
    return None, ""


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


def describe_images(images: Array) -> str:
    """Size and dtype of the images in words: "32x32x3 uint8"."""
    if images.dtype == object:
        return f"of {len({np.shape(i) for i in images})} sizes, {images[0].dtype}"
    return f"{'x'.join(map(str, images.shape[1:]))} {images.dtype}"
