"""`proofsheet doctor` on runs that were really logged and then damaged."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest

from logger import Run, command, schema
from tests.reading import info_of, metrics_of, predictions_of, samples_of, status_of, tile_of

N = 60
IMAGES = np.random.default_rng(6).integers(0, 256, (N, 16, 16, 3), dtype=np.uint8)
LARGE = np.random.default_rng(8).integers(0, 256, (12, 120, 120, 3), dtype=np.uint8)
LABELS = np.arange(N) % 4
P = np.random.default_rng(7).dirichlet(np.ones(4), N).astype(np.float32)


@pytest.fixture
def run(tmp_path: Path) -> Path:
    with Run(tmp_path, "a", ["w", "x", "y", "z"], quiet=True) as run:
        for epoch in range(3):
            run.log_predictions(epoch, IMAGES, probabilities=P, labels=LABELS)
            run.log_metrics(epoch, {"loss": 1.0})
    return run.path


def doctor(capsys, *argv: object) -> tuple[int, list[str]]:
    """Exit code and lines of the command."""
    code = command.main(["doctor", *map(str, argv)])
    return code, capsys.readouterr().out.splitlines()


def files_of(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_a_sound_run_is_left_as_it_is(run: Path, capsys) -> None:
    before = files_of(run)
    assert doctor(capsys, run) == (0, ["1 runs examined, 0 with something wrong."])
    assert doctor(capsys, run.parent, "--repair")[0] == 0
    assert files_of(run) == before


@pytest.mark.parametrize("damage", [b"", b"{", b"[1]", b'{"format": 1, "name": 5}', None])
def test_run_json_is_rebuilt_from_the_other_files(run: Path, capsys, damage: bytes | None) -> None:
    if damage is None:
        (run / "run.json").unlink()
    else:
        (run / "run.json").write_bytes(damage)
    before = files_of(run)
    code, lines = doctor(capsys, run)
    assert code == 1 and lines[0].startswith("a/run.json: ") and "--repair: rebuilt" in lines[0]
    assert files_of(run) == before
    assert doctor(capsys, run, "--repair")[0] == 0 and doctor(capsys, run)[0] == 0
    info = info_of(run)
    assert (info.name, info.class_names, info.classes, info.splits["val"].samples) == ("a", None, 4, N)
    assert "rebuilt by `proofsheet doctor`" in info.notes[0]
    for row in samples_of(run)[::7]:
        assert (tile_of(run, row) == IMAGES[row["index"]]).all()
    if damage is not None:
        assert [path.read_bytes() for path in run.glob("run.json*.damaged")] == [damage]
    with Run(resume=run, quiet=True) as again:
        again.log_predictions(3, IMAGES, probabilities=P, labels=LABELS)
    assert [row["index"] for row in predictions_of(run, 3)] == list(range(N))


def test_a_layout_that_is_not_known_is_not_guessed(run: Path, capsys) -> None:
    import pyarrow.parquet as pq

    [part] = (run / "samples").iterdir()
    pq.write_table(pq.read_table(part).replace_schema_metadata(None), part)
    (run / "run.json").unlink()
    doctor(capsys, run, "--repair")
    assert info_of(run).splits == {}


def test_damaged_parts_and_epochs_are_set_aside_and_what_they_cost_is_said(run: Path, capsys) -> None:
    [part] = (run / "samples").iterdir()
    torn = part.read_bytes()[:1000]
    part.write_bytes(torn)
    epoch = run / schema.predictions_file("val", 1)
    epoch.write_bytes(b"PAR1")
    code, lines = doctor(capsys, run)
    assert code == 1 and f"{N} samples of val have no row" in lines[0] and "its epoch is lost" in lines[1]
    assert doctor(capsys, run, "--repair")[0] == 0 and doctor(capsys, run)[0] == 0
    assert part.with_name("val-00000.parquet.damaged").read_bytes() == torn and not part.exists()
    assert epoch.with_name("epoch=00001.parquet.damaged").exists()
    rows = samples_of(run)
    assert [(row["index"], row["label"], row["sheet"]) for row in rows] == [(i, i % 4, None) for i in range(N)]
    with Run(resume=run, quiet=True) as again:
        again.log_predictions(3, IMAGES, probabilities=P, labels=LABELS)
    assert [row["index"] for row in predictions_of(run, 3)] == list(range(N, 2 * N))


def test_a_run_whose_process_died_is_marked_failed(run: Path, capsys) -> None:
    from dataclasses import replace

    from logger.storage.ownership.process_identity import process_identity

    machine, _, start = process_identity().rpartition(" ")
    if not machine:
        pytest.skip("needs /proc")
    running = replace(status_of(run), state="running", process=f"{machine} {int(start) + 1}", epoch=0)
    (run / "status.json").write_text(running.encode())
    code, lines = doctor(capsys, run)
    assert code == 1 and "does not run any more" in lines[0]
    doctor(capsys, run, "--repair")
    assert (status_of(run).state, status_of(run).epoch) == ("failed", 2)
    (run / "status.json").write_text("{")
    doctor(capsys, run, "--repair")
    assert (status_of(run).state, status_of(run).epoch) == ("failed", 2)


def test_other_damage_is_named(run: Path, capsys) -> None:
    with open(run / "metrics.jsonl", "a") as file:
        file.write('{"epoch": 3, "val\n')
    leftover = run / "sheets" / ".val-00001.webp.12.tmp"
    leftover.write_bytes(b"half")
    (run / "sheets" / "val-00000.webp").write_bytes(b"RIFF")
    short = run / "predictions" / "split=val" / "epoch=7.parquet"
    shutil.copy(run / schema.predictions_file("val", 2), short)
    _, lines = doctor(capsys, run)
    said = "\n".join(lines)
    assert "1 damaged lines (line 4)" in said and f"{N} samples of val have no image" in said
    assert ".val-00001.webp.12.tmp: was left half-written" in said and "epoch 7 is not written as" in said
    doctor(capsys, run, "--repair")
    assert not leftover.exists() and not short.exists() and len(predictions_of(run, 7)) == N
    assert (run / "sheets" / "val-00000.webp.damaged").exists() and len(metrics_of_whole_lines(run)) == 3


def metrics_of_whole_lines(run: Path) -> list[bytes]:
    return [line for line in (run / "metrics.jsonl").read_bytes().splitlines() if line.endswith(b"}")]


def test_a_run_that_is_being_written_is_left_alone(tmp_path: Path, capsys) -> None:
    with Run(tmp_path, "a", quiet=True) as live:
        live.log_metrics(0, {"loss": 1.0})
        (live.path / ".x.parquet.1.tmp").write_bytes(b"now")
        for arguments in (["--repair"], ["--prune-pictures", "--yes"]):
            _, lines = doctor(capsys, tmp_path, *arguments)
            assert "is being written, and left alone" in lines[0]
        assert (live.path / ".x.parquet.1.tmp").exists()
        live.log_metrics(1, {"loss": 1.0})
    assert len(metrics_of(live.path)) == 2


def test_pruning_is_shown_first_and_leaves_what_it_should(tmp_path: Path, capsys) -> None:
    with Run(tmp_path, "big", quiet=True) as logged:
        logged.log_predictions(0, LARGE, probabilities=P[:12], labels=LABELS[:12])
    run = logged.path
    before = files_of(run)
    for keep in ("tiles", "wrong", "none"):
        code, lines = doctor(capsys, tmp_path, "--prune-pictures", "--keep", keep)
        assert code == 0 and "would go; --yes removes them" in lines[0] and files_of(run) == before
    wrong = {row["original"] for row in samples_of(run) if P[row["index"]].argmax() != row["label"]}
    assert 0 < len(wrong) < 12
    doctor(capsys, run, "--prune-pictures", "--keep", "wrong", "--yes")
    assert {str(path.relative_to(run)) for path in run.glob("originals/*/*")} == wrong
    assert len(list((run / "sheets").iterdir())) == 1
    doctor(capsys, run, "--prune-pictures", "--yes")
    assert not list((run / "originals").iterdir()) and len(list((run / "sheets").iterdir())) == 1
    _, lines = doctor(capsys, run)
    assert "12 images of val are missing; these samples are shown by their reduced tiles" in lines[0]
    doctor(capsys, run, "--prune-pictures", "--keep", "none", "--yes")
    assert not (run / "sheets").exists() and len(predictions_of(run, 0)) == 12


def test_a_folder_without_runs_is_refused(tmp_path: Path, capsys) -> None:
    code, lines = doctor(capsys, tmp_path)
    assert code == 2 and "neither a run nor a folder of runs" in lines[0]
