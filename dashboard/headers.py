"""Who may talk to the server, and what browsers are told about its answers.

A page of another site must not open our WebSockets (Streamlit checks its own, not those of an app), and
nothing we send may be guessed to be something else than it says.
"""

from __future__ import annotations

from collections.abc import MutableMapping
from typing import Any
from urllib.parse import urlsplit

from starlette.middleware import Middleware
from starlette.types import ASGIApp, Receive, Scope, Send

HEADERS = (
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"same-origin"),
    (b"x-frame-options", b"SAMEORIGIN"),
)


class Headers:
    """Adds HEADERS to every answer and refuses WebSockets that another site's page opens."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "websocket" and not _same_origin(scope):
            await receive()
            await send({"type": "websocket.close", "code": 1008})
            return

        async def send_with_headers(message: MutableMapping[str, Any]) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [*message.get("headers", ()), *HEADERS]
            await send(message)

        await self.app(scope, receive, send_with_headers if scope["type"] == "http" else send)


def _same_origin(scope: Scope) -> bool:
    """Whether the page that asks comes from this host. Programs that are no browser send no origin."""
    sent = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
    origin = sent.get("origin")
    hosts = {sent.get("host"), sent.get("x-forwarded-host")}
    return origin is None or urlsplit(origin).netloc in hosts


MIDDLEWARE = [Middleware(Headers)]
