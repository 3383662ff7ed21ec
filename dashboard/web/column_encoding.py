"""Columns for the browser: typed arrays behind a small JSON header.

Layout, all little-endian: the length of the header (uint32), the header (UTF-8 JSON, padded with spaces),
then the columns, each starting at a multiple of 4 bytes. The header is an object with `rows` and `columns`,
a list of `name`, `type` (`int8`, `int16`, `int32` or `float32`), `at` (bytes from the end of the header) and,
for integers, `null`: the number that stands for a missing value. In a float column that is NaN.
"""

from __future__ import annotations

import json

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from dashboard.sql.engine import ReadError

MEDIA_TYPE = "application/x-proofsheet-columns"


def encode(table: pa.Table) -> bytes:
    """The columns of `table` (numbers only) in the layout above; integers as narrow as they fit.

    Raises ReadError for integers beyond 32 bits.
    """
    columns, blocks, at = [], [], 0
    for name in table.column_names:
        values, null = _values(table.column(name))
        block = values.tobytes()
        block += b"\0" * (-len(block) % 4)
        place = {"name": name, "type": values.dtype.name, "at": at}
        columns.append(place if null is None else {**place, "null": null})
        blocks.append(block)
        at += len(block)
    header = json.dumps({"rows": table.num_rows, "columns": columns}).encode()
    header += b" " * (-len(header) % 4)
    return len(header).to_bytes(4, "little") + header + b"".join(blocks)


def _values(column: pa.ChunkedArray) -> tuple[npt.NDArray[np.generic], int | None]:
    """The column as a little-endian array, and the number that stands for null in an integer one."""
    if pa.types.is_floating(column.type):
        return pc.fill_null(column, float("nan")).to_numpy().astype("<f4"), None
    limits = pc.min_max(column)
    low, high = limits["min"].as_py() or 0, limits["max"].as_py() or 0
    for dtype in (np.int8, np.int16, np.int32):
        info = np.iinfo(dtype)
        if info.min < low and high <= info.max:
            filled = pc.fill_null(column.cast(pa.int64()), int(info.min))
            return filled.to_numpy().astype(np.dtype(dtype).newbyteorder("<")), int(info.min)
    raise ReadError(f"Expected whole numbers of 32 bits, got {low} to {high}.")


def codes(table: pa.Table, name: str, values: tuple[str, ...]) -> pa.Table:
    """`table` with the text column `name` as places in `values`; null for any other text."""
    found = pc.index_in(table.column(name), value_set=pa.array(values))
    return table.set_column(table.column_names.index(name), name, found)
