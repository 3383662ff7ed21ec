"""How large the cells of a split's sheets are. Apart from `sheets`, which needs Pillow."""

from __future__ import annotations

from logger import schema


def cell_side(largest: int) -> int:
    """Side in pixels of a split's square sheet cells when its first pictures are at most `largest` a side."""
    return max(1, largest) if largest <= schema.EXACT_TILE else schema.REDUCED_TILE
