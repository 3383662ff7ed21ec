"""The command `proofsheet`: opens the dashboard on a folder of runs."""

from __future__ import annotations

import argparse
import errno
import os
import shlex
import socket
import sys
from collections.abc import Callable, Sequence
from importlib.metadata import version
from pathlib import Path

from . import schema
from .version import VERSION
from .viewing import app_file, missing_packages

STREAMLIT_VERSION = (1, 67)
"""The oldest that has `st.App` as app.py needs it."""
INTERRUPTED = 130
"""The exit code of a program that Ctrl-C ended, by the shells' convention."""
_INSTALL = 'pip install "proofsheet[dashboard]"'
_EPILOG = """\
Arguments after `--` go to Streamlit: proofsheet runs -- --server.baseUrlPath team
The commands are: {commands}. Write ./NAME for a folder that is called like one of them."""


class CommandError(Exception):
    """What keeps the command from running, in one sentence for the person who typed it."""


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command line `argv` and return its exit code. Without the name of a command it opens the dashboard."""
    arguments = list(sys.argv[1:] if argv is None else argv)
    named = arguments and arguments[0] in COMMANDS
    command = COMMANDS[arguments.pop(0) if named else "dashboard"]
    try:
        return command(arguments)
    except CommandError as error:
        print(f"proofsheet: {error}", file=sys.stderr)
        return 1


def open_dashboard(argv: Sequence[str]) -> int:
    """Serve the dashboard until it is stopped."""
    own, streamlit_options = _split_at_dashes(argv)
    options = _parser().parse_args(own)
    app_options = [] if options.folder is None else ["--runs", str(_checked_folder(options.folder))]
    if not options.no_browser:
        app_options.append("--open-browser")
    server = []
    if options.host is not None:
        server += ["--server.address", options.host]
    if options.port is not None:
        server += ["--server.port", str(options.port)]
    _check_packages()
    if server:
        _check_address(options.host or "127.0.0.1", options.port or 0)
    return _run_streamlit(["run", str(app_file()), *server, *streamlit_options, "--", *app_options])


def _doctor(argv: Sequence[str]) -> int:
    from .doctor.command import main  # imports pyarrow, which takes a moment

    return main(argv)


COMMANDS: dict[str, Callable[[Sequence[str]], int]] = {"dashboard": open_dashboard, "doctor": _doctor}
"""What the first argument may name. Anything else there is the folder of `proofsheet FOLDER`."""


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="proofsheet",
        description="Open the Proofsheet dashboard on a folder of runs.",
        epilog=_EPILOG.format(commands=", ".join(COMMANDS)),
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument(
        "folder",
        nargs="?",
        type=Path,
        metavar="FOLDER",
        help="the folder that holds the runs (default: ./runs, or the sample runs where there is none)",
    )
    parser.add_argument("--port", type=_port, metavar="N", help="port to listen on (default: the first free from 8501)")
    parser.add_argument("--host", metavar="H", help="address to listen on (default: 127.0.0.1, this machine only)")
    parser.add_argument("--no-browser", action="store_true", help="do not open a browser")
    parser.add_argument("--version", action="version", version=f"proofsheet {VERSION}")
    return parser


def _split_at_dashes(argv: Sequence[str]) -> tuple[list[str], list[str]]:
    arguments = list(argv)
    at = arguments.index("--") if "--" in arguments else len(arguments)
    return arguments[:at], arguments[at + 1 :]


def _port(text: str) -> int:
    if not (text.isascii() and text.isdigit() and int(text) <= 65535):
        raise argparse.ArgumentTypeError(f"a port is a number from 0 (any free one) to 65535, got {text!r}")
    return int(text)


def _checked_folder(given: Path) -> Path:
    folder = given.expanduser().absolute()
    if not folder.exists():
        raise CommandError(f"{folder} does not exist; pass the folder that your training writes its runs to.")
    if not folder.is_dir():
        raise CommandError(f"{folder} is a file; pass the folder that holds the runs.")
    if (folder / schema.RUN_FILE).exists():
        above = shlex.join(["proofsheet", str(folder.parent)])
        raise CommandError(f"{folder} is itself a run; open the folder above it: {above}")
    return folder


def _check_packages() -> None:
    missing = missing_packages()
    if missing:
        raise CommandError(f"The dashboard needs {', '.join(missing)}, not installed here: {_INSTALL}")
    found = version("streamlit")
    if tuple(int(part) for part in found.split(".")[:2]) < STREAMLIT_VERSION:
        needed = ".".join(map(str, STREAMLIT_VERSION))
        raise CommandError(f"The dashboard needs Streamlit {needed} or later, found {found}: {_INSTALL}")


def _check_address(host: str, port: int) -> None:
    """Raises CommandError unless a server may listen there. Port 0 stands for any."""
    try:
        with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as probe:
            if os.name != "nt":  # On Windows this option would let two servers share the port.
                probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind((host, port))
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            raise CommandError(f"Port {port} is taken; pass another --port, or none for the first free one.") from None
        where = f"{host}, port {port}" if port else host
        raise CommandError(f"Cannot listen on {where}: {error.strerror}.") from None
    except UnicodeError:
        raise CommandError(f"Cannot listen on {host}: this is not the name of a host.") from None


def _run_streamlit(arguments: list[str]) -> int:
    """Run Streamlit's own command in this process, which signals then reach, and return its exit code."""
    import click
    from streamlit.web import cli

    try:
        cli.main(arguments, prog_name="streamlit", standalone_mode=False)
    except click.Abort:
        return INTERRUPTED
    except click.ClickException as error:
        error.show()
        return error.exit_code
    return 0
