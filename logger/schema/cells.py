"""The layout of a split's sheets: the side of a cell, and the number of cells in a row."""

from __future__ import annotations

from typing import Any

from .strict_json import FORMAT

EXACT_TILE = 64
"""Images of at most this many pixels a side are stored at full size, in a lossless sheet."""
REDUCED_TILE = 96
"""Longer side in pixels of the tile of a larger image, whose original is in `originals/`."""
SHEET_SIDE = 1024
"""Maximum width and height of a sheet in pixels: about one megapixel."""


def cell_side(largest: int) -> int:
    """Side in pixels of the square cells of a split whose first images have sides of at most `largest` pixels."""
    return max(1, largest) if largest <= EXACT_TILE else REDUCED_TILE


METADATA_KEY = "proofsheet"
"""Key in the Parquet metadata of a samples file, under which `sheet_metadata` is stored as JSON."""


def sheet_metadata(cell: int, columns: int) -> dict[str, Any]:
    """What the samples files of a split say about its sheets, so that they can be read without run.json."""
    return {"format": FORMAT, "cell": cell, "columns": columns}
