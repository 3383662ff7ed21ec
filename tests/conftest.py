"""Fixtures of all tests: real handwriting, real small trainings, a real server, a real browser."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from logger import Run

ROOT = Path(__file__).parent.parent
DIGIT_NAMES = ["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"]


@dataclass(frozen=True)
class Digits:
    """scikit-learn's handwritten digits: pictures (n, 8, 8) uint8 from 0 to 255, labels (n,)."""

    train_images: NDArray[np.uint8]
    train_labels: NDArray[np.int64]
    images: NDArray[np.uint8]
    labels: NDArray[np.int64]


@pytest.fixture(scope="session")
def digits() -> Digits:
    from sklearn.datasets import load_digits

    data = load_digits()
    pictures = (data.images * 255 / 16).round().astype(np.uint8)
    return Digits(pictures[:1200], data.target[:1200], pictures[1200:], data.target[1200:])


@pytest.fixture(scope="session")
def train_digits(digits: Digits) -> Callable[..., Path]:
    """A function that really trains a linear classifier on the digits and logs it; returns the run's folder."""
    from sklearn.linear_model import SGDClassifier

    def flat(images: NDArray[np.uint8]) -> NDArray[np.float64]:
        return images.reshape(len(images), -1) / 255.0

    def train(
        runs_dir: Path, name: str, epochs: int = 4, rate: float = 0.01, names: list[str] | None = DIGIT_NAMES
    ) -> Path:
        model = SGDClassifier(loss="log_loss", learning_rate="constant", eta0=rate, random_state=0)
        with Run(runs_dir, name, names, {"rate": rate, "model": "linear"}, epochs=epochs) as run:
            for epoch in range(epochs):
                model.partial_fit(flat(digits.train_images), digits.train_labels, classes=np.arange(10))
                p = model.predict_proba(flat(digits.images))
                q = model.predict_proba(flat(digits.train_images[:300]))
                run.log_predictions(epoch, digits.images, probabilities=p, labels=digits.labels)
                run.log_predictions(
                    epoch, digits.train_images[:300], probabilities=q, labels=digits.train_labels[:300], split="train"
                )
                run.log_metrics(
                    epoch,
                    {
                        "accuracy": (q.argmax(1) == digits.train_labels[:300]).mean(),
                        "val_accuracy": (p.argmax(1) == digits.labels).mean(),
                        "val_loss": -np.log(np.maximum(p[np.arange(len(p)), digits.labels], 1e-7)).mean(),
                    },
                )
        return run.path

    return train


@pytest.fixture(scope="session")
def digits_runs(tmp_path_factory: pytest.TempPathFactory, train_digits: Callable[..., Path]) -> Path:
    """A folder of two real runs, `linear` and `linear-fast`; read it, do not write to it."""
    runs_dir = tmp_path_factory.mktemp("digits") / "runs"
    train_digits(runs_dir, "linear")
    train_digits(runs_dir, "linear-fast", rate=0.1)
    return runs_dir


def free_port() -> int:
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return int(s.getsockname()[1])


@pytest.fixture(scope="session")
def serve(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[..., str]]:
    """A function that starts the dashboard on a folder of runs and returns its address."""
    servers: list[subprocess.Popen[bytes]] = []

    def start(runs_dir: Path, *options: str) -> str:
        port = free_port()
        output = tmp_path_factory.mktemp("server") / "output.txt"
        command = [sys.executable, "-m", "streamlit", "run", "app.py", "--server.headless", "true"]
        command += ["--server.port", str(port), *options, "--", "--runs", str(runs_dir)]
        environment = {k: v for k, v in os.environ.items() if k != "PROOFSHEET_RUNS"}
        with open(output, "wb") as out:
            servers.append(subprocess.Popen(command, cwd=ROOT, stdout=out, stderr=out, env=environment))
        address = f"http://127.0.0.1:{port}"
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline and servers[-1].poll() is None:
            try:
                with urllib.request.urlopen(f"{address}/_stcore/health", timeout=2):
                    return address
            except OSError:
                time.sleep(0.1)
        raise RuntimeError(f"the dashboard did not start:\n{output.read_text()}")

    yield start
    for server in servers:
        server.terminate()
    for server in servers:
        server.wait(20)


@pytest.fixture(scope="session")
def server(serve: Callable[..., str], digits_runs: Path) -> str:
    """Address of a dashboard on `digits_runs`."""
    return serve(digits_runs)


@pytest.fixture(scope="session")
def browser() -> Iterator[Any]:
    """Chromium without a screen; a machine without it skips, and says how to get it."""
    path = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if path is None:
        pytest.skip("no Chromium found: install it (Debian, Ubuntu: `apt install chromium`) to run the browser tests")
    from playwright.sync_api import sync_playwright

    flags = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--no-first-run"]
    with sync_playwright() as playwright, warnings.catch_warnings():
        chromium = playwright.chromium.launch(executable_path=path, args=flags)
        yield chromium
        chromium.close()


def _is_problem(line: Any) -> bool:
    """Streamlit's client finds the server by trying each folder of a page's path: that it fails once is no error."""
    return bool(line.type == "error" and "/_stcore/" not in line.location.get("url", ""))


@pytest.fixture
def page(browser: Any) -> Iterator[Any]:
    """A fresh page of 1440x900 with nothing in its cache; a test fails when the page logs an error."""
    context = browser.new_context(viewport={"width": 1440, "height": 900})
    page = context.new_page()
    problems: list[str] = []
    page.on("pageerror", lambda error: problems.append(str(error)))
    page.on("console", lambda line: problems.append(line.text) if _is_problem(line) else None)
    yield page
    context.close()
    assert not problems, problems
