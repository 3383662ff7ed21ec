"""Unit tests of the browser's pure modules, run by Node's own test runner; and the tables that both languages share."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from typing import Any

import pytest

from dashboard import formatting
from dashboard.view import link
from tests.conftest import ROOT

CASES = ROOT / "tests" / "js" / "cases"
NEEDED = (20, 19)
"""The first Node that takes a .js file with imports as a module."""


def node() -> str:
    path = shutil.which("node")
    version = subprocess.run([path, "--version"], capture_output=True, text=True).stdout if path else ""
    found = re.match(r"v(\d+)\.(\d+)", version)
    if not path or not found or (int(found[1]), int(found[2])) < NEEDED:
        needed = ".".join(map(str, NEEDED))
        pytest.skip(f"Node {needed} or later runs these tests: install it from https://nodejs.org (Debian: `nodejs`)")
    return path


def test_the_modules_pass_their_own_tests() -> None:
    files = sorted(str(file.relative_to(ROOT)) for file in (ROOT / "tests" / "js").glob("*.test.mjs"))
    done = subprocess.run(
        [node(), "--test", "--test-reporter=tap", *files], cwd=ROOT, capture_output=True, text=True, timeout=120
    )
    assert done.returncode == 0, done.stdout + done.stderr
    passed = re.search(r"^# pass (\d+)$", done.stdout, re.MULTILINE)
    assert passed and int(passed[1]) > 40 and len(files) >= 7


def format_cases() -> list[tuple[str, list[Any], str]]:
    tables: dict[str, list[tuple[list[Any], str]]] = json.loads((CASES / "format.json").read_text("utf-8"))
    return [(name, given, written) for name, table in tables.items() for given, written in table]


@pytest.mark.parametrize(("name", "given", "written"), format_cases(), ids=str)
def test_python_writes_values_as_the_browser_does(name: str, given: list[Any], written: str) -> None:
    names = ("NaN", "Infinity", "-Infinity")
    values = [float(value) if value in names else value for value in given]
    assert getattr(formatting, name)(*values) == written


@pytest.mark.parametrize("case", json.loads((CASES / "link.json").read_text("utf-8")), ids=str)
def test_python_writes_and_reads_links_as_the_browser_does(case: dict[str, Any]) -> None:
    fields = {name: tuple(value) if isinstance(value, list) else value for name, value in case["fields"].items()}
    assert link.encode(link.View(**fields)) == case["words"]
    view, problems = link.decode({name: [word] for name, word in case["words"].items()})
    assert view == link.View(**fields) and not problems
