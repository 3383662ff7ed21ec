"""Keras: a callback that turns the events of a training into calls of `Run`.

    from proofsheet.keras import RunLogger

    model.fit(x, y, validation_data=(x_val, y_val),
              callbacks=[RunLogger(validation_data=(x_val, y_val), class_names=CLASSES)])

Only what is specific to Keras belongs here; what another framework could use as well is part of `Run`.
"""

from .callback import RunLogger

__all__ = ["RunLogger"]
