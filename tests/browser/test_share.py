"""The button that copies the link, in a real browser."""

from typing import Any

import pytest

pytestmark = [pytest.mark.browser, pytest.mark.slow]


@pytest.mark.parametrize("path", ["/", "/metrics", "/gallery?run=linear&verdict=wrong&sort=loss&epoch=2", "/confusion"])
def test_the_button_copies_the_address_of_what_is_shown(browser: Any, server: str, path: str) -> None:
    context = browser.new_context(permissions=["clipboard-read", "clipboard-write"])
    page = context.new_page()
    page.goto(server + path)
    page.get_by_role("button", name="Copy link").click()
    page.get_by_role("button", name="Link copied").wait_for()
    copied = page.evaluate("() => navigator.clipboard.readText()")
    assert copied == page.url and copied.startswith(server + path.split("?")[0])
    if "?" in path:
        assert all(part in copied for part in path.split("?")[1].split("&"))
    page.get_by_role("button", name="Copy link").wait_for()  # and offers it again
    context.close()


def test_where_the_browser_gives_no_clipboard_it_is_copied_all_the_same(browser: Any, server: str) -> None:
    context = browser.new_context()
    page = context.new_page()
    page.add_init_script("Object.defineProperty(navigator, 'clipboard', {value: undefined})")
    page.goto(f"{server}/gallery?run=linear")
    page.get_by_role("button", name="Copy link").click()
    page.get_by_role("button", name="Link copied").wait_for()
    context.close()
