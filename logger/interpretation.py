"""How a run's outputs and labels are read: decided from the first ones that tell, stored in run.json, and said."""

from __future__ import annotations

from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from . import schema
from .data.labels import label_notes
from .data.output_kind import OutputKind, contradicts, infer_output_kind, looks_like_embedding
from .data.outputs import count_nonfinite


class _Run(Protocol):
    info: schema.RunInfo

    def update(self, **fields: Any) -> None: ...

    def note(self, sentence: str) -> None: ...


class Interpretation:
    """What is known of the outputs and labels of a run; what becomes known goes into its run.json and notes."""

    def __init__(self, run: _Run) -> None:
        self._run = run
        self._kind = OutputKind(**run.info.output) if run.info.output else None
        self._checked_labels: set[str] = set()
        self._said: set[str] = set()

    def kind_of(self, rows: NDArray[np.float32], *, are_logits: bool, signed_labels: bool, where: str) -> OutputKind:
        """How outputs are read: decided once, and corrected when they deny it."""
        known = self._kind if self._kind and self._kind.kind != "classes" else None
        if invalid := count_nonfinite(rows):
            self._note_once(
                "invalid outputs",
                f"{invalid:,} of {len(rows):,} outputs of {where} hold NaN or infinite values: their samples count as "
                "invalid.",
            )
        corrected = known is not None and contradicts(rows, known.kind)
        if known is not None and not corrected:
            return known
        found = infer_output_kind(rows, are_logits, signed_labels)
        if found is None:  # nothing finite yet; a later epoch may tell
            kind = "sigmoid" if rows.shape[1] == 1 else "probabilities"
            return OutputKind(kind, "no finite output yet")
        self._kind = found
        self._run.update(output=vars(found))
        if found.surprising and (corrected or not are_logits):
            earlier = " Earlier epochs looked like probabilities and were logged as such." if corrected else ""
            self._run.note(
                f"Model outputs: {found.reason}. Pass logits= or probabilities= to say what they are.{earlier}"
            )
        return found

    def refuse_embedding(self, rows: NDArray[np.float32]) -> None:
        """Raises ValueError for outputs that are features and no scores of the classes named."""
        names = self._run.info.class_names
        if self._run.info.classes is None and names is not None and looks_like_embedding(rows, len(names)):
            raise ValueError(
                f"Outputs of shape (N, {rows.shape[1]}) look like an embedding, not like scores of the {len(names)} "
                "classes in class_names. Pass the outputs of the classifier."
            )

    def see_classes(self, classes: int) -> None:
        """Outputs have this many classes. Raises ValueError when those of before had another number."""
        if self._run.info.classes is None:
            names = self._run.info.class_names
            if names is not None and len(names) != classes:
                self._run.note(f"class_names has {len(names)} names, the model puts out {classes} classes.")
            self._run.update(classes=classes)
        elif self._run.info.classes != classes:
            raise ValueError(
                f"Outputs of this run have {self._run.info.classes} classes, got {classes}. "
                "Begin another run for another model."
            )

    def see_predicted(self, predicted: NDArray[np.int32], labels: NDArray[np.int64]) -> None:
        """Class indices without probabilities: how many classes there are is what was named or seen."""
        if self._kind is None:
            self._kind = OutputKind("classes", "predicted classes as given, without probabilities")
            self._run.update(output=vars(self._kind))
        seen = 1 + max(int(predicted.max(initial=-1)), int(labels.max(initial=-1)))
        classes = max(seen, len(self._run.info.class_names or ()), self._run.info.classes or 0)
        if classes != self._run.info.classes:
            self._run.update(classes=classes)

    def check_labels(self, split: str, labels: NDArray[np.int64]) -> None:
        """Say, once a split, what is odd about labels (N,)."""
        if split not in self._checked_labels and (labels >= 0).any():
            self._checked_labels.add(split)
            for sentence in label_notes(labels, self._run.info.classes or 0):
                self._run.note(sentence)

    def check_names(self, names: list[str] | None) -> None:
        """Say which class names occur twice."""
        if names and len(set(names)) < len(names):
            double = sorted({name for name in names if names.count(name) > 1})
            self._run.note(
                f"class_names repeats {', '.join(map(repr, double[:5]))}: such classes cannot be told apart by name."
            )

    def _note_once(self, about: str, sentence: str) -> None:
        if about not in self._said:
            self._said.add(about)
            self._run.note(sentence)
