"""The catalogue: every run is found, all damage is reported, and nothing is read twice."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from dashboard.catalogue.run_folder import Folder
from dashboard.catalogue.runs import Catalogue
from logger import schema

NAMES = ["a run", "#1", "ünïcode", "-dash", "a=b&c", "x'; drop table", "*.parquet", "con{n}"]


def write(folder: Path, name: str, text: str) -> Path:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, "utf-8")
    return path


def make_run(root: Path, name: str = "a", created: float = 100.0, **status: object) -> Path:
    folder = root / name
    write(folder, schema.RUN_FILE, schema.RunInfo(name=name, created=created).encode())
    write(folder, schema.STATUS_FILE, schema.Status(**status).encode())  # type: ignore[arg-type]
    return folder


def touch_epoch(folder: Path, split: str, epoch: int) -> None:
    write(folder, schema.predictions_file(split, epoch), "")


def test_a_real_run_is_found_with_its_splits_and_epochs(digits_runs: Path) -> None:
    run = Catalogue(digits_runs).get("linear")
    assert run is not None
    assert (run.title, run.splits, run.main_split) == ("linear", ("val", "train"), "val")
    assert run.epochs == {"val": (0, 1, 2, 3), "train": (0, 1, 2, 3)}
    assert [p.exists() for p in run.samples["val"]] == [True]
    assert run.predictions("val", 3).exists()
    assert (run.state(), run.problems) == ("finished", ())


@pytest.mark.parametrize("name", NAMES)
def test_a_folder_with_a_strange_name_is_a_run_like_any(tmp_path: Path, name: str) -> None:
    make_run(tmp_path, name)
    assert [run.id for run in Catalogue(tmp_path).runs()] == [name]
    got = Catalogue(tmp_path).get(name)
    assert got is not None and got.problems == ()


def test_a_folder_whose_name_is_not_utf8_is_left_out_and_named(tmp_path: Path) -> None:
    make_run(tmp_path, "a")
    try:
        os.mkdir(os.fsencode(tmp_path) + b"/caf\xe9")
    except OSError:
        pytest.skip("This file system has only names in UTF-8.")
    catalogue = Catalogue(tmp_path)
    assert [run.id for run in catalogue.runs()] == ["a"]
    assert catalogue.problems == (r"caf\xe9 is left out, because its name is not UTF-8. Rename the folder.",)


@pytest.mark.parametrize("name", ["..", ".", "", "a/b", "/etc", "../a", "a\x00", "gone"])
def test_a_name_that_is_no_run_gives_none(tmp_path: Path, name: str) -> None:
    make_run(tmp_path / "runs", "a")
    make_run(tmp_path / "runs" / "a", "b")
    assert Catalogue(tmp_path / "runs").get(name) is None


def test_a_missing_or_empty_folder_has_no_runs(tmp_path: Path) -> None:
    assert Catalogue(tmp_path / "none").runs() == []
    assert Catalogue(tmp_path).runs() == []
    write(tmp_path, "file.txt", "x")
    (tmp_path / "photos").mkdir()
    (tmp_path / ".hidden").mkdir()
    assert Catalogue(tmp_path).runs() == []


def test_runs_come_newest_first(tmp_path: Path) -> None:
    for name, created in (("a", 1.0), ("b", 3.0), ("c", 2.0)):
        make_run(tmp_path, name, created)
    assert [run.id for run in Catalogue(tmp_path).runs()] == ["b", "c", "a"]


def damage_half(folder: Path) -> None:
    whole = (folder / schema.RUN_FILE).read_text()
    write(folder, schema.RUN_FILE, whole[: len(whole) // 2])


def damage_bytes(folder: Path) -> None:
    (folder / schema.RUN_FILE).write_bytes(b"\xff\xfe\x00")


def damage_newer(folder: Path) -> None:
    write(folder, schema.RUN_FILE, '{"format": 99, "name": "a"}')


def damage_foreign(folder: Path) -> None:
    write(folder, schema.RUN_FILE, "[1, 2]")


def damage_type(folder: Path) -> None:
    write(folder, schema.RUN_FILE, '{"format": 1, "name": 5}')


def damage_nested(folder: Path) -> None:
    write(folder, schema.RUN_FILE, "[" * 100_000)


def damage_missing(folder: Path) -> None:
    (folder / schema.RUN_FILE).unlink()


def damage_folder(folder: Path) -> None:
    (folder / schema.RUN_FILE).unlink()
    (folder / schema.RUN_FILE).mkdir()


def damage_link(folder: Path) -> None:
    secret = write(folder.parent.parent, "secret.json", schema.RunInfo(name="secret", created=0.0).encode())
    (folder / schema.RUN_FILE).unlink()
    (folder / schema.RUN_FILE).symlink_to(secret)


@pytest.mark.parametrize(
    ("damage", "message"),
    [
        (damage_half, "not JSON"),
        (damage_bytes, "run.json"),
        (damage_newer, "Upgrade"),
        (damage_foreign, "expected a JSON object"),
        (damage_type, "`name`"),
        (damage_nested, "run.json"),
        (damage_missing, "missing"),
        (damage_folder, "run.json"),
        (damage_link, "outside"),
    ],
)
def test_a_damaged_run_file_is_reported_and_the_rest_is_shown(
    tmp_path: Path, damage: Callable[[Path], None], message: str
) -> None:
    folder = make_run(tmp_path / "runs", epoch=1, state="finished")
    touch_epoch(folder, "val", 1)
    damage(folder)
    (run,) = Catalogue(tmp_path / "runs").runs()
    assert len(run.problems) == 1 and message in run.problems[0]
    assert (run.title, run.epochs, run.state()) == ("a", {"val": (1,)}, "finished")


def test_a_damaged_status_is_reported_and_the_run_is_silent(tmp_path: Path) -> None:
    folder = make_run(tmp_path)
    write(folder, schema.STATUS_FILE, "{")
    (run,) = Catalogue(tmp_path).runs()
    assert run.state() == "silent"
    assert len(run.problems) == 1 and schema.STATUS_FILE in run.problems[0]


def test_links_out_of_the_folder_are_left_out_and_reported(tmp_path: Path) -> None:
    outside = make_run(tmp_path / "outside", "o")
    touch_epoch(outside, "val", 0)
    folder = make_run(tmp_path / "runs", "a")
    (tmp_path / "runs" / "linked").symlink_to(outside)
    (folder / schema.PREDICTIONS_DIR).symlink_to(outside / schema.PREDICTIONS_DIR)
    (folder / schema.SAMPLES_DIR).mkdir()
    (folder / schema.samples_file("val", 0)).symlink_to(outside / schema.RUN_FILE)
    catalogue = Catalogue(tmp_path / "runs")
    (run,) = catalogue.runs()
    assert (run.id, run.epochs, run.samples) == ("a", {}, {})
    assert len(catalogue.problems) == 1 and "linked" in catalogue.problems[0]
    assert len(run.problems) == 2 and all("outside" in p for p in run.problems)
    assert catalogue.get("linked") is None


def test_files_that_are_not_ours_are_passed_over(tmp_path: Path) -> None:
    folder = make_run(tmp_path)
    for name in ("epoch=00001.parquet.tmp", "epoch=x.parquet", "notes.txt", ".epoch=00002.parquet"):
        write(folder, f"{schema.PREDICTIONS_DIR}/split=val/{name}", "")
    write(folder, f"{schema.SAMPLES_DIR}/weird-00000.parquet", "")
    touch_epoch(folder, "val", 7)
    (run,) = Catalogue(tmp_path).runs()
    assert (run.epochs, run.samples, run.problems) == ({"val": (7,)}, {}, ())


def test_what_is_new_is_seen_and_what_is_not_is_the_same_object(tmp_path: Path) -> None:
    folder, catalogue = make_run(tmp_path), Catalogue(tmp_path)
    (before,) = catalogue.runs()
    assert catalogue.runs()[0] is before
    touch_epoch(folder, "val", 0)
    (after,) = catalogue.runs()
    assert after.epochs == {"val": (0,)}
    assert after.version != before.version and after.data_version != before.data_version
    make_run(tmp_path, "b", 200.0)
    assert [run.id for run in catalogue.runs()] == ["b", "a"]


def test_a_heartbeat_changes_the_version_but_not_that_of_the_data(tmp_path: Path) -> None:
    folder, catalogue = make_run(tmp_path, heartbeat=1.0), Catalogue(tmp_path)
    (before,) = catalogue.runs()
    write(folder, schema.STATUS_FILE, schema.Status(heartbeat=22.0).encode())
    (after,) = catalogue.runs()
    assert after.version != before.version and after.data_version == before.data_version


def test_unchanged_files_are_not_opened_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = make_run(tmp_path)
    touch_epoch(folder, "val", 0)
    os.utime(folder / schema.PREDICTIONS_DIR / "split=val", (time.time() - 60, time.time() - 60))
    catalogue = Catalogue(tmp_path)
    catalogue.runs()
    opened: list[object] = []
    monkeypatch.setattr(Path, "read_text", lambda *a, **k: opened.append(a))
    monkeypatch.setattr(os, "scandir", lambda *a: opened.append(a))
    found = Folder.scan(catalogue._folders["a"])
    assert opened == [] and found.epochs == {"val": (0,)}


@pytest.mark.parametrize(
    ("status", "state"),
    [
        (schema.Status(state="running", heartbeat=1000.0), "running"),
        (schema.Status(state="running", heartbeat=980.0), "silent"),
        (schema.Status(state="running", heartbeat=980.0, heartbeat_every=60.0), "running"),
        (schema.Status(state="finished", heartbeat=1.0), "finished"),
        (schema.Status(state="failed", heartbeat=1.0), "failed"),
        (schema.Status(state="dreaming", heartbeat=1000.0), "silent"),
    ],
)
def test_the_state_follows_the_heartbeat(tmp_path: Path, status: schema.Status, state: str) -> None:
    folder = make_run(tmp_path)
    write(folder, schema.STATUS_FILE, status.encode())
    (run,) = Catalogue(tmp_path).runs()
    assert run.state(now=1003.0) == state


def test_a_heartbeat_from_a_clock_that_runs_ahead_counts_as_its_file(tmp_path: Path) -> None:
    folder = make_run(tmp_path, heartbeat=time.time() + 7200)
    os.utime(folder / schema.STATUS_FILE, (1000, 1000))
    (run,) = Catalogue(tmp_path).runs()
    assert run.last_seen == 1000 and run.state() == "silent"


def test_a_changed_heartbeat_counts_as_now_whatever_the_writers_clock(tmp_path: Path) -> None:
    folder, catalogue = make_run(tmp_path, heartbeat=10.0), Catalogue(tmp_path)
    assert catalogue.runs()[0].state() == "silent"
    write(folder, schema.STATUS_FILE, schema.Status(heartbeat=15.5).encode())
    assert catalogue.runs()[0].state() == "running"


def test_metrics_are_read_as_they_grow_and_a_half_line_waits(tmp_path: Path) -> None:
    folder, catalogue = make_run(tmp_path), Catalogue(tmp_path)
    lines = [schema.MetricsLine({"loss": 1.0 - e / 10, "acc": e / 10}, 100.0 + e, e).encode() for e in range(3)]
    path = write(folder, schema.METRICS_FILE, lines[0] + lines[1][:20])
    (run,) = catalogue.runs()
    assert catalogue.read_metrics(run)["value"].tolist() == [1.0, 0.0]
    with path.open("a") as file:
        file.write(lines[1][20:] + "{broken\n" + lines[2])
    frame = catalogue.read_metrics(run)
    assert frame[frame["name"] == "loss"]["epoch"].tolist() == [0, 1, 2]
    assert frame["step"].isna().all() and frame.attrs["damaged"] == 1


def test_a_replaced_metrics_file_is_read_from_its_start(tmp_path: Path) -> None:
    folder, catalogue = make_run(tmp_path), Catalogue(tmp_path)
    line = schema.MetricsLine({"loss": 1.0}, 1.0, 0).encode()
    write(folder, schema.METRICS_FILE, line * 3)
    (run,) = catalogue.runs()
    assert len(catalogue.read_metrics(run)) == 3
    write(folder, "new", line)
    os.replace(folder / "new", folder / schema.METRICS_FILE)
    assert len(catalogue.read_metrics(run)) == 1
    (folder / schema.METRICS_FILE).unlink()
    assert list(catalogue.read_metrics(run).columns) == ["epoch", "step", "time", "name", "value"]
    assert catalogue.read_metrics(run).empty


def test_what_is_no_number_comes_back_as_it_was(tmp_path: Path) -> None:
    folder, catalogue = make_run(tmp_path), Catalogue(tmp_path)
    values = {"a": float("nan"), "b": float("inf"), "c": float("-inf"), "d": 0.0}
    write(folder, schema.METRICS_FILE, schema.MetricsLine(values, 1.0, 0).encode())
    read = catalogue.read_metrics(catalogue.runs()[0]).set_index("name")["value"]
    assert str(read.to_dict()) == str(values)


def test_metrics_linked_from_outside_are_not_read(tmp_path: Path) -> None:
    line = schema.MetricsLine({"secret": 1.0}, 1.0, 0).encode()
    folder = make_run(tmp_path / "runs")
    (folder / schema.METRICS_FILE).symlink_to(write(tmp_path, "secret.jsonl", line))
    catalogue = Catalogue(tmp_path / "runs")
    frame = catalogue.read_metrics(catalogue.runs()[0])
    assert frame.empty and "outside" in frame.attrs["problem"]


def test_an_epoch_under_another_name_is_reported(tmp_path: Path) -> None:
    folder = make_run(tmp_path)
    touch_epoch(folder, "val", 7)
    write(folder, f"{schema.PREDICTIONS_DIR}/split=val/epoch=3.parquet", "")
    (run,) = Catalogue(tmp_path).runs()
    assert run.epochs == {"val": (7,)}
    assert run.problems == ("predictions/split=val/epoch=3.parquet is not read: rename it to epoch=00003.parquet.",)


def test_runs_in_subfolders_are_reported(tmp_path: Path) -> None:
    make_run(tmp_path / "2026-01-01" / "10-00-00", "train")
    catalogue = Catalogue(tmp_path)
    assert catalogue.runs() == []
    (message,) = catalogue.problems
    assert "2026-01-01/10-00-00/train" in message and f"--runs {tmp_path}/2026-01-01/10-00-00" in message
