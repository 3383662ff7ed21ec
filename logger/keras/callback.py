"""RunLogger: turns the events of a Keras training into calls of `Run`."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from ..console import notify
from ..run import Run
from .copies import CopyableCallback
from .exit_watch import ExitWatch, end_left_fits
from .final_weights import FinalWeights
from .inputs.images import ImageKey
from .model import learning_rate
from .process_rank import independent_process, secondary_process
from .progress import Training, decide, record
from .settings import CallbackArguments, Settings, check_settings
from .setup import configure_run, open_run, report_inferences
from .split_view import SplitView, open_view

_LEFT = "fit() was left before its end"
_INDEPENDENT = (
    "{} numbers this process, but it takes part in no distributed training that could be found: it is logged. "
    "RunLogger(process_rank=...) decides: 0 logs, other numbers do not."
)


class RunLogger(CopyableCallback):
    """Logs a training: its metrics, and at each epoch the model's predictions for every validation image.

    `validation_data`: (x, y), (x, y, sample_weight), a tf.data.Dataset, PyDataset, torch or grain loader, or a
    function that returns a generator; read once, when training begins. A callback cannot access the data of fit().
    `training_data`: the same; `training_samples` rows of it (None: all) are logged as split `train`. `class_names`,
    `runs_dir`, `name`, `config`, `display_range`, `show_channels`: see `Run`. `run`: log to this run instead of a
    new one; it is not finished at the end. `every`: predict at the first, every `every`-th and the last epoch.
    `max_samples`: maximum number of validation images, drawn with `seed`. `batch_size`: of predictions. `image_key`:
    which of several inputs is the image, by name or position, or a function from the inputs to images. `output`: which
    of several outputs is logged, by name or position. `sources`: a path or id for each row of validation arrays.
    `log_steps`: also log the training metrics every `log_steps` batches. `process_rank`: 0 logs and other numbers do
    not, whatever the environment says of this process; None finds out whether it is the first of a distributed
    training. `quiet`: print nothing, see `Run`.

    Put it last in `callbacks`, so that it sees what other callbacks do to the weights. Further calls of fit() with the
    same callback and model continue the run; another model, or one compiled anew, starts another run. A copy of the
    callback logs a run of its own and shares the data. Invalid arguments raise ValueError or TypeError here or when
    training begins; later failures are recorded and never stop the training.
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
        process_rank: int | None = None,
        quiet: bool = False,
    ) -> None:
        super().__init__()
        if run is not None and not isinstance(run, Run):
            raise TypeError(f"`run` must be a Run, got {type(run).__name__}. Pass runs_dir= and name= for a new run.")
        settings = check_settings(
            CallbackArguments(
                validation_data=validation_data,
                training_data=training_data,
                class_names=class_names,
                config=config,
                every=every,
                max_samples=max_samples,
                training_samples=training_samples,
                batch_size=batch_size,
                image_key=image_key,
                output=output,
                sources=sources,
                log_steps=log_steps,
                seed=seed,
                process_rank=process_rank,
                quiet=quiet,
                run_arguments={
                    "runs_dir": runs_dir,
                    "name": name,
                    "display_range": display_range,
                    "show_channels": show_channels,
                },
            )
        )
        self._prepare(settings, run)

    def _prepare(self, settings: Settings, run: Run | None) -> None:
        self._settings, self._given_run = settings, run
        self._run, self._owns_run = run, run is None
        self._views: list[SplitView] | None = None
        self._viewed: Training | None = None
        self._final_weights = FinalWeights()
        self._disabled = self._undecided = self._announced = False
        self._first_epoch: int | None = None
        self._exit_watch: ExitWatch | None = None
        self._epoch = self._offset = self._steps_before = self._batches = 0
        if settings.log_steps is not None:
            # Defined only when needed: Keras fetches the metrics of every batch for a callback with this method.
            self.on_train_batch_end = self._log_batch

    @property
    def run(self) -> Run | None:
        """The run; None before training begins, and in all processes of a distributed training but the first."""
        return self._run

    def on_train_begin(self, logs: Any = None) -> None:
        """Read the data, try the model on a batch of it, and start the run."""
        self._disabled = self._is_secondary()
        if self._disabled:
            return
        end_left_fits()
        if self._exit_watch is not None:
            self._exit_watch.stop()
        self._exit_watch = ExitWatch(self._on_fit_left) if self._owns_run else None
        self._open_views()
        self._first_epoch, self._undecided = None, True  # the first epoch decides whether the run of before continues
        if self._run is None or not self._owns_run:
            self._start_run()

    def on_epoch_begin(self, epoch: int, logs: Any = None) -> None:
        """At the first epoch of a fit(): continue the run of the one before, or start another."""
        self._epoch, self._batches = epoch, 0
        if self._undecided and not self._disabled:
            self._undecided = False
            with self._errors_recorded():
                self._continue_or_start_run(epoch)

    def on_epoch_end(self, epoch: int, logs: Mapping[str, Any] | None = None) -> None:
        """Log the metrics, and the predictions of every `every`-th epoch."""
        self._steps_before += self._batches
        self._batches = 0
        if self._disabled or self._run is None:
            return
        if self._first_epoch is None:
            self._first_epoch = epoch
        with self._errors_recorded():
            rate = learning_rate(self.model)
            optimizer = {} if rate is None else {"learning_rate": rate}
            self._run.log_metrics(epoch + self._offset, {**optimizer, **(logs or {})})
        last = epoch + 1 == (self.params or {}).get("epochs") or getattr(self.model, "stop_training", False)
        if epoch == self._first_epoch or last or (epoch + 1) % self._settings.every == 0:
            for view in self._views or []:
                with self._errors_recorded():
                    self._log_predictions(view, epoch + self._offset)

    def on_train_end(self, logs: Any = None) -> None:
        """Note whose weights the model ends with, and finish the run."""
        if self._exit_watch is not None:
            self._exit_watch.stop()
        if self._disabled or self._run is None:
            return
        with self._errors_recorded():
            for view in self._views or []:
                if not view.identifies_weights:
                    continue
                sentence = self._final_weights.describe(view.predict(self.model, first_batch=True))
                if sentence is not None:
                    self._run.note(sentence)
        if self._owns_run:
            with self._errors_recorded():
                self._run.finish()

    def _is_secondary(self) -> bool:
        """Whether another process logs this training; says so."""
        rank = self._settings.process_rank
        if rank is not None:
            found = f"process_rank={rank}" if rank > 0 else None
        else:  # a run that this process opened is meant to be logged
            found = secondary_process(self.model) if self._owns_run else None
        if found is not None and not self._settings.quiet:
            notify(f"not logging: {found} is not the first process of its training. RunLogger(process_rank=0) logs it.")
        return found is not None

    def _open_views(self) -> None:
        """Read the data at the first fit(), and try the model on it; again for another model or loss."""
        if self._views is not None and self._viewed is not None and self._viewed.is_same(self.model):
            return
        read = {view.split: view.data for view in self._views or []}
        self._views = [open_view(self.model, split, self._settings, read.get(split)) for split in self._settings.splits]
        self._viewed, self._final_weights = Training(self.model), FinalWeights()

    def _start_run(self, previous: Run | None = None, quiet: bool = False) -> None:
        views = self._views or []
        if self._owns_run:
            quiet = quiet or self._settings.quiet
            self._run = open_run(self._settings, views, self.model, self.params, previous, quiet)
            self._run.expect_more(_LEFT)
        assert self._run is not None
        with self._errors_recorded():
            if not self._owns_run:
                configure_run(self._run, self._settings, self.model, self.params)
            announce, self._announced = previous is None and (self._owns_run or not self._announced), True
            report_inferences(self._run, self._settings, views, announce)
            if self._owns_run and self._settings.process_rank is None and (found := independent_process(self.model)):
                self._run.note(_INDEPENDENT.format(found))
            for view in views:
                view.log_samples(self._run)

    def _continue_or_start_run(self, epoch: int) -> None:
        run = self._run
        assert run is not None
        decision = decide(run, self.model, epoch, may_start=self._owns_run)
        if decision.sentence is not None and not run.quiet and not self._settings.quiet:
            notify(decision.sentence + ".")
        if not decision.continues:
            run.fail(_LEFT)  # unless it has ended
            self._final_weights, self._steps_before = FinalWeights(), 0
            self._start_run()
        elif run.state != "running":
            self._start_run(run, quiet=decision.sentence is None)
        assert self._run is not None
        self._offset = decision.progress.offset
        record(self._run, decision.progress)
        planned = (self.params or {}).get("epochs")
        self._run.plan(None if planned is None else planned + self._offset)

    def _log_predictions(self, view: SplitView, epoch: int) -> None:
        if not view.has_images or self._run is None:
            return
        began = time.perf_counter()
        outputs = view.predict(self.model)
        self._run.add_cost(predicting=time.perf_counter() - began)
        if view.identifies_weights:
            self._final_weights.record(epoch, outputs)
        view.log_predictions(self._run, epoch, outputs)

    def _log_batch(self, batch: int, logs: Mapping[str, Any] | None = None) -> None:
        before, self._batches = self._batches, batch + 1
        every = self._settings.log_steps or 1
        if not self._disabled and self._run is not None and self._batches // every > before // every:
            with self._errors_recorded():
                step = self._steps_before + self._batches
                self._run.log_metrics(self._epoch + self._offset, logs or {}, step=step)

    def _on_fit_left(self) -> None:
        if self._run is not None:
            self._run.fail(f"{_LEFT}, by an exception or an interrupt")

    @contextmanager
    def _errors_recorded(self) -> Iterator[None]:
        """Record any exception in status.json instead of raising it into the training."""
        try:
            yield
        except Exception as error:
            if self._run is not None:
                self._run.record_error(error)
