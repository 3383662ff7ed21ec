"""Settings of the server: the folder of runs, the base path of its URLs, whether it may write."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

RUNS_ENV = "PROOFSHEET_RUNS"
READ_ONLY_ENV = "PROOFSHEET_READONLY"
READ_ONLY = f"Tags and notes cannot be changed here: this dashboard was started with {READ_ONLY_ENV}."
HERE = Path(__file__).resolve().parent.parent
"""The folder of app.py."""


def runs_root(argv: Sequence[str] | None = None, environ: Mapping[str, str] | None = None) -> Path:
    """The folder of runs: `--runs FOLDER`, else PROOFSHEET_RUNS, else `runs/`, else the sample runs.

    `runs/` is looked for in the working directory, then beside app.py. The folder may not exist.
    """
    given = _option(sys.argv[1:] if argv is None else argv) or (os.environ if environ is None else environ).get(
        RUNS_ENV
    )
    if given:
        return Path(given).expanduser().absolute()
    for folder in (Path.cwd() / "runs", HERE / "runs"):
        if folder.is_dir():
            return folder
    return HERE / "sample_runs"


def read_only(environ: Mapping[str, str] | None = None) -> bool:
    """Whether PROOFSHEET_READONLY is set (to anything but `0`, `false` or `no`): then the dashboard writes nothing."""
    value = (os.environ if environ is None else environ).get(READ_ONLY_ENV, "")
    return value.strip().lower() not in ("", "0", "false", "no")


def _option(argv: Sequence[str]) -> str | None:
    for here, following in zip(argv, [*argv[1:], ""], strict=False):
        if here == "--runs":
            return following or None
        if here.startswith("--runs="):
            return here.removeprefix("--runs=") or None
    return None


def base_path() -> str:
    """The path prefix of every URL of this server: empty, or like `/team/board`."""
    from streamlit import config

    base = str(config.get_option("server.baseUrlPath") or "").strip("/")
    return f"/{base}" if base else ""
