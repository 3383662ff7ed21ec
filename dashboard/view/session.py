"""The view of one visitor, synchronised with the URL.

Widgets show the view and change it in callbacks, so that it is final before the script draws anything. The session
holds only fields that the current page does not use (a gallery's filters while the confusion matrix is shown) and can
be discarded at any time.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, tzinfo
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import streamlit as st

from dashboard.catalogue.runs import Catalogue, Run, catalogue
from dashboard.view import link
from dashboard.view.palette import Palette, palette

_VIEW, _URL, _FIELDS, _PROBLEMS = "_view", "_url", "_fields", "_problems"
_DRAWN = "_drawn"


@dataclass(frozen=True)
class Current:
    """What the page shows now. Computed again in every script and fragment run, as runs grow."""

    catalogue: Catalogue
    runs: list[Run]
    """All runs, newest first."""
    run: Run | None
    view: link.View
    split: str | None
    epoch: int | None
    """From 0; the latest when the view follows it; None without predictions."""
    epochs: tuple[int, ...]
    """The epochs of the split with predictions, rising."""
    theme: str
    """`light` or `dark`."""
    time: float
    """Seconds since 1970."""
    zone: tzinfo
    """Of the visitor's browser."""

    @property
    def palette(self) -> Palette:
        """The colours of the theme."""
        return palette(self.theme)

    @property
    def overlaid(self) -> list[Run]:
        """The runs drawn together: those selected, else the one shown."""
        chosen = [run for run in self.runs if run.id in self.view.runs]
        return chosen or ([self.run] if self.run else [])

    @property
    def previous_epoch(self) -> int | None:
        """The logged epoch before the one shown; None for the first."""
        return max((e for e in self.epochs if self.epoch is not None and e < self.epoch), default=None)


def start(page: str, fields: tuple[str, ...], *, stay: bool = True) -> list[str]:
    """Read the URL of `page`, which holds `fields` of the view. Call once, before any widget.

    `stay`: without a run in the URL, the run that is newest now stays when a newer one appears.
    Returns a sentence for each part of the link that was ignored.
    """
    st.session_state[_FIELDS] = fields
    if st.session_state.get(_URL) != _url(page):
        got, problems = _decode(fields)
        previous = st.session_state.get(_VIEW, link.DEFAULT)
        runs = catalogue().runs()
        view, misfits = link.fit(replace(previous, **{f: getattr(got, f) for f in fields}), runs)
        st.session_state[_VIEW], st.session_state[_PROBLEMS] = view, problems + misfits
        st.session_state[_URL] = _url(page)
    if stay and st.session_state[_VIEW].run is None and (runs := catalogue().runs()):
        st.session_state[_VIEW] = replace(st.session_state[_VIEW], run=runs[0].id)
    st.session_state[_DRAWN] = _shown()
    return list(st.session_state[_PROBLEMS])


def moved() -> bool:
    """Whether the view changed since the script last ran; for fragments, which run on their own."""
    return bool(st.session_state.get(_DRAWN) != _shown())


def _shown() -> tuple[Any, ...]:
    now = current()
    return st.session_state.get(_VIEW), now.run and now.run.id, now.split


def _decode(fields: tuple[str, ...]) -> tuple[link.View, list[str]]:
    return link.decode({name: st.query_params.get_all(name) for name in st.query_params}, fields)


def _url(page: str) -> tuple[Any, ...]:
    return page, *((name, *st.query_params.get_all(name)) for name in sorted(st.query_params))


def current() -> Current:
    """What is to be shown, as of now."""
    runs = catalogue().runs()
    view, _ = link.fit(st.session_state.get(_VIEW, link.DEFAULT), runs)
    run = next((r for r in runs if r.id == view.run), runs[0] if runs else None)
    split = view.split or (run.main_split if run else None)
    epochs = run.epochs.get(split or "", ()) if run else ()
    epoch = view.epoch if view.epoch is not None else (epochs[-1] if epochs else None)
    theme = "dark" if st.context.theme.type == "dark" else "light"
    return Current(catalogue(), runs, run, view, split, epoch, epochs, theme, time.time(), _zone())


def _zone() -> tzinfo:
    try:
        return ZoneInfo(st.context.timezone or "UTC")
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return UTC


def change(**fields: Any) -> None:
    """Change the view and write it into the URL: for callbacks, and for what components report.

    Another run or split closes the opened sample; another run with other classes drops filters by class.
    What was drawn before this call shows the old view until the next run.
    """
    old: link.View = st.session_state.get(_VIEW, link.DEFAULT)
    view = _consistent(old, replace(old, **fields), given=frozenset(fields))
    if view != old:
        st.session_state[_VIEW], st.session_state[_PROBLEMS] = view, []
        _write(view)


def _write(view: link.View) -> None:
    query = link.encode(view, st.session_state[_FIELDS])
    page = st.session_state[_URL][0]
    st.query_params.from_dict(query)
    st.session_state[_URL] = _url(page)


def _consistent(old: link.View, new: link.View, given: frozenset[str]) -> link.View:
    reset: dict[str, Any] = {}
    if (old.run, old.split) != (new.run, new.split):
        reset["sample"] = None
    if old.run != new.run:
        one, other = (catalogue().get(v.run) if v.run else None for v in (old, new))
        if one and other and one.info.class_names != other.info.class_names:
            reset.update(label=None, predicted=None)
        reset["epoch"] = new.epoch if other and new.epoch in _epochs(other, new) else None
    return replace(new, **{k: v for k, v in reset.items() if k not in given})


def _epochs(run: Run, view: link.View) -> tuple[int, ...]:
    return run.epochs.get(view.split or run.main_split or "", ())


def bound(
    field: str,
    *,
    key: str | None = None,
    to_widget: Callable[[Any], Any] = lambda value: value,
    to_view: Callable[[Any], Any] = lambda value: value,
) -> dict[str, Any]:
    """`key` and `on_change` of a widget that shows and changes `field` of the view.

    `st.selectbox("Sort by", link.SORTS, **bound("sort"))`. `to_widget` and `to_view` translate between the
    field's value and the widget's. Give the widget no default of its own.
    """
    key = key or f"w_{field}"
    wanted = to_widget(getattr(st.session_state.get(_VIEW, link.DEFAULT), field))
    if key not in st.session_state or st.session_state[key] != wanted:
        st.session_state[key] = wanted

    def changed() -> None:
        change(**{field: to_view(st.session_state[key])})

    return {"key": key, "on_change": changed}
