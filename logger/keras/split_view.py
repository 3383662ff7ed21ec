"""A split seen through the model: predicted in order, one output chosen, handed to the run."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..data.arrays import Array
from ..data.labels import label_array, label_notes
from ..data.output_kind import infer_output_kind
from ..run import Run
from .inputs.splits import Split, describe, flat_weights, open_split, without_class
from .inputs.streams import Stream
from .inputs.trees import Tree, leaves, map_leaves
from .model import check_shapes, data_format, input_rank, output_names
from .outputs import (
    Key,
    are_logits,
    choose_output,
    labels_of,
    loss_setting,
    output_loss,
    pick,
    rows_of,
    why_not_classes,
)
from .predict import default_batch_size, predict, probe
from .settings import Settings

_MUCH = 1.0
"""Gigabytes of data in memory from which on a person should be told."""


@dataclass(frozen=True)
class View:
    """A split and how the model's outputs for it are read; `why_not` says why they are not logged, if so."""

    data: Split
    batch_size: int
    seed: int
    data_format: str | None
    key: Key = None
    loss: Any = None
    labels: Array | None = None
    weights: Array | None = None
    kind: str = ""
    classes: int = 0
    why_not: str | None = None
    notes: list[str] = field(default_factory=list)
    _indices: list[NDArray[np.int32]] = field(default_factory=list)

    @property
    def split(self) -> str:
        """`val` or `train`."""
        return self.data.name

    @property
    def shown(self) -> bool:
        """Whether there are images with classes to log."""
        return self.why_not is None

    @property
    def is_end(self) -> bool:
        """Whether the model's final weights are recognised by this split."""
        return self.shown and self.split == "val"

    @property
    def summary(self) -> str:
        """What was inferred, in one line."""
        n, all_of = len(self.data.rows), self.data.rows.available
        count = f"{n:,} of {all_of:,}" if all_of and all_of > n else f"{n:,}"
        if self.data.images is None or not self.shown:
            return f"{count} {self.split} rows, metrics only"
        labelled = "" if self.labels is not None else ", no labels"
        inferred = f"{describe(self.data.images)}, {self.classes} classes, {self.kind}{labelled}"
        return f"{count} {self.split} images {inferred}"

    def predict(self, model: Any, first_batch: bool = False) -> Array:
        """Outputs (N, K) or (N,) of all rows, or of the first batch of them."""
        inputs = self.data.rows.inputs
        if first_batch:
            inputs = map_leaves(lambda leaf: leaf[: self.batch_size], inputs)
        return rows_of(predict(model, inputs, self.batch_size, lambda outputs: pick(outputs, self.key)))

    def log_samples(self, run: Run) -> None:
        """Store the pictures, once."""
        if not self.shown:
            return
        rows = self.data.rows
        self._indices[:] = [
            run.log_samples(
                self.data.images,
                labels=self.labels,
                split=self.split,
                sources=rows.sources,
                weights=self.weights,
                available=rows.available,
                seed=None if rows.available is None else self.seed,
            )
        ]

    def log_predictions(self, run: Run, epoch: int, values: Array) -> None:
        """Log outputs that `predict` gave for the whole split."""
        if not self._indices:  # the pictures could not be stored, which was said then
            return
        name = "logits" if are_logits(values, self.loss) else "probabilities"
        outputs: dict[str, Any] = {name: values}
        run.log_predictions(
            epoch, labels=self.labels, split=self.split, indices=self._indices[0], weights=self.weights, **outputs
        )


def open_view(model: Any, split: str, settings: Settings) -> View:
    """Read a split and try the model on a batch of it. Raises ValueError for what the model cannot take."""
    given, argument = settings.splits[split], settings.splits[split].argument
    data = open_split(
        split, given.data, argument, given.bound, settings.seed, input_rank(model), settings.image_key
    )  # fmt: skip
    rows = data.rows
    check_shapes(model, rows.inputs, argument)
    size = min(len(rows), settings.batch_size or default_batch_size(rows.inputs))
    notes = [f"Logged are {rows.note}"] if rows.note else []
    if isinstance(given.data, Stream) and (size_in_memory := _gigabytes(rows.inputs)) > _MUCH:
        notes.append(f"`{argument}` takes {size_in_memory:.1f} GB of memory while training; max_samples= bounds it.")
    view = View(data, size, settings.seed, data_format(model), notes=notes)
    try:
        outputs = probe(model, rows.inputs, size)
    except Exception as error:  # whatever a model of someone else's may raise
        return _refused(view, f"the model could not predict on {argument} ({_first_line(error)})")
    return _with_output(model, view, outputs, settings.output, settings.class_names)


def _with_output(model: Any, view: View, outputs: Any, wanted: Key, class_names: list[str] | None) -> View:
    names = output_names(model)
    key, said = choose_output(outputs, wanted, names)
    loss = output_loss(model, key, names)
    labels = labels_of(view.data.rows.labels, key, names)
    values = rows_of(pick(outputs, key))
    why_not = why_not_classes(values, labels, loss, class_names)
    view = replace(view, key=key, loss=loss, notes=[*view.notes, *([said] if said else [])])
    if why_not is not None or view.data.why_not is not None:
        return _refused(view, why_not or str(view.data.why_not))
    labels = without_class(labels, loss_setting(loss, "ignore_class"))
    rows = values.reshape(len(values), -1).astype(np.float32)
    reading = infer_output_kind(rows, are_logits(rows, loss))
    classes = max(2, rows.shape[1])
    return replace(
        view,
        notes=[*view.notes, *_about_labels(labels, view.data.rows.labels is not None, classes, key)],
        labels=labels,
        weights=flat_weights(view.data.rows.weights, labels),
        kind=reading.kind if reading else "no finite output yet",
        classes=classes,
    )


def _about_labels(labels: Array | None, given: bool, classes: int, key: Key) -> list[str]:
    if labels is None:
        return [f"No labels are given for the output {key!r}: its images are logged without."] if given else []
    return label_notes(label_array(labels, len(labels)), classes)


def _gigabytes(inputs: Tree) -> float:
    arrays = [array for leaf in leaves(inputs) for array in (leaf if leaf.dtype == object else [leaf])]
    return float(sum(array.nbytes for array in arrays) / 1e9)


def _refused(view: View, reason: str) -> View:
    sentence = f"No {view.split} images are logged, only metrics: {reason}."
    return replace(view, why_not=reason, notes=[*view.notes, sentence])


def _first_line(error: Exception) -> str:
    text = str(error).strip().split("\n")[0]
    return f"{type(error).__name__}: {text}"[:300]
