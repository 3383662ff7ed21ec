"""Which process wrote something, and whether it still runs: a pid alone is reused, and means nothing elsewhere."""

from __future__ import annotations

import os
import socket
from functools import cache
from pathlib import Path


def process_identity() -> str:
    """The boot of this machine, the pid namespace and the start of this process; empty where /proc does not say."""
    machine, start = _machine(), _start_of(os.getpid())
    return f"{machine} {start}" if machine and start else ""


def is_running(host: str, pid: int, identity: str) -> bool | None:
    """Whether the process of this `process_identity` runs; None when it cannot be seen from here."""
    machine, _, start = identity.rpartition(" ")
    if machine:
        return _start_of(pid) == start if machine == _machine() else None
    if os.name == "posix" and pid > 0 and host == socket.gethostname():
        try:
            os.kill(pid, 0)
        except ProcessLookupError:
            return False
        except (OSError, OverflowError):
            return None  # it exists, and belongs to somebody else
    return None


@cache
def _machine() -> str:
    try:
        boot = Path("/proc/sys/kernel/random/boot_id").read_text("ascii").strip()
        return f"{boot} {os.readlink('/proc/self/ns/pid')}"
    except (OSError, UnicodeError):
        return ""


def _start_of(pid: int) -> str:
    """The start of a process in clock ticks since the boot; empty when it does not run."""
    try:
        text = Path(f"/proc/{pid}/stat").read_text("utf-8", "replace")
    except OSError:
        return ""
    fields = text.rpartition(")")[2].split()  # the name of the program, in brackets, may hold spaces
    return "" if fields[0] in "ZX" else fields[19]
