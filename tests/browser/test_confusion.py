"""The confusion matrix in a real browser: what it shows, what a click opens, what the link keeps."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlparse

import numpy as np
import pytest

from logger import Run

pytestmark = [pytest.mark.browser, pytest.mark.slow]

SPOTS = [(0.05, 0.05), (0.15, 0.15), (0.85, 0.15), (0.35, 0.95), (0.55, 0.55), (0.85, 0.95)]
"""Places in the square of cells, as shares of its side."""


def opened(page: Any, address: str, query: str) -> Any:
    """The Confusion page with its matrix painted; returns the stage."""
    page.goto(f"{address}/confusion?{query}")
    page.locator(".confusion[data-epoch]").wait_for()
    return page.locator(".stage")


def query_of(page: Any) -> dict[str, list[str]]:
    return parse_qs(urlparse(page.url).query)


def images_in_gallery(page: Any) -> int:
    page.wait_for_url("**/gallery?**")
    text = page.get_by_text(re.compile(r"[\d,]+ of [\d,]+ images")).first.inner_text()
    return int(text.split(" of ")[0].replace(",", ""))


def image_count(text: str) -> int:
    found = re.search(r"([\d,]+) images?", text)
    assert found, text
    return int(found[1].replace(",", ""))


def hover(page: Any, stage: Any, x: float, y: float) -> str:
    """Move to a place, in shares of the side of the square of cells from its left top; the tip's text."""
    box, at = stage.bounding_box(), geometry(page)
    page.mouse.move(box["x"] + at["left"] + x * at["side"], box["y"] + at["top"] + y * at["side"])
    return str(page.locator(".tip").inner_text())


def geometry(page: Any) -> dict[str, float]:
    """Where the square of cells lies on the stage, and its side, in pixels."""
    data = page.locator(".confusion").evaluate("e => ({ ...e.dataset })")
    return {name: float(data[name]) for name in ("left", "top", "side")}


def test_cells_open_as_many_images_as_they_count(page: Any, server: str) -> None:
    for x, y in SPOTS:
        stage = opened(page, server, "run=linear&epoch=2")
        text = hover(page, stage, x, y)
        if (count := image_count(text)) == 0:
            continue
        page.mouse.down()
        page.mouse.up()
        assert images_in_gallery(page) == count, text
        assert query_of(page)["epoch"] == ["2"]


def test_every_cell_row_and_column_of_the_screen_opens_as_many_images_as_it_says(page: Any, server: str) -> None:
    stage = opened(page, server, "run=linear&epoch=2")
    middles = [(at + 0.5) / 10 for at in range(10)]
    spots = [
        *((x, y) for y in middles for x in middles),
        *((-0.08, y) for y in middles),
        *((x, -0.04) for x in middles),
    ]
    promised = {}
    for x, y in spots:
        count = image_count(hover(page, stage, x, y))
        href = page.locator(".target").get_attribute("href")
        assert (href is None) == (count == 0)
        if href:
            promised[href] = count
    assert len(promised) > 40 and sum(count for href, count in promised.items() if href.count("=") == 5) == 597
    page.goto(f"{server}/gallery?run=linear")
    page.locator(".gallery[data-shown='597']").wait_for()
    for href, count in promised.items():
        page.evaluate(FOLLOW, href)
        page.wait_for_function(SHOWS, arg=[href.split("?")[1], count], timeout=10_000)


FOLLOW = """href => {
    history.pushState(null, '', href);
    dispatchEvent(new PopStateEvent('popstate', { state: null }));
}"""
"""Goes to a link within the session, as the matrix does."""
SHOWS = """([query, count]) => {
    const roots = [...document.querySelectorAll('*')].map((e) => e.shadowRoot).filter(Boolean);
    const root = roots.map((r) => r.querySelector('.gallery')).find(Boolean), wanted = new URLSearchParams(query);
    const names = [...root.querySelectorAll('.chip span')].map((e) => e.textContent);
    const tiles = [...root.querySelectorAll('.tile:not([hidden])')].map((e) => e.getAttribute('aria-label'));
    const is = (field) => !wanted.has(field) || tiles.every((t) => t.includes(`${field} ${names[wanted.get(field)]}`));
    return root.dataset.shown === String(count) && root.dataset.epoch === '2' && is('label') && is('predicted');
}"""
"""Whether the gallery shows as many images as promised, all with this label and this prediction."""


