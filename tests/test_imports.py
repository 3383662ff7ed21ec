"""Imports point one way, between the rooms and inside them, and what must stay light stays light."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import ROOT
from tests.import_graph import find_cycle, graph, imports_of, module_name, source_files

HEAVY = ["streamlit", "pandas", "duckdb", "altair", "keras", "tensorflow", "torch", "sklearn", "watchdog"]

ROOMS: dict[str, set[str]] = {
    "logger.schema": set(),
    "logger.data": {"logger.schema"},
    "logger.storage": {"logger.schema", "logger.data"},
    "logger.doctor": {"logger.schema", "logger.data", "logger.storage"},
    "logger": {"logger.schema", "logger.data", "logger.storage", "logger.doctor"},
    "logger.keras.inputs": {"logger.data"},
    "logger.keras": {"logger", "logger.data", "logger.keras.inputs"},
    "dashboard": set(),
    "dashboard.catalogue": {"logger.schema", "dashboard"},
    "dashboard.sql": {"logger.schema", "dashboard", "dashboard.catalogue"},
    "dashboard.analysis": {"logger.schema", "dashboard"},
    "dashboard.reports": {
        *("logger.schema", "dashboard", "dashboard.catalogue"),
        *("dashboard.sql", "dashboard.analysis"),
    },
    "dashboard.live": {"logger.schema", "dashboard", "dashboard.catalogue"},
    "dashboard.browser": set(),
    "dashboard.view": {"logger.schema", "dashboard", "dashboard.catalogue"},
    "dashboard.web": {
        *("logger.schema", "dashboard", "dashboard.catalogue", "dashboard.sql", "dashboard.reports"),
        *("dashboard.live", "dashboard.browser", "dashboard.view.link"),
    },
    "dashboard.screens": {
        *("logger.schema", "dashboard", "dashboard.catalogue", "dashboard.sql", "dashboard.analysis"),
        *("dashboard.reports", "dashboard.browser", "dashboard.view"),
    },
    "dashboard.main": {"dashboard", "dashboard.view", "dashboard.screens"},
    "dashboard.lifespan": {"dashboard", "dashboard.catalogue", "dashboard.live", "dashboard.screens"},
    "pages": {"dashboard.view", "dashboard.screens"},
    "app": {"dashboard.web", "dashboard.lifespan"},
    "examples": {"logger", "logger.keras"},
}
"""Which room may import which. A module belongs to the longest name that begins its own; `dashboard` is what is left:
settings, shared state and formatting, which every room may use."""

FEWEST, MOST = 3, 12
"""Files of a folder, its sentence in `__init__.py` not counted."""


def room_of(module: str) -> str:
    """The room that a module belongs to."""
    parts = module.split(".")
    return next(name for n in range(len(parts), 0, -1) if (name := ".".join(parts[:n])) in ROOMS)


def breaches(root: Path = ROOT) -> list[str]:
    """Imports that the table does not allow."""
    return [
        f"{module} imports {other}"
        for module, others in graph(root).items()
        for other in sorted(others)
        if room_of(other) != room_of(module)
        and not any(other == to or room_of(other) == to for to in ROOMS[room_of(module)])
    ]


def test_imports_between_rooms_are_those_of_the_table() -> None:
    assert breaches() == []


def test_no_module_imports_itself_in_a_circle() -> None:
    assert find_cycle(graph()) is None


@pytest.mark.parametrize(
    ("file", "line", "message"),
    [
        ("dashboard/sql/filter.py", "from dashboard.view.link import View", "dashboard.view.link"),
        ("dashboard/sql/filter.py", "import dashboard.web.routes", "dashboard.web.routes"),
        ("dashboard/reports/export.py", "def f():\n    from dashboard.screens.runs import page", "screens.runs.page"),
        ("logger/schema/paths.py", "from .. import data", "logger.data"),
        ("logger/data/arrays.py", "from ..storage.store import Store", "logger.storage.store"),
        ("dashboard/web/responses.py", "from dashboard.view import session", "dashboard.view.session"),
    ],
)
def test_a_planted_breach_is_found(tmp_path: Path, file: str, line: str, message: str) -> None:
    for folder in ("logger", "dashboard", "pages", "examples"):
        shutil.copytree(ROOT / folder, tmp_path / folder, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "app.py", tmp_path)
    assert breaches(tmp_path) == []
    with open(tmp_path / file, "a", encoding="utf-8") as source:
        source.write(f"\n{line}\n")
    assert [message in breach for breach in breaches(tmp_path)] == [True]


def test_a_planted_circle_inside_a_room_is_found(tmp_path: Path) -> None:
    (tmp_path / "dashboard").mkdir()
    (tmp_path / "app.py").touch()
    (tmp_path / "dashboard" / "a.py").write_text("def f():\n    from dashboard import b\n")
    (tmp_path / "dashboard" / "b.py").write_text("import dashboard.a\n")
    assert find_cycle(graph(tmp_path)) == ["dashboard.a", "dashboard.b", "dashboard.a"]


def folders() -> list[Path]:
    found = {file.parent for file in source_files() if file.parent not in (ROOT, ROOT / "pages", ROOT / "examples")}
    return sorted(found)


@pytest.mark.parametrize("folder", folders(), ids=lambda f: str(f.relative_to(ROOT)))
def test_a_folder_states_its_purpose_and_is_neither_empty_nor_crowded(folder: Path) -> None:
    sentence = (folder / "__init__.py").read_text("utf-8")
    assert re.match(r'"""[A-Z].+?\.', sentence, re.DOTALL), "its __init__.py begins with a sentence"
    files = [f for f in folder.iterdir() if f.suffix in (".py", ".js", ".css") and f.name != "__init__.py"]
    folders_in_it = [f for f in folder.iterdir() if f.is_dir() and f.name != "__pycache__"]
    assert len(files) + len(folders_in_it) >= FEWEST
    assert len(files) <= MOST


