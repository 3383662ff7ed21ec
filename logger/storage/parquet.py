"""Parquet files with the column types of `schema`: written, and read back when a run is resumed.

Imports pyarrow, which is slow to import: only the writer's thread and a resumed run import this module.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

from .. import schema
from ..data.arrays import NO_LABEL, Array
from .atomic_files import temporary_path

_TYPES: dict[str, Any] = {
    "int32": pa.int32(),
    "float32": pa.float32(),
    "string": pa.string(),
    "list<float32>": pa.list_(pa.float32()),
    "list<int32>": pa.list_(pa.int32()),
}
_NUMPY = {"int32": np.int32, "float32": np.float32}
_ITEMS = {"list<float32>": "float32", "list<int32>": "int32"}
# Small enough that reading one sample reads a small part of each epoch's file.
_ROW_GROUP_SIZE = 16_384


def write_table(
    path: Path,
    columns: Mapping[str, Any],
    types: Mapping[str, tuple[str, str]],
    metadata: Mapping[str, Any] | None = None,
) -> int:
    """Write columns as one Parquet file, atomically; returns its size in bytes.

    `columns`: arrays (n,), or (n, k) for lists, by name; one that is missing is all null. Null values are NO_LABEL in
    integer columns, NaN in float columns, None in object columns. `types`: (type, description) by name, as
    `schema.SAMPLE_COLUMNS`. `metadata` is stored as JSON under `schema.METADATA_KEY` in the metadata of the file.
    """
    rows = len(columns["index"])
    arrays = [_arrow_array(columns.get(name), kind, rows) for name, (kind, _) in types.items()]
    table = pa.Table.from_arrays(arrays, names=list(types))
    if metadata is not None:
        table = table.replace_schema_metadata({schema.METADATA_KEY: schema.encode_json(metadata, indent=None)})
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = temporary_path(path)
    dictionary_encoded = [
        name for name in ("epoch", "label", "predicted", "dtype", "width", "height", "channels") if name in types
    ]
    # The bytes of numbers that are rounded to float16 compress as well as float16 when they are split.
    encodings = {f"{name}.list.element": "BYTE_STREAM_SPLIT" for name, (kind, _) in types.items() if "<float" in kind}
    try:
        pq.write_table(
            table,
            temporary,
            compression="zstd",
            use_dictionary=dictionary_encoded,
            column_encoding=encodings,
            row_group_size=_ROW_GROUP_SIZE,
        )
        size = temporary.stat().st_size
        os.replace(temporary, path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
    return size


# Arrays are built from buffers: `pyarrow.array` imports pandas if it is installed, which costs the training process a
# second and 100 MB.


def _arrow_array(values: Any, kind: str, rows: int) -> Any:
    if values is None:
        return pa.nulls(rows, _TYPES[kind])
    if kind == "string":
        return _strings(values)
    if kind.startswith("list"):
        return _lists(values, _ITEMS[kind])
    valid: NDArray[np.bool_] = np.logical_not(np.isnan(values) if values.dtype.kind == "f" else values == NO_LABEL)
    return _flat(values, kind, valid)


def _flat(values: Array, kind: str, valid: NDArray[np.bool_] | None = None) -> Any:
    data = pa.py_buffer(np.ascontiguousarray(values, _NUMPY[kind]))
    return pa.Array.from_buffers(_TYPES[kind], values.size, [_validity_bitmap(valid), data])


def _validity_bitmap(valid: NDArray[np.bool_] | None) -> Any:
    if valid is None or valid.all():
        return None
    return pa.py_buffer(np.packbits(valid, bitorder="little"))


def _strings(values: Array) -> Any:
    texts = [None if value is None else schema.readable(str(value)).encode() for value in values.tolist()]
    offsets = np.cumsum([0, *(len(text or b"") for text in texts)]).astype(np.int32)
    valid = np.array([text is not None for text in texts], np.bool_)
    buffers = [_validity_bitmap(valid), pa.py_buffer(offsets), pa.py_buffer(b"".join(text or b"" for text in texts))]
    return pa.Array.from_buffers(pa.string(), len(texts), buffers)


def _lists(values: Array, item: str) -> Any:
    """One list per row of (n, k); a row of NaN or NO_LABEL only is null."""
    rows, width = values.shape
    missing: NDArray[np.bool_] = np.equal(values, NO_LABEL) if item == "int32" else np.isnan(values)
    null = np.all(missing, axis=1)
    offsets = np.concatenate([[0], np.cumsum(np.where(null, 0, width))]).astype(np.int32)
    present = np.ascontiguousarray(values[np.logical_not(null)]).reshape(-1)
    flat = _flat(present.astype(np.float16) if item == "float32" else present, item)
    buffers = [_validity_bitmap(np.logical_not(null)), pa.py_buffer(offsets)]
    return pa.Array.from_buffers(pa.list_(_TYPES[item]), rows, buffers, children=[flat])


def read_samples(folder: Path, split: str, on_error: Callable[[Exception], None] | None = None) -> list[dict[str, Any]]:
    """The samples of a split, by index: the columns that a resumed run needs, None where a file lacks one.

    The error of a file that cannot be read goes to `on_error`, which is raised without it. Of an index that occurs
    twice the later file counts.
    """
    files = sorted((folder / schema.SAMPLES_DIR).glob("*.parquet"))
    columns = ["index", "digest", "input_crc32", "label", "sheet", "tile", "tile_width", "tile_height", "original"]
    columns += ["weight", "soft_label"]
    rows: dict[int, dict[str, Any]] = {}
    for file in files:
        found = schema.part_of(file.name)
        if not found or found[0] != split:
            continue
        try:
            present = [name for name in columns if name in pq.read_schema(file).names]
            read = pq.read_table(file, columns=present, partitioning=None).to_pylist()
            rows |= {int(row["index"]): {**dict.fromkeys(columns), **row} for row in read}
        except (OSError, ValueError, KeyError, TypeError) as error:
            if on_error is None:
                raise
            on_error(type(error)(f"{schema.SAMPLES_DIR}/{file.name}: {error}"))
    return [rows[index] for index in sorted(rows)]


def last_index(folder: Path, split: str) -> int:
    """The highest index in the predictions for a split at its last readable epoch; -1 without any."""
    files = (folder / schema.predictions_file(split, 0)).parent.glob("*.parquet")
    for file in sorted(files, key=lambda file: schema.epoch_of(file.name) or 0, reverse=True):
        try:
            index = pq.read_table(file, columns=["index"], partitioning=None)["index"].to_numpy()
            return int(index.max(initial=-1))
        except (OSError, ValueError):
            continue
    return -1


def read_predictions(path: Path) -> dict[str, Any]:
    """The columns of a predictions file, in the form that `write_table` takes."""
    table = pq.read_table(path, partitioning=None)
    columns: dict[str, Any] = {}
    for name, (kind, _) in schema.PREDICTION_COLUMNS.items():
        column = table.column(name).combine_chunks()
        if kind.startswith("list"):
            valid = column.is_valid().to_numpy(zero_copy_only=False)
            if valid.any():
                values = column.flatten().to_numpy(zero_copy_only=False)
                width = len(values) // int(valid.sum())
                columns[name] = np.full((len(column), width), NO_LABEL if "int" in kind else np.nan, values.dtype)
                columns[name][valid] = values.reshape(-1, width)
        elif kind == "int32":
            columns[name] = column.fill_null(NO_LABEL).to_numpy(zero_copy_only=False)
        else:
            columns[name] = column.to_numpy(zero_copy_only=False)
    return columns
