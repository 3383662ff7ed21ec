"""Datasets that must be iterated as rows in memory, read in one pass when training begins.

tf.data, Keras' PyDataset and legacy image iterators, torch and grain loaders, and functions that return a generator.
The user's own iterators, random states and shuffling are not affected.
"""

from __future__ import annotations

import copy
import os
import types
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from .batches import concatenate, is_batched, to_array, unpack
from .random_state import preserve_random_state
from .rows import Rows
from .tf_data import cardinality, in_file_order, with_own_shuffling
from .trees import Tree, leaves, map_leaves

MAX_UNBOUNDED_ROWS = 200_000
"""A dataset of unknown length with more rows is refused unless max_samples is given."""


@dataclass(frozen=True)
class Stream:
    """A dataset, and the argument by which it was passed."""

    data: Any
    name: str
    kind: str  # "tf.data", "indexed", "iterable" or "factory"


def open_stream(data: Any, name: str, max_samples: int | None) -> Stream:
    """A dataset by its kind; nothing is read yet. Raises TypeError or ValueError that says what to pass instead."""
    names = {(base.__name__, base.__module__.split(".")[0]) for base in type(data).__mro__}
    if ("DatasetV2", "tensorflow") in names or type(data).__name__.startswith("Distributed"):
        stream = Stream(data, name, "tf.data")
    elif _is_indexed(data) and not isinstance(data, str | bytes):
        stream = Stream(data, name, "indexed")
    elif isinstance(data, types.GeneratorType) or hasattr(data, "__next__"):
        raise TypeError(
            f"`{name}` must be data that can be iterated more than once, got a {type(data).__name__}: reading it "
            f"here would take its batches away from fit(). Pass a function that makes a new one: "
            f"{name}=make_generator, with max_samples=."
        )
    elif isinstance(data, str | bytes | os.PathLike):
        raise TypeError(
            f"`{name}` must be the data itself, got the path {os.fspath(data)!r}. "
            f"Read it with keras.utils.image_dataset_from_directory, for example."
        )
    elif callable(data) and not hasattr(data, "__iter__"):
        stream = Stream(data, name, "factory")
    elif hasattr(data, "__iter__") and not hasattr(data, "shape"):
        stream = Stream(data, name, "iterable")
    else:
        raise TypeError(
            f"`{name}` must be (x, y) of arrays, a tf.data.Dataset, a PyDataset or a DataLoader, "
            f"got {type(data).__name__}. Pass {name}=(images, labels)."
        )
    if max_samples is None and _is_endless(stream):
        raise ValueError(f"`{name}` has no end: pass max_samples= to choose how many of its images are logged.")
    return stream


def _is_indexed(data: Any) -> bool:
    """Whether this is a PyDataset or another sequence of elements, and not an array."""
    has_length = hasattr(data, "__len__") or hasattr(data, "num_batches")
    return hasattr(data, "__getitem__") and has_length and not hasattr(data, "shape")


def _batch_count(data: Any) -> int | None:
    """Number of elements of an indexed dataset, None when it is infinite."""
    count = data.num_batches if hasattr(data, "num_batches") else len(data)
    return None if count is None else int(count)


def _is_endless(stream: Stream) -> bool:
    if stream.kind == "tf.data":
        return cardinality(stream.data) == -1
    return stream.kind == "factory" or (stream.kind == "indexed" and _batch_count(stream.data) is None)


def read_rows(stream: Stream, max_rows: int | None, rank: int | None) -> Rows:
    """The rows of a dataset, read in one pass of up to `max_rows` rows.

    `rank`: of the model's image input with its batch axis, None when unknown; elements with one axis less are single
    samples. Raises ValueError for an empty dataset, or one that does not end.
    """
    with preserve_random_state(stream.data):
        elements = iter(_elements(stream, max_rows))
        collected = _collect(elements, stream, max_rows, rank)
        close = getattr(elements, "close", None)
        if callable(close):
            close()
    return collected