def test_no_module_of_the_logger_but_keras_needs_a_framework() -> None:
    for file in source_files():
        name = module_name(file)
        # The command starts the dashboard, and imports it only then.
        if name.startswith("logger") and not name.startswith(("logger.keras", "logger.command")):
            assert not {m.split(".")[0] for m in imports_of(file)} & set(HEAVY), file


def python(code: str) -> str:
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_the_logger_loads_nothing_heavy() -> None:
    code = f"import sys, logger; print([m for m in {[*HEAVY, 'pyarrow', 'PIL']} if m in sys.modules])"
    assert python(code).strip() == "[]"


def test_logging_a_run_loads_no_framework() -> None:
    code = """
import sys, tempfile, numpy as np
from logger import Run
with Run(tempfile.mkdtemp()) as run:
    run.log_predictions(0, np.zeros((4, 8, 8), np.uint8), probabilities=np.full((4, 2), .5), labels=[0, 1, 0, 1])
    run.log_metrics(0, {"loss": 1})
print([m for m in %r if m in sys.modules])
"""
    assert python(code % HEAVY).strip() == "[]"


def test_the_schema_needs_the_standard_library_only() -> None:
    for file in sorted((ROOT / "logger" / "schema").glob("*.py")):
        tops = {name.split(".")[0] for name in imports_of(file)} - {"logger"}
        assert tops <= sys.stdlib_module_names, file


@pytest.mark.slow
def test_the_dashboard_loads_no_training_framework() -> None:
    code = """
import sys, pathlib, importlib
for file in sorted(pathlib.Path("dashboard").rglob("*.py")):
    name = ".".join(file.with_suffix("").parts).removesuffix(".__init__")
    if name != "dashboard.main":
        importlib.import_module(name)
print([m for m in ("keras", "tensorflow", "torch", "sklearn") if m in sys.modules])
"""
    assert python(code).strip() == "[]"
