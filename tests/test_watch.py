"""The watch sees what real writers do to real folders, by events and by polling, and nothing else."""

from __future__ import annotations

import shutil
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from dashboard.catalogue import topics
from dashboard.catalogue.annotations import annotations_of
from dashboard.catalogue.runs import Catalogue
from dashboard.live import file_events
from dashboard.live import watcher as watching
from dashboard.live.watcher import Watch
from dashboard.sql import samples
from logger import Run, schema

pytestmark = pytest.mark.slow

MODES = ("events", "polling")
Start = Callable[..., Watch]


@pytest.fixture
def start() -> Iterator[Start]:
    """A function that starts a watch of a folder; it is stopped at the end, with all its threads."""
    before = threads()
    watches: list[Watch] = []

    def started(root: Path, mode: str | None = None) -> Watch:
        watches.append(Watch(Catalogue(root), mode))
        watches[-1].start()
        return watches[-1]

    yield started
    for watch in watches:
        watch.stop()
    until(lambda: threads() <= before, "threads end")


def threads() -> set[threading.Thread]:
    """All but the one in which the logger looks for runs that were dropped: it stays."""
    return {thread for thread in threading.enumerate() if thread.name != "proofsheet-ends"}


def until(true: Callable[[], object], what: str, seconds: float = 8.0) -> float:
    """Wait for it; returns the seconds it took."""
    began = time.monotonic()
    while not true():
        assert time.monotonic() - began < seconds, f"not within {seconds} s: {what}"
        time.sleep(0.01)
    return time.monotonic() - began


def version(watch: Watch, topic: str) -> str:
    return watch.versions([topic])[topic]


def log_epoch(run: Run, epoch: int, samples: int = 6) -> None:
    images = np.arange(samples * 16, dtype=np.uint8).reshape(samples, 4, 4)
    shares = np.full((samples, 2), 0.5, np.float32)
    run.log_predictions(epoch, images, probabilities=shares, labels=np.arange(samples) % 2)
    run.log_metrics(epoch, {"loss": 1 / (epoch + 1)})


def write_status(folder: Path, status: schema.Status) -> None:
    (folder / ".aside").write_text(status.encode())
    (folder / ".aside").replace(folder / schema.STATUS_FILE)


@pytest.mark.parametrize("mode", MODES)
def test_an_epoch_of_a_real_run_changes_versions_within_a_second(tmp_path: Path, start: Start, mode: str) -> None:
    watch = start(tmp_path, mode)
    assert watch.mode == mode
    with Run(tmp_path, "live", ["a", "b"]) as run:
        until(lambda: version(watch, "run/live") != topics.GONE, "the run is there")
        for epoch in range(3):
            before = watch.versions(["data/live", "run/live", "all", "names"])
            log_epoch(run, epoch)
            path = run.path / schema.predictions_file("val", epoch)
            until(path.exists, "the epoch is written")
            took = until(
                lambda old=before["data/live"]: version(watch, "data/live") != old, "the epoch changes the version"
            )
            assert took < (1.5 if mode == "events" else 3.0)  # Of that 0.1 s and 1 s are ours, the rest is for load.
    until(lambda: watch.catalogue.get("live").state() == "finished", "the run is finished")  # type: ignore[union-attr]
    followed = ["data/live", "run/live", "all", "names"]
    until(
        lambda: watch.versions(followed) == topics.versions(watch.catalogue.runs(), topics=followed), "all are current"
    )


@pytest.mark.parametrize("mode", MODES)
def test_a_tag_changes_only_the_version_of_annotations(tmp_path: Path, start: Start, mode: str) -> None:
    with Run(tmp_path, "tagged", ["a", "b"]) as run:
        log_epoch(run, 0)
    watch = start(tmp_path, mode)
    followed = ["data/tagged", "run/tagged", "all", "names"]
    before, annotations = watch.versions(followed), version(watch, "annotations/tagged")
    found = watch.catalogue.get("tagged")
    assert found is not None
    digest = samples.digests(found, "val")[0]
    assert digest is not None
    annotations_of(found).tag([digest], "odd")
    until(lambda: version(watch, "annotations/tagged") != annotations, "the tag changes the version")
    assert watch.versions(followed) == before
    after = watch.catalogue.get("tagged")
    assert after is not None and after.last_seen == found.last_seen


