"""Single values that people hand over -> what files hold. Nothing here raises: one odd value costs itself only."""

from __future__ import annotations

import os
from pathlib import PurePath
from typing import Any

from ..schema import readable


def text_of(value: Any) -> str:
    """`value` as text that UTF-8 can hold: bytes decoded, paths as they are written, undecodable bytes as `\\xe9`."""
    if callable(getattr(value, "item", None)) and getattr(value, "ndim", 1) == 0:
        value = value.item()
    elif callable(getattr(value, "numpy", None)) and getattr(value, "shape", None) == ():
        value = value.numpy()
    if isinstance(value, bytes | bytearray):
        return bytes(value).decode("utf-8", "backslashreplace")
    try:
        return readable(os.fspath(value) if isinstance(value, PurePath) else str(value))
    except Exception:  # whatever the object of somebody else's raises
        return f"<{type(value).__name__}>"
