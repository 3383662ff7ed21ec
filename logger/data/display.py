"""The mapping from input values to displayed pixels: one for a whole run, inferred once from its first samples.

It never adapts to an image: a batch that is too dark must look too dark.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .arrays import Array, ImageGroup
from .channels import displayed_channels
from .pixel_range import PixelRange, decide_range
from .statistics import pooled_values

_STORED = ("rule", "low", "high", "channels", "shown", "drawn", "reason", "provisional")


@dataclass(frozen=True)
class Display:
    """Values from `low` to `high` (numbers, or one per displayed channel) are displayed as 0 to 255.

    `shown` of the inputs' `channels` are displayed, with the indices `drawn`: 1 (grey), 3 (RGB) or 4 (RGBA).
    """

    rule: str
    low: float | list[float]
    high: float | list[float]
    channels: int
    shown: int
    reason: str
    drawn: list[int] | None = None
    """None in runs written before it was stored: the first channels."""
    provisional: bool = False
    """Only zeros and NaN were seen, which look the same under every rule: the next samples decide again."""
    note: str = ""
    """What should be reported to the person training; not stored with the mapping."""

    def encode(self) -> dict[str, Any]:
        """The object stored in run.json."""
        return {name: getattr(self, name) for name in _STORED}

    @classmethod
    def decode(cls, raw: dict[str, Any]) -> Display:
        """From the object stored in run.json."""
        return cls(**{name: raw[name] for name in _STORED if name in raw})

    def pixels(self, images: Array) -> NDArray[np.uint8]:
        """The displayed pixels of images (n, H, W, C): (n, H, W, 1, 3 or 4) uint8, rounded and clipped; NaN becomes 0.

        Always a new contiguous array: the caller may reuse the memory of `images`.
        """
        images = self._displayed(images)
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
        """Whether the displayed pixels of images (n, H, W, C) are the bytes of the input."""
        return self.rule == "as is" and images.dtype == np.uint8 and self._displayed(images) is images

    def _displayed(self, images: Array) -> Array:
        channels = images.shape[-1]
        drawn = self.drawn if self.drawn is not None else list(range(self.shown))
        if max(drawn) >= channels:  # images of this shape have fewer channels than the first ones
            drawn = [0] if channels < 3 else [0, 1, 2]
        if drawn == list(range(channels)):
            return images
        return images[..., : len(drawn)] if drawn == list(range(len(drawn))) else images[..., drawn]


def decide_display(
    groups: list[ImageGroup], low: float, high: float, display_range: Any = None, show_channels: Any = None
) -> Display:
    """The mapping for a run, from its first samples; `low` and `high` are their smallest and largest finite values.

    `display_range` and `show_channels` are the arguments of `Run`. The rules are listed in docs/run-folder.md. Raises
    ValueError for arguments that do not fit the images.
    """
    channels, dtype = groups[0].pixels.shape[-1], groups[0].pixels.dtype
    drawn, channel_reason = displayed_channels(groups, show_channels)
    if display_range is None:
        found = decide_range(dtype, pooled_values(_colour_channels(groups, drawn)), low, high)
        ends: list[Any] = [found.low, found.high]
    else:
        found = PixelRange("given", 0.0, 0.0, "as given in display_range")
        ends = [_checked_end(end, channels, drawn) for end in display_range]
    notes = [found.note] if found.note else []
    if channel_reason and show_channels is None:
        notes.append(f"Images: {channel_reason}. Pass show_channels=(0, 1, 2) to choose.")
    reason = "; ".join(filter(None, [found.reason, channel_reason]))
    display = Display(found.rule, ends[0], ends[1], channels, len(drawn), reason, drawn, note=" ".join(notes))
    provisional = display_range is None and dtype != np.uint8 and (not np.isfinite(low) or low == high == 0)
    return replace(display, provisional=provisional)


def _colour_channels(groups: list[ImageGroup], drawn: list[int]) -> list[ImageGroup]:
    """The displayed channels except alpha: only they decide the range."""
    complete = [group for group in groups if group.pixels.shape[-1] > max(drawn[:3])]
    if not complete:
        return groups
    return [ImageGroup(group.positions, group.pixels[..., c : c + 1]) for group in complete for c in drawn[:3]]


def _checked_end(end: Any, channels: int, drawn: list[int]) -> Any:
    values = np.asarray(end, np.float64)
    if values.ndim and values.shape != (channels,):
        raise ValueError(
            "`display_range` must be (low, high), each a number or one number per channel: "
            f"expected {channels}, got {values.size}."
        )
    return (values[drawn] if values.ndim else values).tolist()
