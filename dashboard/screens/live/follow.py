"""Keeps a page up to date: an invisible component that follows the server, and a button for new epochs.

The page is redrawn when something that it shows has changed, and only then. A view pinned to an epoch stays there, and
the button shows how many epochs have been logged since.
"""

from __future__ import annotations

import secrets
from functools import partial

import streamlit as st

from dashboard import formatting
from dashboard.browser import assets
from dashboard.catalogue.topics import versions
from dashboard.screens.live import fragments
from dashboard.view import navigation
from dashboard.view.session import Current, change, current

KEY = "live"
_SEEN = "_epochs_seen"
_REST, _MAX_REST = 2, 3.0
"""A page rests this many times as long as it draws before it is redrawn, at most this many seconds."""

_component = st.components.v2.component(
    "proofsheet_live", html="<span></span>", js=assets.loader("screens/live/live.js")
)


def follow(page: str) -> None:
    """Keep the page `page` up to date. To be called before it is drawn, so that no change is missed while it is."""
    fragments.part(KEY, partial(_draw, page))


def _draw(page: str) -> None:
    now = current()
    with st.container(key="live"):
        rest = min(_REST * fragments.draw_seconds(), _MAX_REST)
        data = {"session": _session(), "topics": followed(now, page), "rest": round(1000 * rest)}
        _component(key="live_socket", data=data, on_changed_change=fragments.redraw)
    with st.container(key="new_epochs"):
        if "epoch" in navigation.info(page).pickers and (fresh := new_epochs(now)):
            label = formatting.plural(fresh, "new epoch")
            latest = partial(change, epoch=None)
            st.button(label, key="to_latest", type="primary", icon=":material/arrow_upward:", on_click=latest)


def _session() -> str:
    """Identifies the session, so that an open page notices that the server was restarted."""
    session: str = st.session_state.setdefault("_session", secrets.token_hex(8))
    return session


def followed(now: Current, page: str) -> dict[str, str]:
    """The topics that the page shows (see `catalogue.topics`), with their current versions."""
    follows = navigation.info(page).follows
    if follows == "all" or now.run is None:
        topics = ["all"]
    elif follows == "runs":
        topics = ["names", *(f"run/{run.id}" for run in now.overlaid)]
    else:
        compared = [f"data/{now.view.compare_run}"] if now.view.compare_run else []
        annotations = [f"annotations/{now.run.id}"] if "tag" in navigation.info(page).fields else []
        first_epoch = [] if now.epochs else [f"run/{now.run.id}"]
        topics = ["names", f"data/{now.run.id}", *annotations, *compared, *first_epoch]
    return versions(now.runs, now.time, topics)


def new_epochs(now: Current) -> int:
    """How many epochs were logged while the view was pinned to one; 0 when it follows the latest."""
    if now.run is None or not now.epochs:
        return 0
    place = (now.run.id, now.split)
    known, seen = st.session_state.get(_SEEN, (None, -1))
    if now.view.epoch is None or known != place:
        seen = now.epochs[-1]
    seen = max(seen, now.view.epoch or 0)
    st.session_state[_SEEN] = (place, seen)
    return sum(epoch > seen for epoch in now.epochs)
