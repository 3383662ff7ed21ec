"""Arrays and tensors of any framework as numpy arrays."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

NO_LABEL = np.iinfo(np.int32).min
"""A missing label in an integer array; null in files."""

Array = NDArray[Any]


@dataclass(frozen=True)
class ImageGroup:
    """Images of one shape: `pixels` (n, H, W, C), and `positions` (n,), their positions among all images of a call."""

    positions: NDArray[np.intp]
    pixels: Array


def as_numpy(value: Any, name: str = "values") -> Array:
    """An array or tensor as a numpy array on the CPU, without gradients and without a copy where possible.

    bfloat16 and 8-bit floats, which numpy cannot compute with, become float32. Raises ValueError for a list of arrays
    of different shapes; the message calls the argument `name`.
    """
    if callable(getattr(value, "detach", None)):
        value = value.detach().cpu()
        if str(value.dtype).removeprefix("torch.").startswith(("bfloat16", "float8")):
            value = value.float()
    elif callable(getattr(value, "numpy", None)):
        value = value.numpy()  # np.asarray would call TensorFlow's deprecated __array__
    try:
        array = np.asarray(value)
    except ValueError as e:
        raise ValueError(
            f"`{name}` must be an array, or a list of rows of one shape, got rows of different shapes."
        ) from e
    return array.astype(np.float32) if array.dtype.name.startswith(("bfloat16", "float8")) else array
