"""Formatting for the screen: text from files made safe, numbers, durations and times made readable."""

from __future__ import annotations

import math
import re
from datetime import datetime, tzinfo

_DIRECTION_MARKS = frozenset("\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
_MARKUP = re.compile(r"([\\`*_{}\[\]()<>#+\-.!|$:~^\"'&@=/])")


def clean(text: str, limit: int = 80) -> str:
    """`text` on one line without control and direction marks, cut to `limit` characters."""
    shown = "".join(c if c.isprintable() else " " for c in text if c not in _DIRECTION_MARKS)
    return shown if len(shown) <= limit else shown[: limit - 1] + "…"


def md(text: str, limit: int = 80) -> str:
    """`text` for a place that reads Markdown (labels, captions, metrics): shown as it is, never as markup."""
    return _MARKUP.sub(r"\\\1", clean(text, limit))


def number(value: float | None, digits: int = 4) -> str:
    """`value` with about `digits` significant digits: `0.9312`, `1.23e-05`, `NaN`, `∞`; a dash for None.

    The browser has the same rules, in browser/format.js; tests/js/cases/format.json is the table that both are tested
    against.
    """
    if value is None:
        return "–"
    if math.isnan(value):
        return "NaN"
    sign, size = "−" if value < 0 else "", abs(value)
    if math.isinf(size):
        return f"{sign}∞"
    if size != 0 and (size < 1e-3 or size >= 1e6):
        return f"{sign}{size:.{digits - 2}e}"
    whole = int(size)
    decimals = max(0, digits - (len(str(whole)) if whole else 0))
    return f"{sign}{size:,.{decimals}f}"


def percent(part: float, digits: int = 1) -> str:
    """A share of 0 to 1 as `93.1 %`."""
    return "–" if math.isnan(part) else f"{100 * part:.{digits}f} %"


def seconds(value: float) -> str:
    """A duration: `0.4 ms`, `12 ms`, `1.4 s`, `3 min 20 s`, `2 h 5 min`."""
    if value < 0.9995:
        return f"{value * 1e3:.1f} ms" if value < 0.01 else f"{value * 1e3:.0f} ms"
    if value < 60:
        return f"{value:.1f} s"
    minutes, left = divmod(round(value), 60)
    if minutes < 60:
        return f"{minutes} min {left} s" if left else f"{minutes} min"
    return f"{minutes // 60} h {minutes % 60} min"


def size(count: float) -> str:
    """Bytes as `12 kB`, `3.4 MB` (decimal units)."""
    for unit in ("B", "kB", "MB", "GB"):
        if count < 1000:
            return f"{count:.0f} {unit}" if unit == "B" or count >= 10 else f"{count:.1f} {unit}"
        count /= 1000
    return f"{count:.1f} TB"


def clock(when: float, now: float, zone: tzinfo | None = None) -> str:
    """A time as `14:02` when it is of today, else `3 Nov, 14:02`, with the year when it is another."""
    then, today = datetime.fromtimestamp(when, zone), datetime.fromtimestamp(now, zone)
    if then.date() == today.date():
        return f"{then:%H:%M}"
    year = f" {then.year}" if then.year != today.year else ""
    return f"{then.day} {then:%b}{year}, {then:%H:%M}"


def plural(count: int, one: str, many: str | None = None) -> str:
    """`1 image`, `2,000 images`."""
    return f"{count:,} {one if count == 1 else many or one + 's'}"
