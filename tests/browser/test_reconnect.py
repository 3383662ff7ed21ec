"""A server that restarts and a browser that is reloaded: neither loses a change, and neither blocks the other."""

from __future__ import annotations

import os
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from tests.browser.test_gallery import in_link, painted
from tests.conftest import ROOT, free_port

pytestmark = [pytest.mark.browser, pytest.mark.slow]


class Server:
    """A dashboard that can be stopped and started again under the same address."""

    def __init__(self, runs: Path) -> None:
        self.port, self.runs = free_port(), runs
        self.address = f"http://127.0.0.1:{self.port}"
        self.start()

    def start(self) -> None:
        command = [sys.executable, "-m", "streamlit", "run", "app.py", "--server.headless", "true"]
        command += ["--server.port", str(self.port), "--", "--runs", str(self.runs)]
        environment = {k: v for k, v in os.environ.items() if k != "PROOFSHEET_RUNS"}
        quiet = subprocess.DEVNULL
        self.process = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=quiet, stderr=quiet)
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline:
            try:
                with urllib.request.urlopen(f"{self.address}/_stcore/health", timeout=2):
                    return
            except OSError:
                time.sleep(0.1)
        raise RuntimeError("the dashboard did not start")

    def stop(self) -> None:
        self.process.kill()
        self.process.wait(20)


@pytest.fixture
def restartable(digits_runs: Path) -> Iterator[Server]:
    server = Server(digits_runs)
    yield server
    server.stop()


@pytest.fixture
def quiet_page(browser: Any) -> Iterator[Any]:
    """A page that may log errors: its server goes away."""
    context = browser.new_context(viewport={"width": 1440, "height": 900})
    yield context.new_page()
    context.close()


def test_changes_made_while_the_server_is_away_are_in_the_link_once_it_is_back(
    quiet_page: Any, restartable: Server
) -> None:
    page = quiet_page
    page.goto(f"{restartable.address}/gallery?run=linear")
    painted(page)
    page.locator(".segment.correct").click()
    in_link(page, verdict="correct")
    restartable.stop()
    page.locator(".segment.wrong").click()
    page.locator(".chip").nth(3).click()
    shown = page.locator(".gallery").get_attribute("data-shown")
    restartable.start()
    page.wait_for_function("new URLSearchParams(location.search).get('label') === '3'", timeout=60_000)
    in_link(page, verdict="wrong", label="3", run="linear")
    assert page.locator(".gallery").get_attribute("data-shown") == shown
    page.locator(".segment.wrong + *, .segment.correct").first.click()
    in_link(page, verdict="correct", label="3")


def test_the_matrix_and_the_control_go_on_after_a_restart(quiet_page: Any, restartable: Server) -> None:
    page = quiet_page
    page.goto(f"{restartable.address}/confusion?run=linear")
    page.locator(".confusion[data-epoch='3']").wait_for()
    restartable.stop()
    page.get_by_role("button", name="By label").click()
    restartable.start()
    page.wait_for_function("new URLSearchParams(location.search).get('normalize') === 'label'", timeout=60_000)
    page.locator(".epochs").get_by_label("Previous epoch").click()
    page.locator(".confusion[data-epoch='2']").wait_for()
    in_link(page, epoch="3", normalize="label")
    page.get_by_label("Compare with").select_option("linear-fast")
    page.wait_for_url("**compare_run=linear-fast**")
    page.get_by_role("button", name="Risen").wait_for()


def test_a_page_that_only_watches_follows_the_server_after_a_restart(
    quiet_page: Any, tmp_path: Path, train_digits: Callable[..., Path]
) -> None:
    train_digits(tmp_path, "first", epochs=1)
    server = Server(tmp_path)
    with quiet_page.expect_websocket(lambda socket: "data/live" in socket.url):
        quiet_page.goto(f"{server.address}/")
    quiet_page.get_by_text("1 run", exact=True).wait_for()
    quiet_page.locator(".card").first.wait_for()
    server.stop()
    train_digits(tmp_path, "second", epochs=1)
    server.start()
    try:
        quiet_page.get_by_text("2 runs", exact=True).wait_for(timeout=60_000)
    finally:
        server.stop()


@pytest.mark.parametrize("name", ["gallery", "confusion"])
def test_a_reloaded_browser_takes_the_view_of_the_link_and_goes_on(page: Any, server: str, name: str) -> None:
    page.goto(f"{server}/{name}?run=linear&epoch=2")
    for epoch in ("3", "4"):
        page.locator(".epochs").get_by_label("Next epoch").click()
        in_link(page, epoch=epoch)
    page.reload()
    page.locator(".epochs[data-epoch='4']").wait_for()
    page.locator(".epochs").get_by_label("Previous epoch").click()
    in_link(page, epoch="3")
    page.locator(".epochs[data-epoch='3']").wait_for()
    page.wait_for_timeout(500)
    assert parse_qs(urlsplit(page.url).query)["epoch"] == ["3"]
