from pathlib import Path

import numpy as np
import pytest

from logger import Run
from logger.storage.free_space import used_bytes
from tests.reading import metrics_of, predictions_of, samples_of, status_of

N = 300
IMAGES = np.random.default_rng(6).integers(0, 256, (N, 16, 16, 3), dtype=np.uint8)
P = np.random.default_rng(7).dirichlet(np.ones(10), N).astype(np.float32)


def log(folder: Path, epochs: int, **options) -> Path:
    with Run(folder, "a", **options) as run:
        first = 0 if run.last_epoch is None else run.last_epoch + 1
        for epoch in range(first, first + epochs):
            run.log_metrics(epoch, {"loss": 1.0})
            run.log_predictions(epoch, IMAGES, probabilities=P, labels=np.arange(N) % 10)
    return run.path


def test_a_quota_ends_images_first_then_predictions_and_metrics_never(tmp_path: Path, capfd) -> None:
    path = log(tmp_path, 30, quota=200_000)
    status = status_of(path)
    assert used_bytes(path) <= 200_000 and status.lost["images"] == N and 0 < status.lost["epochs"] < 30
    assert [row["sheet"] for row in samples_of(path)] == [None] * N and len(predictions_of(path, 0)) == N
    assert len(metrics_of(path)) == 30 and status.state == "finished"
    assert "the run has reached its quota of 200,000 bytes" in capfd.readouterr().err


def test_a_run_within_its_quota_is_whole_and_a_resumed_one_counts_what_is_there(tmp_path: Path) -> None:
    path = log(tmp_path, 2, quota=2_000_000)
    assert status_of(path).lost == {} and all(row["sheet"] == 0 for row in samples_of(path))
    used = used_bytes(path)
    log(tmp_path, 5, quota=used + 1, resume=True)
    assert used_bytes(path) == used and status_of(path).lost["epochs"] == 5 and len(metrics_of(path)) == 7


@pytest.mark.parametrize(
    ("quota", "error"), [(0, ValueError), (-1, ValueError), ("2 GB", TypeError), (True, TypeError)]
)
def test_a_quota_that_is_no_number_of_bytes_is_refused_before_anything_is_written(tmp_path, quota, error) -> None:
    with pytest.raises(error, match="`quota` must be"):
        Run(tmp_path / "runs", quota=quota)
    assert not (tmp_path / "runs").exists()
