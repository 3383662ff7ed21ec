"""State updates from a component: unchecked input, of which only fields that a link could hold come through."""

from __future__ import annotations

from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from dashboard.screens.controls.epoch_control import checked
from dashboard.screens.gallery.component import FIELDS
from dashboard.view.component_state import read_fields, read_update

SENT = {"session": "s1", "sequence": 3, "fields": {"verdict": "wrong"}}
NAMES = (*FIELDS, "run", "split")


def test_an_update_is_read() -> None:
    update = read_update({"update": SENT})
    assert update is not None
    assert (update.session, update.sequence, update.fields) == ("s1", 3, {"verdict": "wrong"})


@pytest.mark.parametrize(
    "state",
    [
        None,
        "update",
        {},
        {"update": None},
        {"update": [SENT]},
        {"update": {**SENT, "session": 7}},
        {"update": {**SENT, "session": "x" * 41}},
        {"update": {**SENT, "sequence": "3"}},
        {"update": {**SENT, "sequence": True}},
        {"update": {**SENT, "sequence": 2.5}},
        {"update": {"fields": {"verdict": "wrong"}}},
    ],
)
def test_what_is_no_update_is_ignored(state: Any) -> None:
    assert read_update(state) is None


@pytest.mark.parametrize("fields", [None, "verdict", ["verdict"], 7])
def test_an_update_without_fields_is_acknowledged_and_changes_nothing(fields: Any) -> None:
    update = read_update({"update": {**SENT, "fields": fields}})
    assert update is not None and read_fields(update.fields, NAMES) == {}


@pytest.mark.parametrize(
    ("fields", "changed"),
    [
        (
            {"verdict": "wrong", "tag": "odd ones", "label": "2", "predicted": "invalid", "confidence": "0.2..0.5"},
            {"verdict": "wrong", "tag": "odd ones", "label": 2, "predicted": -1, "confidence": (0.2, 0.5)},
        ),
        ({"epoch": "3"}, {"epoch": 2}),
        ({"verdict": "", "sample": "", "sort": ""}, {"verdict": None, "sample": None, "sort": "index"}),
        ({"sample": "7", "run": "twin", "split": "val"}, {"sample": 7, "run": "twin", "split": "val"}),
        ({"metrics": "loss", "compare_run": "x", "nonsense": "1", 3: "x"}, {}),
        ({"sort": "drop table", "label": "-3", "size": "1e9", "sample": "x" * 500, "epoch": "0"}, {}),
        ({"label": 2, "verdict": ["wrong"], "search": None, "tag": {"a": 1}, "changed": True}, {}),
    ],
)
def test_fields_are_read_as_in_a_link_and_what_it_would_refuse_is_left_out(
    fields: dict[Any, Any], changed: dict[str, Any]
) -> None:
    assert read_fields(fields, NAMES) == changed


@pytest.mark.parametrize(
    ("fields", "changed"),
    [
        ({"epoch": "2"}, {"epoch": 1}),
        ({"epoch": ""}, {"epoch": None}),
        ({"epoch": "9"}, {}),
        ({"run": "x"}, {}),
        ({}, {}),
    ],
)
def test_the_epoch_control_selects_only_what_is_logged(fields: dict[str, Any], changed: dict[str, Any]) -> None:
    assert checked(read_fields(fields, ("epoch",)), (0, 1, 4)) == changed


def page() -> None:
    import streamlit as st

    from dashboard.view.component_state import ComponentState

    state = ComponentState("grid", ("label", "epoch"))
    before = state.ack()
    st.json({"before": before, "fields": state.receive(), "after": state.ack()})


def test_what_was_applied_is_acknowledged_until_the_session_ends() -> None:
    at = AppTest.from_function(page)
    at.session_state["grid"] = {
        "update": {"session": "s1", "sequence": 4, "fields": {"label": "1", "verdict": "wrong"}}
    }
    at.run()
    assert at.json[0].value == '{"before": null, "fields": {"label": 1}, "after": {"session": "s1", "sequence": 4}}'
    at.session_state["grid"] = {"update": {"session": "s2", "sequence": 1, "fields": {}}}
    at.run()
    assert '"after": {"session": "s2", "sequence": 1}' in at.json[0].value
    at.session_state["grid"] = {"update": "nonsense"}
    at.run()
    assert '"after": {"session": "s2", "sequence": 1}' in at.json[0].value
