"""Columns -> Parquet files, with the types that `schema` names; and back, to go on with a run.

Imports pyarrow, which takes longer than all the rest: only the writer's thread and a resumed run import this.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

from .. import schema
from ..data.arrays import NO_LABEL, Array
from .atomic_files import aside_of

_TYPES: dict[str, Any] = {
    "int32": pa.int32(),
    "float16": pa.float16(),
    "float32": pa.float32(),
    "string": pa.string(),
    "list<float16>": pa.list_(pa.float16()),
    "list<int32>": pa.list_(pa.int32()),
}
_NUMPY = {"int32": np.int32, "float16": np.float16, "float32": np.float32}
_ITEMS = {"list<float16>": "float16", "list<int32>": "int32"}
# So that the history of one sample touches one small piece of each epoch's file.
_ROWS_IN_GROUP = 16_384


def write_table(
    path: Path, columns: Mapping[str, Any], types: Mapping[str, tuple[str, str]], facts: Mapping[str, Any] | None = None
) -> int:
    """Write columns as one Parquet file, aside and then into place; returns its size in bytes.

    Integer columns hold NO_LABEL, float columns NaN, object columns None where the value is null; a column
    that is missing is all null. A 2-D column is a list per row. `facts` go into the file's metadata as JSON.
    """
    rows = len(columns["index"])
    arrays = [_arrow(columns.get(name), kind, rows) for name, (kind, _) in types.items()]
    table = pa.Table.from_arrays(arrays, names=list(types))
    if facts is not None:
        table = table.replace_schema_metadata({schema.FACTS_KEY: schema.encode_json(facts, indent=None)})
    path.parent.mkdir(parents=True, exist_ok=True)
    aside = aside_of(path)
    repeated = [
        name for name in ("epoch", "label", "predicted", "dtype", "width", "height", "channels") if name in types
    ]
    try:
        pq.write_table(table, aside, compression="zstd", use_dictionary=repeated, row_group_size=_ROWS_IN_GROUP)
        size = aside.stat().st_size
        os.replace(aside, path)
    except BaseException:
        aside.unlink(missing_ok=True)
        raise
    return size


# Arrays are put together from buffers: `pyarrow.array` imports pandas wherever that is installed, which would cost
# the training process a second and 100 MB.


def _arrow(values: Any, kind: str, rows: int) -> Any:
    if values is None:
        return pa.nulls(rows, _TYPES[kind])
    if kind == "string":
        return _strings(values)
    if kind.startswith("list"):
        return _lists(values, _ITEMS[kind])
    there: NDArray[np.bool_] = np.logical_not(np.isnan(values) if values.dtype.kind == "f" else values == NO_LABEL)
    return _flat(values, kind, there)


def _flat(values: Array, kind: str, there: NDArray[np.bool_] | None = None) -> Any:
    data = pa.py_buffer(np.ascontiguousarray(values, _NUMPY[kind]))
    return pa.Array.from_buffers(_TYPES[kind], values.size, [_validity(there), data])


def _validity(there: NDArray[np.bool_] | None) -> Any:
    if there is None or there.all():
        return None
    return pa.py_buffer(np.packbits(there, bitorder="little"))


def _strings(values: Array) -> Any:
    texts = [None if value is None else schema.readable(str(value)).encode() for value in values.tolist()]
    ends = np.cumsum([0, *(len(text or b"") for text in texts)]).astype(np.int32)
    there = np.array([text is not None for text in texts], np.bool_)
    buffers = [_validity(there), pa.py_buffer(ends), pa.py_buffer(b"".join(text or b"" for text in texts))]
    return pa.Array.from_buffers(pa.string(), len(texts), buffers)


def _lists(values: Array, item: str) -> Any:
    """One list a row; a row that is NaN or NO_LABEL from end to end is null where that says "nothing here"."""
    rows, width = values.shape
    nothing: NDArray[np.bool_] = np.equal(values, NO_LABEL) if item == "int32" else np.isnan(values)
    empty = np.all(nothing, axis=1)
    ends = np.concatenate([[0], np.cumsum(np.where(empty, 0, width))]).astype(np.int32)
    flat = _flat(np.ascontiguousarray(values[np.logical_not(empty)]).reshape(-1), item)
    buffers = [_validity(np.logical_not(empty)), pa.py_buffer(ends)]
    return pa.Array.from_buffers(pa.list_(_TYPES[item]), rows, buffers, children=[flat])


def read_samples(folder: Path, split: str) -> list[dict[str, Any]]:
    """All samples of a split in the order of their indices: index, digest, label and place of each."""
    files = sorted((folder / schema.SAMPLES_DIR).glob("*.parquet"))
    columns = ["index", "digest", "input_crc32", "label", "sheet", "tile", "tile_width", "tile_height", "original"]
    columns += ["weight", "soft_label"]
    rows: list[dict[str, Any]] = []
    for file in files:
        found = schema.part_of(file.name)
        if found and found[0] == split:
            there = [name for name in columns if name in pq.read_schema(file).names]
            found_rows = pq.read_table(file, columns=there, partitioning=None).to_pylist()
            rows += [{**dict.fromkeys(columns), **row} for row in found_rows]
    return sorted(rows, key=lambda row: int(row["index"]))


def read_predictions(path: Path) -> dict[str, Any]:
    """Columns of a predictions file as `write_table` takes them."""
    table = pq.read_table(path, partitioning=None)
    columns: dict[str, Any] = {}
    for name, (kind, _) in schema.PREDICTION_COLUMNS.items():
        column = table.column(name).combine_chunks()
        if kind.startswith("list"):
            there = column.is_valid().to_numpy(zero_copy_only=False)
            if there.any():
                values = column.flatten().to_numpy(zero_copy_only=False)
                width = len(values) // int(there.sum())
                columns[name] = np.full((len(column), width), NO_LABEL if "int" in kind else np.nan, values.dtype)
                columns[name][there] = values.reshape(-1, width)
        elif kind == "int32":
            columns[name] = column.fill_null(NO_LABEL).to_numpy(zero_copy_only=False)
        else:
            columns[name] = column.to_numpy(zero_copy_only=False)
    return columns
