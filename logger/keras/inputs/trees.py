"""Trees of arrays, as Keras has them: a single array, or a dict, tuple or list of trees."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import keras
import numpy as np

from ...data.arrays import Array, as_numpy

Tree = Any


def leaves(tree: Tree) -> list[Any]:
    """The arrays of a tree, in Keras' order: dicts by key."""
    found: list[Any] = keras.tree.flatten(tree)
    return found


def map_leaves(function: Callable[[Any], Any], tree: Tree) -> Tree:
    """The same tree with `function` applied to every array."""
    return keras.tree.map_structure(function, tree)


def sample_list(images: Any) -> Array:
    """A sequence of arrays of any sizes as one object array (N,)."""
    out = np.empty(len(images), object)
    out[:] = [as_numpy(image) for image in images]
    return out
