import json
import time
from pathlib import Path

import numpy as np
import pytest

from logger import Run, schema
from logger.storage.durable_epochs import DurableEpochs
from logger.storage.parquet import read_predictions, write_table
from tests.reading import info_of, metrics_of, predictions_of, samples_of, status_of, tile_of

RNG = np.random.default_rng(5)
IMAGES = RNG.random((40, 10, 10, 3)).astype(np.float32)
LABELS = RNG.integers(0, 4, 40)
P = RNG.dirichlet(np.ones(4), 40).astype(np.float32)


def logged(tmp_path: Path, epoch: int, images=IMAGES, labels=LABELS, p=P, **options) -> Path:
    with Run(tmp_path, "a", resume=True, **options) as run:
        run.log_predictions(epoch, images, probabilities=p, labels=labels)
        run.log_metrics(epoch, {"loss": float(epoch)})
    return run.path


def test_a_run_is_resumed_in_its_folder_with_its_samples(tmp_path: Path) -> None:
    path = logged(tmp_path, 0, config={"rate": 1})
    before = info_of(path)
    assert logged(tmp_path, 1, config={"epochs": 2}) == path
    assert len(samples_of(path)) == 40 and len(list((path / "sheets").iterdir())) == 1
    for old, new in zip(predictions_of(path, 0), predictions_of(path, 1), strict=True):
        assert new == {**old, "epoch": 1}
    assert [line.epoch for line in metrics_of(path)] == [0, 1]
    after = info_of(path)
    assert (after.created, after.display, after.config) == (before.created, before.display, {"rate": 1, "epochs": 2})
    assert status_of(path).epoch == 1


def test_new_samples_of_a_resumed_run_go_to_new_sheets_and_parts(tmp_path: Path) -> None:
    path = logged(tmp_path, 0)
    more = RNG.random((5, 10, 10, 3)).astype(np.float32)
    first = (path / "sheets" / "val-00000.webp").read_bytes()
    logged(tmp_path, 1, np.concatenate([IMAGES, more]), np.append(LABELS, [0] * 5), np.concatenate([P, P[:5]]))
    samples = samples_of(path)
    assert [s["index"] for s in samples] == list(range(45)) and {s["sheet"] for s in samples[40:]} == {1}
    assert (path / "sheets" / "val-00000.webp").read_bytes() == first
    assert (tile_of(path, samples[44]) == np.floor(more[4] * 255 + 0.5)).all()


def test_a_line_that_a_crash_cut_short_is_closed_and_the_next_is_whole(tmp_path: Path) -> None:
    path = logged(tmp_path, 0)
    with open(path / "metrics.jsonl", "a") as file:
        file.write('{"epoch": 1, "val')
    logged(tmp_path, 2)
    lines = (path / "metrics.jsonl").read_text().splitlines()
    assert len(lines) == 3 and json.loads(lines[2])["epoch"] == 2


def test_a_run_that_another_process_writes_is_not_touched(tmp_path: Path) -> None:
    with Run(tmp_path, "a"), pytest.raises(RuntimeError, match=r"being written by process \d+"):
        _wait_for_status(tmp_path / "a")
        Run(tmp_path, "a", resume=True)


def _wait_for_status(path: Path) -> None:
    import time

    deadline = time.monotonic() + 5
    while not (path / schema.STATUS_FILE).exists() and time.monotonic() < deadline:
        time.sleep(0.01)


def test_resume_without_a_previous_run_starts_one(tmp_path: Path) -> None:
    assert logged(tmp_path, 0).name == "a"


def test_samples_of_weight_0_stay_unlabelled_in_a_resumed_run(tmp_path: Path) -> None:
    weights = np.ones(40)
    weights[3] = 0
    with Run(tmp_path, "a", resume=True) as run:
        run.log_samples(IMAGES, labels=LABELS, weights=weights)
        run.log_predictions(0, probabilities=P)
    with Run(tmp_path, "a", resume=True) as run:
        run.log_predictions(1, probabilities=P)
    for epoch in (0, 1):
        assert [row["index"] for row in predictions_of(run.path, epoch) if row["label"] is None] == [3]


NAMES = ["lr 0.1", "lr=0.1", "lr-0.1", "实验", "опыт", "x" * 90 + "1", "x" * 90 + "2", "Run", "run", "a", "a-2"]


