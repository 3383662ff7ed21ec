"""Which input values are displayed as black and as white, inferred from how the pooled values fill a range.

The rules are the same for every dtype. Percentiles are compared with the ranges in common use, so that a few outliers
change nothing; where none fits, the range of the values is displayed, with a note. Values that use a small part of a
standard range keep that range: images that are too dark must look too dark.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

PERCENTS = (0.1, 99.9)
"""Percentiles within which values decide: hot pixels and the overshoot of resizing lie outside."""
OVERSHOOT = 0.25
"""How far these percentiles may lie outside a range, as a share of it: brightness changes, bicubic resizing."""
FEW_NEGATIVE = 0.05
"""Up to this share of negative values a range starts at 0."""
OWN_RANGE_BELOW = 32.0
"""Values above 1 and below this fill neither 0 to 1 nor 0 to 255: their own range is displayed."""
DARK_BELOW = 0.25
"""Images that use less than this share of their range are noted as dark."""
_SLACK = 1e-3
_BIT_DEPTHS = (10, 12, 14, 16)


@dataclass(frozen=True)
class PixelRange:
    """Values from `low` to `high` are displayed as black to white by `rule`; `note` is what to report, or empty."""

    rule: str
    low: float
    high: float
    reason: str
    note: str = ""


def decide_range(dtype: np.dtype[Any], values: NDArray[np.float32], low: float, high: float) -> PixelRange:
    """The range for inputs of `dtype`.

    `values` (n,) is an even sample of their finite values, `low` and `high` their exact minimum and maximum. The rules
    and their reasons are listed in docs/run-folder.md.
    """
    if dtype.kind == "b" or (dtype.kind in "iu" and dtype != np.uint8 and 0 <= low and high <= 1):
        return PixelRange("0 or 1", 0.0, 1.0, f"{dtype} of 0 and 1 shown as black and white")
    if not len(values):
        return PixelRange("[0, 1]", 0.0, 1.0, "no finite value yet")
    bottom, top = (float(p) for p in np.percentile(values, PERCENTS))
    span = f"{dtype} from {low:.4g} to {high:.4g}"
    if dtype == np.uint8:
        return _with_notes(PixelRange("as is", 0.0, 255.0, "uint8 shown as it is"), values, low, high, top)
    negative = float((values < -_SLACK).mean())
    if negative < FEW_NEGATIVE and bottom >= -OVERSHOOT * max(top, _SLACK):
        found = _from_zero(dtype, span, top, high)
    elif dtype.kind == "f" and bottom >= -1 - OVERSHOOT and top <= 1 + OVERSHOOT:
        found = PixelRange("[-1, 1]", -1.0, 1.0, f"{span} read as -1 to 1")
    else:
        found = None
    return _with_notes(found or _rescaled(span, values, low, high), values, low, high, top)


def _from_zero(dtype: np.dtype[Any], span: str, top: float, high: float) -> PixelRange | None:
    if dtype.kind == "f" and top <= 1 + OVERSHOOT:
        return PixelRange("[0, 1]", 0.0, 1.0, f"{span} read as 0 to 1")
    if top < OWN_RANGE_BELOW:
        # The maximum, unless it is an outlier.
        end = high if high <= 1.1 * top else top
        return None if end <= 0 else _own_range(span, 0.0, end)
    if top <= 255.5:
        rule = "[0, 255]" if dtype.kind == "f" else "as is"
        return PixelRange(rule, 0.0, 255.0, f"{span} {'read as 0 to 255' if dtype.kind == 'f' else 'shown as it is'}")
    bits = next((bits for bits in _BIT_DEPTHS if top <= 2**bits - 1), None)
    return None if bits is None else PixelRange(f"{bits} bit", 0.0, 2.0**bits - 1, f"{span} read as {bits} bit")


def _rescaled(span: str, values: NDArray[np.float32], low: float, high: float) -> PixelRange:
    bottom, top = (float(p) for p in np.percentile(values, (0.5, 99.5)))
    if not top > bottom:
        bottom, top = low, max(high, low + 1.0)
    return _own_range(span, bottom, top)


def _own_range(span: str, low: float, high: float) -> PixelRange:
    reason = f"{span} fills no standard range: colours rescaled, {low:.4g} to {high:.4g} shown as black to white"
    return PixelRange("rescaled", low, high, reason, f"Images: {reason}. Pass display_range=(low, high) to choose.")


def _with_notes(found: PixelRange, values: NDArray[np.float32], low: float, high: float, top: float) -> PixelRange:
    """`found`, with the share that it clips and a note when little of it is used."""
    slack = _SLACK * (found.high - found.low)
    reason, notes = found.reason, [found.note] if found.note else []
    if low < found.low - slack or high > found.high + slack:
        share = float(((values < found.low - slack) | (values > found.high + slack)).mean())
        clipped = f"{_percent(share)} of the values lie outside and are clipped"
        reason = f"{reason}; {clipped}"
        if share >= 0.001 and found.rule != "rescaled":
            notes.append(f"Images: {reason}. Pass display_range=(low, high) to choose another range.")
    used = (top - found.low) / (found.high - found.low)
    if found.rule not in ("rescaled", "[-1, 1]") and used < DARK_BELOW and high > low:
        notes.append(
            f"Images are dark: their values reach {top:.3g} in a range up to {found.high:.4g}, and are shown so. "
            "Pass display_range=(low, high) if they have another range."
        )
    return PixelRange(found.rule, found.low, found.high, reason, " ".join(notes))


def _percent(share: float) -> str:
    return "less than 0.01 %" if share < 1e-4 else f"{100 * share:.2g} %"
