"""Pages without a browser: the whole script, as a visitor's session runs it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from dashboard import shared_state
from tests.conftest import ROOT


def open_page(
    monkeypatch: pytest.MonkeyPatch, folder: Path, name: str = "runs", /, **query: str | list[str]
) -> AppTest:
    """The page `name` on the runs of `folder`, as its link with this query opens it. Fails on an exception."""
    monkeypatch.setenv("PROOFSHEET_RUNS", str(folder))
    shared_state.forget()
    at = AppTest.from_file(str(ROOT / "dashboard" / "main.py"), default_timeout=30)
    for key, value in query.items():
        at.query_params[key] = value
    if name != "runs":
        at.switch_page(str(ROOT / "pages" / f"{name}.py"))
    at.run()
    assert not at.exception, at.exception
    return at


def epoch_control(at: AppTest) -> dict[str, Any] | None:
    """What the epoch control is given, or None where there is none."""
    found = [c for c in at.get("bidi_component") if c.proto.component_name == "proofsheet_epochs"]
    assert len(found) < 2
    given: dict[str, Any] | None = json.loads(found[0].proto.json) if found else None
    return given


def words(at: AppTest) -> str:
    """All text of the page and its sidebar."""
    kinds = ("markdown", "caption", "warning", "error", "info", "code", "title", "header", "subheader")
    return "\n".join(element.value for kind in kinds for element in getattr(at, kind))