@pytest.mark.parametrize("mode", MODES)
def test_a_heartbeat_changes_no_version_but_its_end_does(tmp_path: Path, start: Start, mode: str) -> None:
    run = Run(tmp_path, "quiet", ["a", "b"], epochs=5)
    log_epoch(run, 0)
    run.finish()
    now = time.time()
    alive = schema.Status(started=now, heartbeat=now, heartbeat_every=0.5, epoch=0, epochs=5)
    write_status(run.path, alive)
    watch = start(tmp_path, mode)
    notified: list[float] = []
    end = watch.listen(lambda: notified.append(time.monotonic()))
    for _ in range(5):
        time.sleep(0.5)
        write_status(run.path, replace(alive, heartbeat=time.time(), bytes=int(time.time()), cost={"writing": now}))
    assert notified == []
    until(lambda: notified, "the silence is noticed")
    found = watch.catalogue.get("quiet")
    assert found is not None and found.state() == "silent"
    write_status(run.path, replace(alive, state="failed", failure="ValueError: no", heartbeat=time.time()))
    until(lambda: len(notified) == 2, "the failure is noticed")
    end()
    assert watch.listeners == 0


@pytest.mark.parametrize("mode", MODES)
def test_reads_and_hidden_files_change_no_version(tmp_path: Path, start: Start, mode: str) -> None:
    with Run(tmp_path, "still", ["a", "b"]) as run:
        log_epoch(run, 0)
    watch = start(tmp_path, mode)
    notified: list[bool] = []
    watch.listen(lambda: notified.append(True))
    for path in run.path.rglob("*"):
        if path.is_file():
            path.read_bytes()
    (run.path / "predictions" / "split=val" / ".epoch=00009.parquet.1.tmp").write_bytes(b"half")
    (tmp_path / ".cache").mkdir()
    (tmp_path / "notes.txt").write_text("nothing")
    time.sleep(1.8)
    assert notified == []


@pytest.mark.parametrize("mode", MODES)
def test_a_folder_that_comes_goes_and_comes_again_is_watched(tmp_path: Path, start: Start, mode: str) -> None:
    root = tmp_path / "later" / "runs"
    watch = start(root, mode)
    for name in ("first", "second"):
        with Run(root, name, ["a", "b"]) as run:
            log_epoch(run, 0)
        until(lambda name=name: version(watch, f"data/{name}") != topics.GONE, f"{name} is there")
        old = version(watch, f"data/{name}")
        shutil.copy(run.path / schema.predictions_file("val", 0), run.path / schema.predictions_file("val", 1))
        until(lambda name=name, old=old: version(watch, f"data/{name}") != old, f"{name} goes on")
        shutil.rmtree(root)
        until(lambda name=name: version(watch, f"data/{name}") == topics.GONE, f"{name} is gone")


def test_one_run_of_many_that_is_deleted_is_gone(tmp_path: Path, start: Start) -> None:
    with Run(tmp_path, "one", ["a", "b"]) as run:
        log_epoch(run, 0)
    for copy in range(40):
        shutil.copytree(run.path, tmp_path / f"copy {copy}")
    watch = start(tmp_path)
    assert len(watch.catalogue.runs()) == 41
    names = version(watch, "names")
    shutil.rmtree(tmp_path / "copy 7")
    until(lambda: version(watch, "data/copy 7") == topics.GONE and version(watch, "names") != names, "it is gone")
    assert version(watch, "data/copy 8") != topics.GONE


