"""Process-wide singletons, shared by the routes and by every session's script.

Streamlit's hot reload drops every watched module from `sys.modules`, so that a global of ours
would exist twice (once for the routes, once for the script); `st.cache_resource` survives that, but
any visitor can clear it. A module object without a file is neither watched nor cleared.
"""

from __future__ import annotations

import sys
import threading
import types
from collections.abc import Callable
from typing import Any, TypeVar, cast

T = TypeVar("T")
_NAME = "_proofsheet_process"


def _state() -> types.ModuleType:
    module = sys.modules.get(_NAME) or sys.modules.setdefault(_NAME, types.ModuleType(_NAME))
    module.__dict__.setdefault("lock", threading.RLock())
    module.__dict__.setdefault("objects", {})
    return module


def once(key: tuple[Any, ...], make: Callable[[], T]) -> T:
    """The process-wide object for `key`, created by `make()` on first use."""
    state = _state()
    with state.lock:
        if key not in state.objects:
            state.objects[key] = make()
        return cast(T, state.objects[key])


def forget() -> None:
    """Drop all objects, for tests that start from an empty process."""
    _state().objects.clear()
