"""The socket notifies open pages of changes, and nobody else, and leaves nothing behind."""

from __future__ import annotations

import asyncio
import gc
import json
import shutil
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient
from starlette.websockets import WebSocketDisconnect
from streamlit.testing.v1 import AppTest

from dashboard import shared_state
from dashboard.catalogue import topics
from dashboard.lifespan import lifespan
from dashboard.live import socket as live_socket
from dashboard.live.socket import LONGEST, MOST_TOPICS
from dashboard.live.watcher import watch
from dashboard.screens.live import follow
from dashboard.web.request_guard import MIDDLEWARE
from dashboard.web.routes import ROUTES
from logger import Run, schema
from tests.pages import epoch_control, open_page

pytestmark = pytest.mark.slow

OWN = {"origin": "http://localhost", "host": "localhost"}


def log(runs_dir: Path, name: str = "live", epochs: int = 1) -> Path:
    images = np.arange(96, dtype=np.uint8).reshape(6, 4, 4)
    shares = np.full((6, 2), 0.5, np.float32)
    with Run(runs_dir, name, ["a", "b"]) as run:
        for epoch in range(epochs):
            run.log_predictions(epoch, images, probabilities=shares, labels=np.arange(6) % 2)
    return run.path


def add_epoch(run: Path, epoch: int) -> None:
    """A new epoch's file, moved into place as a logger does it."""
    aside = run / schema.PREDICTIONS_DIR / "split=val" / ".aside.tmp"
    shutil.copy(run / schema.predictions_file("val", 0), aside)
    aside.replace(run / schema.predictions_file("val", epoch))


@pytest.fixture
def run(tmp_path: Path) -> Path:
    return log(tmp_path)


def started() -> TestClient:
    """Our part of the server: Streamlit's own starts but once in a process."""
    return TestClient(Starlette(routes=ROUTES, middleware=MIDDLEWARE, lifespan=lifespan), "http://localhost")


