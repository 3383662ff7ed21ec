"""The elements of a dataset as rows of arrays."""

from __future__ import annotations

from typing import Any

import numpy as np

from ...data.arrays import Array, as_numpy
from .trees import Tree, leaves, map_leaves, object_array


def to_array(value: Any) -> Array:
    """An array or tensor of an element as a numpy array; a ragged tensor becomes an object array of images."""
    return object_array(list(value)) if type(value).__name__ == "RaggedTensor" else as_numpy(value)


def unpack(element: Any) -> tuple[Tree, ...]:
    """An element as (x,), (x, y) or (x, y, sample_weight). As in Keras, only tuples and lists are unpacked."""
    parts = tuple(element) if isinstance(element, list | tuple) else (element,)
    while len(parts) > 1 and parts[-1] is None:
        parts = parts[:-1]
    return parts[:3]


def is_batched(trees: list[Tree], rank: int | None) -> bool:
    """Whether an element is a batch and not a single sample.

    Its image has `rank` axes, those of the model's input with the batch axis; when that is unknown, the label has axes.
    """
    image = max(leaves(trees[0]), key=np.ndim)
    if image.dtype == object:
        return True
    if rank is not None and image.ndim in (rank, rank - 1):
        return bool(image.ndim == rank)
    if len(trees) > 1:
        return bool(np.ndim(leaves(trees[1])[0]) > 0 and image.ndim != 2)
    return bool(image.ndim == 4 or (image.ndim == 3 and image.shape[-1] not in (1, 3, 4)))


def concatenate(tree: Tree, chunks: list[list[Any]]) -> Tree:
    """A tree like `tree` with all rows, from the `chunks` of each of its arrays; the chunks are consumed."""
    columns = iter(chunks)
    return map_leaves(lambda _: _concatenated(next(columns)), tree)


def _concatenated(chunks: list[Any]) -> Array:
    """Chunks as one array. Each is freed once copied, so that the peak is the array and one chunk."""
    shapes = {chunk.shape[1:] for chunk in chunks}
    if len(shapes) > 1 or chunks[0].dtype == object:
        return object_array([row for chunk in chunks for row in chunk])
    out = np.empty((sum(map(len, chunks)), *shapes.pop()), chunks[0].dtype)
    end = len(out)
    while chunks:
        chunk = chunks.pop()
        out[end - len(chunk) : end] = chunk
        end -= len(chunk)
    return out
