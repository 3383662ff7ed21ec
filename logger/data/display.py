"""Input values -> pixels to show: one mapping for a whole run, decided once over the pooled samples.

Never stretched per image: a batch that is too dark must look too dark.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .arrays import Array, Group
from .channels import drawn_channels
from .pixel_range import PixelRange, decide_range
from .statistics import pooled_values

_STORED = ("rule", "low", "high", "channels", "shown", "drawn", "reason", "provisional")


@dataclass(frozen=True)
class Display:
    """Values `low` to `high` (numbers, or one each per drawn channel) are shown as 0 to 255.

    `shown` channels of `channels` are drawn, those numbered `drawn`: 1 (grey), 3 (colours) or 4 (colours and opacity).
    """

    rule: str
    low: float | list[float]
    high: float | list[float]
    channels: int
    shown: int
    reason: str
    drawn: list[int] | None = None
    """None in runs of before this was stored: the first ones."""
    provisional: bool = False
    """Nothing but zeros and NaN was seen, which look the same by every rule; the next samples decide anew."""
    note: str = ""
    """What a person must hear of; not stored with the mapping."""

    def encode(self) -> dict[str, Any]:
        """As run.json holds it."""
        return {name: getattr(self, name) for name in _STORED}

    @classmethod
    def decode(cls, raw: dict[str, Any]) -> Display:
        """From run.json."""
        return cls(**{name: raw[name] for name in _STORED if name in raw})

    def pixels(self, images: Array) -> NDArray[np.uint8]:
        """The shown pixels of images (n, H, W, C): (n, H, W, 1 or 3 or 4) uint8; NaN becomes 0.

        A new contiguous array always, so that the caller may go on using `images`.
        """
        images = self._picked(images)
        if self.rule == "as is" and images.dtype == np.uint8:
            return np.array(images, order="C")
        low, high = (np.asarray(end, np.float32) for end in (self.low, self.high))
        scaled = images.astype(np.float32)
        if np.any(low != 0):
            scaled -= low
        scaled *= np.float32(255) / (high - low)
        scaled += np.float32(0.5)
        if not np.isfinite(scaled.sum()):
            np.nan_to_num(scaled, copy=False, nan=0.0, posinf=255.0, neginf=0.0)
        return np.ascontiguousarray(np.clip(scaled, 0, 255, out=scaled).astype(np.uint8))

    def keeps_bytes(self, images: Array) -> bool:
        """Whether the shown pixels of images (n, H, W, C) are their very bytes."""
        return self.rule == "as is" and images.dtype == np.uint8 and self._picked(images) is images

    def _picked(self, images: Array) -> Array:
        channels = images.shape[-1]
        drawn = self.drawn if self.drawn is not None else list(range(self.shown))
        if max(drawn) >= channels:  # Pictures of a split may have fewer channels than those that decided.
            drawn = [0] if channels < 3 else [0, 1, 2]
        if drawn == list(range(channels)):
            return images
        return images[..., : len(drawn)] if drawn == list(range(len(drawn))) else images[..., drawn]


def decide_display(
    groups: list[Group], low: float, high: float, given: Any = None, show_channels: Any = None
) -> Display:
    """The mapping for a run, from its first samples and their smallest and largest finite values.

    `given` is the person's `display_range`: (low, high), numbers or one each per channel; `show_channels` the numbers
    of the channels to draw. The rules are listed in docs/run-folder.md. Raises ValueError for what does not fit.
    """
    channels, dtype = groups[0].pixels.shape[-1], groups[0].pixels.dtype
    drawn, why = drawn_channels(groups, show_channels)
    if given is None:
        found = decide_range(dtype, pooled_values(_only(groups, drawn)), low, high)
        ends: list[Any] = [found.low, found.high]
    else:
        found = PixelRange("given", 0.0, 0.0, "as given in display_range")
        ends = [_given_end(end, channels, drawn) for end in given]
    notes = [found.note] if found.note else []
    if why and show_channels is None:
        notes.append(f"Pictures: {why}. Pass show_channels=(0, 1, 2) to choose.")
    reason = "; ".join(filter(None, [found.reason, why]))
    display = Display(found.rule, ends[0], ends[1], channels, len(drawn), reason, drawn, note=" ".join(notes))
    says_nothing = given is None and dtype != np.uint8 and (not np.isfinite(low) or low == high == 0)
    return replace(display, provisional=says_nothing)


def _only(groups: list[Group], drawn: list[int]) -> list[Group]:
    """The colours of `groups`, without opacity and what is not drawn: they alone decide about the range."""
    usual = [group for group in groups if group.pixels.shape[-1] > max(drawn[:3])]
    if not usual:
        return groups
    return [Group(group.places, group.pixels[..., c : c + 1]) for group in usual for c in drawn[:3]]


def _given_end(end: Any, channels: int, drawn: list[int]) -> Any:
    values = np.asarray(end, np.float64)
    if values.ndim and values.shape != (channels,):
        raise ValueError(
            "`display_range` must be (low, high), each a number or one number per channel: "
            f"expected {channels}, got {values.size}."
        )
    return (values[drawn] if values.ndim else values).tolist()
