"""run.json, status.json and lines of metrics.jsonl, read strictly: each value by its own type, nested ones too.

One bad value costs that value: it falls back to its default, and a sentence names file, field and what came. A file
that is no JSON object, or of a newer format, raises FormatError.
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Mapping
from dataclasses import fields
from typing import Any, TypeVar, get_type_hints

import msgspec

from logger import schema

T = TypeVar("T")
MOST_CLASSES = 100_000
"""Classes that a page can list; a larger number is taken for damage."""
_LARGEST = 2**31 - 1
_NONFINITE = {"NaN": math.nan, "Infinity": math.inf, "-Infinity": -math.inf}
_BOUNDS: dict[str, tuple[float, float]] = {
    **dict.fromkeys(("created", "started", "heartbeat", "finished"), (0.0, 1e11)),
    "heartbeat_every": (0.0, 86_400.0),
    **dict.fromkeys(("cell", "columns"), (1, 16_384)),
    **dict.fromkeys(("samples", "available", "epoch", "epochs"), (0, _LARGEST)),
}
"""Lowest and highest value of numbers that pages compute with."""


def read_run(text: str) -> tuple[schema.RunInfo, list[str]]:
    """The RunInfo of run.json, and a sentence for each value that was left out."""
    raw = _object(text, schema.RUN_FILE)
    given = raw.pop("splits", {})
    values, problems = _known_values(schema.RunInfo, raw, schema.RUN_FILE)
    splits = {}
    if not isinstance(given, dict):
        problems.append(_sentence(schema.RUN_FILE, "splits", "an object", given))
        given = {}
    for name, value in given.items():
        if name not in schema.SPLITS:
            continue
        if not isinstance(value, dict):
            problems.append(_sentence(schema.RUN_FILE, f"splits.{name}", "an object", value))
            continue
        found, wrong = _known_values(schema.SplitInfo, value, schema.RUN_FILE, f"splits.{name}.")
        splits[name] = schema.SplitInfo(**found)
        problems += wrong
    for name, count in (("classes", values.get("classes")), ("class_names", len(values.get("class_names") or ()))):
        if count is not None and not 0 <= count <= MOST_CLASSES:
            values.pop(name)
            problems.append(
                f"{schema.RUN_FILE}: `{name}` may count up to {MOST_CLASSES:,}, got {count:,}; it is left out."
            )
    return schema.RunInfo(**{"name": "", "created": 0.0, **values, "splits": splits}), problems


def read_status(text: str) -> tuple[schema.Status, list[str]]:
    """The Status of status.json, and a sentence for each value that was left out."""
    values, problems = _known_values(schema.Status, _object(text, schema.STATUS_FILE), schema.STATUS_FILE)
    return schema.Status(**values), problems


def read_metrics(text: str) -> tuple[schema.MetricsLine, int]:
    """One line of metrics.jsonl, and how many of its values were left out.

    Raises FormatError when nothing of it can be placed: no object, no values, or no whole epoch and step.
    """
    raw = _object(text, schema.METRICS_FILE)
    given = raw.get("values")
    if not isinstance(given, dict):
        raise schema.FormatError(f"{schema.METRICS_FILE}: expected an object with `values`, got {text[:80]!r}.")
    names = raw.get("nonfinite")
    values = {str(name): _metric(value, names, name) for name, value in given.items()}
    kept = {name: value for name, value in values.items() if value is not None}
    epoch, step = (_count(raw.get(name)) for name in ("epoch", "step"))
    if (epoch is None and step is None) or (given and not kept):
        raise schema.FormatError(
            f"{schema.METRICS_FILE}: expected a whole epoch or step and numbers, got {text[:80]!r}."
        )
    time = raw.get("time")
    known = isinstance(time, int | float) and not isinstance(time, bool) and abs(time) < 1e11
    return schema.MetricsLine(kept, float(time or 0.0) if known else 0.0, epoch, step), len(values) - len(kept)


def _metric(value: Any, nonfinite: Any, name: str) -> float | None:
    """A value as a float: null is what `nonfinite` names, NaN without a name; None for what is no number."""
    if value is None:
        spelling = nonfinite.get(name, "NaN") if isinstance(nonfinite, dict) else "NaN"
        return _NONFINITE.get(spelling) if isinstance(spelling, str) else None
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    try:
        return float(value)
    except OverflowError:
        return None


def _count(value: Any) -> int | None:
    whole = isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= _LARGEST
    return value if whole else None


def _object(text: str, file: str) -> dict[str, Any]:
    try:
        return schema.parse_object(text, file)
    except RecursionError as e:
        raise schema.FormatError(f"{file} is nested too deeply to be read.") from e


def _known_values(
    cls: type[Any], raw: Mapping[str, Any], file: str, prefix: str = ""
) -> tuple[dict[str, Any], list[str]]:
    """Those fields of `cls` in `raw` whose values have their types; what newer writers add is ignored."""
    values: dict[str, Any] = {}
    problems: list[str] = []
    types = get_type_hints(cls)
    for field in fields(cls):
        if field.name not in raw:
            continue
        try:
            value = msgspec.convert(raw[field.name], types[field.name])
            _check_number(field.name, value)
            values[field.name] = value
        except (msgspec.ValidationError, ValueError, OverflowError, RecursionError):
            problems.append(_sentence(file, prefix + field.name, str(field.type), raw[field.name]))
    return values, problems


def _check_number(name: str, value: Any) -> None:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return
    low, high = _BOUNDS.get(name, (-(2.0**53), 2.0**53))
    if not low <= value <= high:
        raise ValueError(f"outside of {low:g} to {high:g}")


def _sentence(file: str, name: str, expected: str, got: Any) -> str:
    try:
        shown = json.dumps(got, ensure_ascii=True)[:40]
    except (ValueError, RecursionError):
        shown = type(got).__name__
    return f"{file}: `{name}` must be {expected}, got {shown}; it is left out."


Decode = Callable[[str], tuple[T, list[str]]]
"""From a file's text to its document and the problems with single values."""
