"""How a split's sheets are laid out: the side of a cell, and how many stand in a row."""

from __future__ import annotations

from typing import Any

from .strict_json import FORMAT

EXACT_TILE = 64
"""Pictures of at most this many pixels a side are stored whole and lossless in their sheet."""
REDUCED_TILE = 96
"""Side in pixels of the tile of a larger picture, whose original lies in `originals/`."""
SHEET_SIDE = 1024
"""Sheets are at most this wide and high: about one megapixel."""


def cell_side(largest: int) -> int:
    """Side in pixels of a split's square sheet cells when its first pictures are at most `largest` a side."""
    return max(1, largest) if largest <= EXACT_TILE else REDUCED_TILE


FACTS_KEY = "proofsheet"
"""Key of what the metadata of a samples file says, as JSON, of the sheets that its rows name."""


def sheet_facts(cell: int, columns: int) -> dict[str, Any]:
    """The layout of a split's sheets, for the metadata of its samples files."""
    return {"format": FORMAT, "cell": cell, "columns": columns}
