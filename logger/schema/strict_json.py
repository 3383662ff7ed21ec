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
    """Strict JSON text (no NaN tokens), names of files and classes kept readable."""
    return json.dumps(value, ensure_ascii=False, allow_nan=False, indent=indent)


def plain(value: Any) -> Any:
    """`value` as strict JSON can hold it: NaN and infinities become their names, unknown objects their text."""
    if value is None or isinstance(value, bool | int | str):
        return value
    if isinstance(value, float):
        return value if math.isfinite(value) else nonfinite_name(value)
    if isinstance(value, Mapping):
        return {str(k): plain(v) for k, v in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [plain(v) for v in value]
    if callable(getattr(value, "item", None)) and getattr(value, "ndim", 1) == 0:
        return plain(value.item())
    if callable(getattr(value, "tolist", None)):
        return plain(value.tolist())
    return str(value)


def nonfinite_name(value: float) -> str:
    return "NaN" if math.isnan(value) else "Infinity" if value > 0 else "-Infinity"


def as_dict(value: Any) -> dict[str, Any]:
    return {
        f.name: {k: as_dict(v) if hasattr(v, "__dataclass_fields__") else v for k, v in got.items()}
        if isinstance(got := getattr(value, f.name), dict)
        else got
        for f in fields(value)
    }


def checked_object(text: str, file: str) -> dict[str, Any]:
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
