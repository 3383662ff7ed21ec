"""Run: what a training calls. Takes numpy, checks arguments, measures its own cost, leaves writing to a thread."""

from __future__ import annotations

import atexit
import os
import sys
import time
import weakref
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from types import TracebackType
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from . import arguments, schema
from .data.intake import Intake, SampleBatch
from .data.outputs import class_columns, columns_in_blocks, counted_labels, output_rows
from .data.values import text_of
from .interpretation import Interpretation
from .resume import reopen
from .status import Health, log, say
from .storage.atomic_files import append_line, default_name, new_run_folder, write_whole
from .storage.background_writer import Writer
from .storage.store import Store
from .version import VERSION

_CLOSE_SECONDS = 600.0
_WORTH_TELLING = 1_000
_open_runs: weakref.WeakSet[Run] = weakref.WeakSet()


class Run:
    """One training, logged to one new folder in `runs_dir`.

    `name`: any text; the folder's name is made of it (date and time when None), with `-2` and so on
    when it is taken: a run is never overwritten. `class_names`: names by class index: a sequence, {index: name} or
    {name: index}. `config`: settings worth comparing, anything JSON can hold. `display_range`:
    the input values (low, high) shown as black and white, numbers or one each per channel; decided from
    the first samples when None. `show_channels`: numbers of the channels to draw: 1 (grey), 3 (colours) or 4 (with
    opacity). `data_format`: "channels_last" or "channels_first"; guessed when None.
    `epochs`: how many are planned. `resume`: go on with the run of this name instead of beginning one.

    Mistakes in arguments raise ValueError or TypeError at the call. What fails later, on disk, is said
    once in a warning and in status.json, and never raises. A context manager finishes the run, or
    marks it failed on an exception. Methods may be called from one thread at a time.
    """

    def __init__(
        self,
        runs_dir: str | os.PathLike[str] = "runs",
        name: str | None = None,
        class_names: Sequence[str] | Mapping[int, str] | None = None,
        config: Mapping[str, Any] | None = None,
        *,
        display_range: tuple[Any, Any] | None = None,
        show_channels: Sequence[int] | None = None,
        data_format: str | None = None,
        epochs: int | None = None,
        resume: bool = False,
    ) -> None:
        names, folder = arguments.class_names(class_names), arguments.runs_dir(runs_dir)
        now = time.time()
        self.name = default_name(now) if name is None else text_of(name)
        old = reopen(folder, self.name) if resume else None
        self.path = old.path if old else new_run_folder(folder, self.name)
        info = old.info if old else schema.RunInfo(self.name, now, logger=f"proofsheet {VERSION}")
        self.info = replace(info, class_names=names or info.class_names, config={**info.config, **dict(config or {})})
        self._health = Health(self.path, old.started if old else now, old.last_epoch if old else None, epochs)
        self._outputs = Interpretation(self)
        self._left_out: set[str] = set()
        self._store = Store(self.path, self._health.lose)
        self._writer = Writer(self._store.flush, self._write_status, self._health.problem)
        self._intake = Intake(
            self._store, self._submit, self._health.lose, arguments.display_range(display_range), data_format,
            show_channels,
        )  # fmt: skip
        if old:
            old.restore(self._intake, self._store)
        self._submit_info()
        self._submit(self._write_status)
        self._outputs.check_names(names)
        _open_runs.add(self)

    @property
    def state(self) -> str:
        """`running`, `finished` or `failed`."""
        return self._health.status.state

    @property
    def last_epoch(self) -> int | None:
        """The last epoch logged, from 0; None before the first."""
        return self._health.status.epoch

    def log_metrics(self, epoch: int | None, values: Mapping[str, Any], *, step: int | None = None) -> None:
        """Log named numbers at `epoch` (from 0), or within it at training `step` (batches so far, from 0).

        NaN and infinities are kept as such; an array of up to 100 numbers becomes name_0, name_1 and so on. What is no
        number is left out, which is said once. Raises TypeError when `values` is no dict, ValueError for an epoch or
        step that is no whole number from 0.
        """
        with self._blocking(epoch):
            epoch, step = arguments.moment(epoch, step)
            numbers, left_out = arguments.numbers(values)
            for name, sentence in left_out.items():
                if name not in self._left_out:
                    self._left_out.add(name)
                    self.note(sentence)
            if not numbers:
                return
            line = schema.MetricsLine(numbers, time.time(), epoch, step)
            text = line.encode()
            self._submit(lambda: self._append_metrics(text), len(text))
            if epoch is not None and step is None:
                self._reached(epoch)

    def log_samples(
        self,
        images: Any,
        *,
        labels: Any = None,
        split: str = "val",
        sources: Sequence[Any] | None = None,
        weights: Any = None,
        indices: Any = None,
        available: int | None = None,
        seed: int | None = None,
        epoch: int | None = None,
    ) -> NDArray[np.int32]:
        """Store the pixels of samples and return their indices (N,) int32 for `log_predictions(indices=)`.

        `images`: array (N, H, W), (N, H, W, C) or (N, C, H, W) of any dtype, or a list of arrays of many
        sizes. `labels`: (N,) class indices, None or NaN or negative where unknown; or one-hot or soft rows
        (N, K). `sources`: a path or id for each. `weights`: (N,); those of weight 0 do not count.
        `available`: how many there are, when these are a sample of them, drawn with `seed`.
        Samples that the split has already are recognised, and their pixels are not stored again.
        """
        with self._blocking(epoch):
            batch = SampleBatch(images, labels, split, epoch, sources, weights, indices, available, seed)
            return self._take(batch)[0]

    def log_predictions(
        self,
        epoch: int,
        images: Any = None,
        *,
        probabilities: Any = None,
        logits: Any = None,
        predicted: Any = None,
        confidence: Any = None,
        labels: Any = None,
        split: str = "val",
        sources: Sequence[Any] | None = None,
        indices: Any = None,
        weights: Any = None,
    ) -> None:
        """Log what the model put out for samples at `epoch` (from 0).

        Exactly one of `probabilities`, `logits` (both (N, K), or (N,) or (N, 1) for class 1 of two) and `predicted`
        ((N,) class indices, with `confidence` (N,) of 0 to 1 if known, where there are no probabilities). Logits given
        as probabilities are recognised, and run.json says so. A row with a NaN is `invalid`. The other arguments are
        those of `log_samples`; with `images` left out they are the samples of the split as logged before, or those of
        `indices`. Log the whole split in one call or in batches: in a split's first epoch every row is a sample of its
        own; later a row is the sample that it was, and an epoch that is logged again replaces what it repeats.
        """
        with self._blocking(epoch):
            whole, _ = arguments.moment(epoch, None)
            assert whole is not None  # for the type checker: `moment` raises
            name = arguments.one_of(probabilities=probabilities, logits=logits, predicted=predicted)
            if confidence is not None and predicted is None:
                raise ValueError("Pass `confidence` with `predicted` only: probabilities hold it already.")
            values = {"probabilities": probabilities, "logits": logits, "predicted": predicted}[name]
            count = self._intake.count(split, indices) if images is None else len(images)
            rows = None if predicted is not None else output_rows(values, count, name)
            if rows is not None:
                self._outputs.refuse_embedding(rows)
            batch = SampleBatch(images, labels, split, whole, sources, weights, indices)
            at, truth, fresh = self._take(batch)
            if not len(at):
                return
            counted = counted_labels(truth, self._intake.weights(split, at) if weights is None else weights)
            make: Callable[[], dict[str, Any]]
            if rows is None:
                columns = class_columns(whole, at, counted, predicted, confidence)
                self._outputs.see_predicted(columns["predicted"], counted)
                self._outputs.check_labels(split, counted)
                size, make = 40 * len(at), lambda: columns
            else:
                kind = self._outputs.kind_of(
                    rows,
                    are_logits=logits is not None,
                    signed_labels=split in self._intake.signed,
                    where=f"{split} at epoch {whole + 1}",
                ).kind
                self._outputs.see_classes(max(2, rows.shape[1]))
                self._outputs.check_labels(split, counted)
                soft = self._intake.soft(split, at, labels)
                size, make = rows.nbytes, partial(columns_in_blocks, rows, kind, whole, at, counted, soft)
            complete = not fresh and len(at) == self._intake.splits[split].samples
            if not self._submit(lambda: self._store.add_predictions(split, whole, make(), complete), size):
                self._health.lose(len(at), TimeoutError("the disk did not keep up"))
            self._reached(whole)

    def update(self, **fields: Any) -> None:
        """Set fields of run.json, such as `config`, `class_names`, `task`; see `schema.RunInfo`."""
        if "class_names" in fields:
            fields["class_names"] = arguments.class_names(fields["class_names"])
            self._outputs.check_names(fields["class_names"])
        self.info = replace(self.info, **fields)
        self._submit_info()

    def note(self, sentence: str) -> None:
        """Keep a sentence for the person training in run.json, and say it once."""
        if sentence not in self.info.notes:
            say(sentence)
            self.update(notes=[*self.info.notes, sentence])

    def plan(self, epochs: int | None) -> None:
        """Say how many epochs are planned, when that is known only after the run began."""
        self._health.plan(epochs)
        self._submit(self._write_status)

    def add_cost(self, *, predicting: float) -> None:
        """Add seconds that the model took to predict for the log; they are told apart from the logger's own."""
        self._health.spend("predicting", predicting)

    def problem(self, error: Exception) -> None:
        """Keep an error of what feeds the log in status.json; the first one is said in a warning. Never raises."""
        self._health.problem(error)

    def finish(self) -> None:
        """Write all that waits and mark the run finished. Prints where it is and how to look at it."""
        self._end("finished", None)

    def fail(self, reason: str) -> None:
        """Write all that waits and mark the run failed, with what ended it."""
        self._end("failed", reason)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if error is None:
            self.finish()
        else:
            self.fail(f"{type(error).__name__}: {error}" if str(error) else type(error).__name__)

    # --- on the training's thread -----------------------------------------------------------

    def _take(self, batch: SampleBatch) -> tuple[NDArray[np.int32], NDArray[np.int64], int]:
        arguments.split(batch.split)
        if batch.images is None:
            return (*self._intake.recall(batch), 0)
        first = batch.split not in self._intake.splits
        if first and len(batch.images) >= _WORTH_TELLING:
            say(f"storing {len(batch.images):,} {batch.split} pictures in {self.path}, once.")
        taken = self._intake.take(batch)
        if self._intake.display is not None and self._intake.display.encode() != self.info.display:
            self.update(display=self._intake.display.encode())
        while self._intake.notes:
            self.note(self._intake.notes.pop(0))
        if taken[2]:
            self.update(splits=dict(self._intake.splits))
        return taken

    def _reached(self, epoch: int) -> None:
        self._health.reach(epoch)
        self._submit(self._write_status)

    @contextmanager
    def _blocking(self, epoch: int | None) -> Iterator[None]:
        if self.state != "running":
            raise RuntimeError(f"The run {self.name!r} is {self.state}; open it again with Run(resume=True).")
        began = time.perf_counter()
        try:
            yield
        finally:
            self._health.spend("blocked", time.perf_counter() - began, epoch)

    def _submit(self, task: Any, size: int = 0) -> bool:
        return self._writer.submit(task, size)

    def _submit_info(self) -> None:
        text = self.info.encode()
        self._submit(lambda: self._write(schema.RUN_FILE, text))

    # --- on the writer's thread -------------------------------------------------------------

    def _write(self, name: str, text: str) -> None:
        self._store.bytes_written += write_whole(self.path / name, text)

    def _append_metrics(self, text: str) -> None:
        self._store.bytes_written += append_line(self.path / schema.METRICS_FILE, text)

    def _write_status(self) -> None:
        text = self._health.beat(self._store.bytes_written, self._writer.seconds)
        write_whole(self.path / schema.STATUS_FILE, text)

    # --- the end ----------------------------------------------------------------------------

    def _end(self, state: str, failure: str | None) -> None:
        if self.state != "running":
            return
        _open_runs.discard(self)
        self._health.end(state, failure)
        if not self._writer.close(_CLOSE_SECONDS):
            log.warning("The run %s was not written to its end: the disk did not answer.", self.path)
            return
        try:
            self._write_status()
        except OSError as e:
            self._health.problem(e)
        say(self._summary(state, failure))

    def _summary(self, state: str, failure: str | None) -> str:
        counts = ", ".join(f"{info.samples:,} {split}" for split, info in self._intake.splits.items())
        status = self._health.status
        size, waited = status.bytes / 1e6, status.cost.get("blocked", 0.0)
        what = f"{state}: {failure}" if failure else state
        pictures = f"{counts} samples, " if counts else ""
        return (
            f"{self.path} {what}; {pictures}{size:.1f} MB, training waited {waited:.2f} s for the log. Look at it:\n"
            f"    streamlit run app.py -- --runs {self.path.parent}"
        )


@atexit.register
def _end_open_runs() -> None:
    """A script that ends without `finish`: everything is written, and an uncaught exception marks a failure."""
    kind = getattr(sys, "last_type", None)
    for run in list(_open_runs):
        if run._health.status.pid != os.getpid():
            continue
        if kind is None:
            run.finish()
        else:
            run.fail(f"{kind.__name__}: {getattr(sys, 'last_value', '')}")
