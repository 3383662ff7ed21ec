"""Copies of a callback, as tuners and estimators make them: each begins its own training and shares the data."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping
from typing import Any, Self

from keras.callbacks import Callback

from ..run import Run
from .settings import Settings


class CopyableCallback(Callback):  # type: ignore[misc]
    """A callback that is made from settings and, perhaps, a run; what it knows of a training is not copied.

    Arrays and datasets are shared by copies, since not all of them can be copied; pickling copies them.
    """

    _settings: Settings
    _given_run: Run | None

    @abstractmethod
    def _prepare(self, settings: Settings, run: Run | None) -> None:
        """Set all attributes as they are before training begins."""

    def __getstate__(self) -> dict[str, Any]:
        blank = type(self).__new__(type(self))
        Callback.__init__(blank)
        blank._prepare(self._settings, self._given_run)
        own = {name: value for name, value in vars(self).items() if name not in vars(blank)}  # of a subclass
        return {**own, "_settings": self._settings, "_given_run": self._given_run}

    def __setstate__(self, state: Mapping[str, Any]) -> None:
        Callback.__init__(self)
        self.__dict__.update(state)
        self._prepare(self._settings, self._given_run)

    def __deepcopy__(self, memo: dict[int, Any]) -> Self:
        copied = type(self).__new__(type(self))
        copied.__setstate__(self.__getstate__())
        return copied
