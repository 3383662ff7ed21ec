"""What a Keras model says of itself: its inputs, its names of outputs, and the settings worth keeping."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import keras
import numpy as np

from ..data.arrays import as_numpy
from .inputs.trees import Tree, leaves

_OWN_NAME = re.compile(r"(sequential|functional|model)(_\d+)?")
"""A name that Keras gave itself: its number counts what else the process has built."""


def input_rank(model: Any) -> int | None:
    """Rank of the model's picture-like input with its batch axis; None when the model does not say."""
    ranks = [len(shape) for shape in input_shapes(model)]
    return (4 if 4 in ranks else max(ranks)) if ranks else None


def input_shapes(model: Any) -> list[tuple[int | None, ...]]:
    """Shapes of the inputs with None for open axes; empty for a subclassed model."""
    try:
        return [tuple(tensor.shape) for tensor in keras.tree.flatten(model.inputs or [])]
    except (AttributeError, ValueError):
        return []


def output_names(model: Any) -> list[str] | None:
    """Names of the outputs in order, where the model has them."""
    names = getattr(model, "output_names", None)
    return list(names) if names else None


def data_format(model: Any) -> str | None:
    """Where the model's first convolution or pooling expects the channels; None when it has none."""
    for layer in model._flatten_layers() if hasattr(model, "_flatten_layers") else []:
        found = getattr(layer, "data_format", None)
        if found in ("channels_last", "channels_first"):
            return str(found)
    return None


def check_shapes(model: Any, inputs: Tree, name: str) -> None:
    """Raises ValueError when the model cannot take these inputs."""
    expected, given = input_shapes(model), leaves(inputs)
    if not expected:
        return
    if len(expected) != len(given):
        raise ValueError(
            f"`{name}` must have one array for each of the model's {len(expected)} inputs, got {len(given)}."
        )
    if isinstance(inputs, Mapping):  # matched by name, whatever their order
        return
    for shape, leaf in zip(expected, given, strict=True):
        got = (None, *np.shape(leaf[0])) if leaf.dtype == object else (None, *leaf.shape[1:])
        if not _fits(shape, got):
            raise ValueError(
                f"`{name}` must have images of shape {shape[1:]}, as the model's input has, got {got[1:]}. "
                "Prepare them as you do for fit()."
            )


def _fits(shape: tuple[int | None, ...], got: tuple[int | None, ...]) -> bool:
    # Keras itself adds or drops a last axis of 1.
    for candidate in (got, (*got, 1), got[:-1] if got[-1] == 1 else got):
        if len(candidate) == len(shape) and all(
            s is None or g == s for s, g in zip(shape[1:], candidate[1:], strict=True)
        ):
            return True
    return False


def training_config(model: Any, params: Mapping[str, Any] | None) -> dict[str, Any]:
    """Settings worth comparing between runs."""
    optimizer = getattr(model, "optimizer", None)
    found: dict[str, Any] = {
        "model": None if _OWN_NAME.fullmatch(model.name) else model.name,
        "parameters": _count(model),
        "optimizer": type(optimizer).__name__ if optimizer is not None else None,
        "learning_rate": learning_rate(model),
        "loss": _text(getattr(model, "loss", None)),
        "epochs": (params or {}).get("epochs"),
        "steps_per_epoch": (params or {}).get("steps"),
        "dtype_policy": getattr(model.dtype_policy, "name", None),
        "keras": keras.__version__,
        "backend": keras.config.backend(),
    }
    return {key: value for key, value in found.items() if value is not None}


def _count(model: Any) -> int | None:
    try:
        return int(model.count_params())
    except ValueError:  # not built yet
        return None


def learning_rate(model: Any) -> float | None:
    """The optimizer's learning rate now; None when it has none."""
    try:
        rate = model.optimizer.learning_rate
        return float(as_numpy(getattr(rate, "value", rate)))
    except Exception:  # an optimizer of someone else's; a run is complete without it
        return None


def _text(loss: Any) -> Any:
    if loss is None or isinstance(loss, str):
        return loss
    if isinstance(loss, Mapping):
        return {str(k): _text(v) for k, v in loss.items()}
    if isinstance(loss, list | tuple):
        return [_text(v) for v in loss]
    return getattr(loss, "name", None) or getattr(loss, "__name__", None) or type(loss).__name__
