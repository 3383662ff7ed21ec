"""The filtered samples as a file: CSV, Parquet, or a zip of pictures in a folder per class.

Each function yields the file in chunks, so that ten thousand pictures are never in memory at once.
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator
from typing import Any

import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet as pq
from PIL import Image

from dashboard.catalogue.annotations import annotations_of
from dashboard.catalogue.regular_files import open_regular, read_regular
from dashboard.catalogue.runs import Run
from dashboard.reports.sheet_layout import sheet_layout
from logger import schema

FORMATS = {
    "csv": "text/csv; charset=utf-8",
    "parquet": "application/vnd.apache.parquet",
    "zip": "application/zip",
}
"""Media type of each kind of export, by file extension."""

_ROWS_PER_CHUNK = 5_000
_LISTED = (
    *("index", "label", "label_name", "predicted", "predicted_name", "verdict"),
    *("confidence", "loss", "margin", "changed", "width", "height", "digest", "source", "tags"),
)


def export(kind: str, run: Run, split: str, rows: pa.Table) -> Iterator[bytes]:
    """Chunks of a file of `kind` (see FORMATS) with the rows of `predictions.filtered`."""
    if kind == "csv":
        return _csv(listing(run, rows))
    if kind == "parquet":
        return _parquet(listing(run, rows))
    return _zip(run, split, rows)


def listing(run: Run, rows: pa.Table) -> pa.Table:
    """`rows` for people: with class names, without positions on sheets."""
    for column in ("label", "predicted"):
        names = [_class_name(run, value) for value in rows.column(column).to_pylist()]
        rows = rows.append_column(f"{column}_name", pa.array(names, pa.string()))
    return rows.append_column("tags", _tags(run, rows)).select(list(_LISTED))


def _tags(run: Run, rows: pa.Table) -> pa.Array:
    """The tags of each row by name, joined by `; `; empty when it has none."""
    of: dict[str, list[str]] = {}
    for digest, tag in annotations_of(run).tagged():
        of.setdefault(digest, []).append(tag)
    return pa.array(["; ".join(sorted(of.get(d, ()))) for d in rows.column("digest").to_pylist()], pa.string())


def _class_name(run: Run, index: int | None) -> str | None:
    if index is None:
        return None
    return "invalid" if index == schema.INVALID else run.info.class_name(index)


def _csv(table: pa.Table) -> Iterator[bytes]:
    sink = _ChunkedSink()
    with pyarrow.csv.CSVWriter(sink, table.schema) as writer:
        for batch in table.to_batches(_ROWS_PER_CHUNK):
            writer.write_batch(batch)
            yield sink.drain()
    yield sink.drain()


def _parquet(table: pa.Table) -> Iterator[bytes]:
    sink = _ChunkedSink()
    with pq.ParquetWriter(sink, table.schema, compression="zstd") as writer:
        for batch in table.to_batches(_ROWS_PER_CHUNK):
            writer.write_batch(batch)
            yield sink.drain()
    yield sink.drain()


def _zip(run: Run, split: str, rows: pa.Table) -> Iterator[bytes]:
    """One picture after the other, and last `images.csv` with the rows and, if any, `missing.txt`."""
    sink = _ChunkedSink()
    missing: list[str] = []
    columns = ["index", "label", "predicted", "sheet", "tile", "tile_width", "tile_height", "original"]
    places = rows.select(columns).sort_by([("sheet", "ascending"), ("tile", "ascending")])
    sheets = _Sheets(run, split)
    with zipfile.ZipFile(sink, "w", zipfile.ZIP_STORED) as archive:
        for place in places.to_pylist():
            picture = _original(run, place) or sheets.picture(place)
            if picture is None:
                missing.append(str(place["index"]))
                continue
            extension, content = picture
            archive.writestr(f"{_folder(run, place['label'])}/{_file(run, place)}.{extension}", content)
            yield sink.drain()
        archive.writestr("images.csv", b"".join(_csv(listing(run, rows))), zipfile.ZIP_DEFLATED)
        if missing:
            reason = sheets.problem or "Their pixels are not stored, or their sheet is missing or damaged."
            text = f"{len(missing)} images are left out. {reason} Their index:\n" + "\n".join(missing) + "\n"
            archive.writestr("missing.txt", text, zipfile.ZIP_DEFLATED)
    yield sink.drain()


def _folder(run: Run, label: int | None) -> str:
    """Folder of a class: number and name, since two names may be the same once they are made safe."""
    if label is None:
        return "unlabelled"
    return f"{label:03d}-{schema.safe_name(run.info.class_name(label))}"


def _file(run: Run, place: dict[str, Any]) -> str:
    predicted = _class_name(run, place["predicted"]) or "unknown"
    return f"{place['index']:06d}-predicted-{schema.safe_name(predicted)}"


def _original(run: Run, place: dict[str, Any]) -> tuple[str, bytes] | None:
    """Extension and content of the unreduced picture, when there is one."""
    if place["original"] is None:
        return None
    try:
        path = schema.inside(run.path, place["original"])
        return path.suffix.lstrip(".") or "bin", read_regular(path)
    except (schema.FormatError, OSError):
        return None


class _Sheets:
    """Cuts tiles from the sheets of a split; holds one sheet at a time."""

    def __init__(self, run: Run, split: str) -> None:
        self._run, self._split = run, split
        self._layout = sheet_layout(run, split)
        self._held: tuple[int, Image.Image | None] = (-1, None)

    @property
    def problem(self) -> str | None:
        """Why no tile at all can be cut out, if so."""
        return self._layout.problem

    def picture(self, place: dict[str, Any]) -> tuple[str, bytes] | None:
        """The tile as a PNG; None when its pixels were not stored, or where they are cannot be known."""
        if place["sheet"] is None or self._layout.problem is not None:
            return None
        if self._held[0] != place["sheet"]:
            self._held = (place["sheet"], self._opened(place["sheet"]))
        sheet = self._held[1]
        if sheet is None:
            return None
        box = self._layout.box(place["tile"], place["tile_width"], place["tile_height"])
        if box is None or box[3] > sheet.height:
            return None
        png = io.BytesIO()
        sheet.crop(box).save(png, "PNG")
        return "png", png.getvalue()

    def _opened(self, number: int) -> Image.Image | None:
        try:
            path = schema.inside(self._run.path, schema.sheet_file(self._split, number))
            with open_regular(path) as file, Image.open(file) as sheet:
                sheet.load()
                return sheet if self._layout.fits(*sheet.size) else None
        except (OSError, ValueError, Image.DecompressionBombError):
            return None


class _ChunkedSink(io.RawIOBase):
    """A write-only file whose content is drained as it is written."""

    def __init__(self) -> None:
        super().__init__()
        self._waiting: list[bytes] = []
        self._written = 0

    def writable(self) -> bool:
        return True

    def write(self, data: Any) -> int:
        chunk = bytes(data)
        self._waiting.append(chunk)
        self._written += len(chunk)
        return len(chunk)

    def tell(self) -> int:
        return self._written

    def drain(self) -> bytes:
        chunks, self._waiting = self._waiting, []
        return b"".join(chunks)
