"""Which hosts and origins the server accepts, and the security headers of its responses.

Pages of other sites must not open our WebSockets (Streamlit checks its own, not those of an app), nor reach a server on
this machine under a host name of their own (DNS rebinding). Browsers must not guess content types.
"""

from __future__ import annotations

from collections.abc import MutableMapping, Sequence
from ipaddress import ip_address
from typing import Any
from urllib.parse import urlsplit

from starlette.middleware import Middleware
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Receive, Scope, Send
from streamlit import config

HEADERS = (
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"same-origin"),
    (b"x-frame-options", b"SAMEORIGIN"),
)


class RequestGuard:
    """Adds HEADERS to every response; refuses unknown hosts, and WebSockets opened by pages of other sites."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in ("http", "websocket"):
            await self.app(scope, receive, send)
            return
        sent = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
        host, origin = sent.get("host", ""), sent.get("origin")

        async def send_with_headers(message: MutableMapping[str, Any]) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [*message.get("headers", ()), *HEADERS]
            await send(message)

        known = is_allowed_host(
            _name(host), config.get_option("server.allowedHosts"), config.get_option("server.address")
        )
        foreign = is_cross_origin(origin, host, sent.get("x-forwarded-host"))
        if scope["type"] == "http":
            app = self.app if known else _refusal(_name(host))
            await app(scope, receive, send_with_headers)
        elif known and not foreign:
            await self.app(scope, receive, send)
        else:
            await receive()
            await send({"type": "websocket.close", "code": 1008})


def is_cross_origin(origin: str | None, host: str, forwarded_host: str | None) -> bool:
    """Whether a request comes from a page of another site. Browsers send `Origin` with every such request."""
    if origin is None:
        return False
    try:
        return urlsplit(origin).netloc not in (host, forwarded_host)
    except ValueError:
        return True


def _refusal(name: str) -> PlainTextResponse:
    text = f"Requests for host {name[:80]!r} are refused. To allow them, start with --server.allowedHosts {name[:80]}"
    return PlainTextResponse(text, 400)


def _name(host: str) -> str:
    try:
        return urlsplit(f"//{host}").hostname or ""
    except ValueError:
        return ""


def is_allowed_host(name: str, allowed: Sequence[str], address: str | None) -> bool:
    """Whether the server accepts requests for the host `name`.

    `allowed` is Streamlit's `server.allowedHosts`. Without any, a server bound to this machine only answers
    to names of this machine, and one on the network to all. An IP address cannot be rebound, so it passes.
    """
    if allowed:
        return any(
            pattern in ("*", name) or (pattern.startswith("*.") and name.endswith(pattern[1:].lower()))
            for pattern in map(str.lower, allowed)
        )
    return _is_address(name) or name == "localhost" or not _is_loopback(address or "")


def _is_address(name: str) -> bool:
    try:
        return bool(ip_address(name))
    except ValueError:
        return False


def _is_loopback(address: str) -> bool:
    return address == "localhost" or (_is_address(address) and ip_address(address).is_loopback)


MIDDLEWARE = [Middleware(RequestGuard)]
