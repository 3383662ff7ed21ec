"""A split as the model sees it: its rows, one output of the model for them, and how both are logged."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..data.arrays import Array
from ..data.labels import label_array, label_notes
from ..data.output_kind import infer_output_kind
from ..run import Run
from .inputs.images import describe_images
from .inputs.splits import Split, flatten_weights, mask_ignored_class, open_split
from .inputs.streams import Stream
from .inputs.trees import Tree, leaves, map_leaves
from .model import check_shapes, data_format, input_rank, output_names
from .outputs import (
    Key,
    choose_output,
    loss_setting,
    output_loss,
    outputs_are_logits,
    select_labels,
    select_output,
    to_rows,
    unsupported_reason,
)
from .predict import default_batch_size, predict, probe
from .settings import Settings

_KINDS = {
    "probabilities": "probabilities",
    "scores": "scores, divided by their sum",
    "logits": "logits",
    "sigmoid": "one sigmoid output",
    "sigmoid_logits": "one logit, above 0 is class 1",
    "tanh": "one output from -1 to 1, above 0 is class 1",
}
_NOTHING_FINITE = (
    "Before training, all outputs of the model for the first {} images are NaN or infinite. "
    "Check its weights and inputs."
)
_LARGE_GB = 1.0
"""From this many gigabytes on, holding the rows of a dataset in memory is noted."""


@dataclass(frozen=True)
class SplitView:
    """A split, and how the model's outputs for it are read.

    `labels` (N,), (N, K) or None and `weights` (N,) or None belong to the output `key`. When images and predictions
    cannot be logged, `unsupported` says why.
    """

    data: Split
    batch_size: int
    seed: int
    data_format: str | None
    key: Key = None
    loss: Any = None
    labels: Array | None = None
    weights: Array | None = None
    outputs: str = ""
    """How the model's outputs are read, in words."""
    classes: int = 0
    unsupported: str | None = None
    notes: list[str] = field(default_factory=list)
    _indices: list[NDArray[np.int32]] = field(default_factory=list)

    @property
    def split(self) -> str:
        """`val` or `train`."""
        return self.data.name

    @property
    def has_images(self) -> bool:
        """Whether images and predictions are logged."""
        return self.unsupported is None

    @property
    def identifies_weights(self) -> bool:
        """Whether the outputs for this split are used to recognise the final weights of the model."""
        return self.has_images and self.split == "val"

    @property
    def summary(self) -> str:
        """One line on what is logged and how it is read."""
        n, available = len(self.data.rows), self.data.rows.available
        count = f"{n:,} of {available:,}" if available and available > n else f"{n:,}"
        if self.data.images is None or not self.has_images:
            return f"{count} {self.split} rows, metrics only"
        unlabelled = "" if self.labels is not None else ", no labels"
        images = describe_images(self.data.images)
        return f"{count} {self.split} images {images}, {self.classes} classes, {self.outputs}{unlabelled}"

    def predict(self, model: Any, first_batch: bool = False) -> Array:
        """Outputs, (N, K) or (N,), for all rows, or for the first batch only."""
        inputs = self.data.rows.inputs
        if first_batch:
            inputs = map_leaves(lambda leaf: leaf[: self.batch_size], inputs)
        return to_rows(predict(model, inputs, self.batch_size, lambda outputs: select_output(outputs, self.key)))

    def log_samples(self, run: Run) -> None:
        """Store the images. Called once, before the predictions."""
        if not self.has_images:
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

    def log_predictions(self, run: Run, epoch: int, outputs: Array) -> None:
        """Log the `outputs` of `predict` for the whole split."""
        if not self._indices:  # storing the images failed and was recorded
            return
        name = "logits" if outputs_are_logits(outputs, self.loss) else "probabilities"
        named: dict[str, Any] = {name: outputs}
        run.log_predictions(
            epoch, labels=self.labels, split=self.split, indices=self._indices[0], weights=self.weights, **named
        )


def open_view(model: Any, split: str, settings: Settings, data: Split | None = None) -> SplitView:
    """Read a split and try the model on a batch of it. Raises ValueError for data that the model cannot take.

    `data`: the split, if it has been read before.
    """
    source = settings.splits[split]
    data = data or open_split(source, input_rank(model))
    inputs = data.rows.inputs
    check_shapes(model, inputs, source.argument)
    batch_size = min(len(data.rows), settings.batch_size or default_batch_size(inputs))
    notes = [f"Only some rows are logged: {data.rows.note}"] if data.rows.note else []
    notes += [data.found.note] if data.found.note else []
    if isinstance(source.data, Stream) and (size := _gigabytes(inputs)) > _LARGE_GB:
        notes.append(f"`{source.argument}` takes {size:.1f} GB of memory during training; max_samples= limits it.")
    view = SplitView(data, batch_size, source.seed, data_format(model), notes=notes)
    try:
        outputs = probe(model, inputs, batch_size)
    except Exception as error:  # a custom model may raise anything
        return _metrics_only(view, f"the model could not predict on {source.argument} ({_first_line(error)})")
    return _with_output(model, view, outputs, settings)


def _with_output(model: Any, view: SplitView, outputs: Any, settings: Settings) -> SplitView:
    names = output_names(model)
    key, choice_note = choose_output(outputs, settings.output, names)
    loss = output_loss(model, key, names)
    labels = select_labels(view.data.rows.labels, key, names)
    values = to_rows(select_output(outputs, key))
    reason = unsupported_reason(values, labels, loss, settings.class_names)
    view = replace(view, key=key, loss=loss, notes=[*view.notes, *([choice_note] if choice_note else [])])
    if reason is not None or view.data.images is None:
        return _metrics_only(view, reason or str(view.data.found.unsupported))
    labels = mask_ignored_class(labels, loss_setting(loss, "ignore_class"))
    rows = values.reshape(len(values), -1).astype(np.float32)
    inferred = infer_output_kind(rows, outputs_are_logits(rows, loss))
    classes = max(2, rows.shape[1])
    nothing_finite = [] if inferred else [_NOTHING_FINITE.format(view.split)]
    return replace(
        view,
        notes=[
            *view.notes,
            *nothing_finite,
            *_notes_on_labels(labels, view.data.rows.labels is not None, classes, key),
        ],
        labels=labels,
        weights=flatten_weights(view.data.rows.weights, labels),
        outputs=_KINDS[inferred.kind] if inferred else "outputs NaN or infinite",
        classes=classes,
    )


def _notes_on_labels(labels: Array | None, given: bool, classes: int, key: Key) -> list[str]:
    if labels is None:
        return [f"There are no labels for the output {key!r}: its images are logged without."] if given else []
    return label_notes(label_array(labels, len(labels)), classes)


def _gigabytes(inputs: Tree) -> float:
    arrays = [array for leaf in leaves(inputs) for array in (leaf if leaf.dtype == object else [leaf])]
    return float(sum(array.nbytes for array in arrays) / 1e9)


def _metrics_only(view: SplitView, reason: str) -> SplitView:
    sentence = f"No {view.split} images are logged, only metrics: {reason}."
    return replace(view, unsupported=reason, notes=[*view.notes, sentence])


def _first_line(error: Exception) -> str:
    text = str(error).strip().split("\n")[0]
    return f"{type(error).__name__}: {text}"[:300]