def _collect(elements: Iterator[Any], stream: Stream, max_rows: int | None, rank: int | None) -> Rows:
    columns: list[tuple[Tree, list[list[Any]]]] | None = None
    count = _element_count(stream)
    n, read, batched, full_size, ended = 0, 0, True, 0, True
    for element in elements:
        trees = [map_leaves(to_array, tree) for tree in unpack(element)]
        if columns is None:
            batched = is_batched(trees, rank)
            columns = [(tree, [[] for _ in leaves(tree)]) for tree in trees]
        room = MAX_UNBOUNDED_ROWS - n if max_rows is None else max_rows - n
        for tree, (_, chunks) in zip(trees, columns, strict=True):
            for rows, chunk in zip(leaves(tree), chunks, strict=True):
                chunk.append(rows[:room] if batched else rows[None])
        size = len(leaves(trees[0])[0]) if batched else 1
        n, read, full_size = n + min(size, room), read + 1, max(size, full_size)
        if n >= (max_rows or MAX_UNBOUNDED_ROWS):
            ended = read == count and size <= room
            break
    if columns is None or n == 0:
        raise ValueError(f"`{stream.name}` must have at least one batch, got an empty {stream.kind} dataset.")
    if not ended and max_rows is None:
        raise ValueError(f"`{stream.name}` did not end after {n:,} images: pass max_samples= to limit it.")
    x, y, w = ([concatenate(tree, chunks) for tree, chunks in columns] + [None, None])[:3]
    if ended:
        return Rows(x, y, w, sources=_sources(stream, max_rows, n))
    available = None if count is None else max(n, count * full_size)
    return Rows(x, y, w, available, _subset_note(stream, n, available))


def _subset_note(stream: Stream, n: int, available: int | None) -> str | None:
    if stream.kind == "indexed" and available is not None:
        return None if available <= n else f"{n:,} of about {available:,} images of `{stream.name}`, evenly spread."
    if available is not None and available <= n:
        return None
    total = "an endless or unmeasured dataset" if available is None else f"about {available:,}"
    return f"the first {n:,} images of {total} in `{stream.name}`, in the order of the dataset."


def _element_count(stream: Stream) -> int | None:
    """Number of batches or samples of a dataset; None when it is endless or not known."""
    count = cardinality(stream.data) if stream.kind == "tf.data" else None
    if stream.kind == "indexed":
        count = _batch_count(stream.data)
    elif stream.kind == "iterable":
        count = len(stream.data) if hasattr(stream.data, "__len__") else None
    return count if count is not None and count >= 0 else None


def _file_paths(stream: Stream, max_rows: int | None) -> list[str] | None:
    """The files of an image folder dataset that is read as a whole, in the order in which it is read; else None."""
    paths = getattr(stream.data, "file_paths", None) if stream.kind == "tf.data" else None
    if stream.kind == "indexed" and getattr(stream.data, "shuffle", None) is False:
        paths = getattr(stream.data, "filepaths", None)
    if not isinstance(paths, list | tuple) or not paths or (max_rows is not None and max_rows < len(paths)):
        return None
    return [str(path) for path in paths]


def _sources(stream: Stream, max_rows: int | None, n: int) -> list[str] | None:
    paths = _file_paths(stream, max_rows)
    ordered = paths is not None and (stream.kind != "tf.data" or in_file_order(stream.data) is not None)
    return paths if ordered and paths is not None and len(paths) == n else None


def _elements(stream: Stream, max_rows: int | None) -> Any:
    if stream.kind == "tf.data":
        ordered = in_file_order(stream.data) if _file_paths(stream, max_rows) else None
        return with_own_shuffling(stream.data) if ordered is None else ordered
    if stream.kind == "indexed":
        return _indexed(stream.data, max_rows)
    if stream.kind == "factory":
        made: Callable[[], Any] = stream.data
        return made()
    return stream.data


def _indexed(data: Any, max_rows: int | None) -> Iterator[Any]:
    """Elements data[i] of a shallow copy, so that the counters of the original do not change. Calls no epoch hooks.

    Batches that are evenly spread come first, then the others, in case that some were shorter than the first.
    """
    try:
        data = copy.copy(data)
    except Exception:
        pass  # cannot be copied
    count = _batch_count(data)
    first = data[0]
    yield first
    trees = unpack(first)
    size = max(1, len(leaves(trees[0])[0])) if len(trees) < 2 or np.ndim(leaves(trees[1])[0]) else 1
    if count is None:
        yield from (data[i] for i in range(1, MAX_UNBOUNDED_ROWS))
        return
    wanted = count if max_rows is None else min(count, -(-max_rows // size))
    spread = np.linspace(0, count - 1, wanted).round().astype(int).tolist()
    for i in list(dict.fromkeys([*spread, *range(count)]))[1:]:
        yield data[i]
