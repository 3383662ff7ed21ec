"""The filtered samples of a page as a file to save."""

from __future__ import annotations

from urllib.parse import quote

from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from dashboard.reports.export import FORMATS, export
from dashboard.sql import predictions
from dashboard.sql.filter import Filter
from dashboard.view import link
from dashboard.web.responses import RequestError, error_responses, requested_split
from logger import schema

EXPORTED = ("epoch", "verdict", "label", "predicted", "confidence", "changed", "tag", "search")
"""The fields of a page's link that an export uses."""


@error_responses
def exported(request: Request) -> Response:
    """The samples that meet the filter in the query, as a file to save. The query is a page's: epochs count from 1."""
    run, split = requested_split(request)
    kind = request.path_params["kind"]
    if kind not in FORMATS:
        raise RequestError(f"Exports are {', '.join(FORMATS)}.")
    view, epochs = _view(request), run.epochs.get(split, ())
    epoch = epochs[-1] if view.epoch is None and epochs else view.epoch
    if epoch is None or epoch not in epochs:
        raise RequestError(f"Run {run.id} has no predictions of {split} at that epoch.")
    rows = predictions.filtered(run, split, epoch, filter_of(view))
    name = schema.safe_name(f"{run.id}-{split}-epoch-{epoch + 1}")
    headers = {
        "Content-Disposition": f"attachment; filename*=UTF-8''{quote(name)}.{kind}",
        "Cache-Control": "no-store",
    }
    return StreamingResponse(export(kind, run, split, rows), media_type=FORMATS[kind], headers=headers)


def filter_of(view: link.View) -> Filter:
    """The filter of a view."""
    return Filter(view.verdict, view.label, view.predicted, view.confidence, view.changed, view.tag, view.search)


def _view(request: Request) -> link.View:
    """The filter and the epoch of a query string, encoded as in a page's link."""
    parameters = {name: request.query_params.getlist(name) for name in request.query_params}
    view, problems = link.decode(parameters, EXPORTED)
    if problems:
        raise RequestError(f"The query cannot be read: {'; '.join(problems)}.", 400)
    return view
