"""The arguments of RunLogger, checked before training begins."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from .. import arguments
from ..console import is_quiet
from .inputs.images import ImageKey
from .inputs.splits import SplitSource, check_data, dataset_class_names


@dataclass(frozen=True, kw_only=True)
class CallbackArguments:
    """What was passed to `RunLogger`, which documents it. `run_arguments` are passed on to `Run`."""

    validation_data: Any
    training_data: Any
    class_names: Sequence[str] | Mapping[int, str] | None
    config: Mapping[str, Any] | None
    every: int
    max_samples: int | None
    training_samples: int | None
    batch_size: int | None
    image_key: ImageKey
    output: str | int | None
    sources: Sequence[Any] | None
    log_steps: int | None
    seed: int
    process_rank: int | None
    quiet: bool
    run_arguments: dict[str, Any]


@dataclass(frozen=True)
class Settings:
    """The checked arguments."""

    splits: dict[str, SplitSource]
    class_names: list[str] | None
    dataset_class_names: list[str] | None
    """Class names that the validation dataset carries."""
    every: int
    batch_size: int | None
    output: str | int | None
    log_steps: int | None
    process_rank: int | None
    quiet: bool
    run_arguments: dict[str, Any]
    config: dict[str, Any]


def check_settings(given: CallbackArguments) -> Settings:
    """Raises TypeError or ValueError that says what was expected, what came, and what to do."""
    for name in ("every", "max_samples", "training_samples", "batch_size", "log_steps"):
        _check_positive(name, getattr(given, name))
    rank = given.process_rank
    if rank is not None and (isinstance(rank, bool) or not isinstance(rank, int | np.integer) or rank < 0):
        raise ValueError(f"`process_rank` must be a whole number from 0, where 0 logs, or None; got {rank!r}.")
    if given.config is not None and not isinstance(given.config, Mapping):
        raise TypeError(f"`config` must be a dict of settings, got {type(given.config).__name__}.")
    if given.sources is not None and given.validation_data is None:
        raise ValueError("`sources` must go with validation_data=(x, y), got sources only.")
    splits = {}
    for split, argument, data, max_rows, paths in (
        ("val", "validation_data", given.validation_data, given.max_samples, given.sources),
        ("train", "training_data", given.training_data, given.training_samples, None),
    ):
        if data is not None:
            checked = check_data(data, argument, max_rows, paths, given.image_key)
            splits[split] = SplitSource(split, argument, checked, max_rows, given.image_key, given.seed)
    arguments.display_range(given.run_arguments.get("display_range"))
    own_names = dataset_class_names(given.validation_data)
    return Settings(
        splits,
        arguments.class_names(given.class_names) or own_names,
        own_names,
        given.every,
        given.batch_size,
        given.output,
        given.log_steps,
        given.process_rank,
        is_quiet(given.quiet),
        given.run_arguments,
        dict(given.config or {}),
    )


def _check_positive(argument: str, value: Any) -> None:
    if value is not None and (isinstance(value, bool) or not isinstance(value, int | np.integer) or value < 1):
        raise ValueError(f"`{argument}` must be a whole number from 1, got {value!r}.")
