"""Twenty people at once: sessions that all change a filter twice a second, as the server sees them.

    python benchmarks/crowd.py [--data FOLDER_OF_CLASS_FOLDERS] [--sessions 20] [--seconds 20]

Twenty browsers would need more than this machine, so the sessions speak Streamlit's own protocol: each asks for
another filter and epoch of the Gallery, and the time is taken until the script has run and its answer is here.
"""

from __future__ import annotations

import argparse
import asyncio
import random
import statistics
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))

import websockets
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg

from benchmarks.browsing import make_run
from benchmarks.server import serving


class Session:
    """One visitor of the Gallery."""

    def __init__(self, socket: websockets.ClientConnection, epochs: int, seed: int) -> None:
        self._socket, self._epochs, self._random = socket, epochs, random.Random(seed)
        self.errors = 0
        self.payloads = 0

    async def change(self) -> float:
        """Milliseconds of a change of the filter and the epoch."""
        verdict = self._random.choice(["correct", "wrong"])
        label, epoch = self._random.randrange(10), self._random.randrange(self._epochs) + 1
        message = BackMsg()
        message.rerun_script.page_name = "gallery"
        message.rerun_script.query_string = f"run=benchmark&verdict={verdict}&label={label}&epoch={epoch}"
        began = time.perf_counter()
        await self._socket.send(message.SerializeToString())
        while True:
            answer = ForwardMsg.FromString(await self._socket.recv())  # type: ignore[arg-type]
            kind = answer.WhichOneof("type")
            if kind == "delta":
                self.errors += answer.delta.new_element.WhichOneof("type") == "exception"
                self.payloads += answer.delta.new_element.WhichOneof("type") == "bidi_component"
            if kind == "script_finished" and answer.script_finished == ForwardMsg.FINISHED_SUCCESSFULLY:
                return 1000 * (time.perf_counter() - began)


async def visit(address: str, options: argparse.Namespace, seed: int) -> tuple[list[float], Session]:
    """One session from its first page to its last change; the times of all changes but the first page."""
    url = address.replace("http", "ws") + "/_stcore/stream"
    async with websockets.connect(url, subprotocols=["streamlit"], origin=address, max_size=None) as socket:
        session = Session(socket, options.epochs, seed)
        await session.change()
        times = []
        await asyncio.sleep(random.random() / 2)
        until = time.monotonic() + options.seconds
        while time.monotonic() < until:
            next_change = time.monotonic() + 0.5
            times.append(await session.change())
            await asyncio.sleep(max(0.0, next_change - time.monotonic()))
        return times, session


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path)
    parser.add_argument("--samples", type=int, default=10_000)
    parser.add_argument("--epochs", type=int, default=50)
    parser.add_argument("--sessions", type=int, default=20)
    parser.add_argument("--seconds", type=int, default=20)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        make_run(Path(scratch) / "runs", options)
        with serving(Path(scratch) / "runs") as server:

            async def everyone() -> list[tuple[list[float], Session]]:
                return await asyncio.gather(*(visit(server.address, options, n) for n in range(options.sessions)))

            cpu, began = server.cpu_seconds(), time.monotonic()
            results = asyncio.run(everyone())
            share = (server.cpu_seconds() - cpu) / (time.monotonic() - began)
            times = sorted(ms for taken, _ in results for ms in taken)
            errors = sum(session.errors for _, session in results)
            drawn = sum(session.payloads for _, session in results)
            print(f"{options.sessions} sessions, {len(times)} changes, {len(times) / options.seconds:.0f} a second")
            print(f"median {statistics.median(times):.0f} ms, 95 % under {times[int(0.95 * len(times))]:.0f} ms")
            print(f"{errors} errors, {drawn} components drawn; the server used {100 * share:.0f} % of a core")
            print(f"and holds {server.memory():.0f} MB")


if __name__ == "__main__":
    main()
