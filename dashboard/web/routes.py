"""HTTP for what is too large or too slow for a page: sheets, originals, binary indexes, samples, exports.

Every URL starts with `data/`. A page writes the version of the files into `?v=`; while that is still their
version the answer may be kept for ever, otherwise it must be asked for again; see `answers`. Endpoints are plain
functions, so that reading never holds up the event loop.
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
from logger import schema

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
    row = samples.sample(run, split, number)
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
    return columns_of(request, run.samples.get(split, ()), lambda: column_encoding.encode(samples.tiles(run, split)))


@answering
def sources(request: Request) -> Response:
    """Where each sample came from: a JSON list of strings and nulls, in the order of the binary index."""
    run = run_of(request)
    split = split_of(request, run)
    return json_of(request, run.samples.get(split, ()), lambda: samples.sources(run, split))


@answering
def outcomes(request: Request) -> Response:
    """Binary index of an epoch: what was predicted for each sample, and its verdict."""
    run = run_of(request)
    split = split_of(request, run)
    epoch = epoch_of(run, split, request.path_params["epoch"])

    def make() -> bytes:
        return column_encoding.encode(
            column_encoding.codes(predictions.outcomes(run, split, epoch), "verdict", schema.VERDICTS)
        )

    return columns_of(request, run.epoch_files(split, epoch), make)


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
        base = confusion_report.Base(other, epoch_of(other, split, request.query_params.get("compare_epoch", "")))
    return json_of(
        request,
        confusion_report.files(run, split, epoch, base),
        lambda: confusion_report.payload(run, split, epoch, base),
    )


@answering
def forgotten(request: Request) -> Response:
    """Binary index of how often each sample was forgotten up to an epoch."""
    run = run_of(request)
    split = split_of(request, run)
    epoch = epoch_of(run, split, request.path_params["epoch"])
    files = run.prediction_files(split, up_to=epoch)
    return columns_of(request, files, lambda: column_encoding.encode(epochs.times_forgotten(run, split, epoch)))


@answering
def sample(request: Request) -> Response:
    """All that is known of one sample, at `?epoch=` and over all epochs (JSON)."""
    run = run_of(request)
    split = split_of(request, run)
    epoch = epoch_of(run, split, request.query_params.get("epoch", ""))
    number = number_of(request.path_params["index"], "index")

    def make() -> object:
        found = sample_details.sample(run, split, epoch, number)
        if found is None:
            raise Refused(f"{split} of run {run.id} has no sample {number}.")
        return found

    return json_of(request, sample_details.files(run, split), make)


@answering
def same_picture(request: Request) -> Response:
    """The same pixels elsewhere, in this run and in others (JSON). Never kept: other runs come and go."""
    run = run_of(request)
    split = split_of(request, run)
    number = number_of(request.path_params["index"], "index")
    found = sample_details.same_picture(run, split, number, catalogue().runs())
    text = json.dumps(schema.plain(found), ensure_ascii=False, allow_nan=False)
    return Response(text, media_type="application/json", headers={"Cache-Control": "no-store"})


@answering
def code(request: Request) -> Response:
    """A script or a style sheet of the browser side."""
    path, version = request.path_params["file"], request.path_params["version"]
    if path not in assets.FILES:
        raise Refused(f"There is no script {path[:80]!r}.")
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
