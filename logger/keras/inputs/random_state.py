"""Reading a person's data without moving any random state that their training will draw from."""

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
def random_state_kept(*sources: Any) -> Iterator[None]:
    """Put the global random states back afterwards: Python's, numpy's, torch's, TensorFlow's, Keras'.

    `sources` are data loaders whose own torch `generator` is put back as well.
    """
    restore = [*_python_and_numpy(), *_torch(sources), *_tensorflow(), *_keras()]
    try:
        yield
    finally:
        for put_back in restore:
            put_back()


def _python_and_numpy() -> list[_Restore]:
    python, numpy = random.getstate(), np.random.get_state()
    return [lambda: random.setstate(python), lambda: np.random.set_state(numpy)]


def _torch(sources: tuple[Any, ...]) -> list[_Restore]:
    torch = sys.modules.get("torch")
    if torch is None:
        return []
    generators = [torch.default_generator, *(getattr(source, "generator", None) for source in sources)]
    owned = [g for g in generators if callable(getattr(g, "get_state", None))]
    return [partial(generator.set_state, generator.get_state()) for generator in owned]


def _tensorflow() -> list[_Restore]:
    # The generator that gives eager operations their seeds; it has no public getter.
    module = sys.modules.get("tensorflow.python.eager.context")
    own = getattr(module.context(), "_rng", None) if module is not None else None
    if not isinstance(own, random.Random):
        return []
    state = own.getstate()
    return [lambda: own.setstate(state)]


def _keras() -> list[_Restore]:
    # Asked for without making it: making it would itself draw a seed.
    module = sys.modules.get("keras.src.backend.common.global_state")
    generator = module.get_global_attribute("global_seed_generator") if module is not None else None
    if generator is None:
        return []
    value = as_numpy(generator.state.value).copy()
    return [lambda: generator.state.assign(value)]
