"""Reads run.json, status.json and lines of metrics.jsonl strictly: the type of each value is checked, nested ones too.

A bad value falls back to its default, and a sentence names the file, the field and the value. Everything else is read.
A file that is not a JSON object, or of a newer format, raises FormatError.
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
"""Most classes that a page can list; a larger number counts as damage."""
_LARGEST = 2**31 - 1
_NONFINITE = {"NaN": math.nan, "Infinity": math.inf, "-Infinity": -math.inf}
_BOUNDS: dict[str, tuple[float, float]] = {
    **dict.fromkeys(("created", "started", "heartbeat", "finished"), (0.0, 1e11)),
    "heartbeat_every": (0.0, 86_400.0),
    "cost": (0.0, 1e11),
    **dict.fromkeys(("cell", "columns"), (1, 16_384)),
    **dict.fromkeys(("samples", "available", "epoch", "epochs"), (0, _LARGEST)),
}
"""Lowest and highest value of numbers that pages compute with; of `cost`, of each number in it."""


_WORDS = {
    "str": "text",
    "int": "a whole number",
    "float": "a number",
    "bool": "true or false",
    "list[str]": "a list of texts",
    "dict[str, Any]": "an object",
    "dict[str, float]": "an object of numbers",
}


def read_run(text: str) -> tuple[schema.RunInfo, list[str]]:
    """The content of run.json, and a sentence for each value left out."""
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
    """The content of status.json, and a sentence for each value left out."""
    values, problems = _known_values(schema.Status, _object(text, schema.STATUS_FILE), schema.STATUS_FILE)
    return schema.Status(**values), problems


def read_metrics(text: str) -> tuple[schema.MetricsLine, int]:
    """One line of metrics.jsonl, and the number of values left out. A missing time is NaN.

    Raises FormatError for a line without a usable value, or with neither a usable epoch nor a usable step.
    """
    raw = _object(text, schema.METRICS_FILE)
    given = raw.get("values")
    if not isinstance(given, dict):
        raise schema.FormatError(f"{schema.METRICS_FILE}: expected an object with `values`, got {text[:80]!r}.")
    nonfinite = raw.get("nonfinite")
    values = {name: _metric(value, nonfinite, name) for name, value in given.items()}
    usable = {name: value for name, value in values.items() if value is not None}
    epoch, step, time = _count(raw.get("epoch")), _count(raw.get("step")), _time(raw.get("time"))
    if (epoch is None and step is None) or (given and not usable):
        raise schema.FormatError(
            f"{schema.METRICS_FILE}: expected a whole epoch or step and numbers, got {text[:80]!r}."
        )
    placed = {"epoch": epoch, "step": step, "time": time}
    wrong = sum(value is None and raw.get(name) is not None for name, value in placed.items())
    line = schema.MetricsLine(usable, math.nan if time is None else time, epoch, step)
    return line, wrong + len(values) - len(usable)


def _metric(value: Any, nonfinite: Any, name: str) -> float | None:
    """A value as a float, None when it is not a number. JSON's null is the value that `nonfinite` names, else NaN."""
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
    if isinstance(value, float) and value.is_integer():  # Some writers have no integers.
        value = int(value)
    whole = isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= _LARGEST
    return value if whole else None


def _time(value: Any) -> float | None:
    known = isinstance(value, int | float) and not isinstance(value, bool) and abs(value) < 1e11
    return float(value) if known else None


def _object(text: str, file: str) -> dict[str, Any]:
    try:
        found = schema.parse_object(text, file, _integer)
        # JSON can escape half of a surrogate pair, which no text on a page or in a URL can hold.
        return _encodable(found) if "\\ud" in text.lower() else found
    except RecursionError as e:
        raise schema.FormatError(f"{file} is nested too deeply to be read.") from e


def _integer(digits: str) -> int | str:
    """An integer. One of thousands of digits, which Python refuses to convert, stays text."""
    return int(digits) if len(digits) < 1_000 else f"{digits[:20]}…"


def _encodable(value: Any) -> Any:
    """`value` with each unpaired surrogate in its texts replaced by U+FFFD."""
    if isinstance(value, str):
        return value.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    if isinstance(value, list):
        return [_encodable(item) for item in value]
    if isinstance(value, dict):
        return {_encodable(name): _encodable(item) for name, item in value.items()}
    return value


def _known_values(
    cls: type[Any], raw: Mapping[str, Any], file: str, prefix: str = ""
) -> tuple[dict[str, Any], list[str]]:
    """The fields of `cls` in `raw` whose values have the right type. Unknown fields, of newer writers, are ignored."""
    values: dict[str, Any] = {}
    problems: list[str] = []
    types = get_type_hints(cls)
    for field in fields(cls):
        if field.name not in raw:
            continue
        try:
            value = msgspec.convert(raw[field.name], types[field.name])
            if all(_in_bounds(field.name, item) for item in (value.values() if field.name == "cost" else [value])):
                values[field.name] = value
                continue
        except (msgspec.ValidationError, OverflowError, RecursionError):
            pass
        problems.append(_sentence(file, prefix + field.name, _expected(field.name, str(field.type)), raw[field.name]))
    return values, problems


def _in_bounds(name: str, value: Any) -> bool:
    low, high = _BOUNDS.get(name, (-(2.0**53), 2.0**53))
    return isinstance(value, bool) or not isinstance(value, int | float) or low <= value <= high


def _expected(name: str, type_name: str) -> str:
    """What the value of a field must be, in words."""
    kind, _, null = type_name.partition(" | ")
    words = _WORDS.get(kind, kind)
    if name in _BOUNDS:
        low, high = _BOUNDS[name]
        words += f" from {low:,.0f} to {high:,.0f}"
    return f"{words} or null" if null else words


def _sentence(file: str, name: str, expected: str, got: Any) -> str:
    try:
        shown = json.dumps(got, ensure_ascii=True)[:40]
    except (ValueError, RecursionError):
        shown = type(got).__name__
    return f"{file}: `{name}` must be {expected}, got {shown}; it is left out."


Decode = Callable[[str], tuple[T, list[str]]]
"""From a file's text to its document and the problems with single values."""
