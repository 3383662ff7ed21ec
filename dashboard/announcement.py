"""The line that the server prints once it answers, and the browser that is opened on it."""

from __future__ import annotations

import os
import sys
import threading
import webbrowser
from contextlib import suppress
from pathlib import Path

from dashboard import settings


def announce() -> None:
    """Print the server's URL and the folder it shows; open the browser when `--open-browser` is among the arguments.

    Only under `streamlit run`: a server that starts the ASGI app by itself prints its own address.
    """
    if Path(sys.argv[0]).resolve() != settings.HERE / "app.py":
        return
    url = server_url()
    with suppress(OSError, ValueError):  # closed, or without a character of the folder's name: no reason not to start
        print(f"Proofsheet shows {settings.runs_root()} at {url} (stop it with Ctrl-C)", flush=True)
    if "--open-browser" in sys.argv[1:] and _has_display():
        # `open` waits for the browser to end where that runs in the foreground.
        threading.Thread(target=webbrowser.open, args=(url,), daemon=True).start()


def server_url() -> str:
    """Where a browser on this machine finds the server."""
    from streamlit import config

    scheme = "https" if config.get_option("server.sslCertFile") else "http"
    host = str(config.get_option("server.address") or "localhost")
    if host in ("0.0.0.0", "::"):
        host = "localhost"
    if ":" in host:
        host = f"[{host}]"
    return f"{scheme}://{host}:{config.get_option('server.port')}{settings.base_path()}"


def _has_display() -> bool:
    """Whether a browser would have a screen. Without one, Python may start a text browser in this terminal."""
    if sys.platform in ("win32", "darwin"):
        return True
    return any(os.environ.get(name) for name in ("DISPLAY", "WAYLAND_DISPLAY", "BROWSER"))
