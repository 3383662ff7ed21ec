"""Routes for tags and notes, among them the only one that writes.

Cross-site requests are refused: a body whose content type is not JSON (which an HTML form cannot send), or an `Origin`
other than our own.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from dashboard import settings
from dashboard.catalogue.annotations import Annotations, NotSaved, annotations_of
from dashboard.reports import sample_annotations
from dashboard.sql import samples
from dashboard.web.request_guard import is_cross_origin
from dashboard.web.responses import (
    RequestError,
    error_responses,
    json_response,
    parse_number,
    requested_split,
    text_response,
)
from logger import schema

MOST_DIGESTS = 10_000
"""Most samples in one request."""
LONGEST_BODY = 1024 * 1024
"""Bytes; twice what MOST_DIGESTS and the longest note take."""


@error_responses
def tags(request: Request) -> Response:
    """Which samples of a split have a tag or a note (JSON), by index.

    `tags`: pairs of name and indices, by name; `notes`: indices; `damaged`: lines left out; `problem`: a sentence or
    null.
    """
    run, split = requested_split(request)
    return json_response(request, sample_annotations.files(run, split), lambda: sample_annotations.tags(run, split))


@error_responses
def digests(request: Request) -> Response:
    """The digest of each sample: a JSON list of strings and nulls, in the order of the binary index."""
    run, split = requested_split(request)
    return json_response(request, run.samples.get(split, ()), lambda: samples.digests(run, split))


@error_responses
def of_sample(request: Request) -> Response:
    """Tags and note of one sample (JSON): `digest`, `tags` (tag, who, time) by name, `note` (note, who, time)."""
    run, split = requested_split(request)
    number = parse_number(request.path_params["index"], "index")
    row = samples.sample(run, split, number)
    if row is None:
        raise RequestError(f"{split} of run {run.id} has no sample {number}.")

    def make() -> object:
        found, note = annotations_of(run).of(row["digest"] or "")
        return {
            "digest": row["digest"],
            "tags": [{"tag": tag.tag, "who": tag.who, "time": tag.time} for tag in found],
            "note": note and {"note": note.note, "who": note.who, "time": note.time},
        }

    return json_response(request, sample_annotations.files(run, split), make)


# --- the route that writes ---------------------------------------------------------------------


async def annotate(request: Request) -> Response:
    """Add a tag to samples, remove it, or write a note.

    Body: `{"digests": [...], "tag": "...", "removed": false, "who": ""}` or `{"digests": [one], "note": "...",
    "who": ""}`. The response has `changed`, the number of samples changed, and the new version of `tags`.
    """
    try:
        _allow(request)
        text = await _body(request)
    except RequestError as e:
        return text_response(str(e), e.status)
    return await run_in_threadpool(error_responses(lambda request: _annotate(request, text)), request)


def _allow(request: Request) -> None:
    headers = request.headers
    if is_cross_origin(headers.get("origin"), headers.get("host", ""), headers.get("x-forwarded-host")):
        raise RequestError("Tags and notes are only accepted from this dashboard's own pages.", 403)
    if headers.get("content-type", "").split(";")[0].strip().lower() != "application/json":
        raise RequestError("The body must be application/json.", 415)
    if settings.read_only():
        raise RequestError(settings.READ_ONLY, 403)


async def _body(request: Request) -> bytes:
    text = bytearray()
    async for piece in request.stream():
        text += piece
        if len(text) > LONGEST_BODY:
            raise RequestError(f"The body is longer than {LONGEST_BODY:,} bytes.", 413)
    return bytes(text)


def _annotate(request: Request, text: bytes) -> Response:
    run, split = requested_split(request)
    body = _object(text)
    digests = _digests(body)
    unknown = set(digests) - {digest for digest, _ in samples.places(run, split, digests)}
    if unknown:
        raise RequestError(
            f"{split} of run {run.id} has no sample with digest {min(unknown)[:32]!r}; nothing was saved."
        )
    try:
        changed = _write(annotations_of(run), digests, body)
    except schema.FormatError as e:
        raise RequestError(str(e).removeprefix(f"{schema.ANNOTATIONS_FILE}: "), 400) from e
    except NotSaved as e:
        raise RequestError(str(e), 503) from e
    return JSONResponse(
        {"changed": changed, **sample_annotations.version(run, split)}, headers={"Cache-Control": "no-store"}
    )


def _object(text: bytes) -> dict[str, Any]:
    try:
        body = json.loads(text)
    except (ValueError, RecursionError) as e:
        raise RequestError("The body is not JSON.", 400) from e
    if not isinstance(body, dict):
        raise RequestError(f"The body must be a JSON object, got {type(body).__name__}.", 400)
    for name, kind in (("tag", str), ("note", str), ("who", str), ("removed", bool)):
        if name in body and not isinstance(body[name], kind):
            raise RequestError(f"`{name}` must be {kind.__name__}, got {type(body[name]).__name__}.", 400)
    if ("tag" in body) == ("note" in body):
        raise RequestError("The body must have either a `tag` or a `note`.", 400)
    return body


def _digests(body: dict[str, Any]) -> Sequence[str]:
    digests = body.get("digests")
    if not isinstance(digests, list) or not digests or not all(isinstance(digest, str) for digest in digests):
        raise RequestError("`digests` must be a list of at least one digest.", 400)
    if len(digests) > MOST_DIGESTS:
        raise RequestError(f"`digests` may name {MOST_DIGESTS:,} samples at once, got {len(digests):,}.", 400)
    if "note" in body and len(digests) != 1:
        raise RequestError("A note belongs to exactly one sample.", 400)
    return digests


def _write(annotations: Annotations, digests: Sequence[str], body: dict[str, Any]) -> int:
    who = body.get("who", "")
    if "note" in body:
        return annotations.note(digests[0], body["note"], who=who)
    return annotations.tag(digests, body["tag"], removed=body.get("removed", False), who=who)
