"""Running a Keras model on rows in memory without leaving a trace in it.

`predict_on_batch` is used and not `predict`: it builds no dataset and calls no callbacks at every epoch. Batches
keep one shape, so that nothing is compiled again. Whatever state a forward pass moves all the same (seeds of
layers that draw random numbers even in inference, counters, recurrent state) is put back.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any

import keras
import numpy as np
from numpy.typing import NDArray

from ..data.arrays import Array, as_numpy
from .inputs.random_state import random_state_kept
from .inputs.trees import Tree, leaves, map_leaves

_BATCH_BYTES = 8 << 20
_KEPT_VALUES = 1 << 16
"""State larger than this is taken for the weights of a frozen layer, which no forward pass changes."""


def predict(model: Any, inputs: Tree, batch_size: int | None, pick: Callable[[Any], Any]) -> Array:
    """Outputs (N, ...) of `model` for all rows of `inputs`, in their order; `pick` chooses one of several outputs.

    Object arrays hold images of several sizes: each size is predicted by itself.
    """
    n = len(leaves(inputs)[0])
    out: Array | None = None
    with random_state_kept(), model_state_kept(model):
        for places in _size_groups(inputs, n):
            group = map_leaves(partial(_rows, places=places), inputs)
            for at, values in _batches(model, group, batch_size, pick):
                if out is None:
                    out = np.empty((n, *values.shape[1:]), values.dtype)
                out[at if places is None else places[at]] = values
    assert out is not None  # rows are never empty
    return out


def probe(model: Any, inputs: Tree, batch_size: int) -> Tree:
    """All outputs of `model` for one batch of `inputs`, of the shape of later batches."""
    with random_state_kept(), model_state_kept(model):
        places = _size_groups(inputs, len(leaves(inputs)[0]))[0]
        group = map_leaves(partial(_rows, places=places if places is None else places[:batch_size]), inputs)
        _, outputs = next(_batches(model, group, batch_size, lambda tree: tree))
    return outputs


def _batches(
    model: Any, inputs: Tree, batch_size: int | None, pick: Callable[[Any], Any]
) -> Iterator[tuple[slice, Tree]]:
    n = len(leaves(inputs)[0])
    size = min(n, batch_size or default_batch_size(inputs))
    replicas = getattr(getattr(model, "distribute_strategy", None), "num_replicas_in_sync", 1)
    for start in range(0, n, size):
        at = slice(start, min(start + size, n))
        batch = map_leaves(partial(_padded, at=at, size=size), inputs)
        if replicas > 1:  # predict_on_batch would give every replica the whole batch
            outputs = model.predict(batch, batch_size=size, verbose=0)
        else:
            outputs = model.predict_on_batch(map_leaves(_tensor, batch))
        yield at, map_leaves(partial(_first, n=at.stop - at.start), pick(outputs))


def _first(outputs: Any, n: int) -> Array:
    return as_numpy(outputs)[:n]


def default_batch_size(inputs: Tree) -> int:
    """A power of two from 8 to 256, so that a batch of inputs stays below about 8 MB."""
    one = sum(max(1, leaf[:1].nbytes) for leaf in leaves(inputs))
    return int(np.clip(2 ** int(np.log2(max(1, _BATCH_BYTES // one))), 8, 256))


def _padded(leaf: Array, at: slice, size: int) -> Array:
    rows = leaf[at]
    missing = size - len(rows)
    return rows if missing == 0 else np.concatenate([rows, np.repeat(rows[-1:], missing, axis=0)])


def _tensor(rows: Array) -> Any:
    # As fit() hands them over: floats in Keras' float type, everything else as it is.
    if rows.dtype.kind == "f":
        rows = rows.astype(keras.config.floatx(), copy=False)
    return keras.ops.convert_to_tensor(rows) if rows.dtype.kind in "biuf" else rows


def _size_groups(inputs: Tree, n: int) -> list[NDArray[np.intp] | None]:
    """Rows of equal size of all inputs; None stands for all rows in order."""
    ragged = [leaf for leaf in leaves(inputs) if leaf.dtype == object]
    if not ragged:
        return [None]
    groups: dict[tuple[Any, ...], list[int]] = {}
    for place in range(n):
        groups.setdefault(tuple(np.shape(leaf[place]) for leaf in ragged), []).append(place)
    return [np.array(places) for places in groups.values()]


def _rows(leaf: Array, places: NDArray[np.intp] | None) -> Array:
    rows = leaf if places is None else leaf[places]
    return np.stack(list(rows)) if leaf.dtype == object else rows


@contextmanager
def model_state_kept(model: Any) -> Iterator[None]:
    """Put back the model's seeds, counters and other small state that is no trained weight."""
    kept = [
        (variable, as_numpy(variable.value).copy())
        for variable in model.non_trainable_variables
        if int(np.prod(variable.shape)) <= _KEPT_VALUES
    ]
    try:
        yield
    finally:
        for variable, value in kept:
            if not np.array_equal(as_numpy(variable.value), value, equal_nan=value.dtype.kind == "f"):
                variable.assign(value)
