"""The filter over the samples of one epoch, and its SQL condition."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Filter:
    """Samples that meet every condition; the default is all of them."""

    verdict: str | None = None
    """One of `schema.VERDICTS`."""
    label: int | None = None
    """Class index that was counted as the truth."""
    predicted: int | None = None
    """Class index, or -1 for invalid outputs."""
    confidence: tuple[float, float] = (0.0, 1.0)
    """Lowest and highest, both included. Less than all of 0 to 1 leaves out samples without a confidence."""
    changed: bool = False
    """Only those predicted as another class at the epoch logged before."""
    tag: str = ""
    """Only samples with this tag, in `tags` of the engine."""
    search: str = ""
    """A number matches the index; text matches any part of the source, ignoring case."""

    def sql(self) -> tuple[str, dict[str, Any]]:
        """A condition over the columns of `predictions.ROWS`, and its parameters."""
        conditions: list[tuple[str, dict[str, Any]]] = []
        if self.verdict is not None:
            conditions.append(("verdict = $verdict", {"verdict": self.verdict}))
        if self.label is not None:
            conditions.append(("label = $label", {"label": self.label}))
        if self.predicted is not None:
            conditions.append(("predicted = $predicted", {"predicted": self.predicted}))
        if self.confidence != (0.0, 1.0):
            low, high = self.confidence
            conditions.append(
                (
                    "confidence between cast($low as float) and cast($high as float)",
                    {"low": low, "high": high},
                )
            )
        if self.changed:
            conditions.append(("changed = 1", {}))
        if self.tag:
            conditions.append(("digest in (select digest from tags where tag = $tag)", {"tag": self.tag}))
        if text := self.search.strip():
            conditions.append(_search(text))
        condition = " and ".join(f"({sql})" for sql, _ in conditions) or "true"
        return condition, {name: value for _, values in conditions for name, value in values.items()}


def _search(text: str) -> tuple[str, dict[str, Any]]:
    found = "position(lower($search) in lower(source)) > 0"
    number = text.removeprefix("#")
    if number.isascii() and number.isdigit() and len(number) <= 9:
        return f'"index" = $number or {found}', {"search": text, "number": int(number)}
    return found, {"search": text}
