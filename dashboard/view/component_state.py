"""State updates from a component, with sequence numbers and acknowledgements.

A component sends the fields of the view that a person changed, as the words of a link, under its session id and a
rising sequence number. The page's data carry the last session and number that the page has applied (`ack`), so the
component can tell data made before its latest change from data made after. The other side is
browser/component_state.js.

What a browser sends is unchecked input: here it is reduced to fields that a link could hold.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import streamlit as st

from dashboard.view import link

_LONGEST_SESSION = 40


@dataclass(frozen=True)
class Update:
    """One update: all changed fields that the component has no acknowledgement for."""

    session: str
    sequence: int
    fields: Mapping[Any, Any]
    """Words of a link by name of the field; an empty word stands for the default. Not checked yet."""


@dataclass(frozen=True)
class ComponentState:
    """The state `update` of the component of this `key`, which may change these fields of the view."""

    key: str
    names: tuple[str, ...]

    def receive(self) -> dict[str, Any]:
        """The fields of the view in the latest update, which counts as applied. For the component's callback."""
        update = read_update(st.session_state.get(self.key))
        if update is None:
            return {}
        st.session_state[self._place] = {"session": update.session, "sequence": update.sequence}
        return read_fields(update.fields, self.names)

    def ack(self) -> dict[str, Any] | None:
        """The session and number of the last update applied; None before the first, and after a restart."""
        applied: dict[str, Any] | None = st.session_state.get(self._place)
        return applied

    @property
    def _place(self) -> str:
        return f"_{self.key}_ack"


def read_update(state: Any) -> Update | None:
    """The update in the state of a component; None without one, and where it is malformed."""
    update = state.get("update") if isinstance(state, Mapping) else None
    if not isinstance(update, Mapping):
        return None
    session, sequence, fields = (update.get(name) for name in ("session", "sequence", "fields"))
    if not isinstance(session, str) or len(session) > _LONGEST_SESSION or type(sequence) is not int:
        return None
    return Update(session, sequence, fields if isinstance(fields, Mapping) else {})


def read_fields(fields: Mapping[Any, Any], names: tuple[str, ...]) -> dict[str, Any]:
    """The fields of the view among `names`, read as in a link; those that a link would refuse are left out."""
    found: dict[str, Any] = {}
    for name in names:
        word = fields.get(name)
        if not isinstance(word, str):
            continue
        view, problems = link.decode({name: [word]}, (name,))
        if not problems:
            found[name] = getattr(view, name)
    return found
