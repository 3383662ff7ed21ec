"""Routes for what is too large or too slow for a page: sheets, originals, columns, samples, exports.

Every URL starts with `data/`. Pages put the version of the files into `?v=`: a response to the current version may be
cached forever, any other must be revalidated; see `responses`. Endpoints are plain functions and run in the thread
pool.
"""

from __future__ import annotations

import json

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route, WebSocketRoute

from dashboard import settings
from dashboard.browser import assets
from dashboard.catalogue.runs import catalogue
from dashboard.live.socket import live
from dashboard.reports import confusion_report, sample_details
from dashboard.sql import epochs, predictions, samples
from dashboard.web import annotations_api, column_encoding, exports
from dashboard.web.responses import (
    ASK_AGAIN,
    FOR_EVER,
    RequestError,
    columns_response,
    error_responses,
    file_response,
    json_response,
    parse_number,
    requested_epoch,
    requested_split,
)
from logger import schema

_IMAGE_TYPES = {".webp": "image/webp", ".png": "image/png", ".jpg": "image/jpeg", ".jpeg": "image/jpeg"}

# --- endpoints --------------------------------------------------------------------------------


@error_responses
def sheet(request: Request) -> Response:
    """A sheet of tiles (WebP)."""
    run, split = requested_split(request)
    number = parse_number(request.path_params["sheet"], "sheet")
    path = schema.inside(run.path, schema.sheet_file(split, number))
    return file_response(request, path, "image/webp", f"Sheet {number}")


@error_responses
def original(request: Request) -> Response:
    """The unreduced picture of a sample, as it was stored."""
    run, split = requested_split(request)
    number = parse_number(request.path_params["index"], "index")
    row = samples.sample(run, split, number)
    if row is None or row["original"] is None:
        raise RequestError(f"Sample {number} has no picture beside its tile.")
    path = schema.inside(run.path, row["original"])
    media_type = _IMAGE_TYPES.get(path.suffix.lower())
    if media_type is None:
        raise RequestError(f"Originals are {', '.join(_IMAGE_TYPES)}; this one is {path.suffix!r}.")
    return file_response(request, path, media_type, "The original")


@error_responses
def tiles(request: Request) -> Response:
    """Binary index of a split: where each sample's tile is."""
    run, split = requested_split(request)
    return columns_response(
        request, run.samples.get(split, ()), lambda: column_encoding.encode(samples.tiles(run, split))
    )


@error_responses
def sources(request: Request) -> Response:
    """Where each sample came from: a JSON list of strings and nulls, in the order of the binary index."""
    run, split = requested_split(request)
    return json_response(request, run.samples.get(split, ()), lambda: samples.sources(run, split))


@error_responses
def outcomes(request: Request) -> Response:
    """Binary index of an epoch: what was predicted for each sample, and its verdict."""
    run, split = requested_split(request)
    epoch = requested_epoch(run, split, request.path_params["epoch"])

    def make() -> bytes:
        return column_encoding.encode(
            column_encoding.codes(predictions.outcomes(run, split, epoch), "verdict", schema.VERDICTS)
        )

    return columns_response(request, run.epoch_files(split, epoch), make)


@error_responses
def confusion(request: Request) -> Response:
    """The confusion matrix of an epoch (JSON), compared with `?compare_run=&compare_epoch=` if given."""
    run, split = requested_split(request)
    epoch = requested_epoch(run, split, request.path_params["epoch"])
    base = None
    if (name := request.query_params.get("compare_run")) is not None:
        other = catalogue().get(name)
        if other is None:
            raise RequestError("The run compared with is not in the runs folder.")
        base = confusion_report.Base(
            other, requested_epoch(other, split, request.query_params.get("compare_epoch", ""))
        )
    return json_response(
        request,
        confusion_report.files(run, split, epoch, base),
        lambda: confusion_report.payload(run, split, epoch, base),
    )


@error_responses
def forgotten(request: Request) -> Response:
    """Binary index of how often each sample was forgotten up to an epoch."""
    run, split = requested_split(request)
    epoch = requested_epoch(run, split, request.path_params["epoch"])
    files = run.prediction_files(split, up_to=epoch)
    return columns_response(request, files, lambda: column_encoding.encode(epochs.times_forgotten(run, split, epoch)))


@error_responses
def sample(request: Request) -> Response:
    """All that is known of one sample, at `?epoch=` and over all epochs (JSON)."""
    run, split = requested_split(request)
    epoch = requested_epoch(run, split, request.query_params.get("epoch", ""))
    number = parse_number(request.path_params["index"], "index")

    def make() -> object:
        found = sample_details.sample(run, split, epoch, number)
        if found is None:
            raise RequestError(f"{split} of run {run.id} has no sample {number}.")
        return found

    return json_response(request, sample_details.files(run, split), make)


@error_responses
def same_picture(request: Request) -> Response:
    """The same pixels elsewhere, in this run and in others (JSON). Never cached: other runs come and go."""
    run, split = requested_split(request)
    number = parse_number(request.path_params["index"], "index")
    found = sample_details.same_picture(run, split, number, catalogue().runs())
    text = json.dumps(schema.plain(found), ensure_ascii=False, allow_nan=False)
    return Response(text, media_type="application/json", headers={"Cache-Control": "no-store"})


@error_responses
def code(request: Request) -> Response:
    """A script or a style sheet of the browser side."""
    path, version = request.path_params["file"], request.path_params["version"]
    if path not in assets.FILES:
        raise RequestError(f"There is no script {path[:80]!r}.")
    headers = {"Cache-Control": FOR_EVER if version == assets.VERSION else ASK_AGAIN}
    return Response(assets.FILES[path], media_type=assets.media_type(path), headers=headers)


def routes(base: str) -> list[BaseRoute]:
    """All routes of this module under the path `base` (empty, or with a leading slash)."""
    split = f"{base}/data/runs/{{run}}/{{split}}"
    return [
        Route(f"{base}/data/code/{{version}}/{{file:path}}", code),
        WebSocketRoute(f"{base}/data/live", live),
        Route(f"{split}/sheets/{{sheet}}.webp", sheet),
        Route(f"{split}/tiles", tiles),
        Route(f"{split}/sources", sources),
        Route(f"{split}/digests", annotations_api.digests),
        Route(f"{split}/tags", annotations_api.tags),
        Route(f"{split}/annotations", annotations_api.annotate, methods=["POST"]),
        Route(f"{split}/epochs/{{epoch}}", outcomes),
        Route(f"{split}/epochs/{{epoch}}/forgotten", forgotten),
        Route(f"{split}/epochs/{{epoch}}/confusion", confusion),
        Route(f"{split}/samples/{{index}}", sample),
        Route(f"{split}/samples/{{index}}/annotations", annotations_api.of_sample),
        Route(f"{split}/samples/{{index}}/original", original),
        Route(f"{split}/samples/{{index}}/same", same_picture),
        Route(f"{split}/export.{{kind}}", exports.exported),
    ]


ROUTES = routes(settings.base_path())
