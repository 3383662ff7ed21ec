"""Which of several training processes logs: the first one only, so that N devices make one run."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping

_RANKS = ("RANK", "OMPI_COMM_WORLD_RANK", "PMI_RANK", "HOROVOD_RANK", "SLURM_PROCID", "LOCAL_RANK")


def other_process(environment: Mapping[str, str] = os.environ) -> str | None:
    """What says that this is not the first process of its training, e.g. "RANK=3"; None when it is."""
    for name in _RANKS:
        value = environment.get(name, "")
        if value.isdigit():
            return f"{name}={value}" if int(value) > 0 else None
    return _other_worker(environment.get("TF_CONFIG", ""))


def _other_worker(text: str) -> str | None:
    """The same for TF_CONFIG of tf.distribute: the chief is first, or worker 0 where there is no chief."""
    try:
        config = json.loads(text or "{}")
        kind, index = config["task"]["type"], int(config["task"]["index"])
        has_chief = "chief" in config.get("cluster", {})
    except (ValueError, TypeError, KeyError):
        return None
    first = kind in ("chief", "master") or (kind == "worker" and index == 0 and not has_chief)
    return None if first else f"TF_CONFIG says {kind} {index}"
