"""Starting the dashboard by a command line, as a person does, and asking the server what it is."""

from __future__ import annotations

import os
import subprocess
import tempfile
import time
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.conftest import free_port

PORT = "{port}"
"""Stands for the free port in a command line and in the environment of `launch`."""


@dataclass
class Launched:
    """A server that answers."""

    process: subprocess.Popen[bytes]
    port: int
    _output: Path

    @property
    def output(self) -> str:
        """What it has printed so far."""
        return self._output.read_text("utf-8")

    def get(self, path: str) -> tuple[str, bytes]:
        """Media type and content of a path of the server."""
        with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/{path}", timeout=20) as response:
            return response.headers.get_content_type(), response.read()

    def new_session(self) -> Any:
        """The first message of a browser session: the theme and the settings that hold for it."""
        from streamlit.proto.BackMsg_pb2 import BackMsg
        from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
        from websockets.sync.client import connect

        url = f"127.0.0.1:{self.port}"
        with connect(f"ws://{url}/_stcore/stream", subprotocols=["streamlit"], origin=f"http://{url}") as socket:
            request = BackMsg()
            request.rerun_script.query_string = ""
            socket.send(request.SerializeToString())
            while True:
                message = ForwardMsg()
                message.ParseFromString(socket.recv(timeout=20))
                if message.WhichOneof("type") == "new_session":
                    return message.new_session


def clean_environment(**changes: str) -> dict[str, str]:
    """The environment without what would configure the logger or the dashboard, with `changes`."""
    prefixes = ("PROOFSHEET_", "STREAMLIT_", "PYTHONPATH", "DISPLAY", "WAYLAND_DISPLAY", "BROWSER")
    return {k: v for k, v in os.environ.items() if not k.startswith(prefixes)} | changes


@contextmanager
def launch(
    command: Sequence[str], cwd: Path, environment: Mapping[str, str] | None = None, base: str = ""
) -> Iterator[Launched]:
    """Run `command` in `cwd` until the server under the path `base` answers; terminate it at the end."""
    port = free_port()
    given = clean_environment() if environment is None else environment
    filled = {name: value.replace(PORT, str(port)) for name, value in given.items()}
    with tempfile.TemporaryDirectory() as folder:
        output = Path(folder) / "output.txt"
        with open(output, "wb") as out:
            process = subprocess.Popen(
                [part.replace(PORT, str(port)) for part in command], cwd=cwd, env=filled, stdout=out, stderr=out
            )
        server = Launched(process, port, output)
        try:
            _wait_until_healthy(server, base)
            yield server
        finally:
            process.terminate()
            process.wait(20)


def _wait_until_healthy(server: Launched, base: str) -> None:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline and server.process.poll() is None:
        try:
            server.get(f"{base}_stcore/health")
            return
        except OSError:
            time.sleep(0.1)
    raise RuntimeError(f"the dashboard did not start:\n{server.output}")
