"""How fast the dashboard answers: 10,000 pictures x 50 epochs in headless Chromium, beside `st.image` in columns.

    python benchmarks/browsing.py [--data FOLDER_OF_CLASS_FOLDERS] [--samples 10000] [--epochs 50] [--changes 50]

Times run inside the page from a person's act to the frame after the last visible tile is painted.
"""

from __future__ import annotations

import argparse
import os
import resource
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np

sys.path.insert(0, str(Path(__file__).parent.parent))

from PIL import Image
from playwright.sync_api import sync_playwright

from benchmarks.pictures import CLASSES, load, predictions
from logger import Run

ROOT = Path(__file__).parent.parent
MEASURE = Path(__file__).with_name("measure.js").read_text()
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--no-first-run"]


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


@contextmanager
def serving(app: str, *arguments: str, **environment: str) -> Iterator[tuple[str, int]]:
    """Address and process id of a Streamlit server."""
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        port = s.getsockname()[1]
    command = [sys.executable, "-m", "streamlit", "run", app, "--server.headless", "true"]
    command += ["--server.port", str(port), "--", *arguments]
    server = subprocess.Popen(
        command, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.STDOUT, env={**os.environ, **environment}
    )
    address = f"http://127.0.0.1:{port}"
    for _ in range(300):
        try:
            urllib.request.urlopen(f"{address}/_stcore/health", timeout=2).close()
            break
        except OSError:
            time.sleep(0.1)
    try:
        yield address, server.pid
    finally:
        server.terminate()
        server.wait(20)


class Browser:
    """A Chromium page with the stop-watch of measure.js in it."""

    def __init__(self, chromium: Any) -> None:
        self._context = chromium.new_context(viewport={"width": 1440, "height": 900})
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

    def slide(self, state: str, times: int) -> list[float]:
        """Milliseconds of each step of the epoch slider to the left, from the key to its effect."""
        taken = []
        for _ in range(times):
            self.page.evaluate(f"() => {{ window.bench.focusEpochs(); window.bench.expect('{state}'); }}")
            self.page.keyboard.press("ArrowLeft")
            taken.append(self.page.evaluate("() => window.answered"))
            self.page.wait_for_timeout(250)
        return taken

    def close(self) -> None:
        self._context.close()


def told(name: str, times: list[float], target: float, base: float | None = None) -> None:
    middle = statistics.median(times)
    ratio = f"   {middle / base:.3f} of st.image" if base else ""
    print(f"{name:52}{middle:8.0f}{max(times):8.0f}   (target {target:.0f}){ratio}")


def resident(pid: int) -> float:
    """MB that a process holds."""
    return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * resource.getpagesize() / 1e6


def st_image(chromium: Any, folder: Path, options: argparse.Namespace) -> float:
    """Median milliseconds of a filter change with 100 pictures in columns."""
    x, y, _ = load(options.data, 3_000)
    (folder / "pictures").mkdir()
    for k in range(10):
        for i, picture in enumerate(x[y == k][:100]):
            Image.fromarray(picture).save(folder / "pictures" / f"{k}-{i:03d}.png")
    with serving("benchmarks/st_image_page.py", PICTURES=str(folder / "pictures")) as (address, _pid):
        browser = Browser(chromium)
        browser.open(address, "images")
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


def browse(chromium: Any, address: str, pid: int, base: float | None, options: argparse.Namespace) -> None:
    print(f"{'':52}{'median':>8}{'worst':>8}   ms")
    browser = Browser(chromium)
    cold = browser.open(f"{address}/gallery", "gallery")
    browser.close()
    visits = []
    for _ in range(3):
        browser = Browser(chromium)
        visits.append(1000 * browser.open(f"{address}/gallery", "gallery"))
        browser.close()
    print(f"{'first visitor of the server':52}{1000 * cold:8.0f}")
    told("first visit on a warm server", visits, 2000)
    browser = Browser(chromium)
    browser.open(f"{address}/gallery?sort=confidence", "gallery")
    blank = browser.page.evaluate("() => window.bench.scroll()")
    print(f"{'scrolling end to end: longest blank tile':52}{blank['longest']:8.0f}{'':8}   (target 300) "
          f"{blank['frames'] / blank['seconds']:.0f} frames a second")  # fmt: skip
    browser.page.evaluate("() => { window.bench.find('.scroll').scrollTop = 0; }")
    browser.page.wait_for_timeout(1000)
    for name, act in GALLERY_ACTS.items():
        told(name, [browser.time(act.format(i=i), "gallery") for i in range(options.changes)], 60, base)
    browser.close()
    browser = Browser(chromium)
    steps = min(options.changes, options.epochs - 1)
    browser.open(f"{address}/gallery?sort=confidence&epoch={options.epochs}", "gallery")
    told("gallery, epoch through a rerun", browser.slide("gallery", steps), 200, base)
    browser.close()
    browser = Browser(chromium)
    browser.open(f"{address}/confusion?epoch={options.epochs}", "confusion")
    told("confusion, epoch through a rerun", browser.slide("confusion", steps), 150, base)
    browser.close()
    print(f"memory of the server: {resident(pid):.0f} MB")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path)
    parser.add_argument("--samples", type=int, default=10_000)
    parser.add_argument("--epochs", type=int, default=50)
    parser.add_argument("--changes", type=int, default=50)
    parser.add_argument("--without-st-image", action="store_true")
    options = parser.parse_args()
    chromium_path = shutil.which("chromium") or shutil.which("google-chrome")
    with tempfile.TemporaryDirectory() as scratch, sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=chromium_path, args=FLAGS)
        make_run(Path(scratch) / "runs", options)
        base = None if options.without_st_image else st_image(chromium, Path(scratch), options)
        with serving("app.py", "--runs", str(Path(scratch) / "runs")) as (address, pid):
            browse(chromium, address, pid, base, options)
        chromium.close()


if __name__ == "__main__":
    main()
