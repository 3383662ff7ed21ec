"""In words, how a run's input values are shown as pixels, as run.json says it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, TypeGuard

from dashboard import formatting
from dashboard.catalogue.runs import Run

ALTERED = frozenset({"rescaled", "given"})
"""Rules that show other colours than the input's own range would."""


@dataclass(frozen=True)
class DisplayRule:
    """`text` says the mapping in a few words, `reason` why; `altered` when other colours are shown than the input's."""

    text: str
    reason: str
    altered: bool


def display_rule(run: Run) -> DisplayRule | None:
    """How the run's pictures are shown; None when run.json does not say."""
    given = run.info.display
    rule = given.get("rule")
    if not isinstance(rule, str) or not rule:
        return None
    provisional = given.get("provisional") is True
    drawn = _drawn_channels(given)
    text = ", ".join(filter(None, [_range(rule, given), drawn, "provisional" if provisional else ""]))
    reason = given["reason"] if isinstance(given.get("reason"), str) else ""
    altered = rule in ALTERED or provisional or bool(drawn) or isinstance(given.get("low"), list)
    return DisplayRule(
        formatting.clean(text, 120), formatting.clean(reason, 600) if isinstance(reason, str) else "", altered
    )


def _range(rule: str, given: dict[str, Any]) -> str:
    low, high = given.get("low"), given.get("high")
    if rule == "as is":
        return "pixel values as they are"
    name = {"rescaled": "colours rescaled: ", "given": "display_range: "}.get(rule, "")
    if isinstance(low, list) or isinstance(high, list):
        return f"{name}each channel's own range as black to white"
    if not _is_number(low) or not _is_number(high):
        return f"{name or rule}"
    return f"{name}{_short(low)} to {_short(high)} as black to white"


def _drawn_channels(given: dict[str, Any]) -> str:
    """Which channels are drawn, when they are not all of a grey or a colour picture."""
    channels, shown, drawn = given.get("channels"), given.get("shown"), given.get("drawn")
    if type(channels) is not int or type(shown) is not int or shown >= channels:
        return ""
    which = f" ({', '.join(str(c) for c in drawn[:4])})" if isinstance(drawn, list) and drawn else ""
    return f"{shown} of {channels} channels drawn{which}"


def _is_number(value: object) -> TypeGuard[float]:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def _short(value: float) -> str:
    return f"{value:.4g}".replace("-", "−")
