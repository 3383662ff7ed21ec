"""Images as tiles on sheets, and originals of those larger than a tile. Imports Pillow."""

from __future__ import annotations

import io
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from .. import schema
from ..data.arrays import Array

_WEBP_MAX_SIDE = 16_383
_LOSSLESS = {"lossless": True, "method": 0, "quality": 0, "exact": True}


@dataclass(frozen=True)
class Tile:
    """An image that fits its cell: `pixels` (h, w, 1, 3 or 4) uint8. `original`: an encoded file of the full size."""

    pixels: NDArray[np.uint8]
    original: bytes | None = None
    extension: str = ""


def make_tile(pixels: NDArray[np.uint8], cell: int) -> Tile:
    """The tile of an image (H, W, C) uint8: unchanged if it fits a lossless cell, else reduced, with its original."""
    side = max(pixels.shape[:2])
    if side <= cell <= schema.EXACT_TILE:
        return Tile(pixels)
    image = _image(pixels)
    extension = "webp" if side <= _WEBP_MAX_SIDE else "png"
    original = _encoded(image, extension, _LOSSLESS if extension == "webp" else {})
    if side > cell:
        height, width = (max(1, round(edge * cell / side)) for edge in pixels.shape[:2])
        image = image.resize((width, height), Image.Resampling.LANCZOS, reducing_gap=3.0)
    reduced = np.asarray(image)
    return Tile(reduced if reduced.ndim == 3 else reduced[..., None], original, extension)


def sheet(tiles: list[NDArray[np.uint8]], cell: int, columns: int) -> bytes:
    """A WebP file of tiles in row-major order, `columns` per row, each at the top left of its square cell.

    Lossless when `cell`, in pixels, is at most EXACT_TILE.
    """
    rows = -(-len(tiles) // columns)
    bands = 4 if any(tile.shape[-1] == 4 for tile in tiles) else 3
    canvas = np.zeros((rows * cell, columns * cell, bands), np.uint8)
    for place, tile in enumerate(tiles):
        y, x = place // columns * cell, place % columns * cell
        height, width, channels = tile.shape
        canvas[y : y + height, x : x + width, :3] = tile[..., :3] if channels >= 3 else tile[..., :1]
        if bands == 4:
            canvas[y : y + height, x : x + width, 3] = tile[..., 3] if channels == 4 else 255
    lossless = cell <= schema.EXACT_TILE
    return _encoded(_image(canvas), "webp", _LOSSLESS if lossless else {"quality": 85, "method": 2})


def _image(pixels: Array) -> Image.Image:
    return Image.fromarray(np.ascontiguousarray(pixels[..., 0] if pixels.shape[-1] == 1 else pixels))


def _encoded(image: Image.Image, kind: str, options: dict[str, Any]) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, kind, **options)
    return buffer.getvalue()
