"""The whole view as one typed value, encoded in the query string and decoded from it.

The URL is the only state of a view: page, run, split, epoch and every filter. `decode` never raises: values that it
cannot read are ignored and reported. `fit` then resolves a view against the existing runs. Epochs count from 0 in
`View` and from 1 in the URL.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from typing import Any

from dashboard.catalogue.runs import Run
from dashboard.view import link_values
from logger import schema

SORTS = ("index", "loss", "confidence", "margin", "forgotten")
GROUPS = ("label", "predicted")
NORMALIZE = ("counts", "label", "prediction")
ORDERS = ("index", "frequency", "cluster")
X_AXES = ("epoch", "step", "time")


@dataclass(frozen=True)
class View:
    """What a visitor is looking at. Fields at their default are not in the URL."""

    run: str | None = None
    """Id (folder name) of the run; None is the newest."""
    split: str | None = None
    """None is the run's main split: `val` if there is one."""
    epoch: int | None = None
    """From 0; None follows the latest."""
    runs: tuple[str, ...] = ()
    """Ids of the runs drawn together; none means `run` alone."""
    find: str = ""
    """Only runs with this in their name."""
    label: int | None = None
    """Only samples of this class index."""
    predicted: int | None = None
    """Only samples predicted as this class index; -1 is invalid."""
    verdict: str | None = None
    """One of `schema.VERDICTS`."""
    confidence: tuple[float, float] = (0.0, 1.0)
    """Lowest and highest confidence shown, both included."""
    changed: bool = False
    """Only samples whose prediction differs from the epoch before."""
    tag: str = ""
    search: str = ""
    sort: str = "index"
    """One of SORTS."""
    reverse: bool = False
    """Descending instead of ascending."""
    group: str | None = None
    """One of GROUPS."""
    size: int | None = None
    """Side of a tile on the screen, in pixels; None is the page's choice."""
    sample: int | None = None
    """Index of the opened sample."""
    compare_run: str | None = None
    """Id of the run compared with; None is the same run."""
    compare_epoch: int | None = None
    """Epoch compared with, from 0."""
    normalize: str = "counts"
    """One of NORMALIZE."""
    diagonal: bool = True
    order: str = "index"
    """One of ORDERS."""
    metrics: tuple[str, ...] = ()
    """Names of the metrics drawn; none means all."""
    smoothing: float = 0.0
    """Weight of the past in the moving average, 0 (none) to 0.99."""
    log_y: bool = False
    x: str = "epoch"
    """One of X_AXES."""


FIELDS = tuple(f.name for f in fields(View))
CONTEXT = ("run", "split", "epoch")
"""What is carried from page to page."""
DEFAULT = View()


_TEXT = link_values.Codec(link_values.short_text)
_TEXTS = link_values.Codec(link_values.short_text, many=True)
_FLAG = link_values.Codec(link_values.flag, link_values.write_flag)
_INDEX = link_values.Codec(link_values.whole(0))
_EPOCH = link_values.Codec(link_values.epoch, lambda epoch: str(epoch + 1))
CODECS: dict[str, link_values.Codec] = {
    "run": _TEXT,
    "split": link_values.Codec(link_values.choice(schema.SPLITS)),
    "epoch": _EPOCH,
    "runs": _TEXTS,
    "find": _TEXT,
    "label": _INDEX,
    "predicted": link_values.Codec(link_values.predicted, lambda k: "invalid" if k == schema.INVALID else str(k)),
    "verdict": link_values.Codec(link_values.choice(schema.VERDICTS)),
    "confidence": link_values.Codec(link_values.span, lambda pair: f"{pair[0]:g}..{pair[1]:g}"),
    "changed": _FLAG,
    "tag": _TEXT,
    "search": _TEXT,
    "sort": link_values.Codec(link_values.choice(SORTS)),
    "reverse": _FLAG,
    "group": link_values.Codec(link_values.choice(GROUPS)),
    "size": link_values.Codec(link_values.whole(8)),
    "sample": _INDEX,
    "compare_run": _TEXT,
    "compare_epoch": _EPOCH,
    "normalize": link_values.Codec(link_values.choice(NORMALIZE)),
    "diagonal": _FLAG,
    "order": link_values.Codec(link_values.choice(ORDERS)),
    "metrics": _TEXTS,
    "smoothing": link_values.Codec(link_values.smoothing, lambda weight: f"{weight:g}"),
    "log_y": _FLAG,
    "x": link_values.Codec(link_values.choice(X_AXES)),
}


def encode(view: View, names: Iterable[str] = FIELDS) -> dict[str, str | list[str]]:
    """The query parameters of `view`: those fields of `names` that are not at their default."""
    out: dict[str, str | list[str]] = {}
    for name in names:
        value, codec = getattr(view, name), CODECS[name]
        if value != getattr(DEFAULT, name):
            out[name] = [codec.write(v) for v in value] if codec.many else codec.write(value)
    return out


def decode(query: Mapping[str, Sequence[str]], names: Iterable[str] = FIELDS) -> tuple[View, list[str]]:
    """The view that a query string says, and one sentence for each part that was ignored.

    `names`: the fields to read; other known fields are skipped silently. Of a repeated single
    value the last counts. An empty value counts as not given.
    """
    found: dict[str, Any] = {}
    problems = [f"{name[:60]!r} is not known to this version" for name in query if name not in CODECS]
    for name in names:
        given = [value for value in query.get(name, ()) if value != ""]
        codec = CODECS[name]
        try:
            if given:
                found[name] = tuple(dict.fromkeys(map(codec.read, given))) if codec.many else codec.read(given[-1])
        except ValueError as e:
            problems.append(f"{name!r} {e}, got {given[-1][:60]!r}")
    return View(**found), problems


def fit(view: View, runs: Sequence[Run]) -> tuple[View, list[str]]:
    """`view` with what the runs do not hold left out, and one sentence for each such part.

    `runs`: newest first. A `run` that is not among them becomes None, which is the newest.
    """
    known = {run.id: run for run in runs}
    problems = [f"run {name!r} is not in this folder" for name in view.runs if name not in known]
    if view.run is not None and view.run not in known:
        problems.append(f"run {view.run!r} is not in this folder, so the newest is shown")
        view = replace(view, run=None, sample=None)
    run = known[view.run] if view.run else (runs[0] if runs else None)
    view = replace(view, runs=tuple(r for r in view.runs if r in known))
    if view.compare_run is not None and view.compare_run not in known:
        problems.append(f"run {view.compare_run!r} is not in this folder, so nothing is compared")
        view = replace(view, compare_run=None, compare_epoch=None)
    return _fit_to_run(view, run, problems) if run else (view, problems)


def _fit_to_run(view: View, run: Run, problems: list[str]) -> tuple[View, list[str]]:
    if view.split is not None and view.split not in run.splits:
        problems.append(f"this run has no split {view.split!r}")
        view = replace(view, split=None)
    epochs = run.epochs.get(view.split or run.main_split or "", ())
    if view.epoch is not None and view.epoch not in epochs:
        problems.append(f"epoch {view.epoch + 1} is not logged, so the latest is shown")
        view = replace(view, epoch=None)
    classes = run.info.classes
    if classes is not None and view.predicted is not None and view.predicted >= classes:
        problems.append(f"this run has no class {view.predicted}")
        view = replace(view, predicted=None)
    return view, problems