def test_a_run_is_its_name_as_given(tmp_path: Path) -> None:
    folders = {}
    for turn in range(2):
        for name in NAMES:
            with Run(tmp_path, name, resume=True, quiet=True) as run:
                run.log_metrics(turn, {"loss": 0.5})
            assert folders.setdefault(name, run.path) == run.path
            assert info_of(run.path).name == run.name == name
    assert len(set(folders.values())) == len(NAMES) == len(list(tmp_path.iterdir()))
    assert all([line.epoch for line in metrics_of(path)] == [0, 1] for path in folders.values())


def test_of_several_runs_of_a_name_the_one_started_last_is_resumed_or_that_of_the_path(tmp_path: Path) -> None:
    paths = []
    for _ in range(3):
        with Run(tmp_path, "a", quiet=True) as run:
            paths.append(run.path)
    assert [path.name for path in paths] == ["a", "a-2", "a-3"]
    with Run(tmp_path, "a", resume=True, quiet=True) as run:
        assert run.path == paths[2]
    with Run(resume=str(paths[1]), quiet=True) as run:
        assert run.path == paths[1] and run.name == "a"


@pytest.mark.parametrize("resume", ["allow", Path("nowhere")])
def test_a_path_without_a_run_cannot_be_resumed(tmp_path: Path, resume, monkeypatch) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(FileNotFoundError, match="no run to resume"):
        Run(resume=resume)
    with pytest.raises(TypeError, match="`resume`"):
        Run(resume=[])
    assert list(tmp_path.iterdir()) == []


def test_an_older_checkpoint_replaces_the_epochs_after_it(tmp_path: Path) -> None:
    for epoch in range(6):
        logged(tmp_path, epoch)
    flipped = P[:, ::-1].copy()
    with Run(tmp_path, "a", resume=True) as run:
        assert run.last_epoch == 5
        for epoch in range(3, 8):
            run.log_metrics(epoch, {"loss": 10.0 + epoch})
            run.log_predictions(epoch, IMAGES[:30], probabilities=flipped[:30], labels=LABELS[:30])
    for epoch, expected in ((2, P), (3, flipped[:30]), (5, flipped[:30]), (7, flipped[:30])):
        rows = predictions_of(run.path, epoch)
        assert [row["predicted"] for row in rows] == expected.argmax(1).tolist()
    latest = {line.epoch: line.values["loss"] for line in metrics_of(run.path)}
    assert latest == {0: 0, 1: 1, 2: 2, 3: 13, 4: 14, 5: 15, 6: 16, 7: 17}
    assert status_of(run.path).epoch == 7


def test_the_dashboard_shows_the_later_of_two_values_of_an_epoch(tmp_path: Path) -> None:
    from dashboard.analysis.metric_names import per_epoch
    from dashboard.catalogue.metrics_file import MetricsFile

    for epoch in (0, 1, 2):
        logged(tmp_path, epoch)
    with Run(tmp_path, "a", resume=True) as run:
        run.log_metrics(1, {"loss": 7.0})
    assert per_epoch(MetricsFile(run.path).frame(), "loss").tolist() == [0, 7, 2]


def test_an_epoch_that_a_kill_cut_between_metrics_and_predictions_is_logged_again(tmp_path: Path) -> None:
    for epoch in range(4):
        path = logged(tmp_path, epoch)
    (path / schema.predictions_file("val", 3)).unlink()
    with Run(tmp_path, "a", resume=True) as run:
        assert run.last_epoch == 2


def test_the_index_in_the_files_decides_where_a_part_is_lost(tmp_path: Path) -> None:
    with Run(tmp_path, "a") as run:
        run.log_samples(IMAGES[:5], labels=LABELS[:5])
        run._writer.submit(run._writer.store.flush)
        run.log_samples(IMAGES[5:10], labels=LABELS[5:10])
        run.log_predictions(0, probabilities=P[:10])
    parts = sorted((run.path / "samples").iterdir())
    assert len(parts) == 2
    parts[0].write_bytes(b"PAR1 torn")
    with Run(tmp_path, "a", resume=True) as run:
        run.log_predictions(1, IMAGES[5:10], probabilities=P[5:10], labels=LABELS[5:10])
        run.log_predictions(2, IMAGES[:10], probabilities=P[:10], labels=LABELS[:10])
    assert [row["index"] for row in predictions_of(run.path, 1)] == [5, 6, 7, 8, 9]
    assert [row["index"] for row in predictions_of(run.path, 2)] == list(range(5, 15))
    assert any("val-00000.parquet" in error for error in status_of(run.path).errors)
    assert parts[0].read_bytes() == b"PAR1 torn"


