"""Links in a real browser: the URL is the view, back and forward work, and the menu carries it along."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

pytestmark = pytest.mark.browser


def query(page: Any) -> dict[str, list[str]]:
    return parse_qs(urlsplit(page.url).query)


def until(page: Any, **wanted: list[str] | None) -> None:
    """Wait until the URL says `wanted`; None is for a parameter that must be gone."""
    page.wait_for_function(
        "wanted => Object.entries(wanted).every(([name, values]) =>"
        " JSON.stringify(new URLSearchParams(location.search).getAll(name)) === JSON.stringify(values ?? []))",
        arg=wanted,
    )


def test_the_menu_carries_run_and_epoch_from_page_to_page(page: Any, server: str) -> None:
    page.goto(f"{server}/gallery?run=linear&epoch=2&split=val")
    page.get_by_role("link", name="Confusion").click()
    page.wait_for_url("**/confusion?**")
    assert query(page) == {"run": ["linear"], "epoch": ["2"], "split": ["val"]}
    page.get_by_role("link", name="Metrics").click()
    page.wait_for_url("**/metrics?**")
    assert query(page) == {"run": ["linear"], "epoch": ["2"], "split": ["val"]}


def test_a_change_goes_into_the_url_and_back_undoes_it(page: Any, server: str) -> None:
    page.goto(f"{server}/metrics?run=linear")
    page.get_by_role("radio", name="time").click()
    until(page, x=["time"])
    page.get_by_text("Logarithmic scale").click()
    until(page, x=["time"], log_y=["1"])
    page.go_back()
    until(page, x=["time"], log_y=None)
    page.wait_for_function("!document.querySelector('[data-testid=stCheckbox] input').checked")
    page.go_back()
    until(page, x=None, log_y=None)
    page.locator("button[aria-checked=true]", has_text="epoch").wait_for()
    page.go_forward()
    until(page, x=["time"])
    page.locator("button[aria-checked=true]", has_text="time").wait_for()


def test_a_link_opens_the_same_in_a_fresh_browser(page: Any, server: str) -> None:
    page.goto(f"{server}/metrics?run=linear&runs=linear&runs=linear-fast&smoothing=0.5&x=time")
    page.locator(".ps-legend", has_text="linear-fast").wait_for()
    page.locator("button[aria-checked=true]", has_text="time").wait_for()
    assert page.get_by_role("slider").input_value() == "0.5"
    page.get_by_test_id("stVegaLiteChart").nth(1).locator("canvas, svg").first.wait_for()


def test_choosing_a_run_in_the_table_compares_it_and_leads_on(page: Any, server: str) -> None:
    page.goto(server)
    table = page.get_by_test_id("stDataFrame").first
    table.wait_for()
    table.click(position={"x": 16, "y": 50})
    page.wait_for_url("**runs=**")
    chosen = query(page)["runs"]
    page.get_by_text("Settings", exact=True).wait_for()
    page.go_back()
    until(page, runs=None)
    page.get_by_text("Select runs in the table").wait_for()
    page.go_forward()
    until(page, runs=chosen)
    page.get_by_test_id("stMain").get_by_role("link", name="Metrics").last.click()
    page.wait_for_url("**/metrics?**")
    assert query(page)["runs"] == chosen and query(page)["run"] == chosen


def test_nothing_is_asked_of_another_server(page: Any, server: str) -> None:
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    for name in ("", "metrics"):
        page.goto(f"{server}/{name}")
        page.get_by_test_id("stMain").get_by_role("link", name="Gallery").first.wait_for()
        page.wait_for_timeout(1000)
    assert [url for url in asked if not url.startswith((server, "data:", "blob:"))] == []