def test_a_file_system_without_events_is_polled(
    tmp_path: Path, start: Start, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(watching, "AUDIT", 1.0)
    watch = start(tmp_path)
    assert watch.mode == "events"
    watch._observer.unschedule_all()  # type: ignore[union-attr]  # as a network drive whose name we do not know
    with Run(tmp_path, "remote", ["a", "b"]) as run:
        log_epoch(run, 0)
    until(lambda: version(watch, "data/remote") != topics.GONE, "it is found by the audit")
    until(lambda: watch.mode == "polling", "it is polled")
    assert "without a file system event" in caplog.text
    old = version(watch, "data/remote")
    shutil.copy(run.path / schema.predictions_file("val", 0), run.path / schema.predictions_file("val", 1))
    until(lambda: version(watch, "data/remote") != old, "it is found by polling")


def test_where_watches_run_out_the_folder_is_polled(
    tmp_path: Path, start: Start, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    class Exhausted(file_events.BaseObserver):
        def __init__(self) -> None:
            super().__init__(lambda *a, **k: None)  # type: ignore[arg-type]

        def schedule(self, *args: object, **options: object) -> None:  # type: ignore[override]
            raise OSError(28, "inotify watch limit reached")

    monkeypatch.setattr(file_events, "Observer", Exhausted)
    watch = start(tmp_path)
    assert watch.mode == "polling" and "inotify watch limit reached" in caplog.text
    Run(tmp_path, "new").finish()
    until(lambda: version(watch, "run/new") != topics.GONE, "the run is found")


def test_off_watches_nothing_and_has_the_first_versions(tmp_path: Path, start: Start) -> None:
    Run(tmp_path, "old").finish()
    watch = start(tmp_path, "off")
    assert watch.mode == "off" and version(watch, "run/old") != topics.GONE
    Run(tmp_path, "new").finish()
    time.sleep(0.8)
    assert version(watch, "run/new") == topics.GONE


def test_a_watch_can_be_stopped_and_started_again(tmp_path: Path, start: Start) -> None:
    watch = start(tmp_path)
    watch.stop()
    Run(tmp_path, "meanwhile").finish()
    watch.start()
    watch.start()
    assert version(watch, "run/meanwhile") != topics.GONE


def test_the_setting_is_read_and_an_invalid_one_lists_the_valid() -> None:
    assert [
        file_events.configured_mode({file_events.WATCH_ENV: word}) for word in ("", "polling", " Events ", "off")
    ] == [
        None,
        "polling",
        "events",
        "off",
    ]
    with pytest.raises(ValueError, match="must be one of events, polling, off, got 'fast'"):
        file_events.configured_mode({file_events.WATCH_ENV: "fast"})


@pytest.mark.parametrize(
    ("folder", "kind"),
    [
        ("/data/runs", "nfs4"),
        ("/data/fast/runs", None),
        ("/mnt/my drive/runs", "cifs"),
        ("/home/me/runs", None),
        ("/sshfs/x", "fuse.sshfs"),
        ("/windows/x", None),
        ("/database", None),
    ],
)
def test_network_drives_are_known_by_their_mounts(tmp_path: Path, folder: str, kind: str | None) -> None:
    lines = [
        "/dev/sda / ext4 rw 0 0",
        "server:/data /data nfs4 rw,vers=4.2 0 0",
        "/dev/sdb /data/fast xfs rw 0 0",
        r"//server/share /mnt/my\040drive cifs rw 0 0",
        "me@host:/ /sshfs fuse.sshfs rw 0 0",
        "/dev/sdc /windows fuseblk rw 0 0",
        "broken",
    ]
    mounts = tmp_path / "mounts"
    mounts.write_text("\n".join(lines))
    assert file_events.network_drive(Path(folder), mounts) == kind
    assert file_events.network_drive(Path(folder), tmp_path / "none") is None


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("/runs/a/status.json", "a"),
        ("/runs/a/predictions/split=val/epoch=00001.parquet", "a"),
        ("/runs/a/predictions/split=val/.epoch=00001.parquet.7.tmp", None),
        ("/runs/a/sheets/val-00000.webp", None),
        ("/runs/a/originals/ab/abcd.webp", None),
        ("/runs/a", "a"),
        ("/runs/.a/status.json", None),
        ("/runs", None),
        ("/elsewhere/a/status.json", None),
    ],
)
def test_which_run_a_change_belongs_to(path: str, name: str | None) -> None:
    assert file_events.run_of("/runs", path) == name
