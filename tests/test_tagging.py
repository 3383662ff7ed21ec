"""The routes of tags and notes, through the client that Starlette's own tests use."""

from __future__ import annotations

import csv
import io
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient

from dashboard import settings, shared_state
from dashboard.settings import READ_ONLY_ENV, RUNS_ENV
from dashboard.web import annotations_api
from dashboard.web.responses import FOR_EVER
from dashboard.web.routes import ROUTES
from logger import schema
from tests.odd_run import log_odd_run

VAL = "/data/runs/odd/val"


@pytest.fixture
def run(tmp_path: Path) -> Path:
    return log_odd_run(tmp_path)


@pytest.fixture
def client(run: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[TestClient]:
    monkeypatch.setenv(RUNS_ENV, str(run.parent))
    monkeypatch.setattr("sys.argv", ["app.py"])
    shared_state.forget()
    with TestClient(Starlette(routes=ROUTES)) as client:
        yield client
    shared_state.forget()


@pytest.fixture
def digests(run: Path) -> list[str]:
    """By index."""
    rows = pq.read_table(run / schema.samples_file("val", 0)).sort_by("index")
    found: list[str] = rows["digest"].to_pylist()
    return found


def written(run: Path) -> str:
    file = run / schema.ANNOTATIONS_FILE
    return file.read_text() if file.exists() else ""


def post(client: TestClient, body: Any, **headers: str) -> Any:
    return client.post(f"{VAL}/annotations", json=body, headers=headers)


def test_adding_and_removing_a_tag_changes_the_version(client: TestClient, digests: list[str]) -> None:
    assert client.get(f"{VAL}/digests").json() == digests
    before = client.get(f"{VAL}/tags").headers["etag"]
    response = post(client, {"digests": [digests[3], digests[9], digests[200]], "tag": "odd", "who": "Ana"})
    assert (response.status_code, response.json()["changed"]) == (200, 3)
    tagged = client.get(f"{VAL}/tags?v={response.json()['version']}")
    assert tagged.headers["cache-control"] == FOR_EVER and tagged.headers["etag"] != before
    assert tagged.json() == {"tags": [["odd", [3, 9, 200]]], "notes": [], "damaged": 0, "problem": None}
    assert post(client, {"digests": [digests[9]], "tag": "odd", "removed": True}).json()["changed"] == 1
    assert client.get(f"{VAL}/tags").json()["tags"] == [["odd", [3, 200]]]
    found = client.get(f"{VAL}/samples/3/annotations").json()
    assert [(t["tag"], t["who"]) for t in found["tags"]] == [("odd", "Ana")] and found["note"] is None


def test_a_note_is_stored_with_author_and_time(client: TestClient, digests: list[str]) -> None:
    assert post(client, {"digests": [digests[7]], "note": "a 4\nor a 9?", "who": "Ben"}).json()["changed"] == 1
    note = client.get(f"{VAL}/samples/7/annotations").json()["note"]
    assert (note["note"], note["who"]) == ("a 4\nor a 9?", "Ben") and note["time"] > 1e9
    assert client.get(f"{VAL}/tags").json()["notes"] == [7]


def test_an_export_has_the_tags_and_can_be_filtered_by_one(client: TestClient, digests: list[str]) -> None:
    post(client, {"digests": [digests[i] for i in (40, 50, 60)], "tag": "a, b"})
    post(client, {"digests": [digests[50]], "tag": "Odd"})
    lines = list(csv.DictReader(io.StringIO(client.get(f"{VAL}/export.csv?tag=a,+b").text)))
    assert [(line["index"], line["tags"]) for line in lines] == [("40", "a, b"), ("50", "Odd; a, b"), ("60", "a, b")]
    table = pq.read_table(io.BytesIO(client.get(f"{VAL}/export.parquet").content))
    assert [t for t in table["tags"].to_pylist() if t] == ["a, b", "Odd; a, b", "a, b"]


@pytest.mark.parametrize("origin", ["https://evil.example", "null", "http://testserver:81", "http://[", ""])
def test_another_sites_page_cannot_write(client: TestClient, run: Path, digests: list[str], origin: str) -> None:
    response = post(client, {"digests": digests[:1], "tag": "x"}, Origin=origin)
    assert response.status_code == 403 and "own pages" in response.text
    assert written(run) == ""


def test_our_own_page_can_write_also_behind_a_proxy(client: TestClient, digests: list[str]) -> None:
    assert post(client, {"digests": digests[:1], "tag": "x"}, Origin="http://testserver").status_code == 200
    forwarded = {"Origin": "https://board.example", "X-Forwarded-Host": "board.example"}
    assert post(client, {"digests": digests[:1], "tag": "y"}, **forwarded).status_code == 200


@pytest.mark.parametrize("kind", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data", ""])
def test_a_body_that_a_form_can_send_is_refused(client: TestClient, run: Path, digests: list[str], kind: str) -> None:
    body = f'{{"digests": ["{digests[0]}"], "tag": "x"}}'
    response = client.post(f"{VAL}/annotations", content=body, headers={"Content-Type": kind})
    assert (response.status_code, written(run)) == (415, "")
    assert client.options(f"{VAL}/annotations").status_code == client.get(f"{VAL}/annotations").status_code == 405


KNOWN = "known"
"""Stands for a digest of the split."""


@pytest.mark.parametrize(
    ("body", "status", "message"),
    [
        ([], 400, "must be a JSON object, got list"),
        ({"digests": [KNOWN]}, 400, "either a `tag` or a `note`"),
        ({"digests": [KNOWN], "tag": "x", "note": "y"}, 400, "either a `tag` or a `note`"),
        ({"digests": [], "tag": "x"}, 400, "at least one digest"),
        ({"digests": "all", "tag": "x"}, 400, "must be a list"),
        ({"digests": [5], "tag": "x"}, 400, "must be a list"),
        ({"digests": [KNOWN, "0" * 32], "tag": "x"}, 404, "no sample with digest '0000"),
        ({"digests": ["../../etc/passwd"], "tag": "x"}, 404, "nothing was saved"),
        (
            {"digests": [KNOWN] * (annotations_api.MOST_DIGESTS + 1), "tag": "x"},
            400,
            "10,000 samples at once, got 10,001",
        ),
        ({"digests": [KNOWN], "tag": ""}, 400, "a tag is 1 to 40 printable"),
        ({"digests": [KNOWN], "tag": "x" * 41}, 400, "a tag is 1 to 40 printable"),
        ({"digests": [KNOWN], "tag": "a\u0007b"}, 400, "a tag is 1 to 40 printable"),
        ({"digests": [KNOWN], "tag": 5}, 400, "`tag` must be str"),
        ({"digests": [KNOWN], "tag": "x", "removed": "no"}, 400, "`removed` must be bool"),
        ({"digests": [KNOWN], "note": "x" * 2001}, 400, "at most 2,000 characters"),
        ({"digests": [KNOWN, KNOWN], "note": "x"}, 400, "exactly one sample"),
        ({"digests": [KNOWN], "tag": "x", "who": "w" * 61}, 400, "`who` is at most 60"),
    ],
)
def test_a_malformed_body_gets_one_sentence_and_nothing_is_written(
    client: TestClient, run: Path, digests: list[str], body: Any, status: int, message: str
) -> None:
    if isinstance(body, dict) and isinstance(body["digests"], list):
        body = {**body, "digests": [digests[0] if d == KNOWN else d for d in body["digests"]]}
    response = post(client, body)
    assert (response.status_code, written(run)) == (status, "")
    assert message in response.text and response.headers["cache-control"] == "no-store"


def test_a_body_that_is_too_long_or_no_json_is_refused(client: TestClient, run: Path) -> None:
    long = b"{" * (annotations_api.LONGEST_BODY + 1)
    for content, status in ((long, 413), (b"{", 400), (b"[" * 200_000, 400), (b"\xff", 400)):
        response = client.post(f"{VAL}/annotations", content=content, headers={"Content-Type": "application/json"})
        assert (response.status_code, written(run)) == (status, "")
    for path in ("/data/runs/nope/val", "/data/runs/odd/test"):
        assert client.post(f"{path}/annotations", json={"digests": ["x"], "tag": "x"}).status_code == 404


def test_a_folder_that_cannot_be_written_is_a_sentence(
    client: TestClient, digests: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    opened = os.open

    def read_only(path: Any, flags: int, *more: Any, **named: Any) -> int:
        if str(path).endswith(schema.ANNOTATIONS_FILE) and flags & (os.O_WRONLY | os.O_RDWR):
            raise OSError(30, "Read-only file system")
        return opened(path, flags, *more, **named)

    monkeypatch.setattr(os, "open", read_only)
    response = post(client, {"digests": digests[:1], "tag": "x"})
    assert response.status_code == 503
    assert response.text == "Not saved: annotations.jsonl of this run cannot be written (Read-only file system)."


def test_a_dashboard_that_only_reads_refuses_every_change(
    client: TestClient, run: Path, digests: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(READ_ONLY_ENV, "1")
    response = post(client, {"digests": digests[:1], "tag": "x"})
    assert (response.status_code, response.text, written(run)) == (403, settings.READ_ONLY, "")
    monkeypatch.setenv(READ_ONLY_ENV, "0")
    assert post(client, {"digests": digests[:1], "tag": "x"}).status_code == 200
