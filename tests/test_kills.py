"""kill -9 at many instants, each followed by a resume: nothing announced is missing, nothing is mixed up."""

from __future__ import annotations

import os
import random
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

from logger import Run, schema
from tests.conftest import ROOT
from tests.reading import metrics_of, predictions_of, samples_of, status_of, tile_of

KILLS = int(os.environ.get("PROOFSHEET_KILLS", "40"))
N = 120
IMAGES = np.random.default_rng(6).integers(0, 256, (N, 16, 16, 3), dtype=np.uint8)

SCRIPT = f"""
import sys
import numpy as np
from logger import Run
images = np.random.default_rng(6).integers(0, 256, ({N}, 16, 16, 3), dtype=np.uint8)
labels = np.arange({N}) % 10
run = Run(sys.argv[1], "a", resume=True, quiet=True)
first = 0 if run.last_epoch is None else run.last_epoch + 1
print(first, flush=True)
for epoch in range(first, 10_000):
    p = np.random.default_rng(epoch).dirichlet(np.ones(10), {N})
    metrics_first = sys.argv[2] == "metrics"
    if metrics_first:
        run.log_metrics(epoch, {{"loss": epoch}})
    for at in (slice(0, 50), slice(50, {N})):
        run.log_predictions(epoch, images[at], probabilities=p[at], labels=labels[at])
    if not metrics_first:
        run.log_metrics(epoch, {{"loss": epoch}})
"""


def log_until_killed(folder: Path, order: str, delay: float) -> int:
    """Resume the run in another process and kill that; returns the epoch at which it began."""
    process = subprocess.Popen(
        [sys.executable, "-c", SCRIPT, str(folder), order], cwd=ROOT, stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    first = int(process.stdout.readline())
    time.sleep(delay)
    process.kill()
    process.wait()
    process.stdout.close()
    return first


def epochs_on_disk(run: Path) -> tuple[set[int], set[int]]:
    files = run.glob("predictions/split=val/epoch=*.parquet")
    text = (run / schema.METRICS_FILE).read_bytes() if (run / schema.METRICS_FILE).exists() else b""
    lines = [line for line in text.split(b"\n")[:-1] if line]
    metrics = {int(line.split(b'"epoch": ')[1].split(b",")[0]) for line in lines if line.endswith(b"}")}
    return {int(file.stem.split("=")[1]) for file in files}, metrics


@pytest.mark.slow
@pytest.mark.parametrize("order", ["metrics", "predictions"])
def test_no_epoch_is_lost_or_announced_too_early_by_kills(tmp_path: Path, order: str) -> None:
    chance = random.Random(order)
    run = tmp_path / "a"
    for _ in range(KILLS // 2):
        log_until_killed(tmp_path, order, chance.uniform(0, 0.5))
        predictions, metrics = epochs_on_disk(run)
        try:
            announced = status_of(run).epoch
        except FileNotFoundError:
            announced = None
        if announced is not None:
            assert set(range(announced + 1)) <= predictions & metrics
        assert len(list(tmp_path.iterdir())) == 1
    with Run(tmp_path, "a", resume=True) as last:
        assert last.last_epoch is not None
    predictions, metrics = epochs_on_disk(run)
    assert predictions == set(range(max(predictions) + 1)) and set(range(last.last_epoch + 1)) <= metrics
    rows = samples_of(run)
    assert [row["index"] for row in rows] == list(range(N))
    for row in rows:
        assert (tile_of(run, row) == IMAGES[row["index"]]).all() and row["label"] == row["index"] % 10
    for epoch in predictions:
        p = np.random.default_rng(epoch).dirichlet(np.ones(10), N)
        found = predictions_of(run, epoch)
        assert [row["index"] for row in found] == list(range(len(found)))
        assert [row["predicted"] for row in found] == p.argmax(1)[: len(found)].tolist()
        assert epoch > last.last_epoch or len(found) == N
    assert not list(run.rglob(".*.tmp"))
    assert metrics_of(run)
