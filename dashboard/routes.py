"""HTTP for what is too large or too slow for a page: sheets, originals, binary indexes, samples, exports.

Every URL starts with `data/`. A page writes the version of the files into `?v=`; while that is still their
version the answer may be kept for ever, otherwise it must be asked for again; see `answers`. Endpoints are plain
functions, so that reading never holds up the event loop.
"""

from __future__ import annotations

import json
from urllib.parse import quote

from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import BaseRoute, Route, WebSocketRoute

from dashboard import details, index, link, queries, settings, tagging
from dashboard.answers import (
    ASK_AGAIN,
    FOR_EVER,
    Endpoint,
    Refused,
    answering,
    columns_of,
    epoch_of,
    file_of,
    json_of,
    number_of,
    run_of,
    split_of,
)
from dashboard.confusion import payload
from dashboard.export import FORMATS, export
from dashboard.filters import Filter
from dashboard.live.socket import live
from dashboard.runs import catalogue
from dashboard.scripts import SERVED, Scripts, media_type
from logger import schema

EXPORTED = ("epoch", "verdict", "label", "predicted", "confidence", "changed", "tag", "search")
"""The parts of a page's link that an export reads."""

_IMAGE_TYPES = {".webp": "image/webp", ".png": "image/png", ".jpg": "image/jpeg", ".jpeg": "image/jpeg"}

# --- endpoints --------------------------------------------------------------------------------


@answering
def sheet(request: Request) -> Response:
    """A sheet of tiles (WebP)."""
    run = run_of(request)
    split = split_of(request, run)
    number = number_of(request.path_params["sheet"], "sheet")
    path = schema.inside(run.path, schema.sheet_file(split, number))
    return file_of(request, path, "image/webp", f"Sheet {number}")


@answering
def original(request: Request) -> Response:
    """The unreduced picture of a sample, as it was stored."""
    run = run_of(request)
    split = split_of(request, run)
    number = number_of(request.path_params["index"], "index")
    row = queries.sample(run, split, number)
    if row is None or row["original"] is None:
        raise Refused(f"Sample {number} has no picture beside its tile.")
    path = schema.inside(run.path, row["original"])
    media_type = _IMAGE_TYPES.get(path.suffix.lower())
    if media_type is None:
        raise Refused(f"Originals are {', '.join(_IMAGE_TYPES)}; this one is {path.suffix!r}.")
    return file_of(request, path, media_type, "The original")


@answering
def tiles(request: Request) -> Response:
    """Binary index of a split: where each sample's tile is."""
    run = run_of(request)
    split = split_of(request, run)
    return columns_of(request, run.samples.get(split, ()), lambda: index.encode(queries.tiles(run, split)))


@answering
def sources(request: Request) -> Response:
    """Where each sample came from: a JSON list of strings and nulls, in the order of the binary index."""
    run = run_of(request)
    split = split_of(request, run)
    return json_of(request, run.samples.get(split, ()), lambda: queries.sources(run, split))


@answering
def outcomes(request: Request) -> Response:
    """Binary index of an epoch: what was predicted for each sample, and its verdict."""
    run = run_of(request)
    split = split_of(request, run)
    epoch = epoch_of(run, split, request.path_params["epoch"])

    def make() -> bytes:
        return index.encode(index.codes(queries.outcomes(run, split, epoch), "verdict", link.VERDICTS))

    return columns_of(request, queries.epoch_files(run, split, epoch), make)


@answering
def confusion(request: Request) -> Response:
    """The confusion matrix of an epoch (JSON), compared with `?compare_run=&compare_epoch=` if given."""
    run = run_of(request)
    split = split_of(request, run)
    epoch = epoch_of(run, split, request.path_params["epoch"])
    base = None
    if (name := request.query_params.get("compare_run")) is not None:
        other = catalogue().get(name)
        if other is None:
            raise Refused("The run compared with is not in the runs folder.")
        base = payload.Base(other, epoch_of(other, split, request.query_params.get("compare_epoch", "")))
    return json_of(request, payload.files(run, split, epoch, base), lambda: payload.payload(run, split, epoch, base))


@answering
def forgotten(request: Request) -> Response:
    """Binary index of how often each sample was forgotten up to an epoch."""
    run = run_of(request)
    split = split_of(request, run)
    epoch = epoch_of(run, split, request.path_params["epoch"])
    files = queries.prediction_files(run, split, up_to=epoch)
    return columns_of(request, files, lambda: index.encode(queries.times_forgotten(run, split, epoch)))


@answering
def sample(request: Request) -> Response:
    """All that is known of one sample, at `?epoch=` and over all epochs (JSON)."""
    run = run_of(request)
    split = split_of(request, run)
    epoch = epoch_of(run, split, request.query_params.get("epoch", ""))
    number = number_of(request.path_params["index"], "index")

    def make() -> object:
        found = details.sample(run, split, epoch, number)
        if found is None:
            raise Refused(f"{split} of run {run.id} has no sample {number}.")
        return found

    return json_of(request, details.files(run, split), make)


@answering
def same_picture(request: Request) -> Response:
    """The same pixels elsewhere, in this run and in others (JSON). Never kept: other runs come and go."""
    run = run_of(request)
    split = split_of(request, run)
    number = number_of(request.path_params["index"], "index")
    found = details.same_picture(run, split, number, catalogue().runs())
    text = json.dumps(schema.plain(found), ensure_ascii=False, allow_nan=False)
    return Response(text, media_type="application/json", headers={"Cache-Control": "no-store"})


@answering
def exported(request: Request) -> Response:
    """The samples of the filter in the query, as a file to save. It reads as a page's: epochs from 1."""
    run = run_of(request)
    split = split_of(request, run)
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


def _code(scripts: Scripts) -> Endpoint:
    """The endpoint of a component's scripts and style sheet."""

    @answering
    def code(request: Request) -> Response:
        name, version = request.path_params["file"], request.path_params["version"]
        if name not in scripts.files:
            raise Refused(f"The component has no file {name[:40]!r}.")
        headers = {"Cache-Control": FOR_EVER if version == scripts.version else ASK_AGAIN}
        return Response(scripts.files[name], media_type=media_type(name), headers=headers)

    return code


def routes(base: str) -> list[BaseRoute]:
    """All routes of this module under the path `base` (empty, or with a leading slash)."""
    split = f"{base}/data/runs/{{run}}/{{split}}"
    return [
        *(Route(f"{base}/data/{s.name}/{{version}}/{{file}}", _code(s)) for s in SERVED),
        WebSocketRoute(f"{base}/data/live", live),
        Route(f"{split}/sheets/{{sheet}}.webp", sheet),
        Route(f"{split}/tiles", tiles),
        Route(f"{split}/sources", sources),
        Route(f"{split}/digests", tagging.digests),
        Route(f"{split}/tags", tagging.tags),
        Route(f"{split}/annotations", tagging.annotate, methods=["POST"]),
        Route(f"{split}/epochs/{{epoch}}", outcomes),
        Route(f"{split}/epochs/{{epoch}}/forgotten", forgotten),
        Route(f"{split}/epochs/{{epoch}}/confusion", confusion),
        Route(f"{split}/samples/{{index}}", sample),
        Route(f"{split}/samples/{{index}}/annotations", tagging.of_sample),
        Route(f"{split}/samples/{{index}}/original", original),
        Route(f"{split}/samples/{{index}}/same", same_picture),
        Route(f"{split}/export.{{kind}}", exported),
    ]


ROUTES = routes(settings.base_path())
