"""A long training: memory, open files and the cost of an epoch stay what they were at its beginning."""

from __future__ import annotations

import os
import statistics
import threading
import time
from pathlib import Path

import numpy as np
import pytest

from logger import Run
from tests.reading import metrics_of, predictions_of, status_of

EPOCHS = 1_000
N = 1_000
IMAGES = np.random.default_rng(0).integers(0, 256, (N, 16, 16, 3), dtype=np.uint8)


def memory() -> float:
    """Resident memory in MB."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 1e6


@pytest.mark.slow
@pytest.mark.skipif(not Path("/proc/self/statm").exists(), reason="reads /proc")
def test_a_thousand_epochs_are_flat_in_memory_handles_and_cost(tmp_path: Path) -> None:
    chance = np.random.default_rng(1)
    seen: list[tuple[float, int, int]] = []
    seconds: list[float] = []
    with Run(tmp_path, "a", quiet=True) as run:
        for epoch in range(EPOCHS):
            p = chance.dirichlet(np.ones(10), N)
            written = threading.Event()
            began = time.process_time()  # of all threads
            run.log_predictions(epoch, IMAGES, probabilities=p, labels=np.arange(N) % 10)
            run.log_metrics(epoch, {"loss": 1.0})
            run._writer.submit(written.set)
            assert written.wait(60)
            seconds.append(time.process_time() - began)
            if epoch % 100 == 99:
                seen.append((memory(), len(os.listdir("/proc/self/fd")), threading.active_count()))
    early, late = seen[1], seen[-1]
    assert late[0] < early[0] + 10, seen
    assert late[1] <= early[1] + 2 and late[2] == early[2], seen
    assert statistics.median(seconds[-100:]) < 1.5 * statistics.median(seconds[100:200])
    assert len(metrics_of(run.path)) == EPOCHS and len(predictions_of(run.path, EPOCHS - 1)) == N
    assert status_of(run.path).lost == {} and status_of(run.path).epoch == EPOCHS - 1
    assert sum(path.is_file() for path in run.path.rglob("*")) == EPOCHS + 6
