"""How to look at a run: where the dashboard is, the command that starts it, and the run's link on one that runs."""

from __future__ import annotations

import os
import shlex
import shutil
import sys
from importlib.util import find_spec
from pathlib import Path
from urllib.parse import quote, urlsplit

URL_ENV = "PROOFSHEET_URL"
DASHBOARD_PACKAGES = ("streamlit", "pandas", "altair", "duckdb", "watchdog", "cachetools", "msgspec")
"""What the `dashboard` extra installs."""

_PACKAGE = Path(__file__).resolve().parent


def app_file() -> Path:
    """The script that `streamlit run` takes: inside the installed package, or beside it in a clone."""
    installed = _PACKAGE / "app" / "app.py"
    return installed if installed.is_file() else _PACKAGE.parent / "app.py"


def missing_packages() -> list[str]:
    """Packages of the `dashboard` extra that are not installed."""
    return [name for name in DASHBOARD_PACKAGES if find_spec(name) is None]


def shell_command(runs_dir: Path) -> str:
    """A command line that starts the dashboard on `runs_dir` from any folder."""
    folder = str(runs_dir.absolute())
    beside_python = shutil.which("proofsheet", path=os.path.dirname(sys.executable))
    if shutil.which("proofsheet"):
        command = ["proofsheet", folder]
    elif beside_python:  # in an environment that is not activated
        command = [beside_python, folder]
    else:
        streamlit = ["streamlit"] if shutil.which("streamlit") else [sys.executable or "python", "-m", "streamlit"]
        command = [*streamlit, "run", str(app_file()), "--", "--runs", folder]
    return shlex.join(command)


def run_url(run_folder: Path) -> str | None:
    """The link of a run on the dashboard at PROOFSHEET_URL; None when that is not set.

    Raises ValueError when the variable does not hold an http or https URL.
    """
    base = os.environ.get(URL_ENV, "").strip()
    if not base:
        return None
    try:
        parts = urlsplit(base)
        valid = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        valid = False
    if not valid or parts.query or parts.fragment or not base.isprintable() or " " in base:
        raise ValueError(f"{URL_ENV} must be the URL of a dashboard, such as http://localhost:8501, got {base!r}.")
    return f"{base.rstrip('/')}/gallery?run={quote(run_folder.name, safe='')}"
