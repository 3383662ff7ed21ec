"""HTTP responses: from the names in a URL to a cacheable response, or to one sentence that says what is wrong.

Names in a URL reach files only through the catalogue, `logger.schema` and whole numbers.
"""

from __future__ import annotations

import json
import os
import re
import threading
from collections.abc import Callable, Sequence
from functools import wraps
from pathlib import Path

from cachetools import LRUCache
from starlette.requests import Request
from starlette.responses import FileResponse, PlainTextResponse, Response

from dashboard import shared_state
from dashboard.catalogue import versions
from dashboard.catalogue.regular_files import open_regular
from dashboard.catalogue.runs import Run, catalogue
from dashboard.sql.engine import ReadError
from dashboard.web import column_encoding
from logger import schema

FOR_EVER = "public, max-age=31536000, immutable"
ASK_AGAIN = "no-cache"
STALE = 409
"""Status when the files are no longer those that the page shows."""
CACHE_BYTES = 64 * 1024 * 1024
_LARGEST_NUMBER = 2**31 - 1

Endpoint = Callable[[Request], Response]


class RequestError(ValueError):
    """A request for something that does not exist (404) or that is malformed (400). Its text is sent to the client."""

    def __init__(self, text: str, status: int = 404) -> None:
        super().__init__(text)
        self.status = status


def error_responses(endpoint: Endpoint) -> Endpoint:
    """Wrap an endpoint so that the errors it may raise become a status and one sentence."""

    @wraps(endpoint)
    def wrapped(request: Request) -> Response:
        try:
            return endpoint(request)
        except RequestError as e:
            return text_response(str(e), e.status)
        except schema.FormatError as e:
            return text_response(str(e), 404)
        except ReadError as e:
            return text_response(str(e), 503)

    return wrapped


def text_response(text: str, status: int) -> Response:
    """A plain-text response that is never cached."""
    return PlainTextResponse(text, status, headers={"Cache-Control": "no-store"})


class _Cache:
    """Encoded columns by URL and version, the least recently used forgotten above CACHE_BYTES."""

    def __init__(self) -> None:
        self._entries: LRUCache[tuple[str, str], bytes] = LRUCache(CACHE_BYTES, getsizeof=len)
        self._lock = threading.Lock()

    def get(self, key: tuple[str, str], make: Callable[[], bytes]) -> bytes:
        """The bytes stored under `key`; without any, those that `make` returns."""
        with self._lock:
            found = self._entries.get(key)
        if found is not None:
            return found
        made = make()
        with self._lock:
            if len(made) <= self._entries.maxsize:
                self._entries[key] = made
        return made


def _cache() -> _Cache:
    return shared_state.once(("routes", "cache"), _Cache)


# --- what a URL names -------------------------------------------------------------------------


def requested_split(request: Request) -> tuple[Run, str]:
    """The run and the split that the path names.

    Pages send `versions.identity` of the samples they show as `?samples=`. Where another run has replaced them since,
    the request is refused: its pictures would stand beside the former run's labels.
    """
    run = catalogue().get(request.path_params["run"])
    if run is None:
        raise RequestError("No run of that name in the runs folder.")
    split = str(request.path_params["split"])
    if split not in schema.SPLITS or split not in run.splits:
        raise RequestError(f"Run {run.id} has no such split; it has: {', '.join(run.splits) or 'none yet'}.")
    shown = request.query_params.get("samples")
    if shown is not None and shown != versions.identity(run.samples.get(split, ())):
        raise RequestError(f"The samples of {run.id} are not those that the page shows. Reload the page.", STALE)
    return run, split


def parse_number(text: str, what: str) -> int:
    """A whole number from 0; `what` names it in the error."""
    if not re.fullmatch(r"[0-9]{1,10}", text) or int(text) > _LARGEST_NUMBER:
        raise RequestError(f"`{what}` must be a whole number from 0, got {text[:40]!r}.", 400)
    return int(text)


def requested_epoch(run: Run, split: str, text: str) -> int:
    """An epoch (from 0) of which the split has predictions."""
    epoch = parse_number(text, "epoch")
    if epoch not in run.epochs.get(split, ()):
        raise RequestError(f"Run {run.id} has no predictions of {split} at epoch {epoch} (counted from 0).")
    return epoch


# --- cacheable responses -----------------------------------------------------------------------


def _caching(request: Request, files: Sequence[Path]) -> tuple[dict[str, str], bool]:
    """Headers that let a response made from `files` be cached, and whether the browser has it already."""
    version = versions.version(files)
    etag = f'"{version}"'
    fresh = request.query_params.get("v") == version
    headers = {"ETag": etag, "Cache-Control": FOR_EVER if fresh else ASK_AGAIN}
    # A proxy that compresses makes the tag a weak one.
    known = [tag.strip().removeprefix("W/") for tag in request.headers.get("if-none-match", "").split(",")]
    return headers, etag in known


def cacheable_response(
    request: Request, files: Sequence[Path], media_type: str, make: Callable[[str], bytes]
) -> Response:
    """`make(version)` as the body, or 304 when the browser already has this version."""
    headers, unchanged = _caching(request, files)
    if unchanged:
        return Response(status_code=304, headers=headers)
    return Response(make(headers["ETag"].strip('"')), media_type=media_type, headers=headers)


def columns_response(request: Request, files: Sequence[Path], make: Callable[[], bytes]) -> Response:
    """Encoded columns, cached in memory until their files change."""
    path = request.url.path
    return cacheable_response(
        request, files, column_encoding.MEDIA_TYPE, lambda version: _cache().get((path, version), make)
    )


def file_response(request: Request, path: Path, media_type: str, what: str) -> Response:
    """A file, streamed, with range requests; `what` names it in the error. A `?v=` of another version is refused."""
    try:
        with open_regular(path) as file:
            stat = os.fstat(file.fileno())
    except FileNotFoundError as e:
        raise RequestError(f"{what} is named by the run, but its file is not there.") from e
    except OSError as e:
        raise RequestError(f"{what} cannot be read: {e.strerror}.", 503) from e
    headers, unchanged = _caching(request, [path])
    if request.query_params.get("v", headers["ETag"].strip('"')) != headers["ETag"].strip('"'):
        raise RequestError(f"{what} was replaced since the page was drawn. Reload the page.", STALE)
    if unchanged:
        return Response(status_code=304, headers=headers)
    return _LargeChunks(path, 200, headers, media_type, stat_result=stat)


class _LargeChunks(FileResponse):
    """Most sheets in one chunk: in those of 64 kB a sheet of 300 kB takes half as long again."""

    chunk_size = 1024 * 1024


def json_response(request: Request, files: Sequence[Path], make: Callable[[], object]) -> Response:
    """The value of `make`, as strict JSON."""

    def text(_: str) -> bytes:
        return json.dumps(schema.plain(make()), ensure_ascii=False, allow_nan=False).encode()

    return cacheable_response(request, files, "application/json", text)
