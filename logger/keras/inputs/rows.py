"""Rows in memory: inputs as the model takes them, labels, weights; and the seeded part of them that is logged.

Arrays are checked at construction and referenced, never copied. What must be iterated is read by `streams`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ...data.arrays import as_numpy
from ...data.labels import label_array
from .trees import Tree, leaves, map_leaves, sample_list


@dataclass(frozen=True)
class Rows:
    """A split in memory. Every leaf has N rows; images of several sizes are one object array (N,)."""

    inputs: Tree
    labels: Tree | None
    weights: Tree | None
    available: int | None = None
    """How many rows were given, when these are a part of them."""
    note: str | None = None
    """What has to be said about how they were read."""
    sources: list[str] | None = None

    def __len__(self) -> int:
        return len(leaves(self.inputs)[0])


def arrays(data: tuple[Any, ...] | list[Any], name: str) -> Rows:
    """(x, y) or (x, y, sample_weight) of arrays. Raises TypeError or ValueError that says what to pass."""
    if not 1 <= len(data) <= 3:
        raise ValueError(f"`{name}` must be (x, y) or (x, y, sample_weight), got a tuple of {len(data)}.")
    x, y, weights = (*data, None, None)[:3]
    _refuse_iterables(x, name)
    labels = None if y is None else map_leaves(as_numpy, _plain_lists(y))
    n = len(leaves(labels)[0]) if labels is not None and leaves(labels)[0].ndim else None
    inputs = _inputs(x, n)
    n = _common_length(inputs, name)
    for what, tree in (("labels", labels), ("sample weights", weights)):
        for leaf in leaves(tree) if tree is not None else []:
            if np.ndim(leaf) == 0 or len(leaf) != n:
                got = len(leaf) if np.ndim(leaf) else "a single value"
                raise ValueError(f"`{name}` must have as many {what} as images: expected {n}, got {got}.")
    return Rows(inputs, labels, None if weights is None else map_leaves(as_numpy, _plain_lists(weights)))


def _refuse_iterables(x: Any, name: str) -> None:
    if isinstance(x, str | bytes) or not hasattr(x, "__len__") or hasattr(x, "as_numpy_iterator"):
        raise TypeError(
            f"`{name}` must be (x, y) of arrays, or a dataset by itself: got a tuple that begins with "
            f"{type(x).__name__}. Pass {name}=dataset."
        )


def _plain_lists(tree: Tree) -> Tree:
    """Lists of numbers, which Keras users write for labels, are one array and not a tree of scalars."""
    if isinstance(tree, list | tuple) and not any(hasattr(v, "__array__") and np.ndim(v) for v in tree):
        if not any(isinstance(v, Mapping) for v in tree):
            return np.asarray(tree)
    return tree


def _inputs(x: Any, n: int | None) -> Tree:
    if isinstance(x, list | tuple) and x and not isinstance(x[0], Mapping):
        shapes = [np.shape(leaf) for leaf in x]
        several = all(len(s) and s[0] == n for s in shapes) if n is not None else len(x) <= 4
        if len(x) == n and not several and all(len(s) in (2, 3) for s in shapes):
            return np.stack([as_numpy(i) for i in x]) if len(set(shapes)) == 1 else sample_list(x)
    if type(x).__name__ == "RaggedTensor":
        return sample_list(list(x))
    return map_leaves(as_numpy, _plain_lists(x))


def _common_length(inputs: Tree, name: str) -> int:
    found = leaves(inputs)
    if not found or any(np.ndim(leaf) == 0 for leaf in found):
        raise ValueError(f"`{name}` must begin with arrays of images (N, H, W, C), got {type(inputs).__name__}.")
    lengths = [len(leaf) for leaf in found]
    if len(set(lengths)) > 1:
        raise ValueError(f"all inputs of `{name}` must have the same number of rows, got {lengths}.")
    if lengths[0] == 0:
        raise ValueError(f"`{name}` must hold at least one image, got 0. Pass the data, or leave `{name}` out.")
    return lengths[0]


def part(rows: Rows, n: int | None, seed: int) -> Rows:
    """At most `n` rows, the same for the same seed, each label with its share; all of them when `n` is None."""
    total = len(rows)
    if n is None or n >= total:
        return rows
    index = stratified(_strata(rows.labels, total), n, seed)

    def take(tree: Tree) -> Tree:
        return None if tree is None else map_leaves(lambda leaf: leaf[index], tree)

    return replace(
        rows,
        inputs=take(rows.inputs),
        labels=take(rows.labels),
        weights=take(rows.weights),
        available=total,
        sources=None if rows.sources is None else [rows.sources[i] for i in index],
    )


def _strata(labels: Tree | None, n: int) -> NDArray[np.int64]:
    try:
        return label_array(leaves(labels)[0], n) if labels is not None else np.zeros(n, np.int64)
    except ValueError:  # not classes: an even pick will do
        return np.zeros(n, np.int64)


def stratified(strata: NDArray[np.int64], n: int, seed: int) -> NDArray[np.intp]:
    """Rising indices of `n` of the rows, each stratum with its share (largest remainders), seeded."""
    rng = np.random.default_rng(seed)
    _, group, counts = np.unique(strata, return_inverse=True, return_counts=True)
    share = counts * (n / len(strata))
    quota = np.floor(share).astype(int)
    for at in np.argsort(quota - share, kind="stable")[: n - quota.sum()]:
        quota[at] += 1
    picked = [rng.permutation(np.flatnonzero(group == g))[:k] for g, k in enumerate(quota)]
    return np.sort(np.concatenate(picked))
