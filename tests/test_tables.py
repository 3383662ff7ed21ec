from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from logger import schema
from logger.data.arrays import NO_LABEL
from logger.storage.parquet import read_predictions, write_table

COLUMNS = {
    "epoch": np.zeros(4, np.int32),
    "index": np.arange(4, dtype=np.int32),
    "label": np.array([1, NO_LABEL, 0, 2]),
    "predicted": np.array([1, -1, 0, 0]),
    "confidence": np.array([0.5, np.nan, 1.0, 0.25], np.float32),
    "loss": np.array([0.5, np.nan, 1.0, 0.25], np.float64),
    "log_prob_label": np.zeros(4, np.float32),
    "log_prob_other": np.zeros(4, np.float32),
    "probabilities": np.array([[0.5, 0.5], [np.nan, np.nan], [1, 0], [0.25, 0.75]], np.float16),
}


def test_what_is_written_is_read_back_and_nulls_are_nulls(tmp_path: Path) -> None:
    size = write_table(tmp_path / "deep" / "a.parquet", COLUMNS, schema.PREDICTION_COLUMNS)
    table = pq.read_table(tmp_path / "deep" / "a.parquet")
    assert size == (tmp_path / "deep" / "a.parquet").stat().st_size
    assert table["label"].to_pylist() == [1, None, 0, 2]
    assert table["loss"].to_pylist() == [0.5, None, 1.0, 0.25]
    assert table["probabilities"].to_pylist() == [[0.5, 0.5], None, [1, 0], [0.25, 0.75]]
    assert table["classes"].to_pylist() == [None] * 4
    back = read_predictions(tmp_path / "deep" / "a.parquet")
    for name, values in COLUMNS.items():
        np.testing.assert_array_equal(back[name], values, err_msg=name)


@pytest.mark.parametrize("kind", sorted({kind for kind, _ in schema.SAMPLE_COLUMNS.values()}))
def test_every_type_of_the_format_can_be_written(tmp_path: Path, kind: str) -> None:
    values = {
        "int32": np.array([5, NO_LABEL], np.int64),
        "float32": np.array([0.5, np.nan]),
        "string": np.array(["été", None], object),
        "list<float32>": np.array([[0.5, 1], [np.nan, np.nan]]),
    }[kind]
    types = {"index": ("int32", ""), "x": (kind, "")}
    write_table(tmp_path / "a.parquet", {"index": np.arange(2), "x": values}, types)
    table = pq.read_table(tmp_path / "a.parquet")
    arrow = {"list<float32>": "list<element: float>", "float32": "float"}.get(kind, kind)
    assert str(table.schema.field("x").type) == arrow
    assert table["x"].to_pylist()[1] is None
    assert table["x"].to_pylist()[0] == {"int32": 5, "float32": 0.5, "string": "été"}.get(kind, [0.5, 1])


def test_a_table_without_rows_has_its_columns(tmp_path: Path) -> None:
    write_table(tmp_path / "a.parquet", {"index": np.empty(0, np.int32)}, schema.SAMPLE_COLUMNS)
    assert pq.read_table(tmp_path / "a.parquet").column_names == list(schema.SAMPLE_COLUMNS)


def test_a_file_that_cannot_be_written_leaves_nothing_behind(tmp_path: Path) -> None:
    broken = {**COLUMNS, "label": np.array(["a", "b", "c", "d"], object)}
    with pytest.raises((TypeError, ValueError)):
        write_table(tmp_path / "a.parquet", broken, schema.PREDICTION_COLUMNS)
    assert list(tmp_path.iterdir()) == []


def test_dashboards_and_other_tools_read_the_file(tmp_path: Path) -> None:
    duckdb = pytest.importorskip("duckdb")
    write_table(tmp_path / "a.parquet", COLUMNS, schema.PREDICTION_COLUMNS)
    rows = duckdb.execute("SELECT sum(probabilities[1]) FROM read_parquet(?)", [str(tmp_path / "a.parquet")]).fetchall()
    assert rows == [(1.75,)]


def written_as_before(path: Path, probabilities: np.ndarray) -> None:
    """A predictions file as version 0.1.0 wrote it, with float16."""
    table = pa.table({name: COLUMNS[name] for name in COLUMNS if name != "probabilities"})
    lists = pa.FixedSizeListArray.from_arrays(pa.array(probabilities.reshape(-1), pa.float16()), 2)
    table = table.append_column("probabilities", lists.cast(pa.list_(pa.float16())))
    table = table.append_column("classes", pa.nulls(len(table), pa.list_(pa.int32())))
    pq.write_table(table, path, compression="zstd")


def test_probabilities_have_the_precision_of_float16_in_a_type_that_spark_reads(tmp_path: Path) -> None:
    p = np.random.default_rng(0).dirichlet(np.ones(10), 10_000)
    rows = {"epoch": np.zeros(10_000, np.int32), "index": np.arange(10_000), "probabilities": p}
    size = write_table(tmp_path / "a.parquet", rows, schema.PREDICTION_COLUMNS)
    table = pq.read_table(tmp_path / "a.parquet")
    assert "halffloat" not in str(table.schema)
    found = np.array(table["probabilities"].to_pylist())
    assert (found == p.astype(np.float16)).all()
    column = pq.ParquetFile(tmp_path / "a.parquet").metadata.row_group(0).column(8)
    assert "BYTE_STREAM_SPLIT" in column.encodings
    half = table.set_column(8, "probabilities", table["probabilities"].cast(pa.list_(pa.float16())))
    pq.write_table(half, tmp_path / "half.parquet", compression="zstd", use_dictionary=["epoch"])
    assert size < 1.02 * (tmp_path / "half.parquet").stat().st_size


def test_files_with_float16_are_read_and_added_to(tmp_path: Path) -> None:
    from dashboard.sql.engine import query

    old, new = tmp_path / "epoch=00000.parquet", tmp_path / "epoch=00001.parquet"
    p = np.array([[0.5, 0.5], [0.25, 0.75], [1, 0], [0.25, 0.75]], np.float16)
    written_as_before(old, p)
    assert (read_predictions(old)["probabilities"] == p).all()
    write_table(new, {**COLUMNS, "probabilities": p}, schema.PREDICTION_COLUMNS)
    rows = query("select epoch, probabilities from predictions order by epoch, index", predictions=[old, new])
    assert rows["probabilities"].to_pylist() == [*p.tolist(), *p.tolist()]
