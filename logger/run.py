"""Run: the API a training calls. It checks arguments and measures its own cost; files are written in the background."""

from __future__ import annotations

import os
import time
import weakref
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from types import TracebackType
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from . import arguments, schema
from .console import is_quiet, notify, notify_start
from .data.intake import Intake
from .data.outputs import effective_labels
from .data.sample_batch import LoggedSamples, SampleBatch
from .data.values import text_of
from .ends import RunEnd
from .exit_status import failure_of
from .interpretation import Interpretation, ModelOutputs, Targets
from .resume import default_name, open_folder, write_first_info
from .status import StatusTracker
from .storage.run_writer import RunWriter
from .version import VERSION


class Run:
    """One training, logged to a new folder in `runs_dir`.

    `name`: any text. The folder is named after it, with the suffix `-2` and so on if that is taken: a run is never
    overwritten. Defaults to date and time. `class_names`: names by class index: a sequence, {index: name} or
    {name: index}. `config`: settings to compare between runs, anything JSON can hold. `display_range`: the input
    values (low, high) shown as black and white, each a number or one number per channel; inferred from the first
    samples when None. `show_channels`: indices of the channels to display: 1 (grey), 3 (RGB) or 4 (RGBA).
    `data_format`: "channels_last" or "channels_first"; inferred when None. `epochs`: how many are planned.
    `resume`: continue the run of exactly this name, if there is one, instead of starting a new one; of several, the
    one started last. Or the folder of the run to continue. Epochs that are logged again are replaced. `quiet`: print
    nothing; notes are still stored in run.json. PROOFSHEET_QUIET=1 does the same for all runs. `quota`: the bytes that
    images, samples and predictions may take; images stop at three quarters of it, metrics never.

    Invalid arguments raise ValueError or TypeError at the call. Later failures, such as a full disk, never raise:
    they are recorded in status.json, and the first one is logged as a warning. As a context manager a run finishes at
    the end of the block and is marked failed by an exception. Without, it finishes when the process ends well, and
    fails when that ends by an exception or sys.exit(1), or when nothing refers to the run any more. A forked process
    cannot log to the run of its parent. Call the methods from one thread at a time.
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
        resume: bool | str | os.PathLike[str] = False,
        quiet: bool = False,
        quota: int | None = None,
    ) -> None:
        names, folder = arguments.class_names(class_names), arguments.runs_dir(runs_dir)
        display_range = arguments.display_range(display_range)
        quota, given, now = arguments.quota(quota), dict(config or {}), time.time()
        given_name = default_name(now) if name is None else text_of(name)
        opened = open_folder(folder, given_name, arguments.resume(resume))
        self.path, old = opened.path, opened.previous
        info = old.info if old else schema.RunInfo(given_name, now, logger=f"proofsheet {VERSION}")
        self.name = info.name
        self.info = replace(info, class_names=names or info.class_names, config={**info.config, **given})
        if old is None:
            write_first_info(self.path, self.info)
        self._status = StatusTracker(self.path, now, epochs, old.status if old else None)
        self._writer = RunWriter(self.path, self._status, opened.claim, old.epochs if old else None, quota)
        self._last_epoch = old.epochs.last_whole if old else None
        self._intake = Intake(
            self._writer.store, self._writer.submit, self._status.record_dropped, display_range, data_format,
            show_channels,
        )  # fmt: skip
        # Without a cycle, a run that nothing refers to is dropped, and ended, at once.
        self._interpretation = Interpretation(weakref.proxy(self))
        self._rejected_metrics: set[str] = set()
        if old:
            try:
                old.restore(self._intake, self._writer.store, self._status.record_error)
            except BaseException:
                self._writer.close()
                raise
        self._writer.write_info(self.info)
        self._writer.write_status()
        self._quiet = is_quiet(quiet)
        self._end = RunEnd(self.path, self._status, self._writer, self._writer.store.samples, self._quiet)
        self._end.watch(self)
        self._print_start()
        self._interpretation.check_names(names)

    @property
    def quiet(self) -> bool:
        """Whether the run prints nothing."""
        return self._quiet

    @property
    def state(self) -> str:
        """`running`, `finished` or `failed`."""
        return self._status.status.state

    @property
    def last_epoch(self) -> int | None:
        """The last epoch logged, from 0; None before the first. After `resume` the last one that is whole on disk."""
        return self._last_epoch

    def log_metrics(self, epoch: int | None, values: Mapping[str, Any], *, step: int | None = None) -> None:
        """Log named numbers at `epoch` (from 0), or at `step`, the number of training batches so far.

        NaN and infinities are kept. An array of up to 100 numbers is logged as name_0, name_1 and so on. Values that
        are not numbers are left out, with a note. Raises TypeError when `values` is not a mapping, ValueError for an
        epoch or step that is not a whole number from 0.
        """
        if self._end.refuse_copy():
            return
        with self._timed(epoch):
            epoch, step = arguments.moment(epoch, step)
            numbers, rejected = arguments.numbers(values)
            for name, sentence in rejected.items():
                if name not in self._rejected_metrics:
                    self._rejected_metrics.add(name)
                    self.note(sentence)
            if not numbers:
                return
            self._writer.append_metrics(schema.MetricsLine(numbers, time.time(), epoch, step))
            if epoch is not None and step is None:
                self._record_epoch(epoch)

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
        """Store the pixels of samples; returns their indices (N,) for `log_predictions(indices=)`.

        `images`: array (N, H, W), (N, H, W, C) or (N, C, H, W) of any dtype, or a list of arrays of any sizes.
        `labels`: (N,) class indices, with None, NaN or a negative number where unknown; or one-hot or soft rows
        (N, K). `split`: `train`, `val`, `test` or `production`. `sources`: a path or id per sample. `weights`: (N,);
        samples of weight 0 count as unlabelled. `available`: the size of the full set when `images` is a sample of
        it, drawn with `seed`. Samples that the split already has are recognised; their pixels are not stored again.
        Raises ValueError for arguments of other shapes or lengths.
        """
        if self._end.refuse_copy():
            return np.empty(0, np.int32)
        with self._timed(epoch):
            batch = SampleBatch(images, labels, split, epoch, sources, weights, indices, available, seed)
            return self._add_samples(batch).indices

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
        """Log the model's outputs for samples at `epoch` (from 0).

        Pass exactly one of `probabilities`, `logits` (either (N, K), or (N,) or (N, 1) for class 1 of two) and
        `predicted` ((N,) class indices, optionally with `confidence` (N,) from 0 to 1). Logits passed as
        `probabilities` are detected and noted. A row with a NaN is `invalid`. The other arguments are those of
        `log_samples`; without `images` they refer to all samples logged before, or to those of `indices`.

        Log the whole split in one call or in batches. In the first epoch of a split every row is a new sample; later
        a row is matched to its sample, and an epoch that is logged again replaces its rows.
        """
        if self._end.refuse_copy():
            return
        with self._timed(epoch):
            epoch = arguments.whole_epoch(epoch)
            outputs = ModelOutputs.from_arguments(
                confidence, probabilities=probabilities, logits=logits, predicted=predicted
            )
            rows = outputs.rows(self._intake.count(split, indices) if images is None else len(images))
            if rows is not None:
                self._interpretation.refuse_embedding(rows)
            samples = self._add_samples(SampleBatch(images, labels, split, epoch, sources, weights, indices))
            if not len(samples):
                return
            at = samples.indices
            counted = effective_labels(samples.labels, self._intake.weights(split, at) if weights is None else weights)
            soft, signed = self._intake.soft_labels(split, at, labels), split in self._intake.signed_splits
            columns = self._interpretation.columns(outputs, rows, Targets(split, epoch, at, counted, soft, signed))
            complete = not samples.new and len(at) == self._intake.splits[split].samples
            if not self._writer.add_predictions(split, epoch, columns.compute, columns.size, complete):
                self._status.record_dropped(len(at), TimeoutError("the disk did not keep up"), "predictions")
            self._record_epoch(epoch)

    def update(self, **fields: Any) -> None:
        """Set fields of run.json, such as `config`, `class_names` or `task`; see `schema.RunInfo`."""
        if self._end.refuse_copy():
            return
        if "class_names" in fields:
            fields["class_names"] = arguments.class_names(fields["class_names"])
            self._interpretation.check_names(fields["class_names"])
        self.info = replace(self.info, **fields)
        self._writer.write_info(self.info)

    def note(self, sentence: str) -> None:
        """Print a sentence for the person training and store it in run.json; repetitions are ignored."""
        if sentence not in self.info.notes and not self._end.refuse_copy():
            if not self._quiet:
                notify(sentence)
            self.update(notes=[*self.info.notes, sentence])

    def plan(self, epochs: int | None) -> None:
        """Set how many epochs are planned, when that was not known at the start."""
        if self._end.refuse_copy():
            return
        self._status.set_planned_epochs(epochs)
        self._writer.write_status()

    def add_cost(self, *, predicting: float) -> None:
        """Add seconds that the model spent on predictions for the log; reported apart from the logger's own cost."""
        if not self._end.refuse_copy():
            self._status.add_cost("predicting", predicting)

    def record_error(self, error: Exception) -> None:
        """Record an error of the code that feeds the log in status.json; the first is logged as a warning."""
        if not self._end.refuse_copy():
            self._status.record_error(error)

    def finish(self) -> None:
        """Write everything that is queued and mark the run finished. Prints where it is and how to view it."""
        self._end.end("finished", None)

    def fail(self, reason: str) -> None:
        """Write everything that is queued and mark the run failed, with the reason."""
        self._end.end("failed", reason)

    def expect_more(self, reason: str | None) -> None:
        """Until called with None: if the process ends or the run is dropped, it has failed for this reason."""
        self._end.unfinished = reason

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        failure = None if error is None else failure_of(error)
        if failure is None:
            self.finish()
        else:
            self.fail(failure)

    def _print_start(self) -> None:
        if not self._quiet:
            notify_start(self.path)

    def _add_samples(self, batch: SampleBatch) -> LoggedSamples:
        arguments.check_split(batch.split)
        if batch.images is None:
            return self._intake.lookup(batch)
        samples = self._intake.add(batch)
        if self._intake.display is not None and self._intake.display.encode() != self.info.display:
            self.update(display=self._intake.display.encode())
        while self._intake.notes:
            self.note(self._intake.notes.pop(0))
        if samples.new:
            self.update(splits=dict(self._intake.splits))
        return samples

    def _record_epoch(self, epoch: int) -> None:
        self._last_epoch = max(epoch, self._last_epoch or 0)
        self._writer.write_status()

    @contextmanager
    def _timed(self, epoch: int | None) -> Iterator[None]:
        if self.state != "running":
            raise RuntimeError(f"The run {self.name!r} is {self.state}; open it again with Run(resume=True).")
        began = time.perf_counter()
        try:
            yield
        finally:
            self._status.add_cost("blocked", time.perf_counter() - began, epoch)