@pytest.mark.parametrize(("x", "y"), [(-0.08, 0.35), (0.35, -0.04)], ids=["row", "column"])
def test_names_open_as_many_images_as_they_count(page: Any, server: str, x: float, y: float) -> None:
    stage = opened(page, server, "run=linear&epoch=1")
    count = image_count(hover(page, stage, x, y))
    page.mouse.down()
    page.mouse.up()
    assert images_in_gallery(page) == count > 0


def test_a_pair_and_a_class_and_a_card_open_their_images(page: Any, server: str) -> None:
    opened(page, server, "run=linear&epoch=1")
    wanted = int(page.locator(".pair b").first.inner_text())
    page.locator(".pair").first.click()
    assert images_in_gallery(page) == wanted
    page.go_back()
    page.locator(".confusion[data-epoch]").wait_for()
    line = page.locator(".classes tbody tr").first
    wanted = int(line.locator("td").first.inner_text())
    line.locator("a").click()
    assert images_in_gallery(page) == wanted
    page.go_back()
    page.locator(".confusion[data-epoch]").wait_for()
    card = page.locator("a.card", has_text="Wrong")
    wanted = int(card.locator(".value").inner_text())
    card.click()
    assert images_in_gallery(page) == wanted


def test_every_target_is_a_real_link(page: Any, server: str) -> None:
    stage = opened(page, server, "run=linear&epoch=2")
    hover(page, stage, 0.05, 0.05)
    href = "gallery?run=linear&split=val&epoch=2&label=0&predicted=0"
    assert page.locator(".target").get_attribute("href") == href


def test_back_brings_the_matrix_as_it_was(page: Any, server: str) -> None:
    opened(page, server, "run=linear&epoch=2&normalize=label&order=cluster")
    page.locator(".pair").first.click()
    images_in_gallery(page)
    page.go_back()
    page.locator(".confusion[data-epoch='1']").wait_for()
    assert query_of(page) == {"run": ["linear"], "epoch": ["2"], "normalize": ["label"], "order": ["cluster"]}
    assert page.get_by_role("button", name="By label").get_attribute("aria-pressed") == "true"


def test_switches_answer_at_once_and_land_in_the_link(page: Any, server: str) -> None:
    opened(page, server, "run=linear")
    for name in ("By label", "By prediction", "Counts", "By prediction", "By label"):
        page.get_by_role("button", name=name).click()
        assert page.get_by_role("button", name=name).get_attribute("aria-pressed") == "true"
    page.get_by_label("Correct cells").uncheck()
    page.get_by_label("Order of the classes").select_option("frequency")
    page.wait_for_url("**order=frequency**")
    page.wait_for_timeout(1_000)  # Late answers of the server have come by now.
    assert query_of(page) == {"run": ["linear"], "normalize": ["label"], "diagonal": ["0"], "order": ["frequency"]}
    assert page.get_by_role("button", name="By label").get_attribute("aria-pressed") == "true"
    assert not page.get_by_label("Correct cells").is_checked()


def test_a_link_restores_the_view_in_a_fresh_browser(page: Any, server: str) -> None:
    opened(page, server, "run=linear&epoch=3&normalize=prediction&diagonal=0&order=cluster&compare_epoch=1")
    assert page.get_by_role("button", name="By prediction").get_attribute("aria-pressed") == "true"
    assert not page.get_by_label("Correct cells").is_checked()
    assert page.get_by_label("Order of the classes").input_value() == "cluster"
    assert page.get_by_label("Epoch compared with").input_value() == "0"
    assert page.locator(".epochs .title").inner_text() == "Epoch 3 of 4"


