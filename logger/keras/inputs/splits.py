"""One split that RunLogger predicts on: from the argument it was given as to pictures, labels and weights."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from ...data.arrays import NO_LABEL, Array, as_numpy
from ...data.labels import label_array
from .rows import Rows, arrays, part
from .streams import Stream, read, stream
from .trees import Tree, leaves

ImageKey = str | int | Callable[[Any], Any] | None
Source = Rows | Stream


@dataclass(frozen=True)
class Split:
    """`rows` in memory, their `images` (N, H, W[, C]) or object array (N,), None where there are no pictures."""

    name: str
    rows: Rows
    images: Array | None
    why_not: str | None = None
    """Why there are no pictures."""


def accept(data: Any, name: str, max_samples: int | None, sources: Sequence[Any] | None, image_key: ImageKey) -> Source:
    """Check what was given as argument `name`, as far as that needs no model. Raises TypeError or ValueError."""
    if isinstance(data, list | tuple):
        rows = arrays(data, name)
        pictures(rows.inputs, image_key, name)
        if sources is not None:
            if len(sources) != len(rows):
                raise ValueError(f"`sources` must have one entry per image: expected {len(rows)}, got {len(sources)}.")
            rows = replace(rows, sources=[str(source) for source in sources])
        return rows
    found = stream(data, name, max_samples)
    if sources is not None:
        raise ValueError(f"`sources` must go with arrays, in their order; `{name}` is a {type(data).__name__}.")
    return found


def open_split(
    split: str, source: Source, name: str, bound: int | None, seed: int, rank: int | None, image_key: ImageKey
) -> Split:
    """The rows of a split, read now if they must be. Raises ValueError for what cannot be used."""
    rows = part(source, bound, seed) if isinstance(source, Rows) else read(source, bound, rank)
    images, why_not = pictures(rows.inputs, image_key, name)
    return Split(split, rows, images, why_not)


def pictures(inputs: Tree, image_key: ImageKey, name: str) -> tuple[Array | None, str | None]:
    """The pictures among the inputs, or None and the reason. Raises ValueError when it must be told which."""
    if callable(image_key):
        images = as_numpy(image_key(inputs))
        if images.dtype != object and (images.ndim not in (3, 4) or len(images) != len(leaves(inputs)[0])):
            raise ValueError(
                "`image_key` must return pictures (N, H, W) or (N, H, W, C), one for each row, "
                f"got {images.shape} for {len(leaves(inputs)[0])} rows."
            )
        return images, None
    chosen, several = _chosen(inputs, image_key)
    if several:
        raise ValueError(
            f"`{name}` has several inputs that may be the picture ({several}): pass image_key= to say which."
        )
    if chosen is None or (chosen.dtype != object and chosen.ndim not in (3, 4)) or chosen.dtype.kind in "USM":
        shapes = ", ".join("(" + ", ".join(["N", *map(str, leaf.shape[1:])]) + ")" for leaf in leaves(inputs))
        return None, (
            f"inputs of shape {shapes} are not pictures; "
            "to show them as such pass image_key=lambda x: x.reshape(-1, height, width, channels)"
        )
    return chosen, None


def _chosen(inputs: Tree, image_key: str | int | None) -> tuple[Array | None, str]:
    """The input of this key; without one the only picture-like input, or the names of several."""
    if not isinstance(inputs, Mapping | list | tuple):
        if image_key not in (None, 0):
            raise ValueError(f"`image_key` is for data of several inputs, got {image_key!r} for a single one.")
        return inputs, ""
    keys: list[Any] = list(inputs) if isinstance(inputs, Mapping) else list(range(len(inputs)))
    if image_key is not None:
        if image_key not in keys:
            raise ValueError(f"`image_key` must be one of {', '.join(map(repr, keys))}, got {image_key!r}.")
        named: Any = inputs
        return as_numpy(named[image_key]), ""
    for rank in (4, 3):
        like = [key for key in keys if np.ndim(inputs[key]) == rank or inputs[key].dtype == object]
        if like:
            return as_numpy(inputs[like[0]]), ", ".join(map(repr, like)) if len(like) > 1 else ""
    return None, ""


def without_class(labels: Array | None, ignored: Any) -> Array | None:
    """Labels with those of the loss' `ignore_class` made unknown."""
    if labels is None or ignored is None:
        return labels
    known = label_array(np.where(labels == ignored, -1, labels), len(labels))
    return np.where(known == NO_LABEL, -1, known)


def flat_weights(weights: Tree | None, labels: Array | None) -> Array | None:
    """Sample weights as (N,); None when there are none, or none that belong to the samples."""
    if weights is None:
        return None
    first = leaves(weights)[0]
    n = len(first) if labels is None else len(labels)
    return first.reshape(n) if first.size == n else None


def given_names(data: Any) -> list[str] | None:
    """Class names that a dataset knows of itself, as those made of folders do, by index."""
    names = getattr(data, "class_names", None)
    indices = getattr(data, "class_indices", None)
    if isinstance(names, list | tuple) and names and all(isinstance(n, str) for n in names):
        return list(names)
    if isinstance(indices, Mapping) and sorted(indices.values()) == list(range(len(indices))):
        return [str(name) for name, _ in sorted(indices.items(), key=lambda item: item[1])]
    return None


def describe(images: Array) -> str:
    """Size and dtype of the pictures in words: "32x32x3 uint8"."""
    if images.dtype == object:
        return f"of {len({np.shape(i) for i in images})} sizes, {images[0].dtype}"
    return f"{'x'.join(map(str, images.shape[1:]))} {images.dtype}"
