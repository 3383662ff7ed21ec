"""The epoch control in a real browser: what it moves, at once and in the link, and how it plays."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import numpy as np
import pytest

from logger import Run, schema

pytestmark = [pytest.mark.browser, pytest.mark.slow]

PAGES = ("gallery", "confusion")
SHOWN = {"gallery": 1, "confusion": 0}
"""What `data-epoch` counts from."""


def opened(page: Any, server: str, name: str, query: str) -> None:
    page.goto(f"{server}/{name}?{query}")
    page.locator(f".{name}[data-epoch]").wait_for()
    page.locator(".epochs[data-epoch]").wait_for()


def on_screen(page: Any, name: str, epoch: int) -> None:
    """Wait until the page and the control show this epoch (from 1)."""
    page.locator(f".{name}[data-epoch='{epoch - 1 + SHOWN[name]}']").wait_for()
    page.locator(f".epochs[data-epoch='{epoch}']").wait_for()


def in_link(page: Any, **fields: str | None) -> None:
    page.wait_for_function(
        """(fields) => { const query = new URLSearchParams(location.search);
            return Object.entries(fields).every(([name, value]) => query.get(name) === value) }""",
        arg=fields,
    )


def slider(page: Any) -> Any:
    return page.locator(".epochs .slider")


@pytest.mark.parametrize("name", PAGES)
def test_keys_move_the_page_and_the_link(page: Any, server: str, name: str) -> None:
    opened(page, server, name, "run=linear")
    assert slider(page).get_attribute("aria-valuetext").endswith("% correct")
    slider(page).focus()
    for key, epoch in (("Home", 1), ("ArrowRight", 2), ("End", 4), ("ArrowLeft", 3)):
        page.keyboard.press(key)
        on_screen(page, name, epoch)
    in_link(page, epoch="3", run="linear")


@pytest.mark.parametrize("name", PAGES)
def test_back_and_forward_go_through_the_epochs(page: Any, server: str, name: str) -> None:
    opened(page, server, name, "run=linear")
    page.locator(".epochs").get_by_label("Previous epoch").click()
    in_link(page, epoch="3")
    page.go_back()
    on_screen(page, name, 4)
    page.go_forward()
    on_screen(page, name, 3)


@pytest.mark.parametrize("name", PAGES)
def test_the_page_moves_while_the_server_cannot_be_asked_for_a_rerun(page: Any, server: str, name: str) -> None:
    page.add_init_script(
        """const send = WebSocket.prototype.send;
        WebSocket.prototype.send = function (...sent) { if (!window.mute) send.apply(this, sent); };"""
    )
    opened(page, server, name, "run=linear&epoch=4")
    page.evaluate("window.mute = true")
    page.locator(".epochs").get_by_label("Previous epoch").click()
    on_screen(page, name, 3)


@pytest.mark.parametrize("name", PAGES)
def test_latest_pins_and_follows(page: Any, server: str, name: str) -> None:
    opened(page, server, name, "run=linear")
    latest = page.get_by_role("button", name="Follow the latest epoch")
    assert latest.get_attribute("aria-pressed") == "true"
    latest.click()
    in_link(page, epoch="4")
    assert latest.get_attribute("aria-pressed") == "false"
    page.locator(".epochs").get_by_label("Previous epoch").click()
    in_link(page, epoch="3")
    latest.click()
    on_screen(page, name, 4)
    in_link(page, epoch=None)
    assert latest.get_attribute("aria-pressed") == "true"


@pytest.mark.parametrize("name", PAGES)
def test_play_shows_every_epoch_and_follows_again_at_its_end(page: Any, server: str, name: str) -> None:
    opened(page, server, name, "run=linear")
    page.evaluate(
        """(name) => {
            const roots = [...document.querySelectorAll('*')].map((e) => e.shadowRoot).filter(Boolean);
            const root = roots.map((r) => r.querySelector('.' + name)).find(Boolean);
            window.seen = [];
            const watch = new MutationObserver(() => window.seen.push(root.dataset.epoch));
            watch.observe(root, { attributeFilter: ['data-epoch'] });
        }""",
        name,
    )
    page.get_by_role("button", name="Play").click()
    page.get_by_role("button", name="Stop").wait_for()
    page.get_by_role("button", name="Play").wait_for()
    seen = [int(epoch) - SHOWN[name] for epoch in page.evaluate("window.seen")]
    assert list(dict.fromkeys(seen)) == [0, 1, 2, 3]
    assert "epoch" not in parse_qs(urlsplit(page.url).query)
    assert page.get_by_role("button", name="Follow the latest epoch").get_attribute("aria-pressed") == "true"


@pytest.mark.parametrize("name", PAGES)
def test_play_pins_where_it_is_stopped(page: Any, server: str, name: str) -> None:
    opened(page, server, name, "run=linear")
    page.get_by_role("button", name="Play").click()
    on_screen(page, name, 2)
    assert "epoch" not in parse_qs(urlsplit(page.url).query)
    page.get_by_role("button", name="Stop").click()
    page.wait_for_url("**epoch=*")
    pinned = parse_qs(urlsplit(page.url).query)["epoch"][0]
    on_screen(page, name, int(pinned))
    page.wait_for_timeout(700)
    on_screen(page, name, int(pinned))


def test_a_filter_changed_right_after_an_epoch_loses_neither(page: Any, server: str) -> None:
    opened(page, server, "gallery", "run=linear")
    page.locator(".epochs").get_by_label("Previous epoch").click()
    page.locator(".segment.wrong").click()
    in_link(page, epoch="3", verdict="wrong")
    opened(page, server, "confusion", "run=linear")
    page.locator(".epochs").get_by_label("Previous epoch").click()
    page.get_by_role("button", name="By label").click()
    in_link(page, epoch="3", normalize="label")
    on_screen(page, "confusion", 3)


@pytest.mark.parametrize("name", PAGES)
def test_a_hand_that_runs_through_the_epochs_ends_where_it_stops(page: Any, server: str, name: str) -> None:
    opened(page, server, name, "run=linear")
    slider(page).focus()
    for _ in range(5):
        for key in ("Home", "End", "ArrowLeft", "ArrowLeft"):
            page.keyboard.press(key)
    on_screen(page, name, 2)
    in_link(page, epoch="2")
    page.wait_for_timeout(500)
    on_screen(page, name, 2)


def test_the_mouse_slides_along_the_curve_and_says_what_is_under_it(page: Any, server: str) -> None:
    opened(page, server, "gallery", "run=linear")
    box = page.locator(".epochs .plot").bounding_box()
    middle = box["y"] + box["height"] / 2
    page.mouse.move(box["x"] + 8, middle)
    readout = page.locator(".epochs .readout")
    assert readout.inner_text().startswith("epoch 1: ") and readout.inner_text().endswith("% correct")
    page.mouse.down()
    on_screen(page, "gallery", 1)
    page.mouse.move(box["x"] + box["width"] / 3, middle, steps=4)
    on_screen(page, "gallery", 2)
    page.mouse.move(box["x"] + box["width"] - 8, middle, steps=4)
    on_screen(page, "gallery", 4)
    page.mouse.up()
    in_link(page, epoch="4")


def test_the_history_of_a_sample_moves_the_control(page: Any, server: str) -> None:
    opened(page, server, "gallery", "run=linear&sample=5")
    page.locator(".strip .epoch[data-epoch='1']").click()
    on_screen(page, "gallery", 2)
    assert slider(page).input_value() == "1"


def test_who_goes_elsewhere_while_it_plays_stays_there(page: Any, server: str) -> None:
    opened(page, server, "gallery", "run=linear&sample=5")
    page.locator(".strip .epoch").first.wait_for()
    page.locator(".epochs .play").evaluate("button => button.click()")
    on_screen(page, "gallery", 1)
    page.locator(".strip .epoch[data-epoch='3']").click()
    on_screen(page, "gallery", 4)
    page.wait_for_timeout(1200)
    on_screen(page, "gallery", 4)
    assert page.locator(".epochs .play.playing").count() == 0
    in_link(page, epoch="4")


def test_where_nothing_shows_an_epoch_the_control_tells_the_page(
    page: Any, serve: Callable[..., str], tmp_path: Path
) -> None:
    with Run(tmp_path, "bare", ["a", "b"]) as run:
        images = np.zeros((8, 4, 4, 1), np.uint8)
        images[:, 0, 0, 0] = range(8)
        for epoch in range(3):
            run.log_predictions(epoch, images, probabilities=np.full((8, 2), 0.5), split="production")
    page.goto(f"{serve(tmp_path)}/confusion?run=bare")
    page.get_by_text("Nothing to check against").wait_for()
    assert slider(page).get_attribute("aria-valuetext") == "epoch 3"
    page.locator(".epochs").get_by_label("Previous epoch").click()
    in_link(page, epoch="2")
    page.locator(".epochs").get_by_label("Previous epoch").click()
    in_link(page, epoch="1")
    page.get_by_role("button", name="Follow the latest epoch").click()
    in_link(page, epoch=None)


def test_an_epoch_that_cannot_be_read_says_so_and_the_next_one_is_shown(
    page: Any, serve: Callable[..., str], digits_runs: Path, tmp_path: Path
) -> None:
    folder = shutil.copytree(digits_runs / "linear", tmp_path / "linear")
    file = folder / schema.predictions_file("val", 1)
    file.write_bytes(file.read_bytes()[:300])
    address = serve(tmp_path)
    page = page.context.new_page()  # One on which an answer may fail.
    opened(page, address, "gallery", "run=linear&epoch=1")
    page.locator(".epochs").get_by_label("Next epoch").click()
    page.get_by_text("The images could not be loaded").wait_for()
    assert page.locator(".tile:visible").count() == 0
    page.locator(".epochs").get_by_label("Next epoch").click()
    on_screen(page, "gallery", 3)
    assert page.locator(".tile:visible").count() > 10
    assert not page.get_by_text("The images could not be loaded").is_visible()
