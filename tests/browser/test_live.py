"""A training is watched from its first second in a real browser; nothing moves under the person who looks."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import numpy as np
import pytest

from logger import Run
from tests.conftest import DIGIT_NAMES, Digits

pytestmark = [pytest.mark.browser, pytest.mark.slow]
SOON = 5_000
"""Milliseconds that a loaded test machine may take; `benchmarks/live.py` measures what it takes."""


class Training:
    """A real run on real digits, whose epochs end when a test says so."""

    def __init__(self, runs_dir: Path, name: str, digits: Digits) -> None:
        self.run = Run(runs_dir, name, DIGIT_NAMES, epochs=30)
        self.digits = digits
        self.rng = np.random.default_rng(0)
        self.epochs = 0

    def epoch(self) -> None:
        """The model gets a little better."""
        right = np.eye(10)[self.digits.labels] * self.epochs / 5
        shares = self.rng.random(right.shape) + right
        shares /= shares.sum(1, keepdims=True)
        self.run.log_predictions(self.epochs, self.digits.images, probabilities=shares, labels=self.digits.labels)
        accuracy = float((shares.argmax(1) == self.digits.labels).mean())
        self.run.log_metrics(self.epochs, {"val_accuracy": accuracy, "val_loss": 2.0 / (self.epochs + 1)})
        self.epochs += 1


@pytest.fixture(scope="module")
def live(serve: Callable[..., str], tmp_path_factory: pytest.TempPathFactory) -> tuple[str, Path]:
    """A dashboard on a folder that is not there yet, and that folder."""
    folder = tmp_path_factory.mktemp("live") / "runs"
    return serve(folder), folder


def train(live: tuple[str, Path], digits: Digits, name: str, epochs: int) -> tuple[str, Training]:
    address, folder = live
    training = Training(folder, name, digits)
    for _ in range(epochs):
        training.epoch()
    return address, training


def shown(page: Any, epoch: int) -> None:
    """Wait until the gallery shows this epoch (from 1)."""
    page.locator(f".gallery[data-epoch='{epoch}']").wait_for(timeout=SOON)


def test_pages_of_an_empty_folder_fill_from_the_first_second_on(page: Any, live: Any, digits: Digits) -> None:
    page.goto(f"{live[0]}/gallery")
    page.get_by_text("No runs yet").wait_for()
    _, training = train(live, digits, "first", 0)
    page.get_by_text("Waiting for the first epoch").wait_for(timeout=SOON)
    for epoch in (1, 2, 3):
        training.epoch()
        shown(page, epoch)
    page.get_by_text(re.compile("Epoch 3 of 3")).wait_for(timeout=SOON)
    training.run.finish()


def test_a_view_that_is_pinned_stays_and_is_offered_what_came(page: Any, live: Any, digits: Digits) -> None:
    address, training = train(live, digits, "pinned", 3)
    page.goto(f"{address}/gallery?run=pinned&epoch=2")
    shown(page, 2)
    for words in ("1 new epoch", "2 new epochs"):
        training.epoch()
        page.get_by_role("button", name=re.compile(f"{words}$")).wait_for(timeout=SOON)
    assert page.locator(".gallery").get_attribute("data-epoch") == "2"
    page.get_by_role("button", name=re.compile("2 new epochs")).click()
    shown(page, 5)
    assert "epoch" not in parse_qs(urlsplit(page.url).query)
    training.epoch()
    shown(page, 6)
    assert page.get_by_role("button", name=re.compile("new epoch")).count() == 0
    training.run.finish()


def test_text_filter_and_scroll_survive_an_epoch(page: Any, live: Any, digits: Digits) -> None:
    address, training = train(live, digits, "steady", 2)
    page.goto(f"{address}/gallery?run=steady&sort=index")
    shown(page, 2)
    search = page.get_by_placeholder("Find by source or index")
    scroller = page.locator(".gallery .scroll")
    scroller.evaluate("e => { e.scrollTop = 700; }")
    page.wait_for_timeout(300)
    search.focus()
    training.epoch()
    shown(page, 3)
    assert scroller.evaluate("e => e.scrollTop") == 700
    page.keyboard.type("1")
    training.epoch()
    shown(page, 4)
    page.keyboard.type("7")
    page.wait_for_function("new URLSearchParams(location.search).get('search') === '17'")
    training.epoch()
    shown(page, 5)
    assert search.input_value() == "17"
    assert parse_qs(urlsplit(page.url).query)["search"] == ["17"]
    training.run.finish()


def test_an_opened_sample_stays_open_and_its_history_grows(page: Any, live: Any, digits: Digits) -> None:
    address, training = train(live, digits, "opened", 2)
    page.goto(f"{address}/gallery?run=opened&sample=5")
    dialog = page.get_by_role("dialog")
    dialog.wait_for()
    training.epoch()
    shown(page, 3)
    assert dialog.is_visible()
    assert parse_qs(urlsplit(page.url).query)["sample"] == ["5"]
    training.run.finish()


def test_the_table_of_runs_follows_and_keeps_what_is_typed(page: Any, live: Any, digits: Digits) -> None:
    address, training = train(live, digits, "table", 1)
    page.goto(f"{address}/?runs=table")
    page.get_by_text("running").first.wait_for()
    box = page.get_by_placeholder("Name")
    box.focus()
    page.keyboard.type("tab")
    training.epoch()
    page.get_by_text("2 of 30").first.wait_for(timeout=SOON)
    assert box.input_value() == "tab"
    assert parse_qs(urlsplit(page.url).query)["runs"] == ["table"]
    training.run.fail("ValueError: the loss is not a number")
    page.get_by_text("failed").first.wait_for(timeout=SOON)


def test_confusion_and_metrics_follow(page: Any, live: Any, digits: Digits) -> None:
    address, training = train(live, digits, "both", 1)
    page.goto(f"{address}/confusion?run=both")
    page.locator(".confusion[data-epoch='0']").wait_for()
    training.epoch()
    page.locator(".confusion[data-epoch='1']").wait_for(timeout=SOON)
    page.goto(f"{address}/metrics?run=both")
    charts = page.get_by_test_id("stVegaLiteChart")
    charts.first.wait_for()
    before = charts.count()
    training.run.log_metrics(2, {"val_top_3": 0.5})
    page.wait_for_function(
        "n => document.querySelectorAll('[data-testid=stVegaLiteChart]').length > n", arg=before, timeout=SOON
    )
    training.run.finish()
