"""How input values are shown as pixels, in words, from any run.json."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from dashboard.catalogue.runs import Run
from dashboard.reports.display_rule import DisplayRule, display_rule
from logger import schema


def rule(**display: Any) -> DisplayRule | None:
    return display_rule(Run("a", Path("a"), schema.RunInfo("a", 0.0, display=display), schema.Status()))


@pytest.mark.parametrize(
    ("display", "text", "altered"),
    [
        ({"rule": "as is", "low": 0, "high": 255}, "pixel values as they are", False),
        ({"rule": "[-1, 1]", "low": -1.0, "high": 1.0}, "−1 to 1 as black to white", False),
        ({"rule": "rescaled", "low": -2.11, "high": 2.64}, "colours rescaled: −2.11 to 2.64 as black to white", True),
        ({"rule": "given", "low": 0, "high": 4095}, "display_range: 0 to 4095 as black to white", True),
        (
            {"rule": "rescaled", "low": [0, 1], "high": [2, 3]},
            "colours rescaled: each channel's own range as black to white",
            True,
        ),
        (
            {"rule": "[0, 1]", "low": 0, "high": 1, "channels": 13, "shown": 3, "drawn": [3, 2, 1]},
            "0 to 1 as black to white, 3 of 13 channels drawn (3, 2, 1)",
            True,
        ),
        ({"rule": "[0, 1]", "low": 0, "high": 1, "provisional": True}, "0 to 1 as black to white, provisional", True),
    ],
)
def test_the_mapping_in_words(display: dict[str, Any], text: str, altered: bool) -> None:
    assert rule(**display, reason="because") == DisplayRule(text, "because", altered)


@pytest.mark.parametrize("display", [{}, {"rule": 3}, {"rule": ""}, {"low": 0, "high": 1}])
def test_a_run_that_does_not_say_has_no_rule(display: dict[str, Any]) -> None:
    assert rule(**display) is None


def test_odd_values_are_passed_over() -> None:
    assert rule(rule="[0, 1]", low="x", high=None, channels="4", shown=[], drawn=3, reason=7) == DisplayRule(
        "[0, 1]", "", False
    )
