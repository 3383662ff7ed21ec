"""SQL over Parquet files that any logger may have written."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from dashboard.sql import engine
from logger import schema


def predictions(folder: Path, number: int, **columns: list[object]) -> Path:
    file = folder / schema.predictions_file("val", number)
    file.parent.mkdir(parents=True, exist_ok=True)
    pq.write_table(pa.table(columns), file)
    return file


def test_no_files_are_an_empty_table_with_all_columns() -> None:
    samples = engine.query("select * from samples")
    assert samples.num_rows == 0
    assert set(samples.column_names) == set(schema.SAMPLE_COLUMNS)
    assert set(engine.query("select * from predictions").column_names) == set(schema.PREDICTION_COLUMNS)


def test_the_epoch_comes_from_the_file_name_not_the_file(tmp_path: Path) -> None:
    files = [
        predictions(tmp_path, 3, index=[0, 1], predicted=[1, 1]),
        predictions(tmp_path, 12, index=[0], predicted=[2], epoch=[99]),
    ]
    found = engine.rows("select epoch, count(*) as n from predictions group by epoch order by epoch", predictions=files)
    assert found == [{"epoch": 3, "n": 2}, {"epoch": 12, "n": 1}]


def test_columns_that_a_logger_left_out_are_null_and_those_it_added_do_no_harm(tmp_path: Path) -> None:
    file = predictions(tmp_path, 0, index=[5], predicted=[2], mood=["good"])
    found = engine.rows('select "index", predicted, label, loss from predictions', predictions=[file])
    assert found == [{"index": 5, "predicted": 2, "label": None, "loss": None}]


@pytest.mark.parametrize("name", ["run[1]", "a*b", "what?", "epoch=00007.parquet", "it's"])
def test_a_folder_may_have_any_name(tmp_path: Path, name: str) -> None:
    file = predictions(tmp_path / name, 2, index=[0], predicted=[1])
    predictions(tmp_path / "run1", 2, index=[0, 1, 2], predicted=[1, 1, 1])
    assert engine.rows("select epoch, predicted from predictions", predictions=[file]) == [{"epoch": 2, "predicted": 1}]


def test_values_are_parameters_never_sql(tmp_path: Path) -> None:
    file = predictions(tmp_path, 0, index=[0], predicted=[1])
    found = engine.rows(
        "select $text as text from predictions", {"text": "'; drop table predictions; --"}, predictions=[file]
    )
    assert found == [{"text": "'; drop table predictions; --"}]


def test_a_query_with_its_own_with_list_sees_the_tables(tmp_path: Path) -> None:
    file = predictions(tmp_path, 0, index=[0, 1], predicted=[1, 1])
    found = engine.rows(
        'with few as (select * from predictions where "index" = 1) select "index" from few',
        predictions=[file],
    )
    assert found == [{"index": 1}]


def test_a_missing_or_damaged_file_is_one_sentence(tmp_path: Path) -> None:
    damaged = tmp_path / "epoch=00000.parquet"
    damaged.write_bytes(b"PAR1 but not really")
    for file in (tmp_path / "epoch=00001.parquet", damaged):
        with pytest.raises(engine.ReadError, match="could not be read") as caught:
            engine.query("select * from predictions", predictions=[file])
        assert "\n" not in str(caught.value)


def test_a_replaced_file_is_read_again(tmp_path: Path) -> None:
    for rows in (3, 70_000, 5, 12):
        new = predictions(tmp_path / "aside", 0, index=list(range(rows)), predicted=[rows % 7] * rows)
        file = tmp_path / schema.predictions_file("val", 0)
        file.parent.mkdir(parents=True, exist_ok=True)
        new.replace(file)
        found = engine.rows("select count(*) as n, max(predicted) as p from predictions", predictions=[file])
        assert found == [{"n": rows, "p": rows % 7}]


def test_many_threads_may_ask_at_once(tmp_path: Path) -> None:
    files = [
        predictions(tmp_path, epoch, index=list(range(epoch + 1)), predicted=[0] * (epoch + 1)) for epoch in range(8)
    ]

    def count(epoch: int) -> int:
        return int(engine.rows("select count(*) as n from predictions", predictions=[files[epoch]])[0]["n"])

    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(count, [*range(8)] * 10)) == [*range(1, 9)] * 10
