"""Arguments of `Run`, checked at the call: what was expected, what came, what to do."""

from __future__ import annotations

import math
import os
from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from numbers import Integral
from pathlib import Path
from typing import Any

import numpy as np

from . import schema
from .data.arrays import as_numpy
from .data.values import text_of

MOST_SPREAD = 100
"""Entries up to which an array that is logged as one metric becomes metrics of their own."""


def runs_dir(given: str | os.PathLike[str]) -> Path:
    """The folder of runs. `~` is the home folder. Raises ValueError for a URL, NotADirectoryError for a file."""
    text = os.fsdecode(given)
    if "://" in text:
        raise ValueError(
            f"`runs_dir` must be a folder on this machine, got the URL {text!r}. Pass a local folder, and copy it "
            "to the bucket or mount that."
        )
    path = Path(text).expanduser()
    if path.exists() and not path.is_dir():
        raise NotADirectoryError(f"`runs_dir` must be a folder, got the file {path}.")
    return path


def class_names(given: Sequence[str] | Mapping[Any, Any] | None) -> list[str] | None:
    """Names by index, from a sequence, {index: name}, or {name: index} as datasets made of folders have it.

    Raises TypeError or ValueError for anything else: texts, sets (they have no order), dicts with gaps.
    """
    if given is None:
        return None
    if isinstance(given, str | bytes):
        raise TypeError(f"`class_names` must be a list of names, got the text {given!r}. Pass [{given!r}, ...].")
    if isinstance(given, AbstractSet) and not isinstance(given, Mapping) and type(given).__name__ != "dict_keys":
        raise TypeError(
            "`class_names` must be in the order of the class indices, got a set, which has no order. "
            "Pass sorted(names) if that is the order of your labels."
        )
    names = _by_index(given) if isinstance(given, Mapping) else list(given)
    if missing := [i for i, name in enumerate(names) if name is None or isinstance(name, list | tuple | dict)]:
        raise TypeError(f"`class_names` must be texts, got {names[missing[0]]!r} for class {missing[0]}.")
    return [text_of(name) for name in names]


def _by_index(given: Mapping[Any, Any]) -> list[Any]:
    named_by_text = all(isinstance(key, str | bytes) for key in given)
    if given and named_by_text and all(_is_whole(value) for value in given.values()):
        given = {index: name for name, index in given.items()}
    try:
        by_number = {int(key): name for key, name in given.items()}
    except (TypeError, ValueError):
        shown = list(given.items())[:3]
        raise ValueError(f"`class_names` must be {{index: name}} or {{name: index}}, got {dict(shown)!r}.") from None
    keys = sorted(by_number)
    if keys != list(range(len(given))):
        raise ValueError(f"`class_names` must name the classes 0 to {len(given) - 1}, got the indices {keys[:12]}.")
    return [by_number[key] for key in keys]


def _is_whole(value: Any) -> bool:
    return isinstance(value, Integral) and not isinstance(value, bool)


def display_range(given: Any) -> tuple[Any, Any] | None:
    """(low, high), or None."""
    if given is None:
        return None
    if isinstance(given, str) or not hasattr(given, "__len__") or len(given) != 2:
        raise ValueError(f"`display_range` must be (low, high), the values shown as black and white, got {given!r}.")
    return given[0], given[1]


def split(name: str) -> str:
    """One of the known splits."""
    if name not in schema.SPLITS:
        raise ValueError(f"`split` must be one of {', '.join(schema.SPLITS)}, got {name!r}.")
    return name


def moment(epoch: Any, step: Any) -> tuple[int | None, int | None]:
    """The epoch and the step as whole numbers from 0, at least one of them: of any integer type, or whole floats."""
    if epoch is None and step is None:
        raise ValueError("Pass the epoch (from 0), or step= for numbers within an epoch.")
    return _whole("epoch", epoch), _whole("step", step)


def _whole(name: str, value: Any) -> int | None:
    if value is None:
        return None
    number = value
    if not isinstance(value, str | bytes | bool | np.bool_) and np.ndim(value) == 0 and hasattr(value, "item"):
        number = value.item()
    if isinstance(number, float) and number.is_integer():
        number = int(number)
    if not _is_whole(number) or not 0 <= number < 2**31:
        raise ValueError(f"`{name}` must be a whole number from 0, got {value!r}.")
    return int(number)


def one_of(**given: Any) -> str:
    """The name of the one argument that is not None."""
    there = [name for name, value in given.items() if value is not None]
    if len(there) != 1:
        raise ValueError(f"Pass exactly one of {', '.join(given)}, got {' and '.join(there) or 'none'}.")
    return there[0]


def numbers(values: Mapping[str, Any]) -> tuple[dict[str, float], dict[str, str]]:
    """Named numbers as floats, and by name a sentence for each value that is none and is left out.

    numpy scalars and tensors of one element are numbers; an array of up to MOST_SPREAD becomes name_0, name_1 and so
    on. Raises TypeError when `values` is no mapping.
    """
    if not isinstance(values, Mapping):
        raise TypeError(f"Metrics must be a dict of name and number, got {type(values).__name__}.")
    found: dict[str, float] = {}
    left_out: dict[str, str] = {}
    for key, value in values.items():
        name = text_of(key)
        spread = _numbers_of(value)
        if isinstance(spread, str):
            left_out[name] = f"The metric {name!r} {spread} and is left out."
        elif len(spread) == 1 and np.ndim(value) == 0:
            found[name] = spread[0]
        else:
            found |= {f"{name}_{i}": number for i, number in enumerate(spread)}
    return found, left_out


def _numbers_of(value: Any) -> list[float] | str:
    """The numbers that a metric is, or why it is none."""
    if isinstance(value, str | bytes):
        try:
            return [float(value)]
        except ValueError:
            return f"is the text {value[:40]!r}, no number,"
    try:
        array = as_numpy(value, "metric")
        if array.size > MOST_SPREAD:
            return f"holds {array.size:,} numbers, more than {MOST_SPREAD},"
        if array.dtype.kind not in "biufO" or (array.dtype.kind == "O" and array.ndim == 0 and value is None):
            return f"is {type(value).__name__}, no number,"
        return [_float(item) for item in array.reshape(-1).tolist()]
    except (TypeError, ValueError, RecursionError):
        return f"is {type(value).__name__}, no number,"


def _float(value: Any) -> float:
    try:
        return float(value)
    except OverflowError:
        return math.inf if value > 0 else -math.inf
