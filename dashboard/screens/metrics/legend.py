"""A legend for up to twenty runs: swatches and names that wrap."""

from __future__ import annotations

from collections.abc import Mapping
from html import escape

from dashboard import formatting
from dashboard.view.palette import Palette

_STYLES = {"train": "dashed", "test": "dotted"}
"""CSS line styles that stand for the dashes of `charts.DASHES`."""


def legend_html(runs: Mapping[str, tuple[str, str]], splits: list[str], palette: Palette) -> str:
    """HTML of a legend. `runs`: by id title and colour, none when there is one run; `splits`: those drawn."""
    items = [_item(colour, None, title) for title, colour in runs.values()]
    for split in splits:
        colour = palette.muted if runs else getattr(palette, split)
        items.append(_item(colour, split, split))
    return f'<div class="ps-legend">{"".join(items)}</div>'


def _item(colour: str, split: str | None, name: str) -> str:
    swatch = f'<i style="border-top: 3px {_STYLES.get(split or "", "solid")} {colour}"></i>'
    return f'<span title="{escape(formatting.clean(name, 200))}">{swatch}{escape(formatting.clean(name, 40))}</span>'
