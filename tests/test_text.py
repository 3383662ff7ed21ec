"""Text from files is shown as it is, and numbers as people read them."""

from __future__ import annotations

import math
from datetime import UTC, datetime

import pytest

from dashboard import formatting


@pytest.mark.parametrize(
    "name",
    ["![t](http://host/x.png)", "<img src=x>", ":red[a]", "$a$", "# a", "**a**", ":material/home:", "http://host"],
)
def test_markup_in_a_name_is_escaped(name: str) -> None:
    shown = formatting.md(name)
    assert shown.replace("\\", "") == name
    assert all(shown[at - 1] == "\\" for at, c in enumerate(shown) if c in "![](<>:$#*/")


def test_control_and_direction_marks_are_removed_and_long_text_is_cut() -> None:
    assert formatting.clean("a\u202eb\nc\x00d") == "ab c d"
    assert formatting.clean("x" * 100, 10) == "x" * 9 + "…"


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (None, "–"),
        (math.nan, "NaN"),
        (math.inf, "∞"),
        (-math.inf, "−∞"),
        (0, "0.0000"),
        (0.93123, "0.9312"),
        (12.3456, "12.35"),
        (123456, "123,456"),
        (0.0000123, "1.23e-05"),
    ],
)
def test_numbers_have_about_four_digits(value: float | None, shown: str) -> None:
    assert formatting.number(value) == shown


@pytest.mark.parametrize(
    ("value", "shown"),
    [(0.0004, "0.4 ms"), (0.012, "12 ms"), (1.42, "1.4 s"), (200, "3 min 20 s"), (120, "2 min"), (7500, "2 h 5 min")],
)
def test_durations(value: float, shown: str) -> None:
    assert formatting.seconds(value) == shown


@pytest.mark.parametrize(("value", "shown"), [(0, "0 B"), (999, "999 B"), (1200, "1.2 kB"), (34_000_000, "34 MB")])
def test_sizes(value: int, shown: str) -> None:
    assert formatting.size(value) == shown


def test_a_clock_time_has_its_day_when_it_is_not_of_today() -> None:
    now = datetime(2026, 11, 3, 15, 0, tzinfo=UTC).timestamp()
    assert formatting.clock(now - 3600, now, UTC) == "14:00"
    assert formatting.clock(now - 86400, now, UTC) == "2 Nov, 15:00"
    assert formatting.clock(now - 365 * 86400, now, UTC) == "3 Nov 2025, 15:00"


def test_plurals() -> None:
    assert formatting.plural(1, "image") == "1 image"
    assert formatting.plural(2000, "image") == "2,000 images"
