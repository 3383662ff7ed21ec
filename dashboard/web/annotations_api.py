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
    requested_run,
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
    run = requested_run(request)
    split = requested_split(request, run)
    return json_response(request, sample_annotations.files(run, split), lambda: sample_annotations.tags(run, split))


@error_responses
def digests(request: Request) -> Response:
    """The digest of each sample: a JSON list of strings and nulls, in the order of the binary index."""
    run = requested_run(request)
    split = requested_split(request, run)
    return json_response(request, run.samples.get(split, ()), lambda: samples.digests(run, split))


@error_responses
def of_sample(request: Request) -> Response:
    """Tags and note of one sample (JSON): `digest`, `tags` (tag, who, time) by name, `note` (note, who, time)."""
    run = requested_run(request)
    split = requested_split(request, run)
    number = parse_number(request.path_params["index"], "index")
    row = samples.sample(run, split, number)
    if row is None:
        raise RequestError(f"{split} of run {run.id} has no sample {number}.")

    def make() -> object:
        found, note = annotations_of(run).of(row["digest"] or "")
        return {
            "digest": row["digest"],
            "tags": [{"tag": said.tag, "who": said.who, "time": said.time} for said in found],
            "note": note and {"note": note.note, "who": note.who, "time": note.time},
        }

    return json_response(request, sample_annotations.files(run, split), make)


# --- the route that writes ---------------------------------------------------------------------


async def annotate(request: Request) -> Response:
    """Put a tag on samples, take it off, or write a note.

    Body: `{"digests": [...], "tag": "...", "removed": false, "who": ""}` or `{"digests": [one], "note": "...",
    "who": ""}`. Answers `changed`, of how many samples that changed anything, and what `version` says of `tags`.
    """
    try:
        _allow(request)
        text = await _body(request)
    except RequestError as e:
        return text_response(str(e), e.status)
    return await run_in_threadpool(error_responses(lambda asked: _annotate(asked, text)), request)


def _allow(request: Request) -> None:
    said = request.headers
    if is_cross_origin(said.get("origin"), said.get("host", ""), said.get("x-forwarded-host")):
        raise RequestError("Tags and notes are only taken from this dashboard's own pages.", 403)
    if said.get("content-type", "").split(";")[0].strip().lower() != "application/json":
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
    run = requested_run(request)
    split = requested_split(request, run)
    said = _object(text)
    asked = _digests(said)
    unknown = set(asked) - {digest for digest, _ in samples.places(run, split, asked)}
    if unknown:
        raise RequestError(
            f"{split} of run {run.id} has no sample with digest {min(unknown)[:32]!r}; nothing was saved."
        )
    try:
        changed = _write(annotations_of(run), asked, said)
    except schema.FormatError as e:
        raise RequestError(str(e).removeprefix(f"{schema.ANNOTATIONS_FILE}: "), 400) from e
    except NotSaved as e:
        raise RequestError(str(e), 503) from e
    return JSONResponse(
        {"changed": changed, **sample_annotations.version(run, split)}, headers={"Cache-Control": "no-store"}
    )


def _object(text: bytes) -> dict[str, Any]:
    try:
        said = json.loads(text)
    except (ValueError, RecursionError) as e:
        raise RequestError("The body is not JSON.", 400) from e
    if not isinstance(said, dict):
        raise RequestError(f"The body must be a JSON object, got {type(said).__name__}.", 400)
    for name, kind in (("tag", str), ("note", str), ("who", str), ("removed", bool)):
        if name in said and not isinstance(said[name], kind):
            raise RequestError(f"`{name}` must be {kind.__name__}, got {type(said[name]).__name__}.", 400)
    if ("tag" in said) == ("note" in said):
        raise RequestError("The body must have either a `tag` or a `note`.", 400)
    return said


def _digests(said: dict[str, Any]) -> Sequence[str]:
    asked = said.get("digests")
    if not isinstance(asked, list) or not asked or not all(isinstance(digest, str) for digest in asked):
        raise RequestError("`digests` must be a list of at least one digest.", 400)
    if len(asked) > MOST_DIGESTS:
        raise RequestError(f"`digests` may name {MOST_DIGESTS:,} samples at once, got {len(asked):,}.", 400)
    if "note" in said and len(asked) != 1:
        raise RequestError("A note is of one sample.", 400)
    return asked


def _write(cacheable_response: Annotations, asked: Sequence[str], said: dict[str, Any]) -> int:
    who = said.get("who", "")
    if "note" in said:
        return cacheable_response.note(asked[0], said["note"], who=who)
    return cacheable_response.tag(asked, said["tag"], removed=said.get("removed", False), who=who)
