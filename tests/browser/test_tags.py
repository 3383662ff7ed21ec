"""Selecting, tagging and noting samples in a real browser."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from dashboard.browser import assets
from dashboard.catalogue.annotations import annotations_of
from dashboard.catalogue.runs import Catalogue
from logger import schema
from tests.browser.test_gallery import SHADOW, counted, in_link, painted, shown

pytestmark = [pytest.mark.browser, pytest.mark.slow]

RUN = "linear-fast"


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory, digits_runs: Path) -> Path:
    """A copy of the runs, to be written to."""
    return Path(shutil.copytree(digits_runs, tmp_path_factory.mktemp("tagged") / "runs"))


@pytest.fixture(scope="module")
def address(serve: Callable[..., str], runs: Path) -> str:
    return serve(runs)


@pytest.fixture(autouse=True)
def untagged(runs: Path) -> None:
    (runs / RUN / schema.ANNOTATIONS_FILE).unlink(missing_ok=True)


def opened(page: Any, address: str, query: str = "") -> None:
    page.goto(f"{address}/gallery?run={RUN}&{query}")
    painted(page)


def tile(page: Any, position: int) -> Any:
    return page.locator(f".tile[data-position='{position}']")


def selected(page: Any) -> list[int]:
    """Positions of the tiles that are marked as selected."""
    found = page.locator(".tile[aria-selected=true]:visible")
    marked = page.locator(".tile.picked:visible .check")
    assert found.count() == marked.count()
    return sorted(int(found.nth(i).get_attribute("data-position")) for i in range(found.count()))


def tag(page: Any, name: str, button: str = "Tag") -> str:
    bar = page.locator(".tagbar")
    bar.get_by_label("Tag", exact=True).fill(name)
    bar.get_by_role("button", name=button, exact=True).click()
    page.wait_for_function(
        SHADOW + "const result = shadow().querySelector('.tagbar > .result').textContent; return /^[^S]/.test(result) }"
    )  # not "Saving …"
    return str(bar.locator("> .result").inner_text())


def lines(runs: Path) -> list[dict[str, Any]]:
    text = (runs / RUN / schema.ANNOTATIONS_FILE).read_text("utf-8")
    return [json.loads(line) for line in text.splitlines()]


def test_tiles_are_selected_by_mouse_and_by_keyboard(page: Any, address: str) -> None:
    opened(page, address)
    tile(page, 2).click(modifiers=["ControlOrMeta"])
    tile(page, 5).click(modifiers=["Shift"])
    assert selected(page) == [2, 3, 4, 5]
    tile(page, 3).click(modifiers=["ControlOrMeta"])
    assert selected(page) == [2, 4, 5]
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("Space")
    assert selected(page) == [2, 3, 4, 5]
    assert page.locator(".tagbar .many").inner_text() == "4 selected"
    assert page.locator("dialog.sample[open]").count() == 0
    page.keyboard.press("Escape")
    assert selected(page) == [] and not page.locator(".tagbar").is_visible()
    page.locator(".segment.wrong").click()
    page.locator(".scroll").focus()
    page.keyboard.press("ControlOrMeta+a")
    assert page.locator(".tagbar .many").inner_text() == f"{shown(page)} selected"
    page.locator(".segment.wrong").click()
    tile(page, 0).hover()
    tile(page, 0).locator(".check").click()
    assert page.locator("dialog.sample[open]").count() == 0
    page.locator(".scroll").press("Escape")
    tile(page, 1).click()
    page.locator("dialog.sample[open]").wait_for()


def test_three_tiles_are_tagged_and_the_filter_shows_exactly_these(
    page: Any, browser: Any, address: str, runs: Path
) -> None:
    opened(page, address)
    assert page.get_by_role("button", name="Tag any").count() == 0
    for position in (1, 6, 11):
        tile(page, position).click(modifiers=["ControlOrMeta"])
    indices = [int(tile(page, p).get_attribute("data-index")) for p in (1, 6, 11)]
    page.locator(".tagbar").get_by_label("Your name").fill("Ana")
    assert tag(page, 'odd <b>"ones"') == "Tagged 3 images."
    assert {(line["tag"], line["who"]) for line in lines(runs)} == {('odd <b>"ones"', "Ana")}
    page.get_by_role("button", name="Tag any").click()
    page.get_by_role("option", name='odd <b>"ones" 3').click()
    assert counted(page) == (3, 597)
    assert [int(tile(page, p).get_attribute("data-index")) for p in range(3)] == indices
    in_link(page, tag='odd <b>"ones"')

    context = browser.new_context(viewport={"width": 1440, "height": 900})
    other = context.new_page()
    other.goto(page.url)
    painted(other)
    assert counted(other) == (3, 597)
    assert [int(tile(other, p).get_attribute("data-index")) for p in range(3)] == indices
    context.close()

    assert selected(page) == [0, 1, 2]
    tile(page, 1).click(modifiers=["ControlOrMeta"])
    assert tag(page, 'odd <b>"ones"', "Remove tag") == "Removed from 2 images."
    assert counted(page) == (1, 597)
    assert page.locator(".tagbar .notes").inner_text() == " · 2 not shown"
    run = Catalogue(runs).get(RUN)
    assert run is not None and len(annotations_of(run).tagged()) == 1


def test_the_dialog_adds_and_removes_tags_and_keeps_a_note(page: Any, address: str, runs: Path) -> None:
    opened(page, address, "sample=17")
    dialog = page.locator("dialog.sample[open]")
    dialog.get_by_label("Add a tag").fill("blurry")
    dialog.get_by_label("Add a tag").press("Enter")
    dialog.locator(".chip.tag", has_text="blurry").wait_for()
    note = dialog.get_by_label("Note", exact=True)
    note.fill("is this a 4?")
    note.press("ArrowLeft")
    assert "17" in dialog.locator("h2").inner_text()
    note.press("ControlOrMeta+Enter")
    dialog.locator(".annotations .rest", has_text="note:").wait_for()
    note.fill("is this a 4 or a 9?")
    dialog.get_by_label("Next image").click()
    page.wait_for_function("() => new URLSearchParams(location.search).get('sample') !== '17'")
    assert note.input_value() == ""
    dialog.get_by_label("Previous image").click()
    page.wait_for_function("() => new URLSearchParams(location.search).get('sample') === '17'")
    page.reload()
    painted(page)
    dialog.locator(".chip.tag", has_text="blurry").wait_for()
    page.wait_for_function(SHADOW + "return shadow().querySelector('.note').value === 'is this a 4 or a 9?' }")
    dialog.get_by_label("Remove tag blurry").click()
    dialog.locator(".chip.tag").wait_for(state="detached")
    assert [line.get("removed", False) for line in lines(runs) if "tag" in line] == [False, True]


def test_a_dashboard_that_only_reads_says_so_in_the_bar(
    page: Any, serve: Callable[..., str], runs: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PROOFSHEET_READONLY", "1")
    opened(page, serve(runs))
    tile(page, 2).click(modifiers=["ControlOrMeta"])
    assert "PROOFSHEET_READONLY" in page.locator(".tagbar").inner_text()
    assert not page.locator(".tagbar form").is_visible()


def test_what_others_tag_comes_by_itself_and_a_late_answer_undoes_nothing(
    page: Any, browser: Any, address: str
) -> None:
    opened(page, address)
    context = browser.new_context(viewport={"width": 1440, "height": 900})
    other = context.new_page()
    opened(other, address, "sample=4")
    note = other.get_by_label("Note", exact=True)
    note.fill("half a")
    tile(page, 4).click(modifiers=["ControlOrMeta"])
    page.locator(".segment.correct").click()  # its answer has the tags of before
    tag(page, "mine")
    tag(page, "mine too")
    other.locator(".chip.tag", has_text="mine too").wait_for(timeout=5_000)
    assert note.input_value() == "half a"
    assert note.evaluate("e => e.getRootNode().activeElement === e")
    other.keyboard.press("Escape")
    other.get_by_role("button", name="Tag any").click()
    assert other.get_by_role("listbox", name="Tag").locator("span").all_inner_texts() == ["any", "mine", "mine too"]
    context.close()
    page.wait_for_timeout(1000)
    page.get_by_role("button", name="Tag any").click()
    assert page.get_by_role("listbox", name="Tag").locator("span").all_inner_texts() == ["any", "mine", "mine too"]


def test_a_page_that_names_the_version_of_before_undoes_no_change(page: Any, address: str) -> None:
    opened(page, address)
    shown = page.evaluate(
        """async (address) => {
            const { Tags } = await import(new URL(address, document.baseURI));
            const answers = {};
            window.fetch = (url) => new Promise((done) => { answers[url.split('=')[1]] = done; });
            const answer = (version, tag) => answers[version](new Response(
                JSON.stringify({ tags: [[tag, [1]]], notes: [], damaged: 0, problem: null }),
                { headers: { 'content-type': 'application/json' } }));
            const tags = new Tags((path, { v }) => `https://example.invalid/${path}?v=${v}`);
            const first = tags.load({ version: 'one', order: '1' });
            answer('one', 'first');
            await first;
            const written = tags.load({ version: 'two', order: '2' });  // what the writing itself was answered
            const late = tags.load({ version: 'one', order: '1' });  // what the page drew meanwhile
            answer('two', 'second');
            await Promise.all([written, late]);
            return tags.names;
        }""",
        assets.url("screens/gallery/tags/tags.js"),
    )
    assert shown == ["second"]
