"""Strict JSON in and out: no NaN tokens, a format number that is checked, fields whose types are checked."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import fields
from typing import Any

FORMAT = 1
"""Version of the run folder's format. A reader refuses a newer one."""


class FormatError(ValueError):
    """A file of a run folder that this version cannot read; the text is fit to be shown."""


def encode_json(value: Mapping[str, Any], *, indent: int | None = 1) -> str:
    """Strict JSON text (no NaN tokens) that UTF-8 can hold; names of files and classes are kept readable."""
    return readable(json.dumps(value, ensure_ascii=False, allow_nan=False, indent=indent), in_json=True)


def readable(text: str, *, in_json: bool = False) -> str:
    """`text` that UTF-8 can hold: a lone surrogate, as names of files that are not UTF-8 have, becomes `\\xe9`."""
    if text.isascii():
        return text
    escape = "\\\\" if in_json else "\\"
    return "".join(
        _escaped(character, escape) if "\ud800" <= character <= "\udfff" else character for character in text
    )


def _escaped(surrogate: str, escape: str) -> str:
    code = ord(surrogate)
    return f"{escape}x{code - 0xDC00:02x}" if 0xDC80 <= code <= 0xDCFF else f"{escape}u{code:04x}"


MOST_DEPTH = 32
"""Levels of nesting that settings may have; deeper ones become their text."""
MOST_ENTRIES = 1_000
"""Entries of an array among settings; larger ones become their shape."""


def plain(value: Any, depth: int = 0) -> Any:
    """`value` as strict JSON can hold it: NaN and infinities become their names, unknown objects their text."""
    if value is None or isinstance(value, bool | str):
        return value
    if isinstance(value, int):
        return int(value) if abs(value) < 10**300 else str(value)[:40] + "…"
    if isinstance(value, float):
        return float(value) if math.isfinite(value) else nonfinite_name(value)
    try:
        return _plain_object(value, depth)
    except Exception:  # whatever the object of somebody else's raises
        return f"<{type(value).__name__}>"


def _plain_object(value: Any, depth: int) -> Any:
    if depth >= MOST_DEPTH:
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
        if isinstance(size, int) and size > MOST_ENTRIES:
            return f"array of shape {tuple(value.shape)}, {value.dtype}"
        return plain(value.tolist(), depth + 1)
    return str(value)


def _key(key: Any) -> str:
    return key.decode("utf-8", "backslashreplace") if isinstance(key, bytes) else str(key)


def nonfinite_name(value: float) -> str:
    return "NaN" if math.isnan(value) else "Infinity" if value > 0 else "-Infinity"


def as_dict(value: Any) -> dict[str, Any]:
    return {
        f.name: {k: as_dict(v) if hasattr(v, "__dataclass_fields__") else v for k, v in got.items()}
        if isinstance(got := getattr(value, f.name), dict)
        else got
        for f in fields(value)
    }


def parse_object(text: str, file: str) -> dict[str, Any]:
    try:
        raw = json.loads(text)
    except ValueError as e:
        raise FormatError(f"{file} is not JSON: {e}.") from e
    if not isinstance(raw, dict):
        raise FormatError(f"{file}: expected a JSON object, got {type(raw).__name__}.")
    version = raw.get("format", FORMAT)
    if not isinstance(version, int) or version > FORMAT:
        raise FormatError(
            f"{file} says format {version}; this version of Proofsheet reads up to {FORMAT}. "
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
    """`cls` from the fields of `raw` that it knows; what newer writers add is ignored."""
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
