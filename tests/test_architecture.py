"""docs/architecture.md: its picture is the code's, its tables and walks name files that exist."""

from __future__ import annotations

import re

from tests.conftest import ROOT
from tests.import_graph import graph
from tests.test_imports import room_of

TEXT = (ROOT / "docs" / "architecture.md").read_text("utf-8")
Edges = set[tuple[str, str]]


def drawn() -> Edges:
    picture = re.search(r"```mermaid\n(.*?)```", TEXT, re.DOTALL)
    assert picture is not None
    return set(re.findall(r"^\s*([a-z._]+) --> ([a-z._]+)$", picture[1], re.MULTILINE))


def real() -> Edges:
    modules = graph()
    return {(room_of(a), room_of(b)) for a, others in modules.items() for b in others if room_of(a) != room_of(b)}


def without_shortcuts(edges: Edges) -> Edges:
    """The edges that do not follow from two or more others (the transitive reduction of a graph without circles)."""
    after: dict[str, set[str]] = {}
    for a, b in edges:
        after.setdefault(a, set()).add(b)

    def reachable(start: str) -> set[str]:
        found: set[str] = set()
        waiting = [start]
        while waiting:
            for b in after.get(waiting.pop(), set()) - found:
                found.add(b)
                waiting.append(b)
        return found

    return {(a, b) for a, b in edges if not any(b in reachable(c) for c in after[a] - {b})}


def test_the_map_is_the_code() -> None:
    assert drawn() == without_shortcuts(real())


def test_shortcuts_are_left_out_and_nothing_else() -> None:
    edges = {("page", "report"), ("report", "sql"), ("page", "sql"), ("page", "view")}
    assert without_shortcuts(edges) == edges - {("page", "sql")}


def test_every_path_that_the_document_names_exists() -> None:
    paths = re.findall(r"`((?:logger|dashboard|pages|tests|docs)/[\w./-]*)`", TEXT)
    assert len(paths) > 40
    assert [path for path in paths if not (ROOT / path).exists() and path != "dashboard/checks/"] == []


def test_every_folder_of_code_is_in_the_table() -> None:
    rooms = {room for edge in real() for room in edge if room.startswith(("logger.", "dashboard."))}
    folders = {room.replace(".", "/") for room in rooms if (ROOT / room.replace(".", "/")).is_dir()}
    missing = {folder for folder in folders - {"dashboard/screens"} if f"`{folder}/" not in TEXT}
    assert missing == set()
