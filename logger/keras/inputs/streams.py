"""Datasets that must be iterated -> rows in memory, in one pass at the beginning of the training.

tf.data, Keras' PyDataset (and its legacy image iterators), torch and grain loaders, and functions that make a
generator. The person's own iterators, random states and shuffling are left as they were.
"""

from __future__ import annotations

import copy
import types
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from .batches import is_batched, leaf, unpack, whole
from .random_state import random_state_kept
from .rows import Rows
from .tf_data import cardinality, with_own_shuffling
from .trees import Tree, leaves, map_leaves

ENDLESS = 200_000
"""Datasets of unknown length are given up after so many rows, with the advice to bound them."""


@dataclass(frozen=True)
class Stream:
    """A dataset and the name of the argument it came by."""

    data: Any
    name: str
    kind: str  # "tf.data", "indexed", "iterable" or "factory"


def stream(data: Any, name: str, max_samples: int | None) -> Stream:
    """Recognise a dataset. Raises TypeError or ValueError that says what to pass instead."""
    names = {(base.__name__, base.__module__.split(".")[0]) for base in type(data).__mro__}
    if ("DatasetV2", "tensorflow") in names or type(data).__name__.startswith("Distributed"):
        found = Stream(data, name, "tf.data")
    elif _is_indexed(data):
        found = Stream(data, name, "indexed")
    elif isinstance(data, types.GeneratorType) or hasattr(data, "__next__"):
        raise TypeError(
            f"`{name}` must be data that can be read without using it up, got a {type(data).__name__}: reading it "
            f"here would take its batches away from fit(). Pass a function that makes a new one: "
            f"{name}=make_generator, with max_samples=."
        )
    elif callable(data) and not hasattr(data, "__iter__"):
        found = Stream(data, name, "factory")
    elif hasattr(data, "__iter__") and not hasattr(data, "shape"):
        found = Stream(data, name, "iterable")
    else:
        raise TypeError(
            f"`{name}` must be (x, y) of arrays, a tf.data.Dataset, a PyDataset or a DataLoader, "
            f"got {type(data).__name__}. Pass {name}=(images, labels)."
        )
    if max_samples is None and _is_endless(found):
        raise ValueError(f"`{name}` has no end: pass max_samples= to say how many of its images to log.")
    return found


def _is_indexed(data: Any) -> bool:
    """Whether this is a PyDataset or another sequence of elements: arrays and the like are not."""
    has_length = hasattr(data, "__len__") or hasattr(data, "num_batches")
    return hasattr(data, "__getitem__") and has_length and not hasattr(data, "shape")


def _batches(data: Any) -> int | None:
    """Number of elements of an indexed dataset, None when it is infinite."""
    count = data.num_batches if hasattr(data, "num_batches") else len(data)
    return None if count is None else int(count)


def _is_endless(found: Stream) -> bool:
    if found.kind == "tf.data":
        return cardinality(found.data) == -1
    return found.kind == "factory" or (found.kind == "indexed" and _batches(found.data) is None)


def read(source: Stream, bound: int | None, rank: int | None) -> Rows:
    """One pass over a dataset, up to `bound` rows.

    `rank` is the rank of the model's image input with its batch axis, None when unknown: elements of one
    dimension less are single samples. Raises ValueError when it holds nothing or does not end.
    """
    with random_state_kept(source.data):
        elements = iter(_elements(source, bound))
        collected = _collect(elements, source, bound, rank)
        close = getattr(elements, "close", None)
        if callable(close):
            close()
    return collected


def _collect(elements: Iterator[Any], source: Stream, bound: int | None, rank: int | None) -> Rows:
    columns: list[tuple[Tree, list[list[Any]]]] | None = None
    n, batched, size, ended = 0, True, 0, True
    for element in elements:
        trees = [map_leaves(leaf, tree) for tree in unpack(element)]
        if columns is None:
            batched = is_batched(trees, rank)
            columns = [(tree, [[] for _ in leaves(tree)]) for tree in trees]
        room = ENDLESS - n if bound is None else bound - n
        for tree, (_, chunks) in zip(trees, columns, strict=True):
            for rows, chunk in zip(leaves(tree), chunks, strict=True):
                chunk.append(rows[:room] if batched else rows[None])
        size = len(leaves(trees[0])[0]) if batched else 1
        n += min(size, room)
        if n >= (bound or ENDLESS):
            ended = False
            break
    if columns is None or n == 0:
        raise ValueError(f"`{source.name}` must hold at least one batch, got an empty {source.kind} dataset.")
    if not ended and bound is None:
        raise ValueError(f"`{source.name}` did not end after {n:,} images: pass max_samples= to bound it.")
    x, y, w = ([whole(tree, chunks) for tree, chunks in columns] + [None, None])[:3]
    available = None if ended else _available(source, n, size if batched else 1)
    return Rows(x, y, w, available, None if ended else _first_of(source, n, available))


def _first_of(source: Stream, n: int, available: int | None) -> str | None:
    if source.kind == "indexed" and available is not None:
        return None if available <= n else f"{n:,} of about {available:,} images of `{source.name}`, spread evenly."
    if available is not None and available <= n:
        return None
    given = "an endless or unmeasured dataset" if available is None else f"about {available:,}"
    return f"the first {n:,} images of {given} in `{source.name}`, in the order in which it gave them."


def _available(source: Stream, n: int, batch: int) -> int | None:
    count = cardinality(source.data) if source.kind == "tf.data" else None
    if source.kind == "indexed":
        count = _batches(source.data)
    elif source.kind == "iterable":
        count = len(source.data) if hasattr(source.data, "__len__") else None
    return max(n, count * batch) if count is not None and count >= 0 else None


def _elements(source: Stream, bound: int | None) -> Any:
    if source.kind == "tf.data":
        return with_own_shuffling(source.data)
    if source.kind == "indexed":
        return _indexed(source.data, bound)
    if source.kind == "factory":
        made: Callable[[], Any] = source.data
        return made()
    return source.data


def _indexed(data: Any, bound: int | None) -> Iterator[Any]:
    """ds[i] of a shallow copy, so that counters it keeps about itself are not moved; never its epoch hooks."""
    try:
        data = copy.copy(data)
    except Exception:
        pass  # cannot be copied: indexed as it is
    count = _batches(data)
    first = data[0]
    yield first
    trees = unpack(first)
    size = max(1, len(leaves(trees[0])[0])) if len(trees) < 2 or np.ndim(leaves(trees[1])[0]) else 1
    wanted = ENDLESS if count is None else count
    if bound is not None:
        wanted = min(wanted, -(-bound // size))
    spread = range(wanted) if count is None else np.linspace(0, count - 1, wanted).round().astype(int)
    for i in spread[1:]:
        yield data[int(i)]
