"""Input values -> pixels to show: one mapping for a whole run, decided once over the pooled samples.

Never stretched per image: a batch that is too dark must look too dark.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .arrays import Array, Group
from .statistics import pooled_percentiles

_SLACK = 1e-3


@dataclass(frozen=True)
class Display:
    """Values `low` to `high` (numbers, or one each per channel) are shown as 0 to 255.

    `shown` channels of `channels` are drawn: 1 (grey), 3 (colours) or 4 (colours and opacity).
    """

    rule: str
    low: float | list[float]
    high: float | list[float]
    channels: int
    shown: int
    reason: str

    def encode(self) -> dict[str, Any]:
        """As run.json holds it."""
        return dict(vars(self))

    @classmethod
    def decode(cls, raw: dict[str, Any]) -> Display:
        """From run.json."""
        return cls(**{k: raw[k] for k in ("rule", "low", "high", "channels", "shown", "reason")})

    def pixels(self, images: Array) -> NDArray[np.uint8]:
        """The shown pixels of images (n, H, W, C): (n, H, W, 1 or 3 or 4) uint8; NaN becomes 0.

        A new contiguous array always, so that the caller may go on using `images`.
        """
        images = images[..., : shown_channels(images.shape[-1])]
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


def shown_channels(channels: int) -> int:
    """How many of an input's channels are drawn: all of 1, 3 and 4; the first of 2; the first three of more."""
    return channels if channels in (1, 3, 4) else 1 if channels < 3 else 3


def decide_display(groups: list[Group], low: float, high: float, given: Any = None) -> Display:
    """The mapping for a run, from the pooled smallest and largest finite values of its first samples.

    `given` is the person's `display_range`: (low, high), numbers or one each per channel.
    Rules: field practice, stated in docs/run-folder.md.
    """
    channels = groups[0].pixels.shape[-1]
    kind, dtype = groups[0].pixels.dtype.kind, groups[0].pixels.dtype
    shown = shown_channels(channels)

    def display(rule: str, low: Any, high: Any, reason: str) -> Display:
        if shown != channels:
            reason += f"; {shown} of {channels} channels shown"
        return Display(rule, low, high, channels, shown, reason)

    if given is not None:
        ends = [_given_end(end, channels) for end in given]
        ends = [(end[:shown] if end.ndim else end).tolist() for end in ends]
        return display("given", ends[0], ends[1], "as given in display_range")
    if dtype == np.uint8:
        return display("as is", 0.0, 255.0, "uint8 shown as it is")
    if kind in "biu":
        return _decide_integers(display, dtype, low, high)
    if not np.isfinite(low):
        return display("[0, 1]", 0.0, 1.0, "no finite value to judge by")
    if low >= -_SLACK and high <= 1 + _SLACK:
        return display("[0, 1]", 0.0, 1.0, f"{dtype} from {low:.3g} to {high:.3g} read as 0 to 1")
    if low >= -1 - _SLACK and high <= 1 + _SLACK:
        return display("[-1, 1]", -1.0, 1.0, f"{dtype} from {low:.3g} to {high:.3g} read as -1 to 1")
    if low >= -_SLACK and high <= 255.5:
        return display("[0, 255]", 0.0, 255.0, f"{dtype} from {low:.3g} to {high:.3g} read as 0 to 255")
    p_low, p_high = pooled_percentiles(groups, (0.5, 99.5))
    if not p_high > p_low:
        p_low, p_high = low, max(high, low + 1.0)
    reason = (
        f"{dtype} from {low:.3g} to {high:.3g}: colours rescaled, {p_low:.3g} to {p_high:.3g} shown as black to white"
    )
    return display("rescaled", p_low, p_high, reason)


def _given_end(end: Any, channels: int) -> NDArray[np.float64]:
    values = np.asarray(end, np.float64)
    if values.ndim and values.shape != (channels,):
        raise ValueError(
            "`display_range` must be (low, high), each a number or one number per channel: "
            f"expected {channels}, got {values.size}."
        )
    return values


def _decide_integers(display: Any, dtype: np.dtype[Any], low: float, high: float) -> Display:
    if dtype.kind == "b" or (high <= 1 and low >= 0):
        result: Display = display("0 or 1", 0.0, 1.0, f"{dtype} of 0 and 1 shown as black and white")
    elif low >= 0 and high <= 255:
        result = display("as is", 0.0, 255.0, f"{dtype} from {low:.0f} to {high:.0f} shown as it is")
    elif low >= 0 and high <= 65535:
        result = display("16 bit", 0.0, 65535.0, f"{dtype} from {low:.0f} to {high:.0f} read as 16 bit")
    else:
        result = display("rescaled", low, high, f"{dtype} from {low:.0f} to {high:.0f}: rescaled to black and white")
    return result