@pytest.fixture
def client(run: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[TestClient]:
    """The server, watching the folder of `run`."""
    monkeypatch.setenv("PROOFSHEET_RUNS", str(run.parent))
    shared_state.forget()
    with started() as client:
        yield client
    shared_state.forget()
    gc.unfreeze()


def follow_topics(socket: Any, *wanted: str) -> dict[str, str]:
    """Subscribe to topics; the versions received at once."""
    socket.send_json({"topics": list(wanted)})
    versions: dict[str, str] = socket.receive_json()["versions"]
    return versions


def test_a_page_receives_the_current_versions_at_once_and_then_changes(client: TestClient, run: Path) -> None:
    with client.websocket_connect("/data/live", headers=OWN) as socket:
        first = follow_topics(socket, "names", "data/live", "data/none")
        assert first == topics.versions(watch().catalogue.runs(), topics=["names", "data/live", "data/none"])
        assert first["data/none"] == topics.GONE
        add_epoch(run, 1)
        began = time.monotonic()
        message = socket.receive_json()
        assert time.monotonic() - began < 1
        assert set(message["versions"]) == {"data/live"} and message["open"] == 1
        assert message["versions"]["data/live"] != first["data/live"]


def test_a_page_can_follow_something_else(client: TestClient, run: Path) -> None:
    other = log(run.parent, "other")
    with client.websocket_connect("/data/live", headers=OWN) as socket:
        follow_topics(socket, "data/live")
        assert set(follow_topics(socket, "data/other")) == {"data/other"}
        add_epoch(run, 1)
        add_epoch(other, 1)
        assert set(socket.receive_json()["versions"]) == {"data/other"}


def test_another_site_cannot_listen(client: TestClient) -> None:
    for headers in ({"origin": "http://evil.example", "host": "localhost"}, {"host": "evil.example"}):
        with pytest.raises(WebSocketDisconnect), client.websocket_connect("/data/live", headers=headers):
            pass
    assert watch().listeners == 0


@pytest.mark.parametrize(
    "message",
    ["", "nonsense", "[]", "{}", '{"topics": "all"}', '{"topics": [1]}', "[" * 30_000, '"' + "a" * LONGEST],
    ids=lambda message: message[:12] or "empty",
)
def test_a_message_without_a_list_of_topics_closes_the_connection(client: TestClient, message: str) -> None:
    with client.websocket_connect("/data/live", headers=OWN) as socket:
        socket.send_text(message)
        with pytest.raises(WebSocketDisconnect) as closed:
            socket.receive_json()
    assert closed.value.code == 1003


def test_topics_are_bounded() -> None:
    with pytest.raises(ValueError, match="topics"):
        live_socket.topics(f'{{"topics": {["x"] * (MOST_TOPICS + 1)}}}'.replace("'", '"'))


def test_a_hundred_pages_that_come_and_go_leave_nothing(client: TestClient) -> None:
    with client.websocket_connect("/data/live", headers=OWN) as socket:
        follow_topics(socket, "all")
    threads = threading.active_count()
    tasks = client.portal.call(_tasks)  # type: ignore[union-attr]
    for turn in range(100):
        with client.websocket_connect("/data/live", headers=OWN) as socket:
            if turn % 2:
                follow_topics(socket, "all")
    deadline = time.monotonic() + 5
    while watch().listeners or client.portal.call(_tasks) > tasks:  # type: ignore[union-attr]
        assert time.monotonic() < deadline, (watch().listeners, client.portal.call(_tasks), tasks)  # type: ignore[union-attr]
        time.sleep(0.05)
    assert threading.active_count() <= threads


async def _tasks() -> int:
    return len(asyncio.all_tasks())


def test_the_watch_ends_with_the_server(run: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PROOFSHEET_RUNS", str(run.parent))
    shared_state.forget()
    with started() as client, client.websocket_connect("/data/live", headers=OWN) as socket:
        follow_topics(socket, "all")
        assert "proofsheet-watch" in {thread.name for thread in threading.enumerate()}
    assert "proofsheet-watch" not in {thread.name for thread in threading.enumerate()}
    shared_state.forget()
    gc.unfreeze()


# --- what a page follows ------------------------------------------------------------------------


def opened(folder: Path, monkeypatch: pytest.MonkeyPatch, page: str, /, **query: str) -> AppTest:
    return open_page(monkeypatch, folder.parent, page, **query)


def followed(at: AppTest) -> set[str]:
    [component] = [c for c in at.get("bidi_component") if c.proto.component_name == "proofsheet_live"]
    return set(json.loads(component.proto.json)["topics"])


@pytest.mark.parametrize(
    ("page", "query", "wanted"),
    [
        ("runs", {}, {"all"}),
        ("metrics", {"run": "live"}, {"names", "run/live"}),
        ("gallery", {"run": "live"}, {"names", "data/live", "annotations/live"}),
        ("confusion", {"run": "live", "compare_run": "other"}, {"names", "data/live", "data/other"}),
        ("gallery", {"run": "empty"}, {"names", "data/empty", "annotations/empty", "run/empty"}),
    ],
)
def test_a_page_follows_what_it_shows(
    run: Path, monkeypatch: pytest.MonkeyPatch, page: str, query: dict[str, str], wanted: set[str]
) -> None:
    log(run.parent, "other")
    log(run.parent, "empty", epochs=0)
    assert followed(opened(run, monkeypatch, page, **query)) == wanted


def test_an_empty_folder_is_followed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert followed(opened(tmp_path / "runs" / "none", monkeypatch, "gallery")) == {"all"}


def pills(at: AppTest) -> list[str]:
    return [button.label for button in at.button if button.key == "to_latest"]


def test_epochs_that_come_under_a_pinned_view_are_offered(run: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    add_epoch(run, 1)
    at = opened(run, monkeypatch, "confusion", run="live", epoch="1")
    assert pills(at) == []
    add_epoch(run, 2)
    assert pills(at.run()) == ["1 new epoch"]
    add_epoch(run, 3)
    assert pills(at.run()) == ["2 new epochs"]
    assert at.query_params == {"run": "live", "epoch": "1"}
    at.button(key="to_latest").click().run()
    given = epoch_control(at)
    assert pills(at) == [] and given and given["pinned"] is None
    assert at.query_params == {"run": "live"}


def test_a_view_on_the_latest_is_offered_nothing(run: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    at = opened(run, monkeypatch, "gallery", run="live")
    add_epoch(run, 1)
    assert pills(at.run()) == []
    assert follow.KEY == "live"


def test_an_empty_folder_stays_with_the_first_run_that_comes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    root = tmp_path / "runs"
    at = opened(root / "any", monkeypatch, "gallery")
    log(root, "first")
    assert at.run().selectbox(key="w_run").value == "first"
    time.sleep(0.01)
    log(root, "second")
    assert at.run().selectbox(key="w_run").value == "first"
