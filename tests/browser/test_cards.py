"""The cards of Runs, Confusion and Gallery in a real browser: the same numbers, and links to exactly these images."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from tests.test_most_confused import log_ties

pytestmark = [pytest.mark.browser, pytest.mark.slow]

PAGES = ("", "confusion", "gallery")


def card(page: Any, title: str) -> Any:
    return page.locator(".card", has=page.locator(".title", has_text=re.compile(f"{title}$")))


def value(page: Any, title: str) -> str:
    return str(card(page, title).locator("b").inner_text())


def shown(page: Any) -> int:
    page.locator(".gallery[data-shown]:not([aria-busy])").wait_for()
    return int(page.locator(".gallery").get_attribute("data-shown"))


def query(page: Any) -> dict[str, list[str]]:
    return parse_qs(urlsplit(page.url).query)


@pytest.fixture(scope="module")
def ties(serve: Callable[..., str], tmp_path_factory: pytest.TempPathFactory) -> str:
    runs = tmp_path_factory.mktemp("ties")
    log_ties(Path(runs))
    return serve(runs)


def test_all_pages_show_the_same_numbers_and_name_the_same_pair(page: Any, ties: str) -> None:
    found = set()
    for name in PAGES:
        page.goto(f"{ties}/{name}")
        card(page, "Most confused").wait_for()
        pair = card(page, "Most confused")
        found.add((value(page, "Most confused"), pair.locator(".notes").inner_text(), value(page, "Wrong")))
    assert found == {("c → a", "2 images", "6")}


@pytest.mark.parametrize("name", PAGES)
@pytest.mark.parametrize("title", ["Wrong", "Most confused"])
def test_a_card_opens_exactly_the_images_that_it_counts(page: Any, server: str, name: str, title: str) -> None:
    page.goto(f"{server}/{name}?run=linear")
    counted = value(page, title) if title == "Wrong" else card(page, title).locator(".notes").inner_text()
    many = int(re.sub(r"\D", "", counted))
    card(page, title).click()
    page.wait_for_url(re.compile(r"/gallery\?.*(verdict|predicted)="))
    page.locator(f".gallery[data-shown='{many}']").wait_for()
    assert many > 0 and query(page)["run"] == ["linear"]


def test_a_card_of_the_gallery_clears_the_other_filters(page: Any, server: str) -> None:
    page.goto(f"{server}/gallery?run=linear&epoch=2&label=3&confidence=0.9..1&sort=loss")
    few = shown(page)
    many = int(value(page, "Wrong"))
    card(page, "Wrong").click()
    page.wait_for_function("new URLSearchParams(location.search).get('verdict') === 'wrong'")
    assert shown(page) == many != few
    assert query(page) == {"run": ["linear"], "epoch": ["2"], "verdict": ["wrong"], "sort": ["loss"]}


def test_a_card_opens_in_another_tab_as_links_do(page: Any, server: str) -> None:
    page.goto(f"{server}/gallery?run=linear&label=3")
    many = int(value(page, "Wrong"))
    with page.context.expect_page() as opened:
        card(page, "Wrong").click(modifiers=["ControlOrMeta"])
    tab = opened.value
    assert shown(tab) == many and query(tab)["epoch"] == ["4"]
    assert query(page)["label"] == ["3"] and "verdict" not in query(page)


def test_the_changes_are_those_since_the_epoch_before_and_follow_the_epoch(page: Any, server: str) -> None:
    page.goto(f"{server}/gallery?run=linear&epoch=1")
    shown(page)
    first = int(value(page, "Wrong"))
    assert card(page, "Wrong").locator(".change").is_hidden()
    page.locator(".epochs").get_by_label("Next epoch").click()
    page.locator(".gallery[data-epoch='2']").wait_for()
    second = int(value(page, "Wrong"))
    text = card(page, "Wrong").locator(".change").inner_text()
    arrow = "↑" if second > first else "↓"
    assert text == f"{arrow} {abs(second - first)}" and second != first
    assert card(page, "Accuracy").locator("svg circle").count() == 1


def test_a_press_on_a_card_is_not_swallowed_by_new_data(page: Any, server: str) -> None:
    page.goto(f"{server}/gallery?run=linear&epoch=2")
    shown(page)
    card(page, "Wrong").locator("svg").hover(force=True)  # the chart is drawn anew
    page.mouse.down()
    page.locator(".epochs").get_by_label("Next epoch").evaluate("button => button.click()")
    page.locator(".gallery[data-epoch='3']").wait_for()
    page.wait_for_function("new URLSearchParams(location.search).get('epoch') === '3'")
    page.mouse.up()
    page.wait_for_function("new URLSearchParams(location.search).get('verdict') === 'wrong'")
