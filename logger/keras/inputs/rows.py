"""Rows in memory: inputs in the form that the model takes, labels and weights; and seeded samples of them.

Arrays are checked and referenced, not copied. Datasets that must be iterated are read by `streams`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ...data.arrays import as_numpy
from ...data.labels import label_array
from .trees import Tree, leaves, map_leaves, object_array


@dataclass(frozen=True)
class Rows:
    """A split in memory. Every array of the trees has N rows; images of several sizes are an object array (N,)."""

    inputs: Tree
    labels: Tree | None
    weights: Tree | None
    available: int | None = None
    """Size of the full set when these are a sample of it."""
    note: str | None = None
    """Which rows of the dataset these are, when they are not all."""
    sources: list[str] | None = None

    def __len__(self) -> int:
        return len(leaves(self.inputs)[0])


def rows_from_arrays(data: tuple[Any, ...] | list[Any], name: str) -> Rows:
    """Rows of (x,), (x, y) or (x, y, sample_weight), passed as argument `name`. Raises TypeError or ValueError."""
    if not 1 <= len(data) <= 3:
        raise ValueError(f"`{name}` must be (x, y) or (x, y, sample_weight), got a tuple of {len(data)}.")
    x, y, weights = (*data, None, None)[:3]
    _refuse_iterables(x, name)
    labels = None if y is None else map_leaves(as_numpy, _lists_to_arrays(y, f"labels of {name}"))
    n = len(leaves(labels)[0]) if labels is not None and leaves(labels)[0].ndim else None
    inputs = _inputs(x, n, name)
    n = _common_length(inputs, name)
    for what, tree in (("labels", labels), ("sample weights", weights)):
        for leaf in leaves(tree) if tree is not None else []:
            if np.ndim(leaf) == 0 or len(leaf) != n:
                got = len(leaf) if np.ndim(leaf) else "a single value"
                raise ValueError(f"`{name}` must have as many {what} as images: expected {n}, got {got}.")
    return Rows(
        inputs, labels, None if weights is None else map_leaves(as_numpy, _lists_to_arrays(weights, "sample weights"))
    )


def _refuse_iterables(x: Any, name: str) -> None:
    if isinstance(x, str | bytes) or not hasattr(x, "__len__") or hasattr(x, "as_numpy_iterator"):
        raise TypeError(
            f"`{name}` must be (x, y) of arrays, or a dataset by itself: got a tuple that starts with "
            f"{type(x).__name__}. Pass {name}=dataset."
        )


def _lists_to_arrays(tree: Tree, name: str) -> Tree:
    """A list of numbers is one array, not a tree of scalars."""
    if isinstance(tree, list | tuple) and not any(hasattr(v, "__array__") and np.ndim(v) for v in tree):
        if not any(isinstance(v, Mapping) for v in tree):
            return as_numpy(tree, name)
    return tree


def _inputs(x: Any, n: int | None, name: str) -> Tree:
    if isinstance(x, list | tuple) and x and not isinstance(x[0], Mapping):
        shapes = [np.shape(leaf) for leaf in x]
        several = all(len(s) and s[0] == n for s in shapes) if n is not None else len(x) <= 4
        if len(x) == n and not several and all(len(s) in (2, 3) for s in shapes):
            return np.stack([as_numpy(i) for i in x]) if len(set(shapes)) == 1 else object_array(x)
    if type(x).__name__ == "RaggedTensor":
        return object_array(list(x))
    return map_leaves(as_numpy, _lists_to_arrays(x, name))


def _common_length(inputs: Tree, name: str) -> int:
    found = leaves(inputs)
    if not found or any(np.ndim(leaf) == 0 for leaf in found):
        raise ValueError(f"`{name}` must start with arrays of images (N, H, W, C), got {type(inputs).__name__}.")
    lengths = [len(leaf) for leaf in found]
    if len(set(lengths)) > 1:
        raise ValueError(f"all inputs of `{name}` must have the same number of rows, got {lengths}.")
    if lengths[0] == 0:
        raise ValueError(f"`{name}` must have at least one image, got 0. Pass the data, or omit `{name}`.")
    return lengths[0]


def subsample(rows: Rows, n: int | None, seed: int) -> Rows:
    """A stratified sample of at most `n` rows, reproducible by `seed`; all rows when `n` is None."""
    total = len(rows)
    if n is None or n >= total:
        return rows
    index = stratified_indices(_strata(rows.labels, total), n, seed)

    def select(tree: Tree) -> Tree:
        return None if tree is None else map_leaves(lambda leaf: leaf[index], tree)

    return replace(
        rows,
        inputs=select(rows.inputs),
        labels=select(rows.labels),
        weights=select(rows.weights),
        available=total,
        sources=None if rows.sources is None else [rows.sources[i] for i in index],
    )


def _strata(labels: Tree | None, n: int) -> NDArray[np.int64]:
    try:
        return label_array(leaves(labels)[0], n) if labels is not None else np.zeros(n, np.int64)
    except ValueError:  # labels that are not classes: a uniform sample
        return np.zeros(n, np.int64)


def stratified_indices(strata: NDArray[np.int64], n: int, seed: int) -> NDArray[np.intp]:
    """Ascending indices (n,) of a seeded sample in which each stratum has its share (largest remainder method)."""
    rng = np.random.default_rng(seed)
    _, group, counts = np.unique(strata, return_inverse=True, return_counts=True)
    share = counts * (n / len(strata))
    quota = np.floor(share).astype(int)
    for at in np.argsort(quota - share, kind="stable")[: n - quota.sum()]:
        quota[at] += 1
    picked = [rng.permutation(np.flatnonzero(group == g))[:k] for g, k in enumerate(quota)]
    return np.sort(np.concatenate(picked))
