"""Idle runs are checked less often, and no change is missed."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from dashboard.live.polling import CHECK_INTERVAL, IDLE_AFTER, PollingFileSystem


class Folder:
    """A folder of runs as a polling observer sees it, a second after the other."""

    def __init__(self, root: Path) -> None:
        self.root, self.now = root, 1000.0
        self.looks: list[str] = []
        """Names of the folders that were really listed."""
        self.file_system = PollingFileSystem(root, self.list_entries, lambda: self.now)

    def list_entries(self, path: str) -> Iterator[os.DirEntry[str]]:
        self.looks.append(os.path.basename(path))
        with os.scandir(path) as entries:
            yield from entries

    def look(self, after: float = 1.0) -> set[str]:
        """A snapshot as watchdog takes it."""
        self.now += after
        self.looks.clear()
        found = set()
        for run in self.file_system.listdir(str(self.root)):
            folder = os.path.join(str(self.root), run.name)
            self.file_system.stat(folder)
            found |= {run.name, *(f"{run.name}/{entry.name}" for entry in self.file_system.listdir(folder))}
        return found


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    return Folder(tmp_path)


def make(root: Path, name: str, age: float) -> Path:
    """A run whose files were last written `age` seconds ago."""
    run = root / name
    run.mkdir()
    (run / "run.json").write_text("{}")
    for path in (run / "run.json", run):
        os.utime(path, (path.stat().st_atime, path.stat().st_mtime - age))
    return run


def test_active_runs_are_checked_every_time_and_idle_ones_rarely(folder: Folder) -> None:
    make(folder.root, "old", 2 * IDLE_AFTER)
    make(folder.root, "new", 0)
    assert folder.look() == {"new", "new/run.json", "old"}
    for _ in range(3):
        assert folder.look() == {"new", "new/run.json", "old"}
        assert "new" in folder.looks and "old" not in folder.looks
    folder.look(after=CHECK_INTERVAL[1])
    assert "old" in folder.looks


def test_an_idle_run_that_changes_appears_again_and_is_then_checked_every_time(folder: Folder) -> None:
    run = make(folder.root, "old", 2 * IDLE_AFTER)
    folder.look()
    (run / "status.json").write_text("{}")
    assert folder.look(after=CHECK_INTERVAL[1]) == {"old", "old/run.json", "old/status.json"}
    (run / "metrics.jsonl").write_text("{}\n")
    assert "old/metrics.jsonl" in folder.look()


def test_a_run_becomes_idle_when_nothing_changes_for_long(folder: Folder) -> None:
    run = make(folder.root, "new", 0)
    assert "new/run.json" in folder.look()
    assert "new/run.json" in folder.look(after=IDLE_AFTER - 1)
    (run / "run.json").write_text("{...}")
    assert "new/run.json" in folder.look(after=CHECK_INTERVAL[1])
    assert "new/run.json" in folder.look(after=IDLE_AFTER - 1)
    assert folder.look(after=IDLE_AFTER) == {"new"}


def test_a_run_that_was_deleted_is_forgotten(folder: Folder) -> None:
    run = make(folder.root, "gone", 2 * IDLE_AFTER)
    assert folder.look() == {"gone"}
    (run / "run.json").unlink()
    run.rmdir()
    assert folder.look() == set()
    make(folder.root, "gone", 0)
    assert folder.look() == {"gone", "gone/run.json"}
