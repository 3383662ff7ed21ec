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

from logger import schema
from logger.arrays import NO_LABEL, Array
from logger.folder import aside_of

_TYPES: dict[str, Any] = {
    "int32": pa.int32(),
    "float32": pa.float32(),
    "string": pa.string(),
    "list<float16>": pa.list_(pa.float16()),
    "list<int32>": pa.list_(pa.int32()),
}
# So that the history of one sample touches one small piece of each epoch's file.
_ROWS_IN_GROUP = 16_384


def write_table(path: Path, columns: Mapping[str, Any], types: Mapping[str, tuple[str, str]]) -> int:
    """Write columns as one Parquet file, aside and then into place; returns its size in bytes.

    Integer columns hold NO_LABEL, float columns NaN, object columns None where the value is null; a column
    that is missing is all null. A 2-D column is a list per row; a tuple (values, rows) nulls rows that are False.
    """
    rows = len(columns["index"])
    arrays = [_arrow(columns.get(name), _TYPES[kind], rows) for name, (kind, _) in types.items()]
    table = pa.Table.from_arrays(arrays, names=list(types))
    path.parent.mkdir(parents=True, exist_ok=True)
    aside = aside_of(path)
    repeated = [name for name in ("label", "predicted", "dtype", "width", "height") if name in types]
    try:
        pq.write_table(table, aside, compression="zstd", use_dictionary=repeated, row_group_size=_ROWS_IN_GROUP)
        size = aside.stat().st_size
        os.replace(aside, path)
    except BaseException:
        aside.unlink(missing_ok=True)
        raise
    return size


def _arrow(values: Any, kind: Any, rows: int) -> Any:
    if values is None:
        return pa.nulls(rows, kind)
    if pa.types.is_list(kind):
        values, there = values if isinstance(values, tuple) else (values, np.ones(rows, bool))
        return _lists(values[there], kind, there)
    if values.dtype == object:
        return pa.array(values.tolist(), kind)
    null = np.isnan(values) if values.dtype.kind == "f" else values == NO_LABEL
    return pa.array(values.astype(kind.to_pandas_dtype()), kind, mask=null)


def _lists(values: Array, kind: Any, there: Array) -> Any:
    width = values.shape[1] if values.ndim == 2 else 0
    flat = pa.array(np.ascontiguousarray(values).astype(kind.value_type.to_pandas_dtype()).ravel(), kind.value_type)
    ends = np.concatenate([[0], np.cumsum(np.where(there, width, 0))]).astype(np.int32)
    offsets = pa.array(ends, pa.int32(), mask=np.concatenate([~there, [False]]))
    return pa.ListArray.from_arrays(offsets, flat, type=kind)


def read_samples(folder: Path, split: str) -> list[dict[str, Any]]:
    """All samples of a split in the order of their indices: index, digest, label and place of each."""
    files = sorted((folder / schema.SAMPLES_DIR).glob("*.parquet"))
    columns = ["index", "digest", "label", "sheet", "tile", "tile_width", "tile_height", "original"]
    rows: list[dict[str, Any]] = []
    for file in files:
        found = schema.part_of(file.name)
        if found and found[0] == split:
            rows += pq.read_table(file, columns=columns, partitioning=None).to_pylist()
    return sorted(rows, key=lambda row: int(row["index"]))


def read_predictions(path: Path) -> dict[str, Any]:
    """Columns of a predictions file as `write_table` takes them."""
    table = pq.read_table(path, partitioning=None)
    columns: dict[str, Any] = {}
    for name, (kind, _) in schema.PREDICTION_COLUMNS.items():
        column = table.column(name).combine_chunks()
        if kind.startswith("list"):
            if column.null_count < len(column):
                values = column.flatten().to_numpy(zero_copy_only=False)
                columns[name] = values.reshape(len(column), -1)
        elif kind == "int32":
            columns[name] = column.fill_null(NO_LABEL).to_numpy(zero_copy_only=False)
        else:
            columns[name] = column.to_numpy(zero_copy_only=False)
    return columns
