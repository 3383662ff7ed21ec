"""The parts of a page, each redrawn by itself when its data have changed, so that nothing else on the page moves.

A part is a keyed fragment. A change of the view inside one may show elsewhere too (in the links of the menu, in the
pickers), so a part that finds the view changed has the whole script run.
"""

from __future__ import annotations

import time
from collections.abc import Callable

import streamlit as st

from dashboard.view import session

_PARTS, _SECONDS = "_parts", "_draw_seconds"


def begin() -> None:
    """Start a page. To be called by the script before the first part."""
    st.session_state[_PARTS] = []


def part(key: str, draw: Callable[[], None], *, frame: Callable[[], object] = tuple) -> None:
    """Draw a part of the page under the unique `key`.

    `frame` returns what the script around the part was drawn from; when that changes, the whole page is redrawn.
    """
    before = frame()

    @st.fragment(key=key)
    def drawn() -> None:
        if session.moved() or frame() != before:
            st.rerun()
        began = time.perf_counter()
        draw()
        st.session_state[_SECONDS] = time.perf_counter() - began

    st.session_state[_PARTS] = [*st.session_state.get(_PARTS, ()), key]
    drawn()


def page(draw: Callable[[], None], *, frame: Callable[[], object] = tuple) -> None:
    """Draw the main part of the page, the last one; see `part`."""
    part("page", draw, frame=frame)


def redraw() -> None:
    """Redraw all parts, or the whole page while it has no main part yet. For callbacks; it does not return."""
    drawn = st.session_state.get(_PARTS, [])
    st.rerun(list(drawn) if "page" in drawn else "app")


def draw_seconds() -> float:
    """How long the main part took when it was last drawn."""
    return float(st.session_state.get(_SECONDS, 0.0))
