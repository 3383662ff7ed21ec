"""HTTP for what is too large or too slow for a page: sheets, originals, binary indexes, samples, exports.

Every URL starts with `data/`. A page writes the version of the files into `?v=`; while that is still their
version the answer may be kept for ever, otherwise it must be asked for again. Names in a URL reach files
only through the catalogue, `logger.schema` and whole numbers. Endpoints are plain functions, so that reading
never holds up the event loop.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Sequence
from functools import wraps
from pathlib import Path
from types import ModuleType
from urllib.parse import quote

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response, StreamingResponse
from starlette.routing import BaseRoute, Route, WebSocketRoute

from dashboard import details, index, link, process, queries, settings
from dashboard.confusion import assets as confusion_assets
from dashboard.confusion import payload
from dashboard.engine import ReadError
from dashboard.export import FORMATS, export
from dashboard.filters import Filter
from dashboard.gallery import assets as gallery_assets
from dashboard.live import assets as live_assets
from dashboard.live.socket import live
from dashboard.runs import Run, catalogue
from logger import schema

FOR_EVER = "public, max-age=31536000, immutable"
ASK_AGAIN = "no-cache"
CACHE_BYTES = 64 * 1024 * 1024

EXPORTED = ("epoch", "verdict", "label", "predicted", "confidence", "changed", "search")
"""The parts of a page's link that an export reads."""

_IMAGE_TYPES = {".webp": "image/webp", ".png": "image/png", ".jpg": "image/jpeg", ".jpeg": "image/jpeg"}
_LARGEST_NUMBER = 2**31 - 1

Endpoint = Callable[[Request], Response]


class Refused(ValueError):
    """A request that names what is not there (404) or is not understood (400); its text is the answer."""

    def __init__(self, text: str, status: int = 404) -> None:
        super().__init__(text)
        self.status = status


def _answers(endpoint: Endpoint) -> Endpoint:
    """Turns what may go wrong into a status and one sentence."""

    @wraps(endpoint)
    def answered(request: Request) -> Response:
        try:
            return endpoint(request)
        except Refused as e:
            return _sentence(str(e), e.status)
        except schema.FormatError as e:
            return _sentence(str(e), 404)
        except ReadError as e:
            return _sentence(str(e), 503)

    return answered


def _sentence(text: str, status: int) -> Response:
    return PlainTextResponse(text, status, headers={"Cache-Control": "no-store"})


def _cache() -> index.Cache:
    return process.once(("routes", "cache"), lambda: index.Cache(CACHE_BYTES))


# --- what a URL names -------------------------------------------------------------------------


def _run(request: Request) -> Run:
    run = catalogue().get(request.path_params["run"])
    if run is None:
        raise Refused("No run of that name in the runs folder.")
    return run


def _split(request: Request, run: Run) -> str:
    split = str(request.path_params["split"])
    if split not in schema.SPLITS or split not in run.splits:
        raise Refused(f"Run {run.id} has no such split; it has: {', '.join(run.splits) or 'none yet'}.")
    return split


def _number(text: str, what: str) -> int:
    if not re.fullmatch(r"[0-9]{1,10}", text) or int(text) > _LARGEST_NUMBER:
        raise Refused(f"`{what}` must be a whole number from 0, got {text[:40]!r}.", 400)
    return int(text)


def _epoch(run: Run, split: str, text: str) -> int:
    epoch = _number(text, "epoch")
    if epoch not in run.epochs.get(split, ()):
        raise Refused(f"Run {run.id} has no predictions of {split} at epoch {epoch} (counted from 0).")
    return epoch


# --- answers that may be kept --------------------------------------------------------------------


def _kept(request: Request, files: Sequence[Path], media_type: str, make: Callable[[str], bytes]) -> Response:
    """`make(version)` as the answer, or 304 when the browser has it already."""
    version = index.version(files)
    etag = f'"{version}"'
    fresh = request.query_params.get("v") == version
    headers = {"ETag": etag, "Cache-Control": FOR_EVER if fresh else ASK_AGAIN}
    if etag in [tag.strip() for tag in request.headers.get("if-none-match", "").split(",")]:
        return Response(status_code=304, headers=headers)
    return Response(make(version), media_type=media_type, headers=headers)


