"""How fast the dashboard answers: 10,000 pictures x 50 epochs in headless Chromium, beside `st.image` in columns.

    python benchmarks/browsing.py [--data FOLDER_OF_CLASS_FOLDERS] [--samples 10000] [--epochs 50] [--changes 50]

Times run inside the page from a person's act to the frame after the last visible tile is painted.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import tempfile
import time
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import numpy as np

sys.path.insert(0, str(Path(__file__).parent.parent))

from PIL import Image

from benchmarks.pictures import CLASSES, load, predictions
from benchmarks.server import Server, chromium, serving
from logger import Run

MEASURE = Path(__file__).with_name("measure.js").read_text()


def make_run(runs_dir: Path, options: argparse.Namespace) -> None:
    """A run of `samples` pictures and `epochs` epochs; over 10,000 the pictures are varied copies."""
    x, y, source = load(options.data, min(options.samples, 10_000))
    copies = -(-options.samples // len(x))
    x = np.concatenate([np.roll(x, 3 * copy, axis=2) for copy in range(copies)])[: options.samples]
    y = np.concatenate([y] * copies)[: options.samples]
    with Run(runs_dir, "benchmark", CLASSES) as run:
        for epoch in range(options.epochs):
            p = predictions(y, epoch)
            run.log_predictions(epoch, x if epoch == 0 else None, probabilities=p, labels=y if epoch == 0 else None)
            run.log_metrics(epoch, {"val_accuracy": float((p.argmax(1) == y).mean())})
    print(f"{source}: {options.samples:,} samples x {options.epochs} epochs")


class Browser:
    """A Chromium page with the stop-watch of measure.js in it."""

    def __init__(self, browsers: Any) -> None:
        self._context = browsers.new_context(viewport={"width": 1440, "height": 900})
        self.page = self._context.new_page()

    def open(self, address: str, state: str) -> float:
        """Seconds from the request until `state` is there."""
        began = time.perf_counter()
        self.page.goto(address, wait_until="commit")
        self.page.wait_for_selector("[data-testid=stApp]")
        self.page.evaluate(MEASURE)
        self.page.wait_for_function(f"() => window.bench.{state}() !== null", timeout=60_000)
        return time.perf_counter() - began

    def time(self, act: str, state: str) -> float:
        """Milliseconds from `act`, JavaScript, to its effect."""
        milliseconds: float = self.page.evaluate(f"() => window.bench.time(() => {{ {act} }}, '{state}')")
        self.page.wait_for_timeout(250)
        return milliseconds

    def slide(self, state: str, keys: Iterable[str]) -> list[float]:
        """Milliseconds of each key on the epoch control, from the key to its effect."""
        taken = []
        self.page.locator(".epochs .slider").wait_for()
        for key in keys:
            self.page.evaluate(f"() => {{ window.bench.focusEpochs(); window.bench.expect('{state}'); }}")
            self.page.keyboard.press(key)
            taken.append(self.page.evaluate("() => window.answered"))
            self.page.wait_for_timeout(250)
        return taken

    def rerun(self, state: str, times: int, acts: Sequence[str]) -> list[float]:
        """Milliseconds of Back and Forward through what `acts` changed: the way that only the server can answer."""
        for act in acts:
            self.time(act, state)
            self.page.wait_for_timeout(750)
        turns = [step for _ in range(times) for step in (*["back"] * len(acts), *["forward"] * len(acts))]
        return [self.time(f"history.{turn}()", state) for turn in turns[:times]]

    def close(self) -> None:
        self._context.close()


def told(name: str, times: list[float], target: float, base: float | None = None) -> None:
    middle = statistics.median(times)
    ratio = f"   {middle / base:.3f} of st.image" if base else ""
    print(f"{name:52}{middle:8.0f}{max(times):8.0f}   (target {target:.0f}){ratio}")


def st_image(browsers: Any, folder: Path, options: argparse.Namespace) -> float:
    """Median milliseconds of a filter change with 100 pictures in columns."""
    x, y, _ = load(options.data, 3_000)
    (folder / "pictures").mkdir()
    for k in range(10):
        for i, picture in enumerate(x[y == k][:100]):
            Image.fromarray(picture).save(folder / "pictures" / f"{k}-{i:03d}.png")
    with serving(folder, app="benchmarks/st_image_page.py", PICTURES=str(folder / "pictures")) as server:
        browser = Browser(browsers)
        browser.open(server.address, "images")
        act = "[...document.querySelectorAll('[data-testid=stButtonGroup] button')][{}].click()"
        for warm in (True, False):
            times = [browser.time(act.format(k % 10), "images") for k in range(1, 11)]
            if not warm:
                told("st.image in columns, 100 pictures: filter", times, 0)
        browser.close()
    return statistics.median(times)


GALLERY_ACTS = {
    "gallery, verdict": "const b = [...bench.find('.segments').children]; b[{i} % 2 + 1].click()",
    "gallery, class": "const b = [...bench.find('.chips').children]; b[{i} % b.length].click()",
    "gallery, sort": "bench.find('.direction').click()",
}


EPOCH_ACTS = ["bench.find('.epochs [aria-label=\"Previous epoch\"]').click()"] * 2
RERUN_ACTS = [GALLERY_ACTS["gallery, verdict"].format(i=1), EPOCH_ACTS[0], GALLERY_ACTS["gallery, class"].format(i=3)]


def browse(browsers: Any, server: Server, base: float | None, options: argparse.Namespace) -> None:
    address = server.address
    print(f"{'':52}{'median':>8}{'worst':>8}   ms")
    browser = Browser(browsers)
    cold = browser.open(f"{address}/gallery", "gallery")
    browser.close()
    visits = []
    for _ in range(3):
        browser = Browser(browsers)
        visits.append(1000 * browser.open(f"{address}/gallery", "gallery"))
        browser.close()
    print(f"{'first visitor of the server':52}{1000 * cold:8.0f}")
    told("first visit on a warm server", visits, 2000)
    browser = Browser(browsers)
    browser.open(f"{address}/gallery?sort=confidence", "gallery")
    blank = browser.page.evaluate("() => window.bench.scroll()")
    print(f"{'scrolling end to end: longest blank tile':52}{blank['longest']:8.0f}{'':8}   (target 300) "
          f"{blank['frames'] / blank['seconds']:.0f} frames a second")  # fmt: skip
    browser.page.evaluate("() => { window.bench.find('.scroll').scrollTop = 0; }")
    browser.page.wait_for_timeout(1000)
    for name, act in GALLERY_ACTS.items():
        told(name, [browser.time(act.format(i=i), "gallery") for i in range(options.changes)], 60, base)
    browser.close()
    steps = min(options.changes, options.epochs - 1)
    for page, target, query, acts in (
        ("gallery", 60, "sort=confidence&", RERUN_ACTS),
        ("confusion", 150, "", EPOCH_ACTS),
    ):
        browser = Browser(browsers)
        browser.open(f"{address}/{page}?{query}epoch={options.epochs}", page)
        told(f"{page}, epoch, one after the other", browser.slide(page, ["ArrowLeft"] * steps), target, base)
        there_and_back = [("End", "Home")[i % 2] for i in range(steps)]
        told(f"{page}, epoch, last and first in turn", browser.slide(page, there_and_back), target, base)
        told(f"{page}, back and forward: through a rerun", browser.rerun(page, options.changes, acts), 200, base)
        browser.close()
    print(f"memory of the server: {server.memory():.0f} MB")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path)
    parser.add_argument("--samples", type=int, default=10_000)
    parser.add_argument("--epochs", type=int, default=50)
    parser.add_argument("--changes", type=int, default=50)
    parser.add_argument("--without-st-image", action="store_true")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch, chromium() as browsers:
        runs_dir = Path(scratch) / "runs"
        make_run(runs_dir, options)
        base = None if options.without_st_image else st_image(browsers, Path(scratch), options)
        with serving(runs_dir) as server:
            browse(browsers, server, base, options)


if __name__ == "__main__":
    main()
