"""What is wrong with a run folder."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

DAMAGED = ".damaged"
"""Added to the name of a file that is set aside: no reader takes it for its own any more."""


@dataclass(frozen=True)
class Finding:
    """A file of a run, what is wrong with it, and what that costs. `repair` does what `remedy` says."""

    file: str
    problem: str
    cost: str
    remedy: str | None = None
    repair: Callable[[], None] | None = None

    def sentence(self, repaired: bool) -> str:
        """For the person at the terminal."""
        remedy = ""
        if self.remedy is not None:
            remedy = f" Repaired: {self.remedy}." if repaired else f" --repair: {self.remedy}."
        return f"{self.file}: {self.problem}; {self.cost}.{remedy}"


def set_aside(file: Path) -> None:
    """Rename a damaged file so that no reader meets it; an earlier one of that name is left alone."""
    target = file.with_name(file.name + DAMAGED)
    number = 2
    while target.exists():
        target = file.with_name(f"{file.name}.{number}{DAMAGED}")
        number += 1
    file.rename(target)


def reason(error: Exception) -> str:
    """The first line of an error's message."""
    return (str(error).splitlines() or [type(error).__name__])[0].rstrip(".")[:200]