def _columns(request: Request, files: Sequence[Path], make: Callable[[], bytes]) -> Response:
    """A binary index, kept in memory until its files change."""
    path = request.url.path
    return _kept(request, files, index.MEDIA_TYPE, lambda version: _cache().get((path, version), make))


def _file(request: Request, path: Path, media_type: str, what: str) -> Response:
    def read(_: str) -> bytes:
        try:
            return path.read_bytes()
        except OSError as e:
            raise Refused(f"{what} is named by the run, but its file is not there.") from e

    return _kept(request, [path], media_type, read)


def _json(request: Request, files: Sequence[Path], make: Callable[[], object]) -> Response:
    def text(_: str) -> bytes:
        return json.dumps(schema.plain(make()), ensure_ascii=False, allow_nan=False).encode()

    return _kept(request, files, "application/json", text)


# --- endpoints --------------------------------------------------------------------------------


@_answers
def sheet(request: Request) -> Response:
    """A sheet of tiles (WebP)."""
    run = _run(request)
    split = _split(request, run)
    number = _number(request.path_params["sheet"], "sheet")
    path = schema.inside(run.path, schema.sheet_file(split, number))
    return _file(request, path, "image/webp", f"Sheet {number}")


@_answers
def original(request: Request) -> Response:
    """The unreduced picture of a sample, as it was stored."""
    run = _run(request)
    split = _split(request, run)
    number = _number(request.path_params["index"], "index")
    row = queries.sample(run, split, number)
    if row is None or row["original"] is None:
        raise Refused(f"Sample {number} has no picture beside its tile.")
    path = schema.inside(run.path, row["original"])
    media_type = _IMAGE_TYPES.get(path.suffix.lower())
    if media_type is None:
        raise Refused(f"Originals are {', '.join(_IMAGE_TYPES)}; this one is {path.suffix!r}.")
    return _file(request, path, media_type, "The original")


@_answers
def tiles(request: Request) -> Response:
    """Binary index of a split: where each sample's tile is."""
    run = _run(request)
    split = _split(request, run)
    return _columns(request, run.samples.get(split, ()), lambda: index.encode(queries.tiles(run, split)))


@_answers
def sources(request: Request) -> Response:
    """Where each sample came from: a JSON list of strings and nulls, in the order of the binary index."""
    run = _run(request)
    split = _split(request, run)
    return _json(request, run.samples.get(split, ()), lambda: queries.sources(run, split))


@_answers
def outcomes(request: Request) -> Response:
    """Binary index of an epoch: what was predicted for each sample, and its verdict."""
    run = _run(request)
    split = _split(request, run)
    epoch = _epoch(run, split, request.path_params["epoch"])

    def make() -> bytes:
        return index.encode(index.codes(queries.outcomes(run, split, epoch), "verdict", link.VERDICTS))

    return _columns(request, queries.epoch_files(run, split, epoch), make)


@_answers
def confusion(request: Request) -> Response:
    """The confusion matrix of an epoch (JSON), compared with `?compare_run=&compare_epoch=` if given."""
    run = _run(request)
    split = _split(request, run)
    epoch = _epoch(run, split, request.path_params["epoch"])
    base = None
    if (name := request.query_params.get("compare_run")) is not None:
        other = catalogue().get(name)
        if other is None:
            raise Refused("The run compared with is not in the runs folder.")
        base = payload.Base(other, _epoch(other, split, request.query_params.get("compare_epoch", "")))
    return _json(request, payload.files(run, split, epoch, base), lambda: payload.payload(run, split, epoch, base))


@_answers
def forgotten(request: Request) -> Response:
    """Binary index of how often each sample was forgotten up to an epoch."""
    run = _run(request)
    split = _split(request, run)
    epoch = _epoch(run, split, request.path_params["epoch"])
    files = queries.prediction_files(run, split, up_to=epoch)
    return _columns(request, files, lambda: index.encode(queries.times_forgotten(run, split, epoch)))


