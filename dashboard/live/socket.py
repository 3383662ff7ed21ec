"""The WebSocket that notifies open pages of changes.

A page sends the topics it subscribes to: `{"topics": ["names", "data/my-run"]}`. It receives their versions at
once, so that nothing is missed between rendering and connecting, and then each change:
`{"versions": {"data/my-run": "9c3f..."}, "open": 3}`, where `open` is the number of connected pages.
`web.request_guard` decides who may connect.
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
"""Most characters of a message."""
_NOT_UNDERSTOOD = 1003


async def live(socket: WebSocket) -> None:
    """Serve one page until it disconnects."""
    await socket.accept()
    page = _Page(socket, watch())
    sender = asyncio.create_task(page.send_changes())
    try:
        async for text in socket.iter_text():
            page.follow(topics(text))
    except ValueError as e:
        with contextlib.suppress(RuntimeError, WebSocketDisconnect):
            await socket.close(_NOT_UNDERSTOOD, str(e))
    finally:
        page.leave()
        sender.cancel()
        await asyncio.gather(sender, return_exceptions=True)


def topics(text: str) -> list[str]:
    """The topics in a message. Raises ValueError for any other message."""
    try:
        message: Any = json.loads(text) if len(text) <= LONGEST else None
    except (ValueError, RecursionError):
        message = None
    found = message.get("topics") if isinstance(message, dict) else None
    if not isinstance(found, list) or len(found) > MOST_TOPICS or not all(isinstance(t, str) for t in found):
        raise ValueError('expected {"topics": [...]}')
    return found


class _Page:
    def __init__(self, socket: WebSocket, watched: Watch) -> None:
        self._socket, self._watch = socket, watched
        self._changed = asyncio.Event()
        self._topics: list[str] = []
        self._sent: dict[str, str] = {}
        loop = asyncio.get_running_loop()

        def notify() -> None:
            with contextlib.suppress(RuntimeError):  # The server is stopping.
                loop.call_soon_threadsafe(self._changed.set)

        self.leave = watched.listen(notify)

    def follow(self, followed: list[str]) -> None:
        """Send changes of these topics from now on."""
        self._topics, self._sent = followed, {}
        self._changed.set()

    async def send_changes(self) -> None:
        """Send the versions that changed, whenever some do."""
        with contextlib.suppress(RuntimeError, WebSocketDisconnect):
            while True:
                await self._changed.wait()
                self._changed.clear()
                now = self._watch.versions(self._topics)
                changed = {topic: version for topic, version in now.items() if self._sent.get(topic) != version}
                self._sent = now
                if changed:
                    await self._socket.send_text(json.dumps({"versions": changed, "open": self._watch.listeners}))
