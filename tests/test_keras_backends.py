"""RunLogger on each of Keras' backends, each in a process of its own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

from tests.conftest import ROOT

pytestmark = [pytest.mark.keras, pytest.mark.slow]

SCRIPT = """
import json, sys
import keras, numpy as np
from logger.keras import RunLogger
from tests.keras_models import Logged, make_data, make_model

x, y = make_data()

def train(callbacks):
    keras.utils.set_random_seed(1)
    model = make_model(metrics=["accuracy"])
    history = model.fit(x, y, validation_data=(x, y), epochs=2, verbose=0, callbacks=callbacks)
    return history.history, [np.asarray(w) for w in model.get_weights()], model

logger = RunLogger((x, y), runs_dir=sys.argv[1])
plain, logged = train([]), train([logger])
run = Logged(logger.run.path)
outputs = logged[2].predict(x, verbose=0)
print(json.dumps({
    "backend": run.info.config["backend"],
    "same": plain[0] == logged[0] and all((a == b).all() for a, b in zip(plain[1], logged[1])),
    "epochs": run.epochs(),
    "errors": run.status.errors,
    "notes": run.notes,
    "predicted": run.column("predicted", 1) == outputs.argmax(1).tolist(),
}))
"""


@pytest.mark.parametrize("backend", ["tensorflow", "torch", "jax"])
def test_a_training_is_logged_and_unchanged_on_every_backend(tmp_path: Path, backend: str) -> None:
    if find_spec("keras") is None or find_spec(backend) is None:
        pytest.skip(f"install keras and {backend} to test this backend")
    environment = {**os.environ, "KERAS_BACKEND": backend, "TF_CPP_MIN_LOG_LEVEL": "3", "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-c", SCRIPT, str(tmp_path)]
    done = subprocess.run(command, env=environment, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout.splitlines()[-1]) == {
        "backend": backend, "same": True, "epochs": [0, 1], "errors": [], "notes": "", "predicted": True,
    }  # fmt: skip
