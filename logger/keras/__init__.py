"""Keras: one callback that turns the events of a training into calls on a Run.

    from proofsheet.keras import RunLogger

    model.fit(x, y, validation_data=(x_val, y_val),
              callbacks=[RunLogger(validation_data=(x_val, y_val), class_names=CLASSES)])

What only Keras needs belongs here; what another framework could call as well is on `Run`.
"""

from .callback import RunLogger

__all__ = ["RunLogger"]
