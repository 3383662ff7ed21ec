"""Imports point one way, and what must stay light stays light."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import ROOT

HEAVY = ["streamlit", "pandas", "duckdb", "altair", "keras", "tensorflow", "torch", "sklearn", "watchdog"]
LAYERS = {
    "logger": {"logger"},
    "dashboard": {"dashboard", "logger.schema"},
    "pages": {"dashboard"},
    "app": {"dashboard"},
    "examples": {"logger"},
}
"""Who may import whom; CONTRIBUTING.md shows the same table."""


def imports_of(file: Path) -> set[str]:
    found: set[str] = set()
    for node in ast.walk(ast.parse(file.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{file}: relative import"
            module = str(node.module)
            found |= {f"{module}.{a.name}" for a in node.names} if module in LAYERS else {module}
    return found


def files_of(layer: str) -> list[Path]:
    return [ROOT / "app.py"] if layer == "app" else sorted((ROOT / layer).rglob("*.py"))


@pytest.mark.parametrize("layer", LAYERS)
def test_imports_point_one_way(layer: str) -> None:
    for file in files_of(layer):
        for module in imports_of(file):
            top = module.split(".")[0]
            if top in LAYERS or top == "tests":
                allowed = any(module == to or module.startswith(f"{to}.") for to in LAYERS[layer])
                assert allowed, f"{file.relative_to(ROOT)} imports {module}"


def test_the_table_in_contributing_is_this_one() -> None:
    text = (ROOT / "CONTRIBUTING.md").read_text("utf-8")
    rows = dict(re.findall(r"^\| `([a-z]+)` \| (.*?) \|", text, re.MULTILINE))
    assert {layer: set(re.findall(r"`([a-z.]+)`", cell)) for layer, cell in rows.items()} == LAYERS


def test_no_module_of_the_logger_but_keras_needs_a_framework() -> None:
    for file in files_of("logger"):
        if not file.stem.startswith("keras"):
            assert not {m.split(".")[0] for m in imports_of(file)} & set(HEAVY), file


def _modules_of(node: ast.ImportFrom) -> set[str]:
    """`from logger import schema` is an arrow to the module, `from logger.run import Run` to the file."""
    names = {f"{node.module}.{a.name}" for a in node.names}
    modules = {n for n in names if any((ROOT / n.replace(".", "/")).with_suffix(s).exists() for s in (".py", ""))}
    return modules or {str(node.module)}


def test_there_is_no_cycle() -> None:
    graph: dict[str, set[str]] = {}
    for layer in ("logger", "dashboard"):
        for file in files_of(layer):
            name = ".".join(file.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")
            tree = ast.parse(file.read_text("utf-8"))
            graph[name] = {
                alias for node in tree.body if isinstance(node, ast.ImportFrom) for alias in _modules_of(node)
            }
    done: set[str] = set()

    def visit(name: str, path: tuple[str, ...]) -> None:
        assert name not in path, " -> ".join([*path, name])
        if name not in done:
            for other in graph[name] & set(graph) - {name}:
                visit(other, (*path, name))
            done.add(name)

    for name in graph:
        visit(name, ())


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
