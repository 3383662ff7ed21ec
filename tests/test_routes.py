"""The data routes, through Starlette's test client."""

from __future__ import annotations

import csv
import io
import json
import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient

from dashboard import shared_state
from dashboard.catalogue import versions
from dashboard.settings import RUNS_ENV
from dashboard.view import navigation
from dashboard.web.routes import FOR_EVER, ROUTES, routes
from logger import schema
from tests.odd_run import EPOCHS, SAMPLES, log_odd_run
from tests.test_index import decode

LAST = EPOCHS[-1]
VAL = "/data/runs/odd/val"


@pytest.fixture(scope="module")
def logged(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("logged")
    log_odd_run(folder)
    log_odd_run(folder, "twin")
    return folder


@pytest.fixture
def runs(logged: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(logged, tmp_path / "runs"))


@pytest.fixture
def client(runs: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[TestClient]:
    monkeypatch.setenv(RUNS_ENV, str(runs))
    monkeypatch.setattr("sys.argv", ["app.py"])
    shared_state.forget()
    with TestClient(Starlette(routes=ROUTES)) as client:
        yield client
    shared_state.forget()


def test_the_indexes_hold_a_row_per_sample(client: TestClient) -> None:
    tiles = decode(client.get(f"{VAL}/tiles").content)
    outcomes = decode(client.get(f"{VAL}/epochs/{LAST}").content)
    forgotten = decode(client.get(f"{VAL}/epochs/{LAST}/forgotten").content)
    assert tiles["index"] == outcomes["index"] == forgotten["index"] == list(range(SAMPLES))
    assert set(outcomes["verdict"]) == {0, 1, 2, 3}
    assert {-1, 9} & {*outcomes["label"], *outcomes["predicted"]} == {-1, 9}
    assert len(client.get(f"{VAL}/sources").json()) == SAMPLES


@pytest.mark.parametrize("path", ["tiles", "sources", f"epochs/{LAST}", "sheets/0.webp", f"samples/3?epoch={LAST}"])
def test_a_response_is_cached_forever_under_its_version_and_not_sent_twice(client: TestClient, path: str) -> None:
    first = client.get(f"{VAL}/{path}")
    assert first.status_code == 200
    assert first.headers["cache-control"] == "no-cache"
    version = first.headers["etag"].strip('"')
    versioned = f"{VAL}/{path}{'&' if '?' in path else '?'}v={version}"
    assert client.get(versioned).headers["cache-control"] == FOR_EVER
    again = client.get(versioned, headers={"If-None-Match": f'"other", "{version}"'})
    assert (again.status_code, again.content) == (304, b"")
    stale = client.get(versioned.replace(version, "stale"))
    assert stale.headers["cache-control"] == ("no-store" if path.startswith("sheets") else "no-cache")


def test_a_sheet_is_sent_in_parts_and_as_headers_alone(client: TestClient) -> None:
    url = f"{VAL}/sheets/0.webp"
    whole = client.get(url)
    etag, size = whole.headers["etag"], len(whole.content)
    assert whole.headers["content-length"] == str(size) and whole.headers["content-type"] == "image/webp"
    head = client.head(url)
    assert (head.status_code, head.content, head.headers["content-length"]) == (200, b"", str(size))
    assert client.head(url, headers={"If-None-Match": f"W/{etag}"}).status_code == 304
    part = client.get(url, headers={"Range": "bytes=4-19"})
    assert (part.status_code, part.content) == (206, whole.content[4:20])
    assert part.headers["content-range"] == f"bytes 4-19/{size}" and part.headers["etag"] == etag
    tail = client.get(url, headers={"Range": "bytes=-3", "If-Range": etag})
    assert (tail.status_code, tail.content) == (206, whole.content[-3:])
    replaced = client.get(url, headers={"Range": "bytes=4-19", "If-Range": '"of another version"'})
    assert (replaced.status_code, replaced.content) == (200, whole.content)
    beyond = client.get(url, headers={"Range": f"bytes={size}-"})
    assert (beyond.status_code, beyond.headers["content-range"]) == (416, f"bytes */{size}")


@pytest.mark.parametrize("kind", ["pipe", "folder"])
def test_a_sheet_that_is_not_a_file_is_a_sentence_and_is_not_cached(client: TestClient, runs: Path, kind: str) -> None:
    sheet = runs / "odd" / schema.sheet_file("val", 0)
    sheet.unlink()
    os.mkfifo(sheet) if kind == "pipe" else sheet.mkdir()
    response = client.get(f"{VAL}/sheets/0.webp")
    assert response.status_code == 503 and response.text.startswith("Sheet 0 cannot be read: ")
    assert response.headers["cache-control"] == "no-store" and str(runs) not in response.text


def test_a_sheet_that_was_replaced_is_not_sent_under_its_former_version(client: TestClient) -> None:
    response = client.get(f"{VAL}/sheets/0.webp?v=stale")
    assert (response.status_code, response.text) == (
        409,
        "Sheet 0 was replaced since the page was drawn. Reload the page.",
    )


@pytest.mark.parametrize("path", ["tiles", "sources", f"epochs/{LAST}", f"samples/3?epoch={LAST}", "samples/3/same"])
def test_a_request_from_a_page_of_a_replaced_run_is_refused(client: TestClient, runs: Path, path: str) -> None:
    parts = sorted((runs / "odd" / schema.SAMPLES_DIR).glob("val-*.parquet"))
    url = f"{VAL}/{path}{'&' if '?' in path else '?'}samples={versions.identity(parts)}"
    assert client.get(url).status_code == 200
    shutil.rmtree(runs / "odd")
    shutil.copytree(runs / "twin", runs / "odd")
    response = client.get(url)
    assert response.status_code == 409
    assert "not those that the page shows" in response.text
    assert response.headers["cache-control"] == "no-store"


def test_an_epoch_written_again_has_a_new_version(client: TestClient, runs: Path) -> None:
    before = client.get(f"{VAL}/epochs/{LAST}")
    files = [runs / "odd" / schema.predictions_file("val", epoch) for epoch in EPOCHS]
    shutil.copy(files[0], files[-1])
    after = client.get(f"{VAL}/epochs/{LAST}?v={before.headers['etag'].strip(chr(34))}")
    assert after.headers["etag"] != before.headers["etag"]
    assert after.headers["cache-control"] == "no-cache"
    assert after.content != before.content


@pytest.mark.parametrize(
    ("path", "status", "message"),
    [
        ("/data/runs/nope/val/tiles", 404, "No run of that name"),
        ("/data/runs/odd/test/tiles", 404, "no such split"),
        ("/data/runs/odd/..%2fval/tiles", 404, ""),
        ("/data/runs/..%2f..%2fetc/val/tiles", 404, ""),
        (f"{VAL}/epochs/2", 404, "no predictions of val at epoch 2"),
        (f"{VAL}/epochs/-1", 400, "whole number"),
        (f"{VAL}/epochs/1e3", 400, "whole number"),
        (f"{VAL}/epochs/99999999999", 400, "whole number"),
        (f"{VAL}/epochs/%D9%A1", 400, "whole number"),
        (f"{VAL}/sheets/99.webp", 404, "its file is not there"),
        (f"{VAL}/sheets/..%2f0.webp", 404, ""),
        (f"{VAL}/samples/{SAMPLES}?epoch=0", 404, "has no sample"),
        (f"{VAL}/samples/0", 400, "whole number"),
        (f"{VAL}/samples/0/original", 404, "no picture beside its tile"),
        (f"{VAL}/export.exe", 404, "Exports are csv, parquet, zip"),
        (f"{VAL}/export.csv?epoch=3", 404, "at that epoch"),
        (f"{VAL}/export.csv?verdict=odd", 400, "verdict"),
        (f"{VAL}/export.csv?confidence=2..3", 400, "confidence"),
    ],
)
def test_missing_and_malformed_requests_get_one_sentence(
    client: TestClient, path: str, status: int, message: str
) -> None:
    response = client.get(path)
    assert response.status_code == status
    assert message in response.text
    assert "max-age" not in response.headers.get("cache-control", "")


def test_a_damaged_file_is_a_sentence_and_the_next_request_works(client: TestClient, runs: Path) -> None:
    (runs / "odd" / schema.predictions_file("val", LAST)).write_bytes(b"PAR1")
    response = client.get(f"{VAL}/epochs/{LAST}")
    assert (response.status_code, response.headers["cache-control"]) == (503, "no-store")
    assert "could not be read" in response.text
    assert client.get(f"{VAL}/epochs/0").status_code == 200


def test_the_details_of_a_sample(client: TestClient) -> None:
    found = client.get(f"{VAL}/samples/77?epoch={LAST}").json()
    assert found["index"] == 77
    assert found["source"] == "Folder 0/image_077.png"
    assert (found["dtype"], found["channels"], found["reduced"]) == ("uint8", 3, False)
    assert [step["epoch"] for step in found["history"]] == list(EPOCHS)
    chances = [chance for _, chance in found["outcome"]["probabilities"]]
    assert chances == sorted(chances, reverse=True)
    assert sum(chances) == pytest.approx(1, abs=0.01)
    assert found["outcome"]["predicted"] == found["outcome"]["probabilities"][0][0]


def test_an_invalid_output_is_strict_json(client: TestClient) -> None:
    text = client.get(f"{VAL}/samples/22?epoch={LAST}").text
    found = json.loads(text, parse_constant=lambda name: pytest.fail(f"{name} is no JSON"))
    assert found["outcome"]["verdict"] == "invalid"
    assert found["outcome"]["confidence"] is None


def test_the_same_picture_is_found_in_other_runs(client: TestClient) -> None:
    [place] = client.get(f"{VAL}/samples/77/same").json()
    assert (place["run"], place["split"], place["index"], place["epoch"]) == ("twin", "val", 77, LAST)
    assert place["outcome"]["predicted_name"] in {"cat", "dog", "a/b <i>", "fox", "invalid"}


def test_an_export_reads_its_query_as_the_page_reads_its_link(client: TestClient) -> None:
    response = client.get(f"{VAL}/export.csv?epoch={LAST + 1}&verdict=wrong&confidence=0.5..1&label=1")
    lines = list(csv.DictReader(io.StringIO(response.text)))
    assert response.headers["content-disposition"].endswith(f"odd-val-epoch-{LAST + 1}.csv")
    assert lines
    for line in lines:
        assert (line["verdict"], line["label_name"]) == ("wrong", "dog")
        assert float(line["confidence"]) >= 0.5
    assert len(client.get(f"{VAL}/export.csv").text.splitlines()) == SAMPLES + 1


def test_routes_move_with_the_base_path_and_hide_no_page() -> None:
    pages = {f"/{page.name}" for page in navigation.PAGES}
    assert all(route.path.startswith("/team/board/data/") for route in routes("/team/board"))
    assert not pages & {route.path for route in ROUTES}
    reserved = ("/_stcore/", "/media/", "/component/", "/static/", "/app/", "/auth/")
    assert not any(route.path.startswith(reserved) for route in ROUTES)