def test_costs_errors_and_losses_of_before_are_added_up(tmp_path: Path) -> None:
    with Run(tmp_path, "a") as run:
        run.log_predictions(0, IMAGES, probabilities=P, labels=LABELS)
        run.record_error(ValueError("of the first"))
    path = run.path
    before = status_of(path)
    text = before.encode().replace('"dropped": 0', '"dropped": 3').replace('"lost": {}', '"lost": {"images": 3}')
    (path / "status.json").write_text(text)
    with Run(tmp_path, "a", resume=True) as run:
        run.record_error(ValueError("of the second"))
        run.log_metrics(1, {"loss": 1.0})
    after = status_of(path)
    assert after.errors == ["ValueError: of the first", "ValueError: of the second"]
    assert (after.dropped, after.lost, after.started) == (3, {"images": 3}, before.started)
    assert after.bytes > before.bytes and after.cost["blocked"] > before.cost["blocked"]
    assert after.cost["writing"] > before.cost["writing"] and after.cost["first_epoch"] == before.cost["first_epoch"]


def test_files_that_a_dead_writer_left_half_written_are_removed(tmp_path: Path) -> None:
    path = logged(tmp_path, 0)
    leftovers = [path / "sheets" / ".val-00001.webp.123.tmp", path / ".run.json.99.tmp"]
    for file in leftovers:
        file.write_bytes(b"half")
    (path / ".notes.tmp").write_text("somebody else's")
    logged(tmp_path, 1)
    assert not any(file.exists() for file in leftovers) and (path / ".notes.tmp").exists()


@pytest.mark.parametrize(
    ("metrics", "predictions", "whole"),
    [
        ([0, 1, 2], [0, 1, 2], 2),
        ([0, 1, 2, 3], [0, 1, 2], 2),
        ([0, 1, 2, 3, 4], [0, 1, 2], 2),
        ([0, 1, 2], [0, 1, 2, 3], 2),
        ([*range(10)], [0, 4], 3 + 4),
        ([*range(13)], [0, 4, 9], 12),
        ([*range(15)], [0, 4, 9], 13),
        ([*range(50)], [0, 1, 2], 49),
        ([0], [], None),
        ([], [], None),
        ([], [0, 1], 1),
    ],
)
def test_the_last_whole_epoch_is_told_from_what_is_on_disk(metrics, predictions, whole) -> None:
    epochs = DurableEpochs()
    epochs.expect("val")
    for epoch in metrics:
        epochs.add("metrics", epoch)
    for epoch in predictions:
        epochs.add("val", epoch)
    assert epochs.last_whole == whole


def test_an_epoch_whose_last_batches_a_kill_took_is_logged_again(tmp_path: Path) -> None:
    for epoch in range(3):
        path = logged(tmp_path, epoch)
    rows = read_predictions(path / schema.predictions_file("val", 2))
    half = {name: values[:20] for name, values in rows.items()}
    write_table(path / schema.predictions_file("val", 2), half, schema.PREDICTION_COLUMNS)
    with Run(tmp_path, "a", resume=True) as run:
        assert run.last_epoch == 1


def test_an_epoch_is_not_announced_while_its_batches_come(tmp_path: Path) -> None:
    with Run(tmp_path, "a") as run:
        run.log_samples(IMAGES, labels=LABELS)
        for epoch in (0, 1):
            run.log_metrics(epoch, {"loss": 1.0})
            run.log_predictions(epoch, probabilities=P[:20], indices=np.arange(20))
            time.sleep(0.6)
            assert len(predictions_of(run.path, epoch)) == 20
            assert status_of(run.path).epoch == (None if epoch == 0 else 0)
            run.log_predictions(epoch, probabilities=P[20:], indices=np.arange(20, 40))
    assert status_of(run.path).epoch == 1 and len(predictions_of(run.path, 1)) == 40
