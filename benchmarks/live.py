"""How long a new epoch takes from its file to the screen, and what idle pages cost.

    python benchmarks/live.py [--samples 10000] [--rounds 20] [--sessions 20]

A run of `--samples` pictures lives while pages are open; an epoch's file is moved into place as the logger does it,
and the time until the page shows it is taken in the browser. Then `--sessions` pages of all kinds stay open while the
run sends its heartbeats, and the server's processor time is read. Medians, with the worst in brackets.
"""

from __future__ import annotations

import argparse
import shutil
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent.parent))

from benchmarks.pictures import CLASSES, load, predictions
from benchmarks.server import Server, chromium, serving
from logger import Run, schema

SHOWN = {
    "gallery": "e => inComponent('.gallery')?.dataset.epoch === String(e + 1)",
    "confusion": "e => inComponent('.confusion')?.dataset.epoch === String(e)",
    "runs": "e => document.body.innerText.includes(`${e + 1} of 1000`)",
}
"""When a page shows an epoch (from 0)."""
IN_COMPONENT = """window.inComponent = (selector) => {
  for (const host of document.querySelectorAll('*')) {
    const found = host.shadowRoot?.querySelector(selector);
    if (found) return found;
  }
};"""
DRAWN = """() => {
  const chart = document.querySelector('[data-testid=stVegaLiteChart]');
  return chart?.querySelector('canvas')?.toDataURL() ?? chart?.querySelector('svg')?.outerHTML ?? null;
}"""
"""What the first chart looks like."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--samples", type=int, default=10_000)
    parser.add_argument("--rounds", type=int, default=20)
    parser.add_argument("--sessions", type=int, default=20)
    parser.add_argument("--port", type=int, default=0)
    given = parser.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="proofsheet-live-"))
    try:
        training = Training(folder / "runs", given.samples)
        with serving(folder / "runs", given.port) as server, chromium() as browser:
            for page, shown in SHOWN.items():
                report(page, seconds_to_screen(browser, server, training, page, shown, given.rounds))
            report("metrics", seconds_to_chart(browser, server, training, given.rounds))
            idle(browser, server, given.sessions)
        training.run.finish()
    finally:
        shutil.rmtree(folder)


class Training:
    """A run that lives, with epochs that come when asked for."""

    def __init__(self, runs_dir: Path, samples: int) -> None:
        pictures, labels, _ = load(None, samples)
        self.run = Run(runs_dir, "live", CLASSES, epochs=1000)
        self.run.log_predictions(0, pictures, probabilities=predictions(labels, 0), labels=labels)
        self.run.log_metrics(0, {"loss": 1.0})
        self.file = lambda epoch: self.run.path / schema.predictions_file("val", epoch)
        while not self.file(0).exists():
            time.sleep(0.05)
        self.epochs = 1

    def next_epoch(self) -> int:
        """Move the next epoch's file into place; returns its number."""
        epoch, self.epochs = self.epochs, self.epochs + 1
        aside = self.file(epoch).with_name(f".{epoch}.tmp")
        shutil.copy(self.file(0), aside)
        aside.replace(self.file(epoch))
        return epoch


def opened(browser: Any, address: str) -> Any:
    page = browser.new_context(viewport={"width": 1440, "height": 900}).new_page()
    page.add_init_script(IN_COMPONENT)
    page.goto(address)
    return page


def seconds_to_screen(
    browser: Any, server: Server, training: Training, name: str, shown: str, rounds: int
) -> list[float]:
    page = opened(browser, f"{server.address}/{'' if name == 'runs' else name}?run=live")
    page.wait_for_function(shown, arg=training.epochs - 1)
    return taken(page, lambda: (shown, training.next_epoch()), rounds)


def seconds_to_chart(browser: Any, server: Server, training: Training, rounds: int) -> list[float]:
    page = opened(browser, f"{server.address}/metrics?run=live&metrics=loss")

    def log() -> tuple[str, str]:
        before = page.evaluate(DRAWN)
        with open(training.run.path / schema.METRICS_FILE, "a") as file:
            training.epochs += 1
            file.write(schema.MetricsLine({"loss": 1 / training.epochs}, time.time(), training.epochs).encode())
        return f"before => {{ const now = ({DRAWN})(); return now !== null && now !== before; }}", before

    training.run.log_metrics(1, {"loss": 0.9})
    page.wait_for_function(DRAWN)
    return taken(page, log, rounds)


def taken(page: Any, change: Callable[[], tuple[str, Any]], rounds: int) -> list[float]:
    """Seconds from each change of the files until the page shows it."""
    found = []
    for _ in range(rounds):
        time.sleep(1.5)
        shown, what = change()
        began = time.perf_counter()
        page.wait_for_function(shown, arg=what, timeout=10_000)
        found.append(time.perf_counter() - began)
    page.context.close()
    return found


def report(name: str, seconds: list[float]) -> None:
    print(
        f"{name:10} file to screen: {1000 * statistics.median(seconds):5.0f} ms ({1000 * max(seconds):.0f})", flush=True
    )


def idle(browser: Any, server: Server, sessions: int, seconds: float = 30.0) -> None:
    before = share(server, seconds)
    names = ("", "gallery", "confusion", "metrics")
    pages = [opened(browser, f"{server.address}/{names[i % 4]}?run=live") for i in range(sessions)]
    time.sleep(10)
    after = share(server, seconds)
    print(f"{sessions} idle pages: {after:.2f} % of a core (without a page {before:.2f} %)")
    for page in pages:
        page.context.close()


def share(server: Server, seconds: float) -> float:
    """Per cent of one core that the server uses."""
    began = server.cpu_seconds()
    time.sleep(seconds)
    return 100 * (server.cpu_seconds() - began) / seconds


if __name__ == "__main__":
    main()
