"""Pictures are cut from their sheets rightly, or not at all: also without run.json."""

from __future__ import annotations

import io
import json
import shutil
import zipfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from PIL import Image

from dashboard.catalogue.runs import Catalogue
from dashboard.catalogue.runs import Run as Found
from dashboard.reports.export import export
from dashboard.reports.sheet_layout import SheetLayout, sheet_layout
from dashboard.sql import predictions
from dashboard.sql.filter import Filter
from logger import Run, schema

N = 200
COLOURS = np.random.default_rng(0).integers(0, 256, (N, 3), np.uint8)


@pytest.fixture
def run(tmp_path: Path) -> Path:
    """A run of N pictures, each of one colour, 20 pixels a side."""
    images = np.broadcast_to(COLOURS[:, None, None], (N, 20, 20, 3))
    with Run(tmp_path / "runs", "a") as run:
        run.log_predictions(0, images, probabilities=np.full((N, 2), 0.5), labels=np.arange(N) % 2)
    return run.path


def found(folder: Path) -> Found:
    [run] = Catalogue(folder.parent).runs()
    return run


def right_and_wrong(folder: Path) -> tuple[int, int, str]:
    """Pictures in the zip with the right colour, with another, and what is said of missing ones."""
    run = found(folder)
    data = b"".join(export("zip", run, "val", predictions.filtered(run, "val", 0, Filter())))
    right = wrong = 0
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        for name in archive.namelist():
            if name.endswith(".png"):
                index = int(name.split("/")[1].split("-")[0])
                same = (np.asarray(Image.open(archive.open(name)).convert("RGB")) == COLOURS[index]).all()
                right, wrong = right + same, wrong + (not same)
        missing = archive.read("missing.txt").decode() if "missing.txt" in archive.namelist() else ""
    return right, wrong, missing


def empty(folder: Path) -> None:
    (folder / schema.RUN_FILE).write_bytes(b"")


def missing(folder: Path) -> None:
    (folder / schema.RUN_FILE).unlink()


def newer(folder: Path) -> None:
    (folder / schema.RUN_FILE).write_text('{"format": 2}')


def without_splits(folder: Path) -> None:
    raw = json.loads((folder / schema.RUN_FILE).read_text())
    (folder / schema.RUN_FILE).write_text(json.dumps({**raw, "splits": {}}))


def other_cell(folder: Path) -> None:
    raw = json.loads((folder / schema.RUN_FILE).read_text())
    raw["splits"]["val"] |= {"cell": 96, "columns": 10}
    (folder / schema.RUN_FILE).write_text(json.dumps(raw))


DAMAGES = [empty, missing, newer, without_splits, other_cell]


def without_facts(folder: Path) -> None:
    """As an earlier version wrote the samples file."""
    path = folder / schema.samples_file("val", 0)
    table = pq.read_table(path, partitioning=None)
    pq.write_table(table.replace_schema_metadata(None), path)


@pytest.mark.parametrize("damage", DAMAGES)
def test_without_run_json_every_picture_is_still_the_right_one(run: Path, damage: Callable[[Path], None]) -> None:
    damage(run)
    assert right_and_wrong(run) == (N, 0, "")


def test_an_old_run_is_read_by_run_json(run: Path) -> None:
    without_facts(run)
    assert right_and_wrong(run) == (N, 0, "")


@pytest.mark.parametrize("damage", [d for d in DAMAGES if d is not other_cell])
def test_an_old_run_that_lost_run_json_shows_nothing_and_says_why(run: Path, damage: Callable[[Path], None]) -> None:
    without_facts(run)
    damage(run)
    right, wrong, said = right_and_wrong(run)
    assert (right, wrong) == (0, 0) and "does not say how the sheets of val are laid out" in said


def test_a_sheet_of_another_layout_is_not_cut(run: Path) -> None:
    without_facts(run)
    other_cell(run)
    right, wrong, said = right_and_wrong(run)
    assert (right, wrong) == (0, 0) and said.startswith(f"{N} images are left out")


def test_samples_files_that_disagree_show_nothing(run: Path) -> None:
    first = run / schema.samples_file("val", 0)
    table = pq.read_table(first, partitioning=None)
    facts = json.dumps(schema.sheet_metadata(96, 10))
    pq.write_table(table.replace_schema_metadata({schema.METADATA_KEY: facts}), run / schema.samples_file("val", 1))
    assert "disagree" in str(sheet_layout(found(run), "val").problem)


@pytest.mark.parametrize(
    "facts", ["[]", "{", '{"cell": 0, "columns": 3}', '{"cell": "a", "columns": 3}', '{"cell": 5}']
)
def test_metadata_that_says_nothing_is_passed_over(run: Path, facts: str) -> None:
    path = run / schema.samples_file("val", 0)
    table: pa.Table = pq.read_table(path, partitioning=None)
    pq.write_table(table.replace_schema_metadata({schema.METADATA_KEY: facts}), path)
    assert sheet_layout(found(run), "val") == SheetLayout(20, 51)


def test_a_replaced_samples_file_is_read_anew(run: Path) -> None:
    assert sheet_layout(found(run), "val").cell == 20
    shutil.copy(run / schema.samples_file("val", 0), run / "kept.parquet")
    without_facts(run)
    missing(run)
    assert sheet_layout(found(run), "val").problem is not None
