"""tf.data.Dataset without importing TensorFlow."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from typing import Any


def cardinality(dataset: Any) -> int:
    """Number of elements of a tf.data.Dataset; -1 when infinite, -2 when unknown."""
    count = getattr(dataset, "cardinality", None)
    return int(count()) if callable(count) else -2


def with_own_shuffling(dataset: Any) -> Any:
    """A copy of a tf.data.Dataset whose shuffles draw their own seeds, and that fills no cache.

    All iterators of a dataset share one seed generator: an additional iteration would change the order that fit()
    sees. One that ends early leaves a cache that fit() cannot use. TensorFlow has no public API for this; without the
    private one, the dataset itself is returned.
    """
    return _rewritten(dataset, _draw_own_seeds) or dataset


def in_file_order(dataset: Any) -> Any:
    """A copy that does not shuffle, so that its rows are in the order of `file_paths`; None when it cannot be made."""
    return _rewritten(dataset, _remove_shuffles)


def _rewritten(dataset: Any, rewrite: Callable[[Any], None]) -> Any:
    """A copy whose graph, without caches that are not complete, went through `rewrite`; None when that fails."""
    try:
        tf = sys.modules["tensorflow"]
        ops = sys.modules["tensorflow.python.data.ops.dataset_ops"]
        private = sys.modules["tensorflow.python.ops.gen_experimental_dataset_ops"]
        policy = tf.data.experimental.ExternalStatePolicy.IGNORE
        graph = tf.compat.v1.GraphDef.FromString(dataset._as_serialized_graph(external_state_policy=policy).numpy())
        before = graph.SerializeToString(deterministic=True)
        rewrite(graph)
        _remove_caches(graph)
        if graph.SerializeToString(deterministic=True) == before:
            return dataset
        copied = private.dataset_from_graph(graph.SerializeToString())
        return ops._VariantDataset(copied, dataset.element_spec)
    except Exception:
        return None


def _draw_own_seeds(graph: Any) -> None:
    for node in graph.node:
        if node.op == "ShuffleDatasetV3":
            node.op = "ShuffleDataset"
            del node.input[4]


def _remove_shuffles(graph: Any) -> None:
    _bypass(graph, [node for node in graph.node if node.op.startswith("ShuffleDataset")])


def _remove_caches(graph: Any) -> None:
    constants = {node.name: node for node in graph.node if node.op == "Const"}

    def is_complete(cache: Any) -> bool:
        file = constants.get(cache.input[1].split(":")[0])
        value = file.attr["value"].tensor.string_val if file is not None else []
        return bool(value and value[0]) and os.path.exists(os.fsdecode(value[0]) + ".index")

    _bypass(graph, [node for node in graph.node if node.op.startswith("CacheDataset") and not is_complete(node)])


def _bypass(graph: Any, nodes: list[Any]) -> None:
    """Let the consumers of dataset `nodes` read what these read."""
    sources = {node.name: node.input[0] for node in nodes}
    for node in graph.node:
        for position, name in enumerate(node.input):
            while name.split(":")[0] in sources:
                name = sources[name.split(":")[0]]
            node.input[position] = name
