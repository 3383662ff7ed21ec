"""Which output of a model is the classification, if any.

Inferred from values and shapes; the loss is only consulted where these are ambiguous.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..data.arrays import Array, as_numpy
from ..data.labels import label_array
from ..data.output_kind import infer_output_kind
from .inputs.trees import Tree, leaves

Key = str | int | None


def choose_output(outputs: Any, wanted: Key, names: list[str] | None) -> tuple[Key, str | None]:
    """The key of the output to log (None: the only one), and a note when it was chosen among several.

    `wanted` is the argument `output` of RunLogger; raises ValueError when there is no such output.
    """
    keys = _output_keys(outputs, names)
    if keys is None:
        if wanted not in (None, 0, *(names or [])):
            raise ValueError(f"`output` must be an output of the model, got {wanted!r}: it has only one.")
        return None, None
    listed = ", ".join(map(repr, keys))
    if wanted is not None:
        matching = [key for i, key in enumerate(keys) if wanted in (key, i) and not isinstance(wanted, bool)]
        if not matching:
            raise ValueError(f"`output` must be one of the model's outputs {listed}, got {wanted!r}.")
        return _subscript(outputs, keys, matching[0]), None
    rows = [as_numpy(select_output(outputs, _subscript(outputs, keys, key))) for key in keys]
    ranked = sorted(range(len(rows)), key=lambda i: _mismatch(rows[i]))
    chosen = keys[ranked[0]]
    sentence = f"Of the model's outputs {listed}, {chosen!r} is logged. Pass output= to choose."
    return _subscript(outputs, keys, chosen), sentence


def _output_keys(outputs: Any, names: list[str] | None) -> list[str | int] | None:
    if isinstance(outputs, Mapping):
        return list(outputs)
    if isinstance(outputs, list | tuple):
        return list(names) if names and len(names) == len(outputs) else list(range(len(outputs)))
    return None


def _subscript(outputs: Any, keys: list[Any], key: Any) -> Key:
    return key if isinstance(outputs, Mapping) else keys.index(key)


def _mismatch(rows: Array) -> int:
    """0 for class probabilities; the higher, the less an output resembles them."""
    if rows.ndim != 2:
        return 3
    inferred = infer_output_kind(rows.astype(np.float32), False)
    if rows.shape[1] > 1:
        return 0 if inferred is not None and inferred.kind == "probabilities" else 1
    return 1 if inferred is not None and inferred.kind == "sigmoid" else 2


def select_output(outputs: Any, key: Key) -> Any:
    """The output with this key; the only one for None."""
    return outputs if key is None else outputs[key]


def select_labels(labels: Tree | None, key: Key, names: list[str] | None) -> Array | None:
    """The labels of output `key`, out of one array or one per output; None when there are none."""
    selected = _select_from_tree(labels, key, names)
    return None if selected is None else as_numpy(selected)


def _select_from_tree(labels: Tree | None, key: Key, names: list[str] | None) -> Any:
    if not isinstance(labels, Mapping | list | tuple):
        return labels
    if isinstance(labels, Mapping):
        name = names[key] if names and isinstance(key, int) and key < len(names) else key
        return labels.get(name, leaves(labels)[0] if len(labels) == 1 else None)
    position = names.index(key) if names and isinstance(key, str) and key in names else key
    if len(labels) == 1:
        return leaves(labels)[0]
    return labels[position] if isinstance(position, int) and position < len(labels) else None


def to_rows(values: Array) -> Array:
    """Outputs as (N, K) or (N,): spatial axes of size 1, as fully convolutional models have, are removed."""
    values = as_numpy(values)
    return values.reshape(len(values), values.shape[-1]) if values.ndim > 2 and _is_1x1(values) else values


def _is_1x1(values: Array) -> bool:
    return all(side == 1 for side in values.shape[1:-1])


def unsupported_reason(values: Array, labels: Array | None, loss: Any, class_names: list[str] | None) -> str | None:
    """Why outputs (N, ...) with these labels are not a single-label classification; None when they are."""
    shape = "(" + ", ".join(["N", *map(str, values.shape[1:])]) + ")"
    if values.ndim > 2:
        return f"outputs of shape {shape} are not one row of class scores per image"
    if values.dtype.kind not in "fiub":
        return f"outputs of {values.dtype} are not class scores"
    single = values.ndim == 1 or values.shape[1] == 1
    reason = _unsupported_labels(labels, single)
    if reason or single:
        return reason or _unsupported_single(values, labels, loss)
    classes = values.shape[1]
    if class_names is not None and len(class_names) == classes:
        return None
    norms = np.sqrt((values.astype(np.float64) ** 2).sum(axis=1))
    if np.allclose(norms[np.isfinite(norms)], 1, atol=1e-3) and (values < -1e-3).any():
        return f"outputs of shape {shape} are unit vectors, like embeddings"
    if loss is not None and not _is_classification(loss) and (values < -1e-3).any():
        return f"outputs of shape {shape} with the loss {_loss_name(loss)!r} look like an embedding or a regression"
    return None


def _unsupported_labels(labels: Array | None, single: bool) -> str | None:
    if labels is None:
        return None
    shape = "(" + ", ".join(["N", *map(str, labels.shape[1:])]) + ")"
    if labels.dtype.kind in "USO":
        return (
            "labels are text or objects, not class indices. "
            "Turn names into indices, such as [class_names.index(name) for name in labels]"
        )
    if labels.ndim > 2 or labels.dtype.kind not in "biuf":
        return f"labels of shape {shape} of {labels.dtype} are not classes"
    try:
        label_array(labels, len(labels))
    except ValueError:
        if labels.ndim == 2 and labels.shape[1] > 1:
            kind = "several classes per image" if np.isin(labels, (0, 1)).all() else "numbers"
            return f"labels of shape {shape} are {kind}, not one class per image"
        return "labels are not whole numbers"
    return None


def _unsupported_single(values: Array, labels: Array | None, loss: Any) -> str | None:
    if labels is None or loss is None or _is_classification(loss):
        return None
    in_range = ((values >= 0) & (values <= 1) | ~np.isfinite(values)).all()
    known = labels[np.isfinite(labels.astype(np.float64))]
    if in_range and np.isin(known, (0, 1)).all():
        return None
    return f"a single output with the loss {_loss_name(loss)!r} is a regression"


def output_loss(model: Any, key: Key, names: list[str] | None) -> Any:
    """The part of compile(loss=) for this output; None when there is none."""
    loss = getattr(model, "loss", None)
    if isinstance(loss, Mapping):
        name = names[key] if names and isinstance(key, int) and key < len(names) else key
        return loss.get(name)
    if isinstance(loss, list | tuple):
        position = names.index(key) if names and isinstance(key, str) and key in names else key or 0
        return loss[position] if isinstance(position, int) and position < len(loss) else None
    return loss


def _loss_name(loss: Any) -> str:
    name = loss if isinstance(loss, str) else getattr(loss, "name", None) or getattr(loss, "__name__", None)
    return str(name or type(loss).__name__)


def _is_classification(loss: Any) -> bool:
    name = _loss_name(loss).lower().replace("_", "")
    return any(word in name for word in ("crossentropy", "hinge", "focal", "nll", "kld", "kullback", "ctc"))


def loss_setting(loss: Any, name: str) -> Any:
    """A setting of a loss, such as `from_logits`, whether it is an object, a wrapped function or a partial; or None."""
    for holder in (getattr(loss, "_fn_kwargs", None), getattr(loss, "keywords", None)):
        if isinstance(holder, Mapping) and name in holder:
            return holder[name]
    return getattr(loss, name, None)


def outputs_are_logits(rows: NDArray[Any], loss: Any) -> bool:
    """Whether outputs (N, K) are logits: the loss takes logits, and the values do not contradict it."""
    if not loss_setting(loss, "from_logits"):
        return False
    if rows.ndim == 1 or rows.shape[1] == 1:
        return True
    inferred = infer_output_kind(rows.astype(np.float32), False)
    return inferred is None or inferred.kind != "probabilities"
