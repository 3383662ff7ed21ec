"""Trees of arrays as in keras.tree: an array, or a dict, tuple or list of trees."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import keras
import numpy as np

from ...data.arrays import Array, as_numpy

Tree = Any


def leaves(tree: Tree) -> list[Any]:
    """The arrays of a tree, in the order of keras.tree: those of a dict by key."""
    found: list[Any] = keras.tree.flatten(tree)
    return found


def map_leaves(function: Callable[[Any], Any], tree: Tree) -> Tree:
    """The tree with `function` applied to every array."""
    return keras.tree.map_structure(function, tree)


def object_array(images: Any) -> Array:
    """A sequence of arrays of any shapes as an object array (N,)."""
    out = np.empty(len(images), object)
    out[:] = [as_numpy(image) for image in images]
    return out
