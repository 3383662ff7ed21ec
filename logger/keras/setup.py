"""Beginning the run of a training, or going on with it, and telling what was inferred."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..console import notify
from ..run import Run
from .model import training_config
from .settings import Settings
from .split_view import View

_NO_DATA = (
    "No validation_data was given to RunLogger: metrics only. A Keras callback cannot see the data of fit(), nor what "
    "validation_split takes off: pass RunLogger(validation_data=(x_val, y_val)) to log images and predictions."
)


def open_run(
    settings: Settings, views: list[View], model: Any, params: Mapping[str, Any] | None, old: Run | None
) -> Run:
    """A new run, or the ended run `old` opened again to go on with it."""
    given = settings.run_arguments
    if old is not None:
        given = {**given, "runs_dir": old.path.parent, "name": old.path.name}
    return Run(
        **given,
        class_names=settings.class_names,
        config={**training_config(model, params), **settings.config},
        data_format=next((view.data_format for view in views), None),
        epochs=(params or {}).get("epochs"),
        resume=old is not None,
    )


def adopt_run(run: Run, settings: Settings, model: Any, params: Mapping[str, Any] | None) -> None:
    """Add what is known to a run that the person opened; what they said of it stands."""
    config = {**training_config(model, params), **settings.config, **run.info.config}
    run.update(config=config, class_names=run.info.class_names or settings.class_names)
    run.plan((params or {}).get("epochs"))


def tell(run: Run, settings: Settings, views: list[View]) -> None:
    """Say what was inferred and what cannot be logged, and store the samples of what can."""
    names, own = settings.class_names, settings.own_names
    if own and names != own:
        run.note(f"class_names begin with {(names or [])[:3]}, but those of the dataset itself with {own[:3]}.")
    if "val" not in settings.splits:
        run.note(_NO_DATA)
    for view in views:
        for sentence in view.notes:
            run.note(sentence)
        notify(f"{view.summary}; logging to {run.path}")
    if not any(view.shown for view in views):
        run.update(task="metrics")
    for view in views:
        view.log_samples(run)
