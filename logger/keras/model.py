"""Properties of a Keras model: the shapes of its inputs, the names of its outputs, and its training settings."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import keras
import numpy as np

from ..data.arrays import as_numpy
from .inputs.trees import Tree, leaves

_DEFAULT_NAME = re.compile(r"(sequential|functional|model)(_\d+)?")
"""A name chosen by Keras; its number only counts the models of the process."""


def input_rank(model: Any) -> int | None:
    """Rank of the image input including the batch axis; None when the model does not know its inputs."""
    ranks = [len(shape) for shape in input_shapes(model)]
    return (4 if 4 in ranks else max(ranks)) if ranks else None


def input_shapes(model: Any) -> list[tuple[int | None, ...]]:
    """Shapes of the inputs, with None for axes of any size; empty for a subclassed model."""
    try:
        return [tuple(tensor.shape) for tensor in keras.tree.flatten(model.inputs or [])]
    except (AttributeError, ValueError):
        return []


def output_names(model: Any) -> list[str] | None:
    """Names of the outputs, in order; None when they have none."""
    names = getattr(model, "output_names", None)
    return list(names) if names else None


def data_format(model: Any) -> str | None:
    """The `data_format` of the first layer that has one, such as a convolution; None when no layer has."""
    for layer in model._flatten_layers() if hasattr(model, "_flatten_layers") else []:
        found = getattr(layer, "data_format", None)
        if found in ("channels_last", "channels_first"):
            return str(found)
    return None


def check_shapes(model: Any, inputs: Tree, name: str) -> None:
    """Raises ValueError, calling them `name`, when the model cannot take inputs of these shapes."""
    expected, given = input_shapes(model), leaves(inputs)
    if not expected:
        return
    if len(expected) != len(given):
        raise ValueError(
            f"`{name}` must have one array for each of the model's {len(expected)} inputs, got {len(given)}."
        )
    if isinstance(inputs, Mapping):  # Keras matches them by name, in any order
        return
    for shape, leaf in zip(expected, given, strict=True):
        got = (None, *np.shape(leaf[0])) if leaf.dtype == object else (None, *leaf.shape[1:])
        if not _fits(shape, got):
            raise ValueError(
                f"`{name}` must have images of shape {shape[1:]}, like the model's input, got {got[1:]}. "
                "Preprocess them as for fit()."
            )


def _fits(shape: tuple[int | None, ...], got: tuple[int | None, ...]) -> bool:
    # Keras adds or drops a last axis of size 1.
    for candidate in (got, (*got, 1), got[:-1] if got[-1] == 1 else got):
        if len(candidate) == len(shape) and all(
            s is None or g == s for s, g in zip(shape[1:], candidate[1:], strict=True)
        ):
            return True
    return False


def training_config(model: Any, params: Mapping[str, Any] | None) -> dict[str, Any]:
    """Settings to compare between runs. `params` are those of the callback."""
    optimizer = getattr(model, "optimizer", None)
    found: dict[str, Any] = {
        "model": None if _DEFAULT_NAME.fullmatch(model.name) else model.name,
        "parameters": _parameter_count(model),
        "optimizer": type(optimizer).__name__ if optimizer is not None else None,
        "learning_rate": learning_rate(model),
        "loss": _loss_names(getattr(model, "loss", None)),
        "epochs": (params or {}).get("epochs"),
        "steps_per_epoch": (params or {}).get("steps"),
        "dtype_policy": getattr(model.dtype_policy, "name", None),
        "keras": keras.__version__,
        "backend": keras.config.backend(),
    }
    return {key: value for key, value in found.items() if value is not None}


def _parameter_count(model: Any) -> int | None:
    try:
        return int(model.count_params())
    except ValueError:  # not built yet
        return None


def learning_rate(model: Any) -> float | None:
    """The current learning rate of the optimizer; None when it has none."""
    try:
        rate = model.optimizer.learning_rate
        return float(as_numpy(getattr(rate, "value", rate)))
    except Exception:  # a custom optimizer may raise anything
        return None


def _loss_names(loss: Any) -> Any:
    if loss is None or isinstance(loss, str):
        return loss
    if isinstance(loss, Mapping):
        return {str(k): _loss_names(v) for k, v in loss.items()}
    if isinstance(loss, list | tuple):
        return [_loss_names(v) for v in loss]
    return getattr(loss, "name", None) or getattr(loss, "__name__", None) or type(loss).__name__
