"""Which of the processes of a distributed training logs: only the first, so that they make one run.

Launchers such as srun number their processes also when these train independently of each other. Their numbers
count only when this process takes part in a distributed training.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Mapping
from typing import Any

_TRAINING_VARIABLES = ("RANK", "OMPI_COMM_WORLD_RANK", "HOROVOD_RANK", "LOCAL_RANK")
"""Set for distributed trainings only."""
_LAUNCHER_VARIABLES = ("PMI_RANK", "SLURM_PROCID")
"""Set for independent processes as well."""


def secondary_process(model: Any = None, environment: Mapping[str, str] = os.environ) -> str | None:
    """What shows that this is not the first process of its training, such as "RANK=3"; None when it is the first."""
    for name in _TRAINING_VARIABLES:
        value = environment.get(name, "")
        if value.isdigit():
            return f"{name}={value}" if int(value) > 0 else None
    if "TF_CONFIG" in environment:
        return _secondary_worker(environment["TF_CONFIG"])
    numbered = _launcher_rank(environment)
    return numbered if numbered and is_distributed(model) else None


def independent_process(model: Any = None, environment: Mapping[str, str] = os.environ) -> str | None:
    """The number of a process that a launcher started and that trains on its own, such as "SLURM_PROCID=3"."""
    decided = any(name in environment for name in (*_TRAINING_VARIABLES, "TF_CONFIG")) or is_distributed(model)
    return None if decided else _launcher_rank(environment)


def is_distributed(model: Any = None) -> bool:
    """Whether this process takes part in a distributed training of torch, Horovod, JAX, TensorFlow or MPI."""
    strategy = getattr(getattr(model, "distribute_strategy", None), "extended", None)
    several_workers = getattr(strategy, "_in_multi_worker_mode", None)
    return (
        any(_initialized(*found) for found in _DISTRIBUTED)
        or "mpi4py.MPI" in sys.modules
        or bool(callable(several_workers) and several_workers())
    )


_DISTRIBUTED = (
    ("torch.distributed", ("is_initialized",)),
    ("horovod.tensorflow", ("is_initialized",)),
    ("horovod.torch", ("is_initialized",)),
    ("jax._src.distributed", ("global_state", "client")),
)


def _initialized(module: str, attributes: tuple[str, ...]) -> bool:
    value: Any = sys.modules.get(module)
    for attribute in attributes:
        value = getattr(value, attribute, None)
    try:
        return bool(value() if callable(value) else value)
    except Exception:  # a library that is only half installed
        return False


def _launcher_rank(environment: Mapping[str, str]) -> str | None:
    for name in _LAUNCHER_VARIABLES:
        value = environment.get(name, "")
        if value.isdigit() and int(value) > 0:
            return f"{name}={value}"
    return None


def _secondary_worker(tf_config: str) -> str | None:
    """The same for tf.distribute, whose first process is the chief, or worker 0 when there is no chief."""
    try:
        config = json.loads(tf_config or "{}")
        kind, index = config["task"]["type"], int(config["task"]["index"])
        has_chief = "chief" in config.get("cluster", {})
    except (ValueError, TypeError, KeyError):
        return None
    first = kind in ("chief", "master") or (kind == "worker" and index == 0 and not has_chief)
    return None if first else f"TF_CONFIG says {kind} {index}"
