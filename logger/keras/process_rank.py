"""Which of the processes of a distributed training logs: only the first, so that they make one run."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping

_RANK_VARIABLES = ("RANK", "OMPI_COMM_WORLD_RANK", "PMI_RANK", "HOROVOD_RANK", "SLURM_PROCID", "LOCAL_RANK")


def secondary_process(environment: Mapping[str, str] = os.environ) -> str | None:
    """What shows that this is not the first process of its training, such as "RANK=3"; None when it is the first."""
    for name in _RANK_VARIABLES:
        value = environment.get(name, "")
        if value.isdigit():
            return f"{name}={value}" if int(value) > 0 else None
    return _secondary_worker(environment.get("TF_CONFIG", ""))


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
