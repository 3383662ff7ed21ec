"""The pages, the fields of the view that each keeps in its URL, and links between them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urlencode

import streamlit as st

from dashboard import formatting
from dashboard.settings import HERE
from dashboard.view import link
from dashboard.view.session import Current, current


@dataclass(frozen=True)
class PageInfo:
    """One page."""

    name: str
    """Its file in pages/ and its path in the URL."""
    title: str
    icon: str
    fields: tuple[str, ...]
    """What it keeps in its URL."""
    pickers: tuple[str, ...] = ("run", "split", "epoch")
    """The shared pickers in its sidebar."""
    follows: str = "data"
    """What redraws it: changes of the `data` of the run shown, of the chosen `runs`, or of `all`."""


PAGES = (
    PageInfo("runs", "Runs", ":material/table_rows:", (*link.CONTEXT, "runs", "find"), (), "all"),
    PageInfo(
        "metrics",
        "Metrics",
        ":material/monitoring:",
        (*link.CONTEXT, "runs", "metrics", "smoothing", "log_y", "x"),
        ("runs",),
        "runs",
    ),
    PageInfo(
        "confusion",
        "Confusion",
        ":material/grid_on:",
        (*link.CONTEXT, "normalize", "diagonal", "order", "compare_run", "compare_epoch"),
    ),
    PageInfo(
        "gallery",
        "Gallery",
        ":material/photo_library:",
        (
            *(*link.CONTEXT, "label", "predicted", "verdict", "confidence", "changed", "tag", "search"),
            *("sort", "reverse", "group", "size", "sample", "compare_run", "compare_epoch"),
        ),
    ),
)
"""In the order of the menu; the first is home."""
HOME = PAGES[0].name


def info(name: str) -> PageInfo:
    """The page of this name. Raises KeyError for another."""
    return {page.name: page for page in PAGES}[name]


def streamlit_page(page: PageInfo) -> Any:
    """The page for `st.navigation`."""
    path = HERE / "pages" / f"{page.name}.py"
    return st.Page(path, title=page.title, icon=page.icon, url_path=page.name, default=page.name == HOME)


def browser_title(name: str, now: Current) -> str:
    """What the browser's tab says of page `name`."""
    run = now.run if name != HOME else None
    return " · ".join([info(name).title, *([formatting.clean(run.title, 60)] if run else []), "Proofsheet"])


def query(name: str, *, fresh: bool = False, **fields: Any) -> dict[str, str | list[str]]:
    """The query of a link to page `name` with the view, changed by `fields`.

    `fresh` forgets all but run, split and epoch first. The opened sample is never carried along.
    """
    return link_query(current(), name, fresh=fresh, **fields)


def link_query(now: Current, name: str, *, fresh: bool = False, **fields: Any) -> dict[str, str | list[str]]:
    """As `query`, for a `Current` at hand."""
    view = replace(now.view, sample=None, run=now.run.id if now.run else None)
    if fresh:
        view = link.View(**{field: getattr(view, field) for field in link.CONTEXT})
    return link.encode(replace(view, **fields), info(name).fields)


def href(name: str, *, fresh: bool = False, **fields: Any) -> str:
    """As `query`, as a URL relative to the server's base path."""
    text = urlencode(query(name, fresh=fresh, **fields), doseq=True)
    return ("./" if name == HOME else name) + (f"?{text}" if text else "")


def page_link(name: str, label: str, *, icon: str | None = None, fresh: bool = False, **fields: Any) -> None:
    """A link to page `name` with the view, changed by `fields`. `label` is Markdown: escape what comes from files."""
    page = info(name)
    st.page_link(
        streamlit_page(page), label=label, icon=icon or page.icon, query_params=query(name, fresh=fresh, **fields)
    )


def go(name: str, *, fresh: bool = False, **fields: Any) -> None:
    """Switch to page `name` with the view, changed by `fields`."""
    st.switch_page(streamlit_page(info(name)), query_params=query(name, fresh=fresh, **fields))
