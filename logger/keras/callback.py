"""RunLogger: Keras' events -> calls on a Run. A callback cannot see the data of fit(), so it is given again."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from keras.callbacks import Callback

from ..console import notify
from ..run import Run
from .exit_watch import FitWatch
from .final_weights import Ends, flat_metrics
from .inputs.splits import ImageKey
from .model import learning_rate
from .process_rank import other_process
from .settings import check_settings
from .setup import adopt_run, open_run, tell
from .split_view import View, open_view


class RunLogger(Callback):  # type: ignore[misc]
    """Logs a training: its metrics, and at each epoch what the model says of every validation image.

    `validation_data`: (x, y), (x, y, sample_weight), a tf.data.Dataset, PyDataset, torch or grain loader, or a
    function that makes a generator; read once, when training begins. `training_data`: the same; `training_samples`
    of it (None: all) are logged as split `train`. `class_names`: names by class index. `runs_dir`, `name`,
    `config`, `display_range`, `show_channels`: as for `Run`; or pass a `run` of your own, which is yours to finish.
    `every`: predict at the first, each `every`-th and the last epoch. `max_samples`: bound of the validation
    images; `seed` chooses them. `batch_size`: of predictions. `image_key`: which of several inputs is the picture,
    by name or position, or a function from the inputs to pictures. `output`: which of several outputs is logged.
    `sources`: a path or id for each row of validation arrays. `log_steps`: also log the training metrics at each
    `log_steps`-th batch.

    Put it last in `callbacks`, so that it sees what other callbacks do to the weights. Mistakes in arguments raise
    ValueError or TypeError here or when training begins; later problems are said once and never stop training.
    """

    def __init__(
        self,
        validation_data: Any = None,
        *,
        training_data: Any = None,
        class_names: Sequence[str] | Mapping[int, str] | None = None,
        runs_dir: str | os.PathLike[str] = "runs",
        name: str | None = None,
        config: Mapping[str, Any] | None = None,
        run: Run | None = None,
        every: int = 1,
        max_samples: int | None = None,
        training_samples: int | None = 2_000,
        batch_size: int | None = None,
        image_key: ImageKey = None,
        output: str | int | None = None,
        sources: Sequence[Any] | None = None,
        display_range: tuple[Any, Any] | None = None,
        show_channels: Sequence[int] | None = None,
        log_steps: int | None = None,
        seed: int = 0,
    ) -> None:
        super().__init__()
        self._settings = check_settings(
            validation_data, training_data, class_names, sources, (max_samples, training_samples), config,
            {"runs_dir": runs_dir, "name": name, "display_range": display_range, "show_channels": show_channels},
            every, batch_size, image_key, output, log_steps, seed,
        )  # fmt: skip
        self._run, self._owns_run = run, run is None
        self._views: list[View] | None = None
        self._ends = Ends()
        self._muted = self._undecided = False
        self._first_epoch: int | None = None
        self._watch: FitWatch | None = None
        self._epoch = self._steps_before = self._batches = 0
        if log_steps is not None:
            # Only then: Keras fetches the numbers of every batch for a callback that has this method.
            self.on_train_batch_end = self._log_batch

    @property
    def run(self) -> Run | None:
        """The run that is written; None before training begins, and in all processes but the first."""
        return self._run

    def on_train_begin(self, logs: Any = None) -> None:
        """Read the data, try the model on a batch of it, and begin the run."""
        other = other_process()
        self._muted = other is not None
        if other is not None:
            notify(f"this process does not log, the first one does ({other}).")
            return
        if self._views is None:
            self._views = [open_view(self.model, split, self._settings) for split in self._settings.splits]
        self._first_epoch = None
        self._undecided = self._run is not None  # its first epoch tells whether this fit() goes on with the run
        if self._run is None or not self._owns_run:
            self._begin()
        self._watch = FitWatch(self._left) if self._owns_run else None

    def on_epoch_begin(self, epoch: int, logs: Any = None) -> None:
        """A further fit() with the same callback goes on with the run, or begins another one."""
        self._epoch, self._batches = epoch, 0
        if self._undecided and not self._muted:
            self._undecided = False
            with self._kept_out_of_training():
                self._go_on_or_begin(epoch)

    def on_epoch_end(self, epoch: int, logs: Mapping[str, Any] | None = None) -> None:
        """Log the metrics, and the predictions when it is their turn."""
        self._steps_before += self._batches
        if self._muted or self._run is None:
            return
        if self._first_epoch is None:
            self._first_epoch = epoch
        with self._kept_out_of_training():
            rate = learning_rate(self.model)
            known = {} if rate is None else {"learning_rate": rate}
            self._run.log_metrics(epoch, {**known, **flat_metrics(logs)})
        last = epoch + 1 == (self.params or {}).get("epochs") or getattr(self.model, "stop_training", False)
        if epoch == self._first_epoch or last or (epoch + 1) % self._settings.every == 0:
            for view in self._views or []:
                with self._kept_out_of_training():
                    self._log_predictions(view, epoch)

    def on_train_end(self, logs: Any = None) -> None:
        """Say which weights the model is left with, and finish the run."""
        if self._watch is not None:
            self._watch.stop()
        if self._muted or self._run is None:
            return
        with self._kept_out_of_training():
            for view in self._views or []:
                sentence = self._ends.sentence(view.predict(self.model, first_batch=True)) if view.is_end else None
                if sentence is not None:
                    self._run.note(sentence)
        if self._owns_run:
            with self._kept_out_of_training():
                self._run.finish()

    def _begin(self, old: Run | None = None) -> None:
        views = self._views or []
        if self._owns_run:
            self._run = open_run(self._settings, views, self.model, self.params, old)
        assert self._run is not None
        with self._kept_out_of_training():
            if not self._owns_run:
                adopt_run(self._run, self._settings, self.model, self.params)
            tell(self._run, self._settings, views)

    def _go_on_or_begin(self, epoch: int) -> None:
        run = self._run
        assert run is not None
        goes_on = run.last_epoch is None or epoch > run.last_epoch
        if not self._owns_run:
            self._muted = not goes_on
            if self._muted:
                notify(f"epoch {epoch + 1} is in {run.path} already: this training is not logged. Pass another Run.")
            return
        if run.state == "running" and not goes_on:
            run.fail("fit() was left before its end")
        if not goes_on or run.state != "running":
            self._ends = Ends()
            self._begin(run if goes_on else None)
        notify(f"this training {'goes on with' if goes_on else 'begins'} the run {self._run.path if self._run else ''}")

    def _log_predictions(self, view: View, epoch: int) -> None:
        if not view.shown or self._run is None:
            return
        began = time.perf_counter()
        rows = view.predict(self.model)
        self._run.add_cost(predicting=time.perf_counter() - began)
        if view.is_end:
            self._ends.remember(epoch, rows)
        view.log_predictions(self._run, epoch, rows)

    def _log_batch(self, batch: int, logs: Mapping[str, Any] | None = None) -> None:
        before, self._batches = self._batches, batch + 1
        every = self._settings.log_steps or 1
        if not self._muted and self._run is not None and self._batches // every > before // every:
            with self._kept_out_of_training():
                self._run.log_metrics(self._epoch, flat_metrics(logs), step=self._steps_before + self._batches)

    def _left(self) -> None:
        if self._run is not None:
            self._run.fail("fit() was left before its end, by an exception or an interrupt")

    @contextmanager
    def _kept_out_of_training(self) -> Iterator[None]:
        """Whatever fails in here is said once and kept in status.json, and training goes on."""
        try:
            yield
        except Exception as error:
            if self._run is not None:
                self._run.record_error(error)
