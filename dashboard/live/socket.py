"""The WebSocket that tells an open page what changed.

The page says which topics of `news` it follows: `{"topics": ["names", "data/my-run"]}`. It hears their versions at
once, so that nothing is missed between its making and its connection, and then those that changed:
`{"versions": {"data/my-run": "9c3f..."}, "open": 3}`, where `open` is the number of pages that listen.
Who may connect is decided in `headers`.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
from typing import Any

from starlette.websockets import WebSocket, WebSocketDisconnect

from dashboard.live.watcher import Watch, watch

MOST_TOPICS = 256
LONGEST = 64 * 1024
"""Characters of what a page may say."""
_NOT_UNDERSTOOD = 1003


async def live(socket: WebSocket) -> None:
    """Serve one open page until it leaves."""
    await socket.accept()
    page = _Page(socket, watch())
    teller = asyncio.create_task(page.tell())
    try:
        async for text in socket.iter_text():
            page.follow(topics(text))
    except ValueError as e:
        with contextlib.suppress(RuntimeError, WebSocketDisconnect):
            await socket.close(_NOT_UNDERSTOOD, str(e))
    finally:
        page.leave()
        teller.cancel()
        await asyncio.gather(teller, return_exceptions=True)


def topics(text: str) -> list[str]:
    """The topics that a page says it follows. Raises ValueError for anything else."""
    try:
        said: Any = json.loads(text) if len(text) <= LONGEST else None
    except (ValueError, RecursionError):
        said = None
    found = said.get("topics") if isinstance(said, dict) else None
    if not isinstance(found, list) or len(found) > MOST_TOPICS or not all(isinstance(t, str) for t in found):
        raise ValueError('expected {"topics": [...]}')
    return found


class _Page:
    def __init__(self, socket: WebSocket, watched: Watch) -> None:
        self._socket, self._watch = socket, watched
        self._news = asyncio.Event()
        self._topics: list[str] = []
        self._told: dict[str, str] = {}
        loop = asyncio.get_running_loop()

        def heard() -> None:
            with contextlib.suppress(RuntimeError):  # The server is stopping.
                loop.call_soon_threadsafe(self._news.set)

        self.leave = watched.listen(heard)

    def follow(self, followed: list[str]) -> None:
        """Tell of these topics from now on."""
        self._topics, self._told = followed, {}
        self._news.set()

    async def tell(self) -> None:
        """Send what changed, whenever something does."""
        with contextlib.suppress(RuntimeError, WebSocketDisconnect):
            while True:
                await self._news.wait()
                self._news.clear()
                now = self._watch.versions(self._topics)
                changed = {topic: version for topic, version in now.items() if self._told.get(topic) != version}
                self._told = now
                if changed:
                    await self._socket.send_text(json.dumps({"versions": changed, "open": self._watch.listeners}))
