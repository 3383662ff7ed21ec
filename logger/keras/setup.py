"""Starting or resuming the run of a training, and reporting what was inferred."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..console import notify_start
from ..run import Run
from .model import training_config
from .settings import Settings
from .split_view import SplitView

_NO_DATA = (
    "RunLogger has no validation_data and logs metrics only. A Keras callback cannot access the data of fit() or of "
    "validation_split: pass RunLogger(validation_data=(x_val, y_val)) to log images and predictions."
)


class CallbackRun(Run):
    """A run that a callback opened: `report_inferences` prints the line of its start."""

    def _print_start(self) -> None:
        pass


def open_run(
    settings: Settings,
    views: list[SplitView],
    model: Any,
    params: Mapping[str, Any] | None,
    previous: Run | None,
    quiet: bool,
) -> Run:
    """A new run, or the ended run `previous` resumed. `params` are those of the callback."""
    return CallbackRun(
        **settings.run_arguments,
        quiet=quiet,
        class_names=settings.class_names,
        config={**training_config(model, params), **settings.config},
        data_format=next((view.data_format for view in views), None),
        epochs=(params or {}).get("epochs"),
        resume=False if previous is None else previous.path,
    )


def configure_run(run: Run, settings: Settings, model: Any, params: Mapping[str, Any] | None) -> None:
    """Add the settings of the training to a run that the user opened; theirs take precedence."""
    config = {**training_config(model, params), **settings.config, **run.info.config}
    run.update(config=config, class_names=run.info.class_names or settings.class_names)
    run.plan((params or {}).get("epochs"))


def report_inferences(run: Run, settings: Settings, views: list[SplitView], announce: bool) -> None:
    """Note what was inferred from the data and the model, and what cannot be logged; `announce` prints the start."""
    if announce and not run.quiet:
        notify_start(run.path, ", ".join(view.summary for view in views) or "metrics only")
    names, own_names = settings.class_names, settings.dataset_class_names
    if own_names and names != own_names:
        run.note(f"class_names start with {(names or [])[:3]}, but those of the dataset itself with {own_names[:3]}.")
    if "val" not in settings.splits:
        run.note(_NO_DATA)
    for view in views:
        for sentence in view.notes:
            run.note(sentence)
    if not any(view.has_images for view in views):
        run.update(task="metrics")