def test_the_difference_to_another_run_lists_what_rose(page: Any, server: str) -> None:
    stage = opened(page, server, "run=linear&epoch=1")
    page.get_by_label("Compare with").select_option("linear-fast")
    page.wait_for_url("**compare_run=linear-fast**")
    page.get_by_role("button", name="Risen").wait_for()
    text = hover(page, stage, 0.05, 0.05)
    assert re.search(r"\d+ in linear-fast, epoch 4 \(", text)
    assert page.locator(".pair.risen").count() > 0
    page.get_by_label("Compare with").select_option("")
    page.get_by_text("Most confused pairs").wait_for()
    assert "compare_run" not in query_of(page)


def test_the_keyboard_reads_and_opens_cells(page: Any, server: str) -> None:
    stage = opened(page, server, "run=linear&epoch=1")
    stage.focus()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowLeft")
    status = page.locator(".confusion [role=status]")
    assert status.inner_text().startswith("zero → zero, ")
    page.keyboard.press("ArrowLeft")
    assert status.inner_text().startswith("label zero, ")
    count = image_count(status.inner_text())
    page.keyboard.press("Enter")
    assert images_in_gallery(page) == count
    assert query_of(page)["label"] == ["0"]


@pytest.fixture(scope="module")
def many(tmp_path_factory: pytest.TempPathFactory, serve: Callable[..., str]) -> str:
    """A dashboard on a run of 300 classes, and one whose samples have no labels."""
    runs = tmp_path_factory.mktemp("many")
    rng = np.random.default_rng(1)
    labels = np.repeat(np.arange(300), 5)
    images = rng.integers(0, 255, (1500, 4, 4), dtype=np.uint8)
    with Run(runs, "wide", [f"class-{i}" for i in range(300)]) as run:
        shown = np.where(rng.random(1500) < 0.7, labels, rng.integers(0, 300, 1500))
        run.log_predictions(0, images, probabilities=np.eye(300)[shown], labels=labels)
    with Run(runs, "blind", ["a", "b"]) as run:
        run.log_predictions(0, images[:20], probabilities=rng.dirichlet([1, 1], 20), split="production")
    return serve(Path(runs))


def test_many_classes_zoom_in_and_a_zoomed_cell_opens(page: Any, many: str) -> None:
    stage = opened(page, many, "run=wide")
    hover(page, stage, 0.5, 0.5)
    for _ in range(30):
        page.mouse.wheel(0, -120)
    page.wait_for_timeout(200)
    stage.focus()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowLeft")
    count = image_count(page.locator(".confusion [role=status]").inner_text())
    page.keyboard.press("Enter")
    assert images_in_gallery(page) == count
    page.go_back()
    stage = opened(page, many, "run=wide")
    box, at = stage.bounding_box(), geometry(page)
    left, top = at["left"], at["top"]
    page.mouse.move(box["x"] + left + 20, box["y"] + top + 20)
    page.mouse.down()
    page.mouse.move(box["x"] + left + 60, box["y"] + top + 60, steps=4)
    page.mouse.up()
    assert "/confusion" in page.url
    before = hover(page, stage, 0.5, 0.5)
    page.get_by_role("button", name="Show all classes").click()
    assert hover(page, stage, 0.5, 0.501) != before


def test_a_split_without_labels_points_to_the_gallery(page: Any, many: str) -> None:
    page.goto(f"{many}/confusion?run=blind")
    page.get_by_text("Nothing to check against").wait_for()
    page.get_by_text("Open the Gallery by predicted class").click()
    assert images_in_gallery(page) == 20
    assert query_of(page)["group"] == ["predicted"]


def test_an_answer_that_comes_during_a_press_does_not_swallow_it(page: Any, server: str) -> None:
    opened(page, server, "run=linear")
    page.get_by_role("button", name="By prediction").hover()
    page.get_by_role("button", name="By label").evaluate("button => button.click()")
    page.mouse.down()
    page.wait_for_url("**normalize=label*")
    page.wait_for_timeout(300)
    page.mouse.up()
    page.wait_for_url("**normalize=prediction*")
