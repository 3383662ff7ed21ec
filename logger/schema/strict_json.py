"""Strict JSON: written without NaN tokens; read with checks of the format number and the types of fields."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Mapping
from dataclasses import fields
from typing import Any

FORMAT = 1
"""Version of the run folder format. Readers refuse a newer one."""


class FormatError(ValueError):
    """A file of a run folder that this version cannot read. The message is meant for the user."""


def encode_json(value: Mapping[str, Any], *, indent: int | None = 1) -> str:
    """Strict JSON that can be encoded as UTF-8; characters beyond ASCII are not escaped."""
    return readable(json.dumps(value, ensure_ascii=False, allow_nan=False, indent=indent), in_json=True)


def readable(text: str, *, in_json: bool = False) -> str:
    """`text` that can be encoded as UTF-8: lone surrogates, as in file names that are not UTF-8, become `\\xe9`."""
    if text.isascii():
        return text
    escape = "\\\\" if in_json else "\\"
    return "".join(
        _escaped(character, escape) if "\ud800" <= character <= "\udfff" else character for character in text
    )


def _escaped(surrogate: str, escape: str) -> str:
    code = ord(surrogate)
    return f"{escape}x{code - 0xDC00:02x}" if 0xDC80 <= code <= 0xDCFF else f"{escape}u{code:04x}"


MAX_DEPTH = 32
"""Maximum nesting of settings; deeper objects are replaced by their type."""
MAX_ENTRIES = 1_000
"""Maximum size of an array among settings; larger ones are replaced by their shape and dtype."""


def plain(value: Any, depth: int = 0) -> Any:
    """`value` in types that strict JSON has: NaN and infinities become their names, unknown objects their text."""
    if value is None or isinstance(value, bool | str):
        return value
    if isinstance(value, int):
        return int(value) if abs(value) < 10**300 else str(value)[:40] + "…"
    if isinstance(value, float):
        return float(value) if math.isfinite(value) else nonfinite_name(value)
    try:
        return _plain_object(value, depth)
    except Exception:  # methods of a foreign class may raise anything
        return f"<{type(value).__name__}>"


def _plain_object(value: Any, depth: int) -> Any:
    if depth >= MAX_DEPTH:
        return f"<{type(value).__name__}>"
    if isinstance(value, Mapping):
        return {_key(k): plain(v, depth + 1) for k, v in value.items()}
    if isinstance(value, list | tuple):
        return [plain(v, depth + 1) for v in value]
    if isinstance(value, set | frozenset):
        return sorted((plain(v, depth + 1) for v in value), key=str)
    if isinstance(value, bytes):
        return value.decode("utf-8", "backslashreplace")
    if callable(getattr(value, "item", None)) and getattr(value, "ndim", 1) == 0:
        return plain(value.item(), depth + 1)
    if callable(getattr(value, "tolist", None)):
        size = getattr(value, "size", 0)
        if isinstance(size, int) and size > MAX_ENTRIES:
            return f"array of shape {tuple(value.shape)}, {value.dtype}"
        return plain(value.tolist(), depth + 1)
    return str(value)


def _key(key: Any) -> str:
    return key.decode("utf-8", "backslashreplace") if isinstance(key, bytes) else str(key)


def nonfinite_name(value: float) -> str:
    """`NaN`, `Infinity` or `-Infinity`."""
    return "NaN" if math.isnan(value) else "Infinity" if value > 0 else "-Infinity"


def as_dict(value: Any) -> dict[str, Any]:
    """A dataclass as a dict; so are the dataclasses among the values of its dicts."""
    return {
        f.name: {k: as_dict(v) if hasattr(v, "__dataclass_fields__") else v for k, v in got.items()}
        if isinstance(got := getattr(value, f.name), dict)
        else got
        for f in fields(value)
    }


def parse_object(text: str, file: str, parse_int: Callable[[str], Any] = int) -> dict[str, Any]:
    """A JSON object of this format or an older one. Raises FormatError, naming `file`, for anything else.

    `parse_int` is that of `json.loads`; `int` refuses thousands of digits, and the object with them.
    """
    try:
        raw = json.loads(text, parse_int=parse_int)
    except ValueError as e:
        raise FormatError(f"{file} is not JSON: {e}.") from e
    if not isinstance(raw, dict):
        raise FormatError(f"{file}: expected a JSON object, got {type(raw).__name__}.")
    version = raw.get("format", FORMAT)
    if not isinstance(version, int) or version > FORMAT:
        raise FormatError(
            f"{file} says format {str(version)[:40]}; this version of Proofsheet reads up to {FORMAT}. "
            "Upgrade Proofsheet to open this run."
        )
    return raw


_KINDS: dict[str, tuple[type, ...]] = {
    "str": (str,),
    "int": (int,),
    "float": (int, float),
    "bool": (bool,),
    "dict": (dict,),
    "list": (list,),
    "None": (type(None),),
}


def known_fields(cls: type[Any], raw: Mapping[str, Any], file: str) -> Any:
    """An instance of the dataclass `cls` from the fields of `raw` that it has; fields of newer writers are ignored.

    Raises FormatError, naming `file`, for a field of another type.
    """
    values = {}
    for f in fields(cls):
        if f.name not in raw:
            continue
        kinds = [kind.strip().split("[")[0] for kind in str(f.type).split("|")]
        if not isinstance(raw[f.name], tuple(t for kind in kinds for t in _KINDS[kind])):
            got = type(raw[f.name]).__name__
            raise FormatError(f"{file}: `{f.name}` must be {f.type}, got {got}.")
        values[f.name] = raw[f.name]
    return cls(**values)
