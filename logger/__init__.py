"""Proofsheet's logger: writes what went into an image classifier and what came out to a run folder.

    from proofsheet import Run

    with Run(class_names=["cat", "dog"]) as run:
        for epoch in range(epochs):
            ...
            run.log_metrics(epoch, {"loss": loss, "val_loss": val_loss})
            run.log_predictions(epoch, images, probabilities=p, labels=y)

Keras needs one line, see `proofsheet.keras.RunLogger`. Needs numpy, Pillow and pyarrow; the last two are
loaded when the first picture is written. The dashboard is a separate program of which nothing is imported.
"""

from .run import Run
from .version import VERSION as __version__

__all__ = ["Run", "__version__"]
