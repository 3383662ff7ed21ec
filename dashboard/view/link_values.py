"""Codecs for single values of a query string; readers raise ValueError with what they expected."""

from __future__ import annotations

import math
from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import Any

from logger import schema

TEXT_LIMIT = 200


@dataclass(frozen=True)
class Codec:
    """One field of the query: from its text (raises ValueError with what it must be) and back."""

    read: Callable[[str], Any]
    write: Callable[[Any], str] = str
    many: bool = False
    """Whether it may be given several times."""


def short_text(value: str) -> str:
    """Text of at most TEXT_LIMIT characters."""
    if len(value) > TEXT_LIMIT:
        raise ValueError(f"must be at most {TEXT_LIMIT} characters")
    return value


def choice(allowed: Collection[str]) -> Callable[[str], str]:
    """One of `allowed`."""

    def read(value: str) -> str:
        if value not in allowed:
            raise ValueError(f"must be one of {', '.join(allowed)}")
        return value

    return read


def whole(lowest: int) -> Callable[[str], int]:
    """A whole number from `lowest`, of at most nine digits."""

    def read(value: str) -> int:
        if not value.isascii() or not value.isdigit() or len(value) > 9 or int(value) < lowest:
            raise ValueError(f"must be a whole number from {lowest}")
        return int(value)

    return read


def share(value: str) -> float:
    """A number from 0 to 1."""
    try:
        got = float(value)
    except ValueError:
        got = math.nan
    if not 0 <= got <= 1:
        raise ValueError("must be a number from 0 to 1")
    return got


def smoothing(value: str) -> float:
    """A share, at most 0.99."""
    return min(share(value), 0.99)


def span(value: str) -> tuple[float, float]:
    """Two shares, `0.2..0.9`, in either order."""
    low, dots, high = value.partition("..")
    if not dots:
        raise ValueError("must be two numbers from 0 to 1, as in 0.2..0.9")
    one, other = share(low), share(high)
    return (one, other) if one <= other else (other, one)


def flag(value: str) -> bool:
    """`1` or `0`."""
    return choice(("1", "0"))(value) == "1"


def write_flag(value: bool) -> str:
    """`1` or `0`."""
    return "1" if value else "0"


def predicted(value: str) -> int:
    """A class index, or `invalid`."""
    return schema.INVALID if value == "invalid" else whole(0)(value)


def epoch(value: str) -> int:
    """An epoch from 0, which the URL counts from 1."""
    return whole(1)(value) - 1
