"""Exports, opened again with what people would open them with."""

from __future__ import annotations

import csv
import io
import zipfile
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from PIL import Image

from dashboard.catalogue.runs import Catalogue, Run
from dashboard.reports.export import export
from dashboard.sql import predictions, samples
from dashboard.sql.filter import Filter
from logger import Run as Log
from logger import schema
from tests.odd_run import EPOCHS, SAMPLES, log_odd_run

LAST = EPOCHS[-1]


@pytest.fixture
def run(tmp_path: Path) -> Run:
    return opened(log_odd_run(tmp_path))


def opened(folder: Path) -> Run:
    found = Catalogue(folder.parent).get(folder.name)
    assert found is not None
    return found


def exported(kind: str, run: Run, chosen: Filter, epoch: int = LAST) -> bytes:
    return b"".join(export(kind, run, "val", predictions.filtered(run, "val", epoch, chosen)))


def test_csv_has_a_line_for_each_sample_of_the_filter_with_names_of_classes(run: Run) -> None:
    chosen = Filter(verdict="wrong", label=2)
    lines = list(csv.DictReader(io.StringIO(exported("csv", run, chosen).decode())))
    assert len(lines) == predictions.count_filtered(run, "val", LAST, chosen) > 0
    assert {line["label_name"] for line in lines} == {"a/b <i>"}
    assert lines[0]["source"].startswith("Folder ")


def test_parquet_has_the_same_rows_as_csv(run: Run) -> None:
    table = pq.read_table(pa.BufferReader(exported("parquet", run, Filter())))
    lines = list(csv.DictReader(io.StringIO(exported("csv", run, Filter()).decode())))
    assert table["index"].to_pylist() == [int(line["index"]) for line in lines] == list(range(SAMPLES))
    assert table.column_names == list(lines[0])


def test_an_empty_filter_is_an_empty_file_with_its_columns(run: Run) -> None:
    nothing = Filter(search="no such text")
    assert exported("csv", run, nothing).decode().startswith('"index","label"')
    assert pq.read_table(pa.BufferReader(exported("parquet", run, nothing))).num_rows == 0
    assert zipfile.ZipFile(io.BytesIO(exported("zip", run, nothing))).namelist() == ["images.csv"]


def test_the_zip_holds_the_very_pixels_in_a_folder_per_class(run: Run) -> None:
    chosen = Filter(label=2)
    archive = zipfile.ZipFile(io.BytesIO(exported("zip", run, chosen)))
    pictures = [name for name in archive.namelist() if name.endswith(".png")]
    assert archive.testzip() is None
    assert len(pictures) == predictions.count_filtered(run, "val", LAST, chosen)
    assert {name.split("/")[0] for name in pictures} == {"002-a-b-i"}
    first = pictures[0].split("/")[1]
    sample = samples.sample(run, "val", int(first[:6]))
    assert sample is not None
    with Image.open(io.BytesIO(archive.read(pictures[0]))) as picture:
        pixels = np.asarray(picture.convert("RGB"))
    assert pixels.shape == (sample["height"], sample["width"], 3)
    assert (pixels.min(), pixels.max()) == (sample["min"], sample["max"])
    assert pixels.mean() == pytest.approx(sample["mean"], rel=1e-5)


def test_names_in_the_zip_stay_inside_it(run: Run) -> None:
    archive = zipfile.ZipFile(io.BytesIO(exported("zip", run, Filter())))
    for name in archive.namelist():
        assert not name.startswith("/") and ".." not in name and "\\" not in name and name.count("/") <= 1


def test_a_missing_sheet_is_reported_in_the_zip_beside_the_other_images(run: Run) -> None:
    (run.path / schema.sheet_file("val", 0)).unlink()
    archive = zipfile.ZipFile(io.BytesIO(exported("zip", run, Filter())))
    assert archive.namelist() == ["images.csv", "missing.txt"]
    assert archive.read("missing.txt").decode().startswith(f"{SAMPLES} images are left out")


def test_large_pictures_leave_as_they_were_stored_not_as_their_tile(tmp_path: Path) -> None:
    images = np.random.default_rng(0).integers(0, 256, (2, 200, 150, 3), dtype=np.uint8)
    with Log(tmp_path, "large", ["a", "b"]) as log:
        log.log_predictions(0, images, probabilities=np.array([[0.2, 0.8], [0.6, 0.4]]), labels=np.array([1, 1]))
    run = opened(log.path)
    archive = zipfile.ZipFile(io.BytesIO(exported("zip", run, Filter(), epoch=0)))
    pictures = [name for name in archive.namelist() if name != "images.csv"]
    assert len(pictures) == 2
    for name in pictures:
        with Image.open(io.BytesIO(archive.read(name))) as picture:
            assert picture.size == (150, 200)


def test_a_large_export_comes_in_pieces(run: Run) -> None:
    pieces = list(export("zip", run, "val", predictions.filtered(run, "val", LAST, Filter())))
    assert len(pieces) > SAMPLES / 2
    assert max(map(len, pieces[:-1])) < sum(map(len, pieces)) / 4  # the last is the table of contents
