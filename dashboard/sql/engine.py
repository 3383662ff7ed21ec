"""Runs SQL: DuckDB in this process, over the Parquet files of a run folder.

The place where another engine plugs in. Queries say `samples` and `predictions`; which files stand behind those two
names is given with each call, as are the rows of `tags`, and only this module knows how these become
tables. Columns that a logger left out read as null. `epoch` in `predictions` is taken from the file's name.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa

from dashboard import shared_state
from logger.schema import PREDICTION_COLUMNS, SAMPLE_COLUMNS

MEMORY_LIMIT = "512MB"
"""Memory of one query; beyond it DuckDB spills to disk."""

_SQL_TYPES = {
    "int32": "integer",
    "float32": "float",
    "string": "varchar",
    "list<float32>": "float[]",
    "list<int32>": "integer[]",
}
_EPOCH = r"cast(regexp_extract(filename, 'epoch=([0-9]+)\.parquet$', 1) as integer)"


class ReadError(ValueError):
    """Files that could not be read; the message may be shown to visitors."""


def query(
    sql: str,
    parameters: Mapping[str, Any] | None = None,
    *,
    samples: Sequence[Path] = (),
    predictions: Sequence[Path] = (),
    tags: Sequence[tuple[str, str]] = (),
) -> pa.Table:
    """The rows of `sql`, which may select from the tables and name its parameters `$name`.

    `tags` are the rows (digest, tag) of the table of that name. No files at all make an empty table.
    Raises ReadError when a file is damaged or missing.
    """
    values = dict(parameters or {})
    tables = []
    if _mentions(sql, "samples"):
        tables.append(f"samples as ({_table(samples, SAMPLE_COLUMNS, 'samples', values)})")
    if _mentions(sql, "predictions"):
        tables.append(f"predictions as ({_table(predictions, PREDICTION_COLUMNS, 'predictions', values)})")
    if _mentions(sql, "tags"):
        values["tags_digests"], values["tags_names"] = [d for d, _ in tags], [t for _, t in tags]
        columns = "unnest(cast($tags_digests as varchar[])) as digest, unnest(cast($tags_names as varchar[])) as tag"
        tables.append(f"tags as (select {columns})")
    statement = f"with {', '.join(tables)} {_continued(sql)}" if tables else sql
    try:
        with _cursor() as cursor:
            return cursor.sql(statement, params=values).to_arrow_table()
    except (duckdb.Error, OSError) as e:
        raise ReadError(f"The Parquet files could not be read: {_public_message(e, [*samples, *predictions])}") from e


def _public_message(error: Exception, files: Sequence[Path]) -> str:
    """The engine's message with paths relative to the run. Absolute paths are removed from error messages."""
    message = str(error).splitlines()[0] if str(error) else type(error).__name__
    for file in files:
        short = "/".join(file.parts[-3:])
        message = message.replace(_unglobbed(file), short).replace(str(file), short)
    return message


def rows(
    sql: str,
    parameters: Mapping[str, Any] | None = None,
    *,
    samples: Sequence[Path] = (),
    predictions: Sequence[Path] = (),
    tags: Sequence[tuple[str, str]] = (),
) -> list[dict[str, Any]]:
    """As `query`, as plain dictionaries: for few rows."""
    table = query(sql, parameters, samples=samples, predictions=predictions, tags=tags)
    found: list[dict[str, Any]] = table.to_pylist()
    return found


def _connect() -> duckdb.DuckDBPyConnection:
    connection = duckdb.connect(
        config={
            "memory_limit": MEMORY_LIMIT,
            "autoinstall_known_extensions": "false",
            "autoload_known_extensions": "false",
        }
    )
    # A sample's history reads the footers of all epochs: a quarter less time. Replaced files are noticed.
    connection.execute("set global parquet_metadata_cache = true")
    return connection


def _cursor() -> duckdb.DuckDBPyConnection:
    """A cursor of this process's one connection; cursors may be used from many threads at once."""
    return shared_state.once(("engine",), _connect).cursor()


def _mentions(sql: str, name: str) -> bool:
    return any(f"{word} {name}" in " ".join(sql.lower().split()) for word in ("from", "join"))


def _continued(sql: str) -> str:
    """`sql` as it stands behind our `with` list: a `with` of its own becomes a comma."""
    body = sql.strip()
    return ", " + body[5:] if body[:5].lower() == "with " else body


def _table(files: Sequence[Path], columns: Mapping[str, tuple[str, str]], name: str, values: dict[str, Any]) -> str:
    """A select over `files` with every column of the schema, missing ones null."""
    nulls = ", ".join(f'cast(null as {_SQL_TYPES[kind]}) as "{c}"' for c, (kind, _) in columns.items())
    empty = f"select {nulls} where false"
    if not files:
        return empty
    values[f"{name}_files"] = [_unglobbed(file) for file in files]
    options = f"${name}_files, union_by_name=true, hive_partitioning=false"
    if name != "predictions":
        return f"{empty} union all by name select * from read_parquet({options})"
    read = f"{empty} union all by name select * from read_parquet({options}, filename=true)"
    return f"select * exclude (epoch, filename), {_EPOCH} as epoch from ({read}) as files"


def _unglobbed(path: Path) -> str:
    """The path as a pattern that matches nothing but itself: folders may be called `run[1]`."""
    return "".join(f"[{c}]" if c in "*?[" else c for c in str(path))
