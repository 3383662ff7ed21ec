"""The gallery in a real browser: what a person does with it, and that the link always holds it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlparse

import pytest

from dashboard.browser import assets
from dashboard.catalogue.runs import Catalogue, Run
from dashboard.sql import epochs, predictions
from dashboard.sql.filter import Filter

pytestmark = [pytest.mark.browser, pytest.mark.slow]

RUN = "linear-fast"


@pytest.fixture
def run(digits_runs: Path) -> Run:
    found = Catalogue(digits_runs).get(RUN)
    assert found is not None
    return found


@pytest.fixture
def gallery(page: Any, server: str) -> Iterator[Any]:
    """The Gallery page of the run with all tiles painted."""
    opened(page, server, f"run={RUN}")
    yield page


def opened(page: Any, server: str, query: str) -> None:
    page.goto(f"{server}/gallery?{query}")
    painted(page)


def painted(page: Any) -> None:
    page.locator(".gallery[data-shown]:not([aria-busy])").wait_for()
    page.wait_for_function(SHADOW + "return !shadow().querySelector('.tile:not([hidden]) .box.loading') }")


SHADOW = """() => {
    const roots = () => [...document.querySelectorAll('*')].map((e) => e.shadowRoot);
    const shadow = () => roots().find((s) => s?.querySelector('.gallery'));
"""


def shown(page: Any) -> int:
    return int(page.locator(".gallery").get_attribute("data-shown"))


def counted(page: Any) -> tuple[int, int]:
    """The two numbers of "412 of 10,000 images"."""
    found = re.fullmatch(r"([\d,]+) of ([\d,]+) images", page.locator(".total").inner_text())
    assert found
    return int(found[1].replace(",", "")), int(found[2].replace(",", ""))


def in_link(page: Any, **fields: str | None) -> None:
    """Wait until the URL holds exactly these values of these fields."""
    page.wait_for_function(
        """(fields) => { const query = new URLSearchParams(location.search);
            return Object.entries(fields).every(([name, value]) => query.get(name) === value) }""",
        arg=fields,
    )


def first_tiles(page: Any, many: int = 5) -> list[int]:
    page.locator(".scroll").evaluate("view => { view.scrollTop = 0 }")
    return [
        int(page.locator(f".tile[data-position='{position}']").get_attribute("data-index")) for position in range(many)
    ]


def test_a_verdict_filters_at_once_and_the_count_is_the_number_of_images(gallery: Any, run: Run) -> None:
    everything = counted(gallery)
    assert everything == (597, 597)
    gallery.locator(".segment.wrong").click()
    wrong = predictions.count_filtered(run, "val", 3, Filter(verdict="wrong"))
    assert counted(gallery) == (wrong, 597)
    assert f"{wrong:,}" in gallery.locator(".segment.wrong").inner_text()
    in_link(gallery, verdict="wrong", run=RUN)
    assert gallery.locator(".tile.correct:visible").count() == 0


def test_counts_beside_each_class_update_with_the_filter_and_open_as_many(gallery: Any, run: Run) -> None:
    gallery.locator(".segment.correct").click()
    for at in (0, 4, 9):
        chip = gallery.locator(".chip").nth(at)
        promised = int(chip.locator("i").inner_text())
        chip.click()
        assert shown(gallery) == promised == predictions.count_filtered(run, "val", 3, Filter("correct", label=at))
        chip.click()
    assert gallery.locator(".chip[aria-pressed=true]").count() == 0


def test_each_way_to_filter_finds_what_sql_finds(page: Any, server: str, run: Run) -> None:
    for query, chosen in [
        ("label=3&predicted=9", Filter(label=3, predicted=9)),
        ("confidence=0.5..0.9", Filter(confidence=(0.5, 0.9))),
        ("changed=1&verdict=wrong", Filter("wrong", changed=True)),
        ("search=17", Filter(search="17")),
    ]:
        opened(page, server, f"run={RUN}&epoch=3&{query}")
        assert shown(page) == predictions.count_filtered(run, "val", 2, chosen), query


def test_the_order_is_that_of_the_log(gallery: Any, run: Run) -> None:
    table = predictions.outcomes(run, "val", 3).to_pandas()
    gallery.get_by_label("Sort by").select_option("loss")
    worst = table.sort_values(["loss", "index"], ascending=[False, True])["index"].tolist()
    assert first_tiles(gallery) == worst[:5]
    gallery.locator(".direction").click()
    best = table.sort_values(["loss", "index"])["index"].tolist()
    assert first_tiles(gallery) == best[:5]
    in_link(gallery, sort="loss", reverse=None)


def test_times_forgotten_sorts_once_its_column_has_come(page: Any, server: str, run: Run) -> None:
    table = epochs.times_forgotten(run, "val", 3).to_pandas()
    expected = table.sort_values(["forgotten", "index"], ascending=[False, True])["index"].tolist()
    opened(page, server, f"run={RUN}&sort=forgotten&reverse=1")
    page.wait_for_function(
        SHADOW + f"return shadow().querySelector('.tile[data-position=\"0\"]').dataset.index === '{expected[0]}' }}"
    )
    assert first_tiles(page) == expected[:5]


def test_groups_have_a_heading_with_their_count_in_class_order(gallery: Any, run: Run) -> None:
    gallery.get_by_label("Group").select_option("predicted")
    headings = gallery.locator(".group").all_inner_texts()
    zero = predictions.count_filtered(run, "val", 3, Filter(predicted=0))
    assert headings[0].split() == ["zero", str(zero)]
    gallery.locator(".scroll").evaluate("view => { view.scrollTop = view.scrollHeight }")
    gallery.locator(".group", has_text="nine").wait_for()


def test_only_what_is_near_is_in_the_page_and_all_can_be_scrolled_to(gallery: Any) -> None:
    assert gallery.locator(".tile").count() < 400
    gallery.locator(".scroll").focus()
    gallery.keyboard.press("End")
    gallery.locator(".tile[data-index='596']").wait_for()
    gallery.keyboard.press("Home")
    gallery.locator(".tile[data-index='0'].cursor").wait_for()


def test_a_sample_opens_walks_with_the_arrow_keys_and_closes(gallery: Any) -> None:
    gallery.locator(".segment.wrong").click()
    shown_first = first_tiles(gallery, 3)
    gallery.locator(".tile[data-position='0']").click()
    title = gallery.locator(".sample h2")
    assert title.inner_text() == f"Image {shown_first[0]}"
    gallery.keyboard.press("ArrowRight")
    gallery.keyboard.press("ArrowRight")
    assert title.inner_text() == f"Image {shown_first[2]}"
    in_link(gallery, sample=str(shown_first[2]))
    gallery.keyboard.press("ArrowLeft")
    assert title.inner_text() == f"Image {shown_first[1]}"
    assert gallery.locator(".where").inner_text().startswith("2 of ")
    gallery.keyboard.press("Escape")
    assert not gallery.locator("dialog.sample").is_visible()
    in_link(gallery, sample=None, verdict="wrong")


def test_the_dialog_shows_probabilities_facts_and_a_history_that_leads_to_an_epoch(gallery: Any, run: Run) -> None:
    gallery.locator(".tile[data-index='5']").click()
    gallery.locator(".bars .row").first.wait_for()
    known = predictions.prediction(run, "val", 3, 5)
    assert known is not None
    names = run.info.class_names or []
    assert gallery.locator(".bars .row.top .name").inner_text() == names[known["predicted"]]
    assert gallery.locator(".bars .row.truth .tag").inner_text() == "label"
    assert "8 × 8 × 1 uint8" in gallery.locator(".facts").inner_text()
    assert gallery.locator(".strip .epoch").count() == 4
    gallery.locator(".strip .epoch[data-epoch='1']").click()
    gallery.locator(".gallery[data-epoch='2']").wait_for()
    in_link(gallery, epoch="2", sample="5")
    gallery.locator(".strip .epoch[data-epoch='1'][aria-current=true]").wait_for()
    earlier = predictions.prediction(run, "val", 1, 5)
    assert earlier is not None
    assert earlier["verdict"] in gallery.locator(".badge").inner_text()


def test_the_same_picture_in_another_run_is_one_click_away(gallery: Any) -> None:
    gallery.locator(".tile[data-index='7']").click()
    gallery.locator(".same .place", has_text="linear").first.click()
    in_link(gallery, run="linear", sample="7")
    gallery.locator("dialog.sample[open] h2", has_text="Image 7").wait_for()


def test_a_link_restores_everything_in_a_fresh_browser(page: Any, server: str, run: Run) -> None:
    query = f"run={RUN}&epoch=2&verdict=wrong&label=8&confidence=0.1..0.95&sort=margin&group=predicted&size=96"
    index = predictions.filtered(run, "val", 1, Filter("wrong", 8, confidence=(0.1, 0.95)))["index"][0].as_py()
    opened(page, server, f"{query}&sample={index}")
    page.locator("dialog.sample[open] h2", has_text=f"Image {index}").wait_for()
    assert shown(page) == predictions.count_filtered(run, "val", 1, Filter("wrong", 8, confidence=(0.1, 0.95)))
    assert page.locator(".segment.wrong").get_attribute("aria-pressed") == "true"
    assert page.locator(".chip[aria-pressed=true]").inner_text().startswith("eight")
    assert page.get_by_label("Sort by").input_value() == "margin"
    assert page.get_by_label("Group").input_value() == "predicted"
    assert page.locator(".tile:visible").first.bounding_box()["width"] == 96
    assert parse_qs(urlparse(page.url).query) == parse_qs(f"{query}&sample={index}")


def test_back_and_forward_move_the_gallery_too(gallery: Any) -> None:
    gallery.locator(".segment.wrong").click()
    in_link(gallery, verdict="wrong")
    wrong = shown(gallery)
    gallery.locator(".chip").nth(3).click()
    in_link(gallery, label="3")
    few = shown(gallery)
    gallery.go_back()
    gallery.locator(f".gallery[data-shown='{wrong}']").wait_for()
    gallery.go_back()
    gallery.locator(".gallery[data-shown='597']").wait_for()
    gallery.go_forward()
    gallery.go_forward()
    gallery.locator(f".gallery[data-shown='{few}']").wait_for()


def test_quick_changes_are_never_undone_by_a_late_answer(gallery: Any, run: Run) -> None:
    undone = gallery.evaluate(
        SHADOW
        + """const chips = () => [...shadow().querySelectorAll('.chip')], undone = [];
        const wait = (ms) => new Promise((done) => setTimeout(done, ms));
        return (async () => {
            for (let i = 0; i < 40; i++) {  // the pauses make answers come just after the next change
                chips()[i % 10].click();
                await wait(170 + ((i * 13) % 130));
                if (chips()[i % 10].getAttribute('aria-pressed') !== 'true') undone.push(i);
            }
            return undone;
        })() }"""
    )
    assert undone == []
    in_link(gallery, label="9")
    assert shown(gallery) == predictions.count_filtered(run, "val", 3, Filter(label=9))


def test_the_epoch_of_the_sidebar_moves_the_gallery_and_keeps_the_scroll(gallery: Any) -> None:
    gallery.locator(".scroll").evaluate("view => { view.scrollTop = 900 }")
    gallery.locator(".epochs .slider").focus()
    gallery.keyboard.press("Home")
    gallery.locator(".gallery[data-epoch='1']").wait_for()
    in_link(gallery, epoch="1")
    assert gallery.locator(".scroll").evaluate("view => view.scrollTop") == 900
    assert gallery.locator(".segment.wrong i").inner_text() != "0"


def test_letters_typed_in_the_search_reach_the_search_and_nothing_else(gallery: Any) -> None:
    search = gallery.get_by_label("Find by source or index")
    search.click()
    gallery.keyboard.type("cr59")  # c and r are shortcuts of Streamlit
    assert search.input_value() == "cr59"
    in_link(gallery, search="cr59")
    assert gallery.locator("[role=dialog]:visible").count() == 0
    assert counted(gallery) == (0, 597)
    gallery.get_by_text("Clear filters").click()
    assert counted(gallery) == (597, 597)


def test_a_missing_sheet_is_counted_and_drawn_as_a_placeholder(
    page: Any, serve: Any, tmp_path: Path, train_digits: Any
) -> None:
    folder = train_digits(tmp_path, "torn", epochs=1)
    for sheet in (folder / "sheets").glob("val-*.webp"):
        sheet.unlink()
    problems: list[str] = []
    fresh = page.context.new_page()
    fresh.on("pageerror", lambda error: problems.append(str(error)))
    opened(fresh, serve(tmp_path), "run=torn")
    fresh.get_by_text("597 whose sheet file is missing").wait_for()
    assert fresh.locator(".box.blank:visible").count() > 10
    assert not problems


def test_an_export_holds_the_images_on_the_screen(gallery: Any, run: Run) -> None:
    gallery.locator(".segment.wrong").click()
    gallery.get_by_text("Export", exact=True).click()
    with gallery.expect_download() as download:
        gallery.locator(".option[data-kind=csv]").click()
    lines = Path(download.value.path()).read_text().splitlines()
    assert len(lines) - 1 == shown(gallery)


def test_tiles_say_what_they_are(gallery: Any) -> None:
    names = gallery.locator(".tile:visible").evaluate_all("tiles => tiles.map((t) => t.getAttribute('aria-label'))")
    assert all(re.fullmatch(r"Image \d+, \w+: label \w+, predicted \w+, confidence \d+ %", name) for name in names)


def test_a_screen_that_lies_on_more_sheets_than_are_kept_is_painted(page: Any, server: str) -> None:
    page.goto(f"{server}/gallery?run={RUN}")
    held = page.evaluate(
        """async (address) => {
            const { Sheets } = await import(new URL(address, document.baseURI));
            const wait = (ms) => new Promise((done) => setTimeout(done, ms));
            const canvas = new OffscreenCanvas(2, 2);
            canvas.getContext("2d").fillRect(0, 0, 1, 1);
            const url = URL.createObjectURL(await canvas.convertToBlob());
            const numbers = Array.from({ length: 300 }, (_, n) => n);
            const missing = () => numbers.filter((n) => sheets.get(n)?.state !== "ready").length;
            const layout = () => ({ cell: 1, columns: 2, problem: null });
            const sheets = new Sheets({ url: (n) => `${url}#${n}`, layout, onReady: () => {} });
            sheets.request(numbers);
            for (let turn = 0; turn < 100 && missing(); turn++) await wait(50);
            const near = 300 - missing();
            sheets.request(numbers.slice(0, 1));
            sheets.requestFirst(300);
            for (let turn = 0; turn < 100 && !sheets.get(300); turn++) await wait(20);
            return { near, later: sheets.known.size, first: Boolean(sheets.get(0)) };
        }""",
        assets.url("screens/gallery/data/sheets.js"),
    )
    assert held == {"near": 300, "later": 160, "first": True}


def test_an_answer_that_comes_during_a_press_does_not_swallow_it_or_move_the_focus(gallery: Any) -> None:
    chips = gallery.locator(".chip")
    chips.nth(1).click()
    chips.nth(2).hover()
    gallery.mouse.down()
    in_link(gallery, label="1")
    gallery.wait_for_timeout(300)
    gallery.mouse.up()
    in_link(gallery, label="2")
    chips.nth(5).focus()
    gallery.keyboard.press("Enter")
    in_link(gallery, label="5")
    gallery.wait_for_timeout(300)
    gallery.keyboard.press("Enter")
    in_link(gallery, label=None)
