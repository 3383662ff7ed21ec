"""Which module imports which, read from the source: at the top and inside functions, absolute and relative."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PACKAGES = ("logger", "dashboard", "pages", "app", "examples")
"""What the table of rooms is about. The folder `logger` is installed as `proofsheet`."""


def source_files(root: Path = ROOT) -> Iterator[Path]:
    """Every Python file of PACKAGES."""
    for package in PACKAGES:
        yield from [root / "app.py"] if package == "app" else sorted((root / package).rglob("*.py"))


def module_name(file: Path, root: Path = ROOT) -> str:
    """`dashboard/sql/engine.py` is `dashboard.sql.engine`, an `__init__.py` the name of its folder."""
    return ".".join(file.relative_to(root).with_suffix("").parts).removesuffix(".__init__")


def imports_of(file: Path, root: Path = ROOT) -> set[str]:
    """Modules (and names of modules) that `file` imports anywhere, as absolute dotted names."""
    found: set[str] = set()
    package = module_name(file, root).split(".")
    if file.name != "__init__.py":
        package = package[:-1]
    for node in ast.walk(ast.parse(file.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            base = package[: len(package) - node.level + 1] if node.level else []
            module = ".".join([*base, *([node.module] if node.module else [])])
            found |= {_module_of(f"{module}.{alias.name}", root) or module for alias in node.names}
    return {_own_name(name) for name in found}


def _module_of(name: str, root: Path) -> str | None:
    """`name` when it is a module of ours: `from logger import schema` is an arrow to the module."""
    path = root.joinpath(*_own_name(name).split("."))
    return name if path.with_suffix(".py").is_file() or path.is_dir() else None


def _own_name(name: str) -> str:
    return "logger" + name.removeprefix("proofsheet") if name.split(".")[0] == "proofsheet" else name


def graph(root: Path = ROOT) -> dict[str, set[str]]:
    """By module of ours the modules of ours that it imports, itself left out."""
    files = {module_name(file, root): file for file in source_files(root)}
    return {
        name: {found for found in imports_of(file, root) if found in files and found != name}
        for name, file in files.items()
    }


def find_cycle(edges: dict[str, set[str]]) -> list[str] | None:
    """A circle of imports, or None."""
    done: set[str] = set()

    def visit(name: str, path: list[str]) -> list[str] | None:
        if name in path:
            return [*path[path.index(name) :], name]
        if name in done:
            return None
        for other in sorted(edges.get(name, ())):
            if cycle := visit(other, [*path, name]):
                return cycle
        done.add(name)
        return None

    return next((cycle for name in sorted(edges) if (cycle := visit(name, []))), None)
