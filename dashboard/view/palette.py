"""The colours of everything that has a meaning, for the light and the dark theme.

Made from the palette of Okabe and Ito (https://jfly.uni-koeln.de/color/), which people with any common
colour blindness can tell apart. A colour never stands alone: a sign or a dash goes with it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass


@dataclass(frozen=True)
class Palette:
    """CSS colours of one theme."""

    train: str
    val: str
    test: str
    production: str
    correct: str
    wrong: str
    unlabelled: str
    invalid: str
    accent: str
    text: str
    muted: str
    surface: str
    border: str
    background: str

    def as_dict(self) -> dict[str, str]:
        """By name, to hand to a component's JavaScript."""
        return asdict(self)


LIGHT = Palette(
    train="#0072B2",
    val="#D55E00",
    test="#8F4E8B",
    production="#5C6470",
    correct="#009E73",
    wrong="#D55E00",
    unlabelled="#7A7F8C",
    invalid="#CC79A7",
    accent="#4f46e5",
    text="#171a2b",
    muted="#646a80",
    surface="#f4f5fa",
    border="#e3e5ee",
    background="#ffffff",
)
DARK = Palette(
    train="#56B4E9",
    val="#E69F00",
    test="#D7A3D3",
    production="#A3ABB8",
    correct="#2CC79C",
    wrong="#F0823A",
    unlabelled="#9298A6",
    invalid="#E29AC4",
    accent="#818cf8",
    text="#e6e8f2",
    muted="#9aa1ba",
    surface="#171b30",
    border="#282d48",
    background="#0d1020",
)

VERDICT_SIGNS = {"correct": "✓", "wrong": "✕", "unlabelled": "–", "invalid": "⚠"}
VERDICT_ICONS = {"correct": "check", "wrong": "close", "unlabelled": "remove", "invalid": "warning"}

_RUNS_LIGHT = (
    "#0072B2", "#D55E00", "#009E73", "#B0527F", "#7A5CC4", "#A97B00", "#2A8FA8", "#8A4B2A", "#5B7A1E", "#4A5468",
    "#4FA3DB", "#F0905A", "#4FC29F", "#DC93B8", "#AE98E3", "#D8AE3C", "#71C2D6", "#BD8666", "#96B759", "#8C97AB",
)  # fmt: skip
_RUNS_DARK = (
    "#56B4E9", "#F0823A", "#2CC79C", "#E29AC4", "#A99AF2", "#E6B93C", "#5FC9DF", "#D19A77", "#A5C95F", "#A3ADC2",
    "#2F86C1", "#C0622A", "#128F6D", "#B56A95", "#7D6CD0", "#B58A14", "#2E98AE", "#9E6A48", "#779938", "#737E95",
)  # fmt: skip


def palette(theme: str | None) -> Palette:
    """The colours of a theme: `dark`, or light for anything else."""
    return DARK if theme == "dark" else LIGHT


def run_colours(known: Sequence[str], chosen: Iterable[str], theme: str | None) -> dict[str, str]:
    """A colour for each chosen run, the same on every page and as runs are added.

    `known`: ids of all runs, oldest first; a run's place there decides, and of two chosen ones that fall
    on the same colour the later takes the next free one. Beyond 20 runs colours repeat.
    """
    colours = _RUNS_DARK if theme == "dark" else _RUNS_LIGHT
    place = {run: at for at, run in enumerate(known)}
    taken: dict[str, int] = {}
    for run in sorted(set(chosen), key=lambda r: place.get(r, len(place))):
        start = place.get(run, 0)
        free = (at % len(colours) for at in range(start, start + len(colours)))
        taken[run] = next((at for at in free if at not in taken.values()), start % len(colours))
    return {run: colours[at] for run, at in taken.items()}
