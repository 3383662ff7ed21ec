"""Runs a Keras model on rows in memory without changing the model.

Uses `predict_on_batch`, which unlike `predict` builds no dataset and calls no callbacks. All batches have the same
shape, so that nothing is compiled again. State that a forward pass changes even in inference (seeds of layers that
draw random numbers, counters, recurrent state) is restored.
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
from .inputs.random_state import preserve_random_state
from .inputs.trees import Tree, leaves, map_leaves

_BATCH_BYTES = 8 << 20
_MAX_STATE_SIZE = 1 << 16
"""Larger variables are the weights of frozen layers, which a forward pass does not change."""


def predict(model: Any, inputs: Tree, batch_size: int | None, select: Callable[[Any], Any]) -> Array:
    """Outputs (N, ...) of `model` for all rows of `inputs`, in order; `select` picks one of several outputs.

    Images of several sizes, in an object array, are predicted one size at a time.
    """
    n = len(leaves(inputs)[0])
    out: Array | None = None
    with preserve_random_state(), preserve_model_state(model):
        for positions in _size_groups(inputs, n):
            group = map_leaves(partial(_rows, positions=positions), inputs)
            for at, values in _batches(model, group, batch_size, select):
                if out is None:
                    out = np.empty((n, *values.shape[1:]), values.dtype)
                out[at if positions is None else positions[at]] = values
    assert out is not None  # there is at least one row
    return out


def probe(model: Any, inputs: Tree, batch_size: int) -> Tree:
    """All outputs of `model` for a batch of `inputs` of the shape that `predict` uses."""
    with preserve_random_state(), preserve_model_state(model):
        positions = _size_groups(inputs, len(leaves(inputs)[0]))[0]
        first = positions if positions is None else positions[:batch_size]
        group = map_leaves(partial(_rows, positions=first), inputs)
        _, outputs = next(_batches(model, group, batch_size, lambda tree: tree))
    return outputs


def _batches(
    model: Any, inputs: Tree, batch_size: int | None, select: Callable[[Any], Any]
) -> Iterator[tuple[slice, Tree]]:
    n = len(leaves(inputs)[0])
    size = min(n, batch_size or default_batch_size(inputs))
    replicas = getattr(getattr(model, "distribute_strategy", None), "num_replicas_in_sync", 1)
    for start in range(0, n, size):
        at = slice(start, min(start + size, n))
        batch = map_leaves(partial(_padded, at=at, size=size), inputs)
        if replicas > 1:  # predict_on_batch would run the whole batch on every replica
            outputs = model.predict(batch, batch_size=size, verbose=0)
        else:
            outputs = model.predict_on_batch(map_leaves(_tensor, batch))
        yield at, map_leaves(partial(_first, n=at.stop - at.start), select(outputs))


def _first(outputs: Any, n: int) -> Array:
    return as_numpy(outputs)[:n]


def default_batch_size(inputs: Tree) -> int:
    """A power of two from 8 to 256 that keeps a batch of inputs below about 8 MB if possible."""
    one = sum(max(1, leaf[:1].nbytes) for leaf in leaves(inputs))
    return int(np.clip(2 ** int(np.log2(max(1, _BATCH_BYTES // one))), 8, 256))


def _padded(leaf: Array, at: slice, size: int) -> Array:
    rows = leaf[at]
    missing = size - len(rows)
    return rows if missing == 0 else np.concatenate([rows, np.repeat(rows[-1:], missing, axis=0)])


def _tensor(rows: Array) -> Any:
    # As in fit(): floats are converted to Keras' default float type, other types are not.
    if rows.dtype.kind == "f":
        rows = rows.astype(keras.config.floatx(), copy=False)
    return keras.ops.convert_to_tensor(rows) if rows.dtype.kind in "biuf" else rows


def _size_groups(inputs: Tree, n: int) -> list[NDArray[np.intp] | None]:
    """Positions of the rows of each combination of image sizes; None stands for all rows in order."""
    ragged = [leaf for leaf in leaves(inputs) if leaf.dtype == object]
    if not ragged:
        return [None]
    groups: dict[tuple[Any, ...], list[int]] = {}
    for position in range(n):
        groups.setdefault(tuple(np.shape(leaf[position]) for leaf in ragged), []).append(position)
    return [np.array(positions) for positions in groups.values()]


def _rows(leaf: Array, positions: NDArray[np.intp] | None) -> Array:
    rows = leaf if positions is None else leaf[positions]
    return np.stack(list(rows)) if leaf.dtype == object else rows


@contextmanager
def preserve_model_state(model: Any) -> Iterator[None]:
    """Restore the seeds, counters and other small non-trainable variables of the model afterwards."""
    saved = [
        (variable, as_numpy(variable.value).copy())
        for variable in model.non_trainable_variables
        if int(np.prod(variable.shape)) <= _MAX_STATE_SIZE
    ]
    try:
        yield
    finally:
        for variable, value in saved:
            if not np.array_equal(as_numpy(variable.value), value, equal_nan=value.dtype.kind == "f"):
                variable.assign(value)
