"""The names of the classes of a run."""

from __future__ import annotations

from dashboard.catalogue.runs import Run


def class_names(run: Run) -> list[str]:
    """A name for each class of the output, by index; empty when the number of classes is not known."""
    return [run.info.class_name(k) for k in range(run.info.classes or len(run.info.class_names or ()))]
