"""Which of the inputs of a model are the images that are shown."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from ...data.arrays import Array, as_numpy
from .trees import Tree, leaves

ImageKey = str | int | Callable[[Any], Any] | None
_CHANNELS = (1, 3, 4)


@dataclass(frozen=True)
class FoundImages:
    """`pixels` (N, H, W), (N, H, W, C) or object array (N,), or None and the reason why there are none."""

    pixels: Array | None
    unsupported: str | None = None
    note: str | None = None
    """How they were chosen among several inputs."""


def find_images(inputs: Tree, image_key: ImageKey) -> FoundImages:
    """The images among the inputs. Raises ValueError for an `image_key` that does not fit."""
    if callable(image_key):
        images = as_numpy(image_key(inputs))
        if images.dtype != object and (images.ndim not in (3, 4) or len(images) != len(leaves(inputs)[0])):
            raise ValueError(
                "`image_key` must return images (N, H, W) or (N, H, W, C), one for each row, "
                f"got {images.shape} for {len(leaves(inputs)[0])} rows."
            )
        return FoundImages(images)
    chosen, note = _image_input(inputs, image_key)
    if chosen is None or (chosen.dtype != object and chosen.ndim not in (3, 4)) or chosen.dtype.kind in "USM":
        shapes = ", ".join("(" + ", ".join(["N", *map(str, leaf.shape[1:])]) + ")" for leaf in leaves(inputs))
        reason = (
            f"inputs of shape {shapes} are not images; "
            "to show them as images pass image_key=lambda x: x.reshape(-1, height, width, channels)"
        )
        return FoundImages(None, reason)
    return FoundImages(chosen, note=note)


def describe_images(images: Array) -> str:
    """Size and dtype of the images in words: "32x32x3 uint8"."""
    if images.dtype == object:
        return f"of {len({np.shape(i) for i in images})} sizes, {images[0].dtype}"
    return f"{'x'.join(map(str, images.shape[1:]))} {images.dtype}"


def _image_input(inputs: Tree, image_key: str | int | None) -> tuple[Array | None, str | None]:
    """The input `image_key`, or the one that most resembles a picture and, of several that may be one, a note."""
    if not isinstance(inputs, Mapping | list | tuple):
        if image_key not in (None, 0):
            raise ValueError(f"`image_key` is for data with several inputs, got {image_key!r} for a single one.")
        return inputs, None
    keys: list[Any] = list(inputs) if isinstance(inputs, Mapping) else list(range(len(inputs)))
    if image_key is not None:
        if image_key not in keys:
            raise ValueError(f"`image_key` must be one of {', '.join(map(repr, keys))}, got {image_key!r}.")
        named: Any = inputs
        return as_numpy(named[image_key]), None
    for rank in (4, 3):
        candidates = [key for key in keys if np.ndim(inputs[key]) == rank or inputs[key].dtype == object]
        if candidates:
            best = max(candidates, key=lambda key: _resemblance(inputs[key]))  # the first of equal ones
            listed = ", ".join(map(repr, candidates))
            note = f"Of the inputs {listed}, {best!r} is shown as the image. Pass image_key= to choose another."
            return as_numpy(inputs[best]), note if len(candidates) > 1 else None
    return None, None


def _resemblance(images: Array) -> tuple[bool, int]:
    """How much an input resembles pictures: the usual number of channels first, then the number of pixels."""
    shape = np.shape(images[0])
    channels = {shape[0], shape[-1]} if len(shape) == 3 else {1}
    return bool(channels & set(_CHANNELS)), int(np.prod(shape))
