"""What people hand over as images and labels -> arrays of one known shape.

Leaves out what the values mean; that is `display` for pixels and `outputs` for a model's outputs.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

NO_LABEL = np.iinfo(np.int32).min
"""Stands for an absent label inside integer arrays; null in files."""

Array = NDArray[Any]


@dataclass(frozen=True)
class Group:
    """Images of one shape: `pixels` is (n, H, W, C), `places` (n,) their places in what was given."""

    places: NDArray[np.intp]
    pixels: Array


def as_numpy(value: Any, name: str = "values") -> Array:
    """A numpy view of an array or tensor of any framework, without gradients, on the CPU.

    Brain floats and 8-bit floats, which numpy cannot compute with, become float32. Raises ValueError for lists of
    arrays of several shapes; `name` is the argument that it names.
    """
    if callable(getattr(value, "detach", None)):
        value = value.detach().cpu()
        if str(value.dtype).removeprefix("torch.").startswith(("bfloat16", "float8")):
            value = value.float()
    elif callable(getattr(value, "numpy", None)):
        value = value.numpy()  # TensorFlow's own way; numpy deprecates the one by which it would ask
    try:
        array = np.asarray(value)
    except ValueError as e:
        raise ValueError(f"`{name}` must be an array, or rows of the same length: got rows of different shapes.") from e
    return array.astype(np.float32) if array.dtype.name.startswith(("bfloat16", "float8")) else array
