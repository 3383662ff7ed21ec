"""What a data route answers: from the names in its URL to an answer that may be kept, or one sentence.

Names in a URL reach files only through the catalogue, `logger.schema` and whole numbers.
"""

from __future__ import annotations

import json
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
from dashboard.catalogue.regular_files import is_regular
from dashboard.catalogue.runs import Run, catalogue
from dashboard.sql.engine import ReadError
from dashboard.web import column_encoding
from logger import schema

FOR_EVER = "public, max-age=31536000, immutable"
ASK_AGAIN = "no-cache"
CACHE_BYTES = 64 * 1024 * 1024
_LARGEST_NUMBER = 2**31 - 1

Endpoint = Callable[[Request], Response]


class Refused(ValueError):
    """A request that names what is not there (404) or is not understood (400); its text is the answer."""

    def __init__(self, text: str, status: int = 404) -> None:
        super().__init__(text)
        self.status = status


def answering(endpoint: Endpoint) -> Endpoint:
    """Turns what may go wrong into a status and one sentence."""

    @wraps(endpoint)
    def answered(request: Request) -> Response:
        try:
            return endpoint(request)
        except Refused as e:
            return sentence(str(e), e.status)
        except schema.FormatError as e:
            return sentence(str(e), 404)
        except ReadError as e:
            return sentence(str(e), 503)

    return answered


def sentence(text: str, status: int) -> Response:
    """`text` as the whole answer."""
    return PlainTextResponse(text, status, headers={"Cache-Control": "no-store"})


class _Cache:
    """Encoded columns by URL and version, the least recently used forgotten above CACHE_BYTES."""

    def __init__(self) -> None:
        self._entries: LRUCache[tuple[str, str], bytes] = LRUCache(CACHE_BYTES, getsizeof=len)
        self._lock = threading.Lock()

    def get(self, key: tuple[str, str], make: Callable[[], bytes]) -> bytes:
        """What is stored under `key`, made now when there is nothing."""
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


def run_of(request: Request) -> Run:
    """The run that the path names."""
    run = catalogue().get(request.path_params["run"])
    if run is None:
        raise Refused("No run of that name in the runs folder.")
    return run


def split_of(request: Request, run: Run) -> str:
    """The split that the path names, which the run has."""
    split = str(request.path_params["split"])
    if split not in schema.SPLITS or split not in run.splits:
        raise Refused(f"Run {run.id} has no such split; it has: {', '.join(run.splits) or 'none yet'}.")
    return split


def number_of(text: str, what: str) -> int:
    """A whole number from 0; `what` names it in a refusal."""
    if not re.fullmatch(r"[0-9]{1,10}", text) or int(text) > _LARGEST_NUMBER:
        raise Refused(f"`{what}` must be a whole number from 0, got {text[:40]!r}.", 400)
    return int(text)


def epoch_of(run: Run, split: str, text: str) -> int:
    """An epoch (from 0) of which the split has predictions."""
    epoch = number_of(text, "epoch")
    if epoch not in run.epochs.get(split, ()):
        raise Refused(f"Run {run.id} has no predictions of {split} at epoch {epoch} (counted from 0).")
    return epoch


# --- answers that may be kept --------------------------------------------------------------------


def _caching(request: Request, files: Sequence[Path]) -> tuple[dict[str, str], bool]:
    """Headers that let the answer made of `files` be stored, and whether the browser has it already."""
    version = versions.version(files)
    etag = f'"{version}"'
    fresh = request.query_params.get("v") == version
    headers = {"ETag": etag, "Cache-Control": FOR_EVER if fresh else ASK_AGAIN}
    return headers, etag in [tag.strip() for tag in request.headers.get("if-none-match", "").split(",")]


def kept(request: Request, files: Sequence[Path], media_type: str, make: Callable[[str], bytes]) -> Response:
    """`make(version)` as the answer, or 304 when the browser has it already."""
    headers, unchanged = _caching(request, files)
    if unchanged:
        return Response(status_code=304, headers=headers)
    return Response(make(headers["ETag"].strip('"')), media_type=media_type, headers=headers)


def columns_of(request: Request, files: Sequence[Path], make: Callable[[], bytes]) -> Response:
    """A binary index, kept in memory until its files change."""
    path = request.url.path
    return kept(request, files, column_encoding.MEDIA_TYPE, lambda version: _cache().get((path, version), make))


def file_of(request: Request, path: Path, media_type: str, what: str) -> Response:
    """A file as it is, with ranges; `what` names it in a refusal."""
    if not is_regular(path):
        raise Refused(f"{what} is named by the run, but its file is not there.")
    headers, unchanged = _caching(request, [path])
    return Response(status_code=304, headers=headers) if unchanged else FileResponse(path, 200, headers, media_type)


def json_of(request: Request, files: Sequence[Path], make: Callable[[], object]) -> Response:
    """What `make` gives, as strict JSON."""

    def text(_: str) -> bytes:
        return json.dumps(schema.plain(make()), ensure_ascii=False, allow_nan=False).encode()

    return kept(request, files, "application/json", text)
