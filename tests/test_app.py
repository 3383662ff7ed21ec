"""The server as `streamlit run app.py` starts it, and its request guard."""

from __future__ import annotations

import ast
import gc
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from starlette.testclient import TestClient
from starlette.websockets import WebSocketDisconnect

from dashboard.view import navigation
from dashboard.web.request_guard import HEADERS, is_allowed_host
from dashboard.web.routes import ROUTES
from tests.conftest import ROOT

pytestmark = pytest.mark.slow


def test_streamlit_finds_the_app_by_reading_its_file() -> None:
    from streamlit.web.server.app_discovery import discover_asgi_app

    found = discover_asgi_app(ROOT / "app.py")
    assert found.is_asgi_app and found.import_string == "app:app"


def test_the_call_stands_in_the_file_itself() -> None:
    calls = [node.value for node in ast.parse((ROOT / "app.py").read_text()).body if isinstance(node, ast.Assign)]
    assert [ast.unparse(call.func) for call in calls if isinstance(call, ast.Call)] == ["st.App"]


def test_routes_and_pages_are_disjoint() -> None:
    tops = {route.path.strip("/").split("/")[0] for route in ROUTES if hasattr(route, "path")}
    assert tops == {"data"}
    assert not tops & {page.name for page in navigation.PAGES}


def test_every_page_has_its_file_and_every_file_its_page() -> None:
    assert sorted(page.name for page in navigation.PAGES) == sorted(p.stem for p in (ROOT / "pages").glob("*.py"))


@pytest.mark.parametrize("page", sorted((ROOT / "pages").glob("*.py")), ids=lambda p: p.stem)
def test_a_page_is_a_short_script(page: Path) -> None:
    tree = ast.parse(page.read_text("utf-8"))
    assert ast.get_docstring(tree)
    assert not [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.ClassDef)]
    assert len(page.read_text("utf-8").splitlines()) <= 50


@pytest.fixture(scope="module")
def client() -> Iterator[TestClient]:
    import app

    with TestClient(app.app, "http://localhost") as client:
        yield client
    gc.unfreeze()


def test_responses_have_the_security_headers(client: TestClient) -> None:
    for path in ("/", "/gallery", "/_stcore/health", "/data/nothing"):
        response = client.get(path)
        assert {k.decode(): response.headers[k.decode()] for k, _ in HEADERS} == {
            k.decode(): v.decode() for k, v in HEADERS
        }
    assert client.get("/_stcore/health").text == "ok"


@pytest.mark.parametrize(
    "origin", ["http://evil.example", "http://localhost.evil.example", "null", "http://localhost:1"]
)
def test_another_site_cannot_open_our_websockets(client: TestClient, origin: str) -> None:
    with (
        pytest.raises(WebSocketDisconnect) as refused,
        client.websocket_connect("/_stcore/stream", headers={"origin": origin}),
    ):
        pass
    assert refused.value.code == 1008


def test_our_own_page_opens_its_websocket(client: TestClient) -> None:
    own = {"origin": "http://localhost", "host": "localhost"}
    with client.websocket_connect("/_stcore/stream", ["streamlit"], headers=own) as socket:
        assert socket.accepted_subprotocol == "streamlit"


def test_an_unknown_host_is_refused_with_the_option_that_allows_it(client: TestClient) -> None:
    response = client.get("/data/x", headers={"host": "rebound.example:8501"})
    assert response.status_code == 400 and "--server.allowedHosts rebound.example" in response.text
    with pytest.raises(WebSocketDisconnect), client.websocket_connect("/x", headers={"host": "rebound.example"}):
        pass


@pytest.mark.parametrize(
    ("name", "allowed", "address", "known"),
    [
        ("localhost", [], "127.0.0.1", True),
        ("127.0.0.1", [], "127.0.0.1", True),
        ("::1", [], "::1", True),
        ("evil.example", [], "127.0.0.1", False),
        ("evil.example", [], "localhost", False),
        ("", [], "127.0.0.1", False),
        ("gpu-1", [], "0.0.0.0", True),
        ("gpu-1", [], None, True),
        ("board.example", ["board.example"], "0.0.0.0", True),
        ("evil.example", ["board.example"], "0.0.0.0", False),
        ("a.board.example", ["*.Board.example"], "127.0.0.1", True),
        ("board.example.evil", ["*.board.example"], "127.0.0.1", False),
        ("any", ["*"], "127.0.0.1", True),
    ],
)
def test_allowed_hosts(name: str, allowed: list[str], address: str | None, known: bool) -> None:
    assert is_allowed_host(name, allowed, address) is known


def test_the_dashboard_never_imports_a_training_framework() -> None:
    code = (
        "import sys, dashboard.web.routes, dashboard.lifespan; dashboard.lifespan._prewarm();"
        "print(sorted({'tensorflow', 'keras', 'torch', 'sklearn', 'jax'} & set(sys.modules)))"
    )
    found = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True)
    assert found.stdout.strip() == "[]", found.stderr
