"""A view survives its link; a bad link is read as far as possible and the rest is reported."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from dashboard.catalogue.runs import Run
from dashboard.view import link
from logger import schema

EVERYTHING = link.View(
    run="a run&b=ü",
    split="train",
    epoch=0,
    runs=("x", "y&z"),
    find="cnn",
    label=3,
    predicted=-1,
    verdict="wrong",
    confidence=(0.25, 0.9),
    changed=True,
    tag="blurry",
    search="cat dog",
    sort="loss",
    reverse=True,
    group="predicted",
    size=64,
    sample=0,
    compare_run="other",
    compare_epoch=4,
    normalize="label",
    diagonal=False,
    order="cluster",
    metrics=("loss", "f1"),
    smoothing=0.65,
    log_y=True,
    x="time",
)


def as_query(encoded: dict[str, str | list[str]]) -> dict[str, list[str]]:
    return {k: [v] if isinstance(v, str) else v for k, v in encoded.items()}


def run(name: str = "a", *, epochs: tuple[int, ...] = (0, 1, 2), classes: int | None = 10) -> Run:
    info = schema.RunInfo(name=name, created=0.0, classes=classes)
    return Run(name, Path(name), info, schema.Status(), epochs={"val": epochs} if epochs else {})


def test_every_field_has_a_codec_and_a_value_that_is_not_its_default_here() -> None:
    assert tuple(link.CODECS) == link.FIELDS
    assert not [f for f in link.FIELDS if getattr(EVERYTHING, f) == getattr(link.DEFAULT, f)]


def test_the_default_view_is_an_empty_query() -> None:
    assert link.encode(link.View()) == {}
    assert link.decode({}) == (link.View(), [])


@pytest.mark.parametrize("field", link.FIELDS)
def test_each_field_comes_back_from_the_query(field: str) -> None:
    view = replace(link.View(), **{field: getattr(EVERYTHING, field)})
    assert link.decode(as_query(link.encode(view))) == (view, [])


def test_all_fields_together_come_back_from_the_query() -> None:
    assert link.decode(as_query(link.encode(EVERYTHING))) == (EVERYTHING, [])


def test_epochs_count_from_one_in_the_query() -> None:
    assert link.encode(link.View(epoch=6, compare_epoch=0)) == {"epoch": "7", "compare_epoch": "1"}


def test_only_the_named_fields_are_written_and_read() -> None:
    view = link.View(run="a", label=3)
    assert link.encode(view, ("run",)) == {"run": "a"}
    assert link.decode({"run": ["a"], "label": ["3"]}, ("run",)) == (link.View(run="a"), [])


@pytest.mark.parametrize(
    ("query", "message"),
    [
        ({"epoch": ["0"]}, "whole number from 1"),
        ({"epoch": ["abc"]}, "whole number"),
        ({"epoch": ["-3"]}, "whole number"),
        ({"epoch": ["99999999999999"]}, "whole number"),
        ({"epoch": ["٣"]}, "whole number"),
        ({"label": ["-1"]}, "whole number from 0"),
        ({"verdict": ["maybe"]}, "one of correct, wrong"),
        ({"split": ["../etc"]}, "one of train"),
        ({"confidence": ["0.5"]}, "two numbers"),
        ({"confidence": ["a..b"]}, "0 to 1"),
        ({"confidence": ["nan..1"]}, "0 to 1"),
        ({"changed": ["yes"]}, "one of 1, 0"),
        ({"smoothing": ["2"]}, "0 to 1"),
        ({"search": ["x" * 500]}, "at most 200"),
        ({"nonsense": ["1"]}, "not known"),
    ],
)
def test_unreadable_values_are_ignored_and_reported(query: dict[str, list[str]], message: str) -> None:
    view, problems = link.decode({**query, "run": ["a"]})
    assert view == link.View(run="a")
    assert len(problems) == 1 and message in problems[0] and next(iter(query)) in problems[0]


def test_a_range_the_wrong_way_round_is_turned_and_a_repeated_value_counts_last() -> None:
    view, problems = link.decode({"confidence": ["0.9..0.1"], "sort": ["loss", "margin"], "split": [""]})
    assert (view, problems) == (link.View(confidence=(0.1, 0.9), sort="margin"), [])


@pytest.mark.parametrize(
    ("fields", "fitted", "message"),
    [
        ({"run": "gone"}, {}, "gone"),
        ({"runs": ("a", "gone")}, {"runs": ("a",)}, "gone"),
        ({"run": "a", "epoch": 9}, {"run": "a"}, "epoch 10"),
        ({"run": "a", "split": "test"}, {"run": "a"}, "test"),
        ({"run": "a", "predicted": 10}, {"run": "a"}, "class 10"),
        ({"run": "a", "compare_run": "gone", "compare_epoch": 1}, {"run": "a"}, "nothing is compared"),
    ],
)
def test_values_that_no_run_has_are_ignored_and_reported(
    fields: dict[str, Any], fitted: dict[str, Any], message: str
) -> None:
    view, problems = link.fit(link.View(**fields), [run()])
    assert view == link.View(**fitted)
    assert len(problems) == 1 and message in problems[0]


def test_a_view_that_fits_is_left_alone() -> None:
    view = link.View(run="a", split="val", epoch=2, label=17, predicted=9, runs=("a",))
    assert link.fit(view, [run()]) == (view, [])


def test_without_any_run_the_view_still_fits() -> None:
    assert link.fit(link.View(), []) == (link.View(), [])
