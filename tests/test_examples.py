"""The examples run as their first lines say, on pictures made here."""

from __future__ import annotations

import os
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from logger import schema
from tests.conftest import ROOT

pytestmark = pytest.mark.slow


def run_example(name: str, *options: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "TF_CPP_MIN_LOG_LEVEL": "3"}
    command = [sys.executable, str(ROOT / "examples" / name), *options]
    return subprocess.run(command, capture_output=True, text=True, check=False, env=environment, timeout=300)


def make_folders(folder: Path) -> None:
    """Six pictures for each of two classes."""
    rng = np.random.default_rng(0)
    for label, name in enumerate(("dark", "light")):
        (folder / name).mkdir(parents=True)
        for i in range(6):
            pixels = rng.integers(label * 128, label * 128 + 128, (32, 32, 3), np.uint8)
            Image.fromarray(pixels).save(folder / name / f"{i}.png")


def test_the_pytorch_loop_logs_every_epoch(tmp_path: Path) -> None:
    if find_spec("torch") is None:
        pytest.skip("install torch to run this example")
    done = run_example("pytorch_loop.py", "--runs", str(tmp_path), "--epochs", "2")
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "pytorch-digits" / schema.predictions_file("val", 1)).exists()


@pytest.mark.keras
def test_the_cifar_example_trains_on_folders_of_classes(tmp_path: Path) -> None:
    if find_spec("keras") is None:
        pytest.skip("install the `keras` extra to run this example")
    make_folders(tmp_path / "data" / "train")
    make_folders(tmp_path / "data" / "test")
    options = ["--data", str(tmp_path / "data"), "--runs", str(tmp_path / "runs"), "--epochs", "1"]
    done = run_example("train_cifar10.py", *options)
    assert done.returncode == 0, done.stderr
    assert done.stderr.rstrip().endswith(str(tmp_path / "runs"))
    info = schema.RunInfo.decode((tmp_path / "runs" / "cifar10" / schema.RUN_FILE).read_text())
    assert info.class_names == ["dark", "light"]
    assert info.splits["val"].samples == 12


@pytest.mark.keras
def test_the_cifar_example_says_what_a_folder_must_hold(tmp_path: Path) -> None:
    if find_spec("keras") is None:
        pytest.skip("install the `keras` extra to run this example")
    done = run_example("train_cifar10.py", "--data", str(tmp_path))
    assert done.returncode == 1
    assert "must hold one folder of pictures for each class" in done.stderr
