"""tf.data.Dataset without importing TensorFlow."""

from __future__ import annotations

import sys
from typing import Any


def cardinality(dataset: Any) -> int:
    """Number of elements of a tf.data.Dataset; -1 when infinite, -2 when unknown."""
    count = getattr(dataset, "cardinality", None)
    return int(count()) if callable(count) else -2


def with_own_shuffling(dataset: Any) -> Any:
    """A copy of a tf.data.Dataset whose shuffles draw their own seeds.

    All iterators of a dataset share one seed generator: an additional iteration would change the order that fit()
    sees. TensorFlow has no public API for this; without the private one, the dataset itself is returned.
    """
    try:
        tf = sys.modules["tensorflow"]
        ops = sys.modules["tensorflow.python.data.ops.dataset_ops"]
        private = sys.modules["tensorflow.python.ops.gen_experimental_dataset_ops"]
        policy = tf.data.experimental.ExternalStatePolicy.IGNORE
        graph = tf.compat.v1.GraphDef.FromString(dataset._as_serialized_graph(external_state_policy=policy).numpy())
        shuffles = [node for node in graph.node if node.op == "ShuffleDatasetV3"]
        if not shuffles:
            return dataset
        for node in shuffles:
            node.op = "ShuffleDataset"
            del node.input[4]
        copied = private.dataset_from_graph(graph.SerializeToString())
        return ops._VariantDataset(copied, dataset.element_spec)
    except Exception:
        return dataset
