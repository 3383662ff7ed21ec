"""What a dataset gives at each step -> rows of arrays."""

from __future__ import annotations

from typing import Any

import numpy as np

from ...data.arrays import Array, as_numpy
from .trees import Tree, leaves, map_leaves, sample_list


def leaf(value: Any) -> Array:
    """One array of an element; ragged tensors become object arrays of pictures."""
    return sample_list(list(value)) if type(value).__name__ == "RaggedTensor" else as_numpy(value)


def unpack(element: Any) -> tuple[Tree, ...]:
    """(x,), (x, y) or (x, y, weight): the convention of Keras, where only a tuple or list is taken apart."""
    parts = tuple(element) if isinstance(element, list | tuple) else (element,)
    while len(parts) > 1 and parts[-1] is None:
        parts = parts[:-1]
    return parts[:3]


def is_batched(trees: list[Tree], rank: int | None) -> bool:
    """Whether an element is a batch: its picture has the `rank` of the model's input, or its label has an axis."""
    image = max(leaves(trees[0]), key=np.ndim)
    if image.dtype == object:
        return True
    if rank is not None and image.ndim in (rank, rank - 1):
        return bool(image.ndim == rank)
    if len(trees) > 1:
        return bool(np.ndim(leaves(trees[1])[0]) > 0 and image.ndim != 2)
    return bool(image.ndim == 4 or (image.ndim == 3 and image.shape[-1] not in (1, 3, 4)))


def whole(tree: Tree, chunks: list[list[Any]]) -> Tree:
    """The tree with all rows of each of its arrays, from the chunks of each; the chunks are used up."""
    columns = iter(chunks)
    return map_leaves(lambda _: _joined(next(columns)), tree)


def _joined(chunks: list[Any]) -> Array:
    """Chunks as one array; each is let go once it is copied, so that the peak is one dataset and one chunk."""
    shapes = {chunk.shape[1:] for chunk in chunks}
    if len(shapes) > 1 or chunks[0].dtype == object:
        return sample_list([row for chunk in chunks for row in chunk])
    out = np.empty((sum(map(len, chunks)), *shapes.pop()), chunks[0].dtype)
    end = len(out)
    while chunks:
        chunk = chunks.pop()
        out[end - len(chunk) : end] = chunk
        end -= len(chunk)
    return out
