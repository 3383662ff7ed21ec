"""The Gallery shows the picture of a sample or none: without run.json, and when another run takes the folder."""

from __future__ import annotations

import io
import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.parquet as pq
import pytest
from PIL import Image

from logger import Run, schema
from tests.browser.test_gallery import SHADOW, opened, painted

pytestmark = [pytest.mark.browser, pytest.mark.slow]

RED, GREEN, BLUE = (220, 20, 30), (20, 200, 40), (30, 40, 230)
COLOURS = [RED, GREEN, BLUE]


def log(folder: Path, colours: list[tuple[int, int, int]], name: str = "a") -> Path:
    """A run of pictures of one colour each, 24 pixels a side."""
    images = np.broadcast_to(np.array(colours, np.uint8)[:, None, None], (len(colours), 24, 24, 3))
    with Run(folder, name) as run:
        run.log_predictions(0, images, probabilities=np.eye(3), labels=[0, 1, 2])
    return run.path


def colours(page: Any) -> list[tuple[int, int, int]]:
    """The colour in the middle of each tile on the screen."""
    found = []
    for index in range(3):
        shot = Image.open(io.BytesIO(page.locator(f".tile[data-index='{index}'] .box").screenshot())).convert("RGB")
        found.append(shot.getpixel((shot.width // 2, shot.height // 2 - 8)))
    return found


def near(one: tuple[int, int, int], other: tuple[int, int, int]) -> bool:
    return all(abs(a - b) < 16 for a, b in zip(one, other, strict=True))


def test_a_lost_run_json_mixes_up_no_picture(page: Any, serve: Callable[..., str], tmp_path: Path) -> None:
    run = log(tmp_path, COLOURS)
    (run / schema.RUN_FILE).write_bytes(b"")
    opened(page, serve(tmp_path), "run=a")
    assert all(near(*pair) for pair in zip(colours(page), COLOURS, strict=True))


def test_without_a_layout_no_picture_is_shown_and_the_page_says_why(
    page: Any, serve: Callable[..., str], tmp_path: Path
) -> None:
    run = log(tmp_path, COLOURS)
    (run / schema.RUN_FILE).write_text(json.dumps({"format": 1, "name": "a", "splits": {}}))
    [part] = (run / schema.SAMPLES_DIR).iterdir()
    pq.write_table(pq.read_table(part).replace_schema_metadata(None), part)
    opened(page, serve(tmp_path), "run=a")
    page.locator(".notes", has_text="does not say how the sheets of val are laid out").wait_for()
    assert page.locator(".box.unknown").count() == 3
    page.locator(".tile").first.click()
    page.locator(".frame.blank.unknown").wait_for()


def test_the_mapping_of_values_is_on_the_page_and_in_the_sample(
    page: Any, serve: Callable[..., str], tmp_path: Path
) -> None:
    images = np.random.default_rng(0).normal(0, 1, (3, 24, 24, 3)).astype(np.float32)
    with Run(tmp_path, "a") as run:
        run.log_predictions(0, images, probabilities=np.eye(3), labels=[0, 1, 2])
    opened(page, serve(tmp_path), "run=a")
    assert "colours rescaled" in page.locator(".display.altered").inner_text()
    page.locator(".tile").first.click()
    page.locator(".facts dd", has_text="colours rescaled").wait_for()


def test_a_run_that_takes_the_folder_of_another_never_stands_beside_its_labels(
    browser: Any, serve: Callable[..., str], tmp_path: Path
) -> None:
    page = browser.new_page(viewport={"width": 1440, "height": 900})  # it logs the requests that the server refuses
    runs, other = tmp_path / "runs", tmp_path / "other"
    log(runs, COLOURS)
    log(other, [BLUE, RED, GREEN])
    opened(page, serve(runs), "run=a&sample=1")
    page.locator("dialog.sample[open]").wait_for()
    shutil.rmtree(runs / "a")
    shutil.copytree(other / "a", runs / "a")
    page.wait_for_function(SHADOW + "return !shadow().querySelector('.gallery').classList.contains('moving') }")
    page.keyboard.press("Escape")
    deadline = 40
    while deadline and not all(near(*pair) for pair in zip(colours(page), [BLUE, RED, GREEN], strict=True)):
        page.wait_for_timeout(250)
        deadline -= 1
    painted(page)
    assert all(near(*pair) for pair in zip(colours(page), [BLUE, RED, GREEN], strict=True))
    page.close()
