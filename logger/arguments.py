"""Checks of the arguments of `Run`. Errors say what was expected, what came, and what to do."""

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

MAX_METRIC_ENTRIES = 100
"""An array of up to this many entries is logged as one metric per entry."""


def runs_dir(given: str | os.PathLike[str]) -> Path:
    """The absolute path of the folder of runs. Raises ValueError for a URL, NotADirectoryError for a file."""
    text = os.fsdecode(given)
    if "://" in text:
        raise ValueError(
            f"`runs_dir` must be a folder on this machine, got the URL {text!r}. Pass a local folder, then copy "
            "it to the bucket; or mount the bucket."
        )
    path = Path(text).expanduser().absolute()
    if path.exists() and not path.is_dir():
        raise NotADirectoryError(f"`runs_dir` must be a folder, got the file {path}.")
    return path


def resume(given: Any) -> bool | Path:
    """Whether to resume the run of the name, or the path of the run to resume. Raises TypeError for anything else."""
    if given is None or isinstance(given, int | np.bool_):
        return bool(given)
    if isinstance(given, str | os.PathLike):
        return Path(os.fsdecode(given)).expanduser().absolute()
    raise TypeError(f"`resume` must be True, False or the folder of a run, got {given!r}.")


def quota(given: Any) -> int | None:
    """The bytes that a run may take, or None. Raises TypeError or ValueError for anything but a positive number."""
    if given is None:
        return None
    if isinstance(given, bool | str | bytes) or not hasattr(given, "__int__"):
        raise TypeError(f"`quota` must be a number of bytes, such as 2 * 10**9, got {given!r}.")
    if not (math.isfinite(given) and given > 0):
        raise ValueError(f"`quota` must be a positive number of bytes, got {given!r}. Leave it out for no limit.")
    return int(given)


def class_names(given: Sequence[str] | Mapping[Any, Any] | None) -> list[str] | None:
    """Names by index, from a sequence, {index: name}, or {name: index} as image folder datasets have it.

    Raises TypeError or ValueError for anything else: a string, a set (it has no order), a dict with gaps.
    """
    if given is None:
        return None
    if isinstance(given, str | bytes):
        raise TypeError(f"`class_names` must be a list of names, got the string {given!r}. Pass [{given!r}, ...].")
    if isinstance(given, AbstractSet) and not isinstance(given, Mapping) and type(given).__name__ != "dict_keys":
        raise TypeError(
            "`class_names` must be in the order of the class indices, got a set, which has no order. "
            "Pass sorted(names) if that is the order of your labels."
        )
    names = _by_index(given) if isinstance(given, Mapping) else list(given)
    if missing := [i for i, name in enumerate(names) if name is None or isinstance(name, list | tuple | dict)]:
        raise TypeError(f"`class_names` must be strings, got {names[missing[0]]!r} for class {missing[0]}.")
    return [text_of(name) for name in names]


def _by_index(given: Mapping[Any, Any]) -> list[Any]:
    keys_are_names = all(isinstance(key, str | bytes) for key in given)
    if given and keys_are_names and all(_is_whole(value) for value in given.values()):
        given = {index: name for name, index in given.items()}
    try:
        by_index = {int(key): name for key, name in given.items()}
    except (TypeError, ValueError):
        shown = list(given.items())[:3]
        raise ValueError(f"`class_names` must be {{index: name}} or {{name: index}}, got {dict(shown)!r}.") from None
    keys = sorted(by_index)
    if keys != list(range(len(given))):
        raise ValueError(f"`class_names` must name the classes 0 to {len(given) - 1}, got the indices {keys[:12]}.")
    return [by_index[key] for key in keys]


def _is_whole(value: Any) -> bool:
    return isinstance(value, Integral) and not isinstance(value, bool)


def display_range(given: Any) -> tuple[Any, Any] | None:
    """(low, high), each a number or one per channel; or None. Raises ValueError for anything else."""
    if given is None:
        return None
    if isinstance(given, str) or not hasattr(given, "__len__") or len(given) != 2:
        raise ValueError(f"`display_range` must be (low, high), the values shown as black and white, got {given!r}.")
    return given[0], given[1]


def check_split(name: str) -> None:
    """Raises ValueError unless `name` is one of `schema.SPLITS`."""
    if name not in schema.SPLITS:
        raise ValueError(f"`split` must be one of {', '.join(schema.SPLITS)}, got {name!r}.")


def whole_epoch(epoch: Any) -> int:
    """The epoch as an integer from 0; takes any integer type and whole floats. Raises ValueError otherwise."""
    found = _whole("epoch", epoch)
    if found is None:
        raise ValueError("Pass the epoch (from 0).")
    return found


def moment(epoch: Any, step: Any) -> tuple[int | None, int | None]:
    """The epoch and the step as integers from 0. Raises ValueError when both are None, as `whole_epoch` does."""
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
    """The name of the only argument that is not None. Raises ValueError when there are none or several."""
    present = [name for name, value in given.items() if value is not None]
    if len(present) != 1:
        raise ValueError(f"Pass exactly one of {', '.join(given)}, got {' and '.join(present) or 'none'}.")
    return present[0]


def numbers(values: Mapping[str, Any]) -> tuple[dict[str, float], dict[str, str]]:
    """Named numbers as floats; and for each value that is not a number, a sentence by name. It is left out.

    Scalars may be of any type that converts to float; an array of up to MAX_METRIC_ENTRIES numbers becomes name_0,
    name_1 and so on. Raises TypeError when `values` is not a mapping.
    """
    if not isinstance(values, Mapping):
        raise TypeError(f"Metrics must be a dict of names and numbers, got {type(values).__name__}.")
    found: dict[str, float] = {}
    rejected: dict[str, str] = {}
    for key, value in values.items():
        name = text_of(key)
        entries = _entries(value)
        if isinstance(entries, str):
            rejected[name] = f"The metric {name!r} {entries} and is left out."
        elif len(entries) == 1 and np.ndim(value) == 0:
            found[name] = entries[0]
        else:
            found |= {f"{name}_{i}": number for i, number in enumerate(entries)}
    return found, rejected


def _entries(value: Any) -> list[float] | str:
    """The numbers of a metric, or why it has none."""
    if isinstance(value, str | bytes):
        try:
            return [float(value)]
        except ValueError:
            return f"is the text {value[:40]!r}, not a number,"
    try:
        array = as_numpy(value, "metric")
        if array.size > MAX_METRIC_ENTRIES:
            return f"has {array.size:,} entries, more than {MAX_METRIC_ENTRIES},"
        if array.dtype.kind not in "biufO" or (array.dtype.kind == "O" and array.ndim == 0 and value is None):
            return f"is {type(value).__name__}, not a number,"
        return [_float(item) for item in array.reshape(-1).tolist()]
    except (TypeError, ValueError, RecursionError):
        return f"is {type(value).__name__}, not a number,"


def _float(value: Any) -> float:
    try:
        return float(value)
    except OverflowError:
        return math.inf if value > 0 else -math.inf
