"""Which samples of a split have a tag or a note, and the version of that answer."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from dashboard.catalogue import versions
from dashboard.catalogue.annotations import annotations_of
from dashboard.catalogue.runs import Run
from dashboard.sql import samples


def files(run: Run, split: str) -> list[Path]:
    """The files that `tags` reads, which its version depends on."""
    return [annotations_of(run).path, *run.samples.get(split, ())]


def version(run: Run, split: str) -> dict[str, str]:
    """The content `version` of `tags`, and its `order`, text that increases with every annotation.

    A page receives versions in two ways, from its script and in responses to its writes, and must know which is later.
    """
    try:
        stat = annotations_of(run).path.stat()
        order = f"{stat.st_mtime_ns:020d}.{stat.st_size:014d}"
    except OSError:
        order = ""
    return {
        "order": order,
        "version": versions.version(files(run, split)),
    }  # In this order: a version is never too old.


def tags(run: Run, split: str) -> dict[str, Any]:
    """By index: `tags` (name, indices), `notes`; `damaged`: lines left out; `problem`: a sentence or None."""
    annotations = annotations_of(run)
    tagged, noted = annotations.tagged(), annotations.noted()
    places: dict[str, list[int]] = {}
    for digest, place in samples.places(run, split, sorted({*(d for d, _ in tagged), *noted})):
        places.setdefault(digest, []).append(place)
    by_tag: dict[str, list[int]] = {}
    for digest, tag in tagged:
        by_tag.setdefault(tag, []).extend(places.get(digest, ()))
    return {
        "tags": [[tag, sorted(by_tag[tag])] for tag in sorted(by_tag, key=lambda tag: (tag.lower(), tag))],
        "notes": sorted(place for digest in noted for place in places.get(digest, ())),
        "damaged": annotations.damaged,
        "problem": annotations.problem,
    }
