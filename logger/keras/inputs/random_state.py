"""Reading data without changing the random state that the training will draw from."""

from __future__ import annotations

import random
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any

import numpy as np

from ...data.arrays import as_numpy

_Restore = Callable[[], object]


@contextmanager
def preserve_random_state(*loaders: Any) -> Iterator[None]:
    """Restore the global random states of Python, numpy, torch, TensorFlow and Keras afterwards.

    `loaders`: data loaders whose own torch `generator` is restored as well.
    """
    restore = [*_python_and_numpy(), *_torch(loaders), *_tensorflow(), *_keras()]
    try:
        yield
    finally:
        for function in restore:
            function()


def _python_and_numpy() -> list[_Restore]:
    python, numpy = random.getstate(), np.random.get_state()
    return [lambda: random.setstate(python), lambda: np.random.set_state(numpy)]


def _torch(loaders: tuple[Any, ...]) -> list[_Restore]:
    torch = sys.modules.get("torch")
    if torch is None:
        return []
    generators = [torch.default_generator, *(getattr(loader, "generator", None) for loader in loaders)]
    owned = [g for g in generators if callable(getattr(g, "get_state", None))]
    return [partial(generator.set_state, generator.get_state()) for generator in owned]


def _tensorflow() -> list[_Restore]:
    # The generator of seeds for eager operations. It has no public accessor.
    module = sys.modules.get("tensorflow.python.eager.context")
    generator = getattr(module.context(), "_rng", None) if module is not None else None
    if not isinstance(generator, random.Random):
        return []
    state = generator.getstate()
    return [lambda: generator.setstate(state)]


def _keras() -> list[_Restore]:
    # Looked up without creating it, which would itself draw a seed.
    module = sys.modules.get("keras.src.backend.common.global_state")
    generator = module.get_global_attribute("global_seed_generator") if module is not None else None
    if generator is None:
        return []
    value = as_numpy(generator.state.value).copy()
    return [lambda: generator.state.assign(value)]
