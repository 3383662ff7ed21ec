"""How the outputs and labels of a run are read: inferred from the first ones that allow it, stored in run.json."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any, Protocol, Self

import numpy as np
from numpy.typing import NDArray

from . import arguments, schema
from .data.labels import label_notes
from .data.output_kind import OutputKind, contradicts, infer_output_kind, looks_like_embedding
from .data.outputs import class_columns, columns_in_blocks, count_nonfinite, output_rows

_ROW_BYTES = 40
"""About the size of a row that holds no probabilities."""


@dataclass(frozen=True)
class ModelOutputs:
    """The outputs passed to one call of `Run.log_predictions`: `name` is the argument that was used."""

    name: str
    values: Any
    confidence: Any = None

    @classmethod
    def from_arguments(cls, confidence: Any, **forms: Any) -> Self:
        """Raises ValueError unless exactly one of `forms` is given, with `confidence` only beside `predicted`."""
        name = arguments.one_of(**forms)
        if confidence is not None and name != "predicted":
            raise ValueError("Pass `confidence` with `predicted` only: probabilities already contain it.")
        return cls(name, forms[name], confidence)

    def rows(self, n: int) -> NDArray[np.float32] | None:
        """A copy as (n, K) float32; None for class indices. Raises ValueError for other shapes."""
        return None if self.name == "predicted" else output_rows(self.values, n, self.name)


@dataclass(frozen=True)
class Targets:
    """The samples of a batch of predictions at an epoch, and their labels.

    `indices` (N,) in the split; `labels` (N,) class indices, NO_LABEL where there is none or it has weight 0; `soft`
    (N, K) label distributions, NaN rows where there is none; `signed`: the labels were given as -1 and 1.
    """

    split: str
    epoch: int
    indices: NDArray[np.int32]
    labels: NDArray[np.int64]
    soft: NDArray[np.float32] | None = None
    signed: bool = False


@dataclass(frozen=True)
class PendingColumns:
    """Columns of a predictions file, still to be computed: `compute` holds `size` bytes until then."""

    compute: Callable[[], dict[str, Any]]
    size: int


class _Run(Protocol):
    info: schema.RunInfo

    def update(self, **fields: Any) -> None: ...

    def note(self, sentence: str) -> None: ...


class Interpretation:
    """Decides how a run's outputs are read. What it infers goes to the run's run.json and notes."""

    def __init__(self, run: _Run) -> None:
        self._run = run
        self._kind = OutputKind(**run.info.output) if run.info.output else None
        self._checked_labels: set[str] = set()
        self._noted: set[str] = set()

    def columns(self, outputs: ModelOutputs, rows: NDArray[np.float32] | None, targets: Targets) -> PendingColumns:
        """The columns of `outputs`, whose `rows` are those of `ModelOutputs.rows`.

        Raises ValueError for another number of classes than the run has.
        """
        epoch, indices, labels = targets.epoch, targets.indices, targets.labels
        if rows is None:
            columns = class_columns(epoch, indices, labels, outputs.values, outputs.confidence)
            self._record_predicted(columns["predicted"], labels)
            self._check_labels(targets)
            return PendingColumns(lambda: columns, _ROW_BYTES * len(indices))
        kind = self._output_kind(rows, outputs.name == "logits", targets).kind
        self._check_class_count(max(2, rows.shape[1]))
        self._check_labels(targets)
        return PendingColumns(partial(columns_in_blocks, rows, kind, epoch, indices, labels, targets.soft), rows.nbytes)

    def refuse_embedding(self, rows: NDArray[np.float32]) -> None:
        """Raises ValueError when outputs (N, K) look like features rather than scores of the named classes."""
        names = self._run.info.class_names
        if self._run.info.classes is None and names is not None and looks_like_embedding(rows, len(names)):
            raise ValueError(
                f"Outputs of shape (N, {rows.shape[1]}) look like an embedding, not like scores of the {len(names)} "
                "classes in class_names. Pass the outputs of the classifier."
            )

    def check_names(self, names: list[str] | None) -> None:
        """Note class names that occur more than once."""
        if names and len(set(names)) < len(names):
            duplicates = sorted({name for name in names if names.count(name) > 1})
            self._run.note(
                f"class_names repeats {', '.join(map(repr, duplicates[:5]))}: such classes cannot be told apart by "
                "name."
            )

    def _output_kind(self, rows: NDArray[np.float32], are_logits: bool, targets: Targets) -> OutputKind:
        """How outputs are read: inferred once, and again when later values contradict it."""
        known = self._kind if self._kind and self._kind.kind != "classes" else None
        if nonfinite := count_nonfinite(rows):
            self._note_once(
                "invalid outputs",
                f"{nonfinite:,} of {len(rows):,} outputs of {targets.split} at epoch {targets.epoch + 1} hold NaN or "
                "infinite values: their samples count as invalid.",
            )
        corrected = known is not None and contradicts(rows, known.kind)
        if known is not None and not corrected:
            return known
        inferred = infer_output_kind(rows, are_logits, targets.signed)
        if inferred is None:  # no finite row yet: a later epoch decides
            kind = "sigmoid" if rows.shape[1] == 1 else "probabilities"
            return OutputKind(kind, "no finite output yet")
        self._kind = inferred
        self._run.update(output=vars(inferred))
        if inferred.surprising and (corrected or not are_logits):
            earlier = " Earlier epochs looked like probabilities and were logged as such." if corrected else ""
            self._run.note(
                f"Model outputs: {inferred.reason}. Pass logits= or probabilities= to say what they are.{earlier}"
            )
        return inferred

    def _check_class_count(self, classes: int) -> None:
        if self._run.info.classes is None:
            names = self._run.info.class_names
            if names is not None and len(names) != classes:
                self._run.note(f"class_names has {len(names)} names, but the model has {classes} classes.")
            self._run.update(classes=classes)
        elif self._run.info.classes != classes:
            raise ValueError(
                f"The outputs of this run have {self._run.info.classes} classes, got {classes}. "
                "Start another run for another model."
            )

    def _record_predicted(self, predicted: NDArray[np.int32], labels: NDArray[np.int64]) -> None:
        """Class indices without probabilities: the number of classes is that of the names or of those seen."""
        if self._kind is None:
            self._kind = OutputKind("classes", "predicted classes as given, without probabilities")
            self._run.update(output=vars(self._kind))
        seen = 1 + max(int(predicted.max(initial=-1)), int(labels.max(initial=-1)))
        classes = max(seen, len(self._run.info.class_names or ()), self._run.info.classes or 0)
        if classes != self._run.info.classes:
            self._run.update(classes=classes)

    def _check_labels(self, targets: Targets) -> None:
        """Note what is unusual about the labels, once per split."""
        if targets.split not in self._checked_labels and (targets.labels >= 0).any():
            self._checked_labels.add(targets.split)
            for sentence in label_notes(targets.labels, self._run.info.classes or 0):
                self._run.note(sentence)

    def _note_once(self, subject: str, sentence: str) -> None:
        if subject not in self._noted:
            self._noted.add(subject)
            self._run.note(sentence)
