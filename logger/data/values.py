"""Single values of any type as text for the files. Never raises: an unusual value costs only itself."""

from __future__ import annotations

import os
from pathlib import PurePath
from typing import Any

from ..schema import readable


def text_of(value: Any) -> str:
    """`value` as text that can be encoded as UTF-8: bytes and paths are decoded, undecodable bytes become `\\xe9`."""
    if callable(getattr(value, "item", None)) and getattr(value, "ndim", 1) == 0:
        value = value.item()
    elif callable(getattr(value, "numpy", None)) and getattr(value, "shape", None) == ():
        value = value.numpy()
    if isinstance(value, bytes | bytearray):
        return bytes(value).decode("utf-8", "backslashreplace")
    try:
        return readable(os.fspath(value) if isinstance(value, PurePath) else str(value))
    except Exception:  # __str__ of a foreign class may raise anything
        return f"<{type(value).__name__}>"
