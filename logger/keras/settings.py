"""The arguments of RunLogger, checked before any training begins."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from .. import arguments
from .inputs.splits import ImageKey, Source, accept, given_names


@dataclass(frozen=True)
class Given:
    """One split as it was given: the checked data, the argument's name, and how many rows to log at most."""

    data: Source
    argument: str
    bound: int | None


@dataclass(frozen=True)
class Settings:
    """What `RunLogger` was told about the data and the model."""

    splits: dict[str, Given]
    class_names: list[str] | None
    own_names: list[str] | None
    """Class names that the validation dataset knows of itself."""
    every: int
    batch_size: int | None
    image_key: ImageKey
    output: str | int | None
    log_steps: int | None
    seed: int
    run_arguments: dict[str, Any]
    config: dict[str, Any] = field(default_factory=dict)


def check_settings(
    validation_data: Any,
    training_data: Any,
    class_names: Sequence[str] | Mapping[int, str] | None,
    sources: Sequence[Any] | None,
    bounds: tuple[int | None, int | None],
    config: Mapping[str, Any] | None,
    run_arguments: dict[str, Any],
    every: int,
    batch_size: int | None,
    image_key: ImageKey,
    output: str | int | None,
    log_steps: int | None,
    seed: int,
) -> Settings:
    """Settings from arguments as given. Raises TypeError or ValueError: what was expected, what came, what to do."""
    numbers = {"every": every, "max_samples": bounds[0], "training_samples": bounds[1], "batch_size": batch_size}
    for name, value in {**numbers, "log_steps": log_steps}.items():
        _check_positive(name, value)
    if config is not None and not isinstance(config, Mapping):
        raise TypeError(f"`config` must be a dict of settings, got {type(config).__name__}.")
    if sources is not None and validation_data is None:
        raise ValueError("`sources` must go with validation_data=(x, y), got sources only.")
    splits = {}
    for split, argument, data, bound, paths in (
        ("val", "validation_data", validation_data, bounds[0], sources),
        ("train", "training_data", training_data, bounds[1], None),
    ):
        if data is not None:
            splits[split] = Given(accept(data, argument, bound, paths, image_key), argument, bound)
    arguments.display_range(run_arguments.get("display_range"))
    own = given_names(validation_data)
    names = arguments.class_names(class_names)
    return Settings(
        splits, names or own, own, every, batch_size, image_key, output, log_steps, seed, run_arguments,
        dict(config or {}),
    )  # fmt: skip


def _check_positive(argument: str, value: Any) -> None:
    if value is not None and (isinstance(value, bool) or not isinstance(value, int | np.integer) or value < 1):
        raise ValueError(f"`{argument}` must be a whole number from 1, got {value!r}.")