@_answers
def sample(request: Request) -> Response:
    """All that is known of one sample, at `?epoch=` and over all epochs (JSON)."""
    run = _run(request)
    split = _split(request, run)
    epoch = _epoch(run, split, request.query_params.get("epoch", ""))
    number = _number(request.path_params["index"], "index")

    def make() -> object:
        found = details.sample(run, split, epoch, number)
        if found is None:
            raise Refused(f"{split} of run {run.id} has no sample {number}.")
        return found

    return _json(request, details.files(run, split), make)


@_answers
def same_picture(request: Request) -> Response:
    """The same pixels elsewhere, in this run and in others (JSON). Never kept: other runs come and go."""
    run = _run(request)
    split = _split(request, run)
    number = _number(request.path_params["index"], "index")
    found = details.same_picture(run, split, number, catalogue().runs())
    text = json.dumps(schema.plain(found), ensure_ascii=False, allow_nan=False)
    return Response(text, media_type="application/json", headers={"Cache-Control": "no-store"})


@_answers
def exported(request: Request) -> Response:
    """The samples of the filter in the query, as a file to save. It reads as a page's: epochs from 1."""
    run = _run(request)
    split = _split(request, run)
    kind = request.path_params["kind"]
    if kind not in FORMATS:
        raise Refused(f"Exports are {', '.join(FORMATS)}.")
    view, epochs = _view(request), run.epochs.get(split, ())
    epoch = epochs[-1] if view.epoch is None and epochs else view.epoch
    if epoch is None or epoch not in epochs:
        raise Refused(f"Run {run.id} has no predictions of {split} at that epoch.")
    rows = queries.filtered(run, split, epoch, Filter.of(view))
    name = schema.safe_name(f"{run.id}-{split}-epoch-{epoch + 1}")
    headers = {
        "Content-Disposition": f"attachment; filename*=UTF-8''{quote(name)}.{kind}",
        "Cache-Control": "no-store",
    }
    return StreamingResponse(export(kind, run, split, rows), media_type=FORMATS[kind], headers=headers)


def _view(request: Request) -> link.View:
    """The filter and the epoch that a query string says, in the words of a page's link."""
    said = {name: request.query_params.getlist(name) for name in request.query_params}
    view, problems = link.decode(said, EXPORTED)
    if problems:
        raise Refused(f"The export is not understood: {'; '.join(problems)}.", 400)
    return view


def _code(assets: ModuleType) -> Endpoint:
    """The endpoint of a component's scripts and style sheet."""

    @_answers
    def code(request: Request) -> Response:
        name, version = request.path_params["file"], request.path_params["version"]
        if name not in assets.FILES:
            raise Refused(f"The component has no file {name[:40]!r}.")
        headers = {"Cache-Control": FOR_EVER if version == assets.VERSION else ASK_AGAIN}
        return Response(assets.FILES[name], media_type=gallery_assets.media_type(name), headers=headers)

    return code


def routes(base: str) -> list[BaseRoute]:
    """All routes of this module under the path `base` (empty, or with a leading slash)."""
    split = f"{base}/data/runs/{{run}}/{{split}}"
    return [
        Route(f"{base}/data/gallery/{{version}}/{{file}}", _code(gallery_assets)),
        Route(f"{base}/data/confusion/{{version}}/{{file}}", _code(confusion_assets)),
        Route(f"{base}/data/live/{{version}}/{{file}}", _code(live_assets)),
        WebSocketRoute(f"{base}/data/live", live),
        Route(f"{split}/sheets/{{sheet}}.webp", sheet),
        Route(f"{split}/tiles", tiles),
        Route(f"{split}/sources", sources),
        Route(f"{split}/epochs/{{epoch}}", outcomes),
        Route(f"{split}/epochs/{{epoch}}/forgotten", forgotten),
        Route(f"{split}/epochs/{{epoch}}/confusion", confusion),
        Route(f"{split}/samples/{{index}}", sample),
        Route(f"{split}/samples/{{index}}/original", original),
        Route(f"{split}/samples/{{index}}/same", same_picture),
        Route(f"{split}/export.{{kind}}", exported),
    ]


ROUTES = routes(settings.base_path())
