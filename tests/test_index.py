"""Encoded columns, decoded as their documentation describes."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from dashboard.catalogue.versions import version
from dashboard.sql.engine import ReadError
from dashboard.web import responses
from dashboard.web.column_encoding import codes, encode
from dashboard.web.responses import _Cache


def decode(data: bytes) -> dict[str, list[Any]]:
    """As the browser reads it: nulls and NaN as None."""
    length = int.from_bytes(data[:4], "little")
    header = json.loads(data[4 : 4 + length])
    assert length % 4 == 0
    found = {}
    for column in header["columns"]:
        assert column["at"] % 4 == 0
        dtype = np.dtype(column["type"]).newbyteorder("<")
        values = np.frombuffer(data, dtype, header["rows"], 4 + length + column["at"]).tolist()
        found[column["name"]] = [None if v == column.get("null") or v != v else v for v in values]
    return found


def test_columns_come_back_with_their_nulls() -> None:
    columns = {
        "index": [0, 1, 2],
        "label": [None, -1, 9],
        "far": [None, -(2**31) + 1, 2**31 - 1],
        "share": [0.25, None, float("nan")],
        "none": pa.array([None, None, None], pa.int32()),
    }
    found = decode(encode(pa.table(columns)))
    assert found == {**columns, "share": [0.25, None, None], "none": [None, None, None]}


@pytest.mark.parametrize(
    ("high", "width"),
    [(127, 1), (128, 2), (32767, 2), (32768, 4)],
    ids=["int8", "past int8", "int16", "past int16"],
)
def test_whole_numbers_are_as_narrow_as_they_fit(high: int, width: int) -> None:
    narrow, wide = (len(encode(pa.table({"a": [0] * (n - 1) + [high]}))) for n in (4, 404))
    assert wide - narrow == pytest.approx(400 * width, abs=8)


@pytest.mark.parametrize("low", [-128, -32768])
def test_the_number_that_stands_for_null_is_no_value(low: int) -> None:
    assert decode(encode(pa.table({"a": [low, None, 0]}))) == {"a": [low, None, 0]}


def test_no_rows_are_fine() -> None:
    assert decode(encode(pa.table({"a": pa.array([], pa.int32()), "b": pa.array([], pa.float32())}))) == {
        "a": [],
        "b": [],
    }


def test_numbers_beyond_32_bits_are_refused() -> None:
    with pytest.raises(ReadError, match="32 bits"):
        encode(pa.table({"a": [2**40]}))


def test_text_becomes_its_place_in_the_list() -> None:
    table = codes(pa.table({"verdict": ["wrong", "correct", None]}), "verdict", ("correct", "wrong"))
    assert table["verdict"].to_pylist() == [1, 0, None]


def test_the_version_changes_with_size_time_presence_and_number_of_files(tmp_path: Path) -> None:
    one, two = tmp_path / "one", tmp_path / "two"
    one.write_bytes(b"1")
    seen = [version([]), version([one]), version([one, two])]
    two.write_bytes(b"2")
    seen.append(version([one, two]))
    one.write_bytes(b"11")
    seen.append(version([one, two]))
    os.utime(one, ns=(0, 0))
    seen.append(version([one, two]))
    assert len(set(seen)) == len(seen)
    assert version([one, two]) == seen[-1]


def test_the_cache_forgets_what_was_used_longest_ago(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(responses, "CACHE_BYTES", 10)
    cache, made = _Cache(), []

    def make(name: str) -> bytes:
        made.append(name)
        return name.encode() * 4

    for name in "ababcab":
        cache.get((name, "v"), lambda name=name: make(name))
    assert made == ["a", "b", "c", "a", "b"]


def test_a_response_larger_than_the_cache_is_still_sent(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(responses, "CACHE_BYTES", 1)
    cache = _Cache()
    assert cache.get(("a", "v"), lambda: b"long") == b"long"
    assert cache.get(("b", "v"), lambda: b"longer") == b"longer"
