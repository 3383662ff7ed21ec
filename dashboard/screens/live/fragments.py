"""The parts of a page, each drawn again by itself when its data changed: nothing else on the page moves.

A part is a keyed fragment. What a person changes within one may show elsewhere too (the menu's links, the
pickers), so a part that finds the view moved has the whole script run.
"""

from __future__ import annotations

import time
from collections.abc import Callable

import streamlit as st

from dashboard.view import session

_PARTS, _TOOK = "_parts", "_took"


def begin() -> None:
    """To be called by the script before the first part."""
    st.session_state[_PARTS] = []


def part(key: str, draw: Callable[[], None], *, frame: Callable[[], object] = tuple) -> None:
    """Draw a part of the page under the unique `key`.

    `frame` gives what the script around the part was drawn from; where that changes, all is drawn again.
    """
    before = frame()

    @st.fragment(key=key)
    def drawn() -> None:
        if session.moved() or frame() != before:
            st.rerun()
        began = time.perf_counter()
        draw()
        st.session_state[_TOOK] = time.perf_counter() - began

    st.session_state[_PARTS] = [*st.session_state.get(_PARTS, ()), key]
    drawn()


def page(draw: Callable[[], None], *, frame: Callable[[], object] = tuple) -> None:
    """Draw the page's own part, the last on it; see `part`."""
    part("page", draw, frame=frame)


def draw_again() -> None:
    """Have the parts drawn again, or all where the page has none of its own yet. For callbacks; it does not return."""
    drawn = st.session_state.get(_PARTS, [])
    st.rerun(list(drawn) if "page" in drawn else "app")


def took() -> float:
    """Seconds that the page's part took when it was last drawn."""
    return float(st.session_state.get(_TOOK, 0.0))
