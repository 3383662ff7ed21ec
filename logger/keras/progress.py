"""Which run a fit() belongs to, and which epoch of the run its epochs are."""

from __future__ import annotations

import weakref
from dataclasses import dataclass
from typing import Any

from ..run import Run


class Training:
    """A model as it was compiled. Holds no reference to it."""

    def __init__(self, model: Any) -> None:
        self._model, self._optimizer = _reference(model), _reference(getattr(model, "optimizer", None))

    def is_same(self, model: Any) -> bool:
        """Whether `model` is this model, not compiled anew since."""
        return self.is_same_model(model) and self._optimizer() is getattr(model, "optimizer", None)

    def is_same_model(self, model: Any) -> bool:
        """Whether `model` is this model."""
        return self._model() is model


@dataclass(frozen=True)
class Progress:
    """The training that a run logged last, and what is added to its epochs."""

    training: Training
    offset: int = 0
    announced: bool = False
    """Whether it was said that further calls of fit() continue the run."""


@dataclass(frozen=True)
class Decision:
    """What a further fit() does: it continues the run, or starts another; `progress` is that of its run."""

    continues: bool
    progress: Progress
    sentence: str | None = None
    """What the person training should know."""


_progress: weakref.WeakKeyDictionary[Run, Progress] = weakref.WeakKeyDictionary()


def progress_of(run: Run) -> Progress | None:
    """How far this process has logged `run`; None when it has not."""
    return _progress.get(run)


def record(run: Run, progress: Progress) -> None:
    """`run` is logged with these epochs from now on."""
    _progress[run] = progress


def decide(run: Run, model: Any, epoch: int, may_start: bool) -> Decision:
    """What a fit() that begins at `epoch` does, when `run` is that of the one before.

    Epochs that follow the last one, and those of an explicit `initial_epoch`, are taken as they are; what is logged
    again replaces what was logged. From epoch 0 on the same training goes on, as in a loop of fit(epochs=1): its
    epochs are counted on. Another model, or one compiled anew, starts another run where that is allowed.
    """
    before, last = progress_of(run), run.last_epoch
    if last is None:
        return Decision(True, Progress(Training(model)))
    replaces = f"{run.path} already has epoch {epoch + 1}: what is logged again replaces it"
    if before is None:
        return Decision(True, Progress(Training(model)), replaces if epoch <= last else None)
    follows = epoch > last - before.offset
    same = before.training.is_same(model)
    if may_start and not follows and not same and (epoch == 0 or not before.training.is_same_model(model)):
        return Decision(False, Progress(Training(model)))
    offset = before.offset if follows or epoch > 0 else last + 1
    which = "this fit()" if same else "another training"
    continues = f"{which} continues {run.path} at epoch {offset + epoch + 1}, and so will further ones"
    sentence = continues if follows or epoch == 0 else replaces
    said = before.announced and same and sentence is continues
    return Decision(True, Progress(Training(model), offset, announced=True), None if said else sentence)


def _reference(value: Any) -> weakref.ref[Any]:
    try:
        return weakref.ref(value)
    except TypeError:  # None, or an optimizer without weak references
        return lambda: value  # type: ignore[return-value]
