"""Arguments of `Run`, checked at the call: what was expected, what came, what to do."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from numbers import Integral
from typing import Any

from . import schema


def class_names(given: Sequence[str] | Mapping[int, str] | None) -> list[str] | None:
    """Names by index. Raises TypeError or ValueError for anything but names, or a dict without gaps."""
    if given is None:
        return None
    if isinstance(given, str):
        raise TypeError(f"`class_names` must be a list of names, got the text {given!r}. Pass [{given!r}, ...].")
    if isinstance(given, Mapping):
        keys = sorted(int(key) for key in given)
        if keys != list(range(len(keys))):
            raise ValueError(f"`class_names` must name the classes 0 to {len(keys) - 1}, got the keys {keys[:12]}.")
        given = [given[key] for key in sorted(given, key=int)]
    names = list(given)
    odd = next((name for name in names if not isinstance(name, str)), None)
    if odd is not None:
        raise TypeError(f"`class_names` must be texts, got {odd!r} ({type(odd).__name__}). Pass str(name) for each.")
    return [str(name) for name in names]


def display_range(given: Any) -> tuple[Any, Any] | None:
    """(low, high), or None."""
    if given is None:
        return None
    if not isinstance(given, Sequence) or len(given) != 2:
        raise ValueError(f"`display_range` must be (low, high), the values shown as black and white, got {given!r}.")
    return given[0], given[1]


def split(name: str) -> str:
    """One of the known splits."""
    if name not in schema.SPLITS:
        raise ValueError(f"`split` must be one of {', '.join(schema.SPLITS)}, got {name!r}.")
    return name


def moment(epoch: int | None, step: int | None) -> None:
    """At least one of a whole epoch and a whole step, from 0."""
    if epoch is None and step is None:
        raise ValueError("Pass the epoch (from 0), or step= for numbers within an epoch.")
    for name, value in (("epoch", epoch), ("step", step)):
        if value is not None and (not isinstance(value, Integral) or isinstance(value, bool) or value < 0):
            raise ValueError(f"`{name}` must be a whole number from 0, got {value!r}.")


def one_of(**given: Any) -> str:
    """The name of the one argument that is not None."""
    there = [name for name, value in given.items() if value is not None]
    if len(there) != 1:
        raise ValueError(f"Pass exactly one of {' and '.join(given)}, got {' and '.join(there) or 'none'}.")
    return there[0]


def numbers(values: Mapping[str, Any]) -> dict[str, float]:
    """Named numbers as floats; numpy scalars and tensors of one element are numbers."""
    if not isinstance(values, Mapping):
        raise TypeError(f"Metrics must be a dict of name and number, got {type(values).__name__}.")
    out = {}
    for name, value in values.items():
        try:
            out[str(name)] = float(value)
        except (TypeError, ValueError) as e:
            raise TypeError(f"The metric {name!r} must be a number, got {value!r}.") from e
    return out
