"""docs/reliability.md names a test for every fault, and the tests are there."""

from __future__ import annotations

import re

from tests.conftest import ROOT


def test_every_fault_of_the_table_has_its_test() -> None:
    text = (ROOT / "docs" / "reliability.md").read_text("utf-8")
    rows = [line for line in text.splitlines() if line.startswith("| ") and not line.startswith("| fault")]
    named = [re.fullmatch(r"\| .+ \| .+ \| `(test_\w+\.py)::(test_\w+)` \|", row) for row in rows]
    assert len(rows) > 20 and all(named)
    for found in named:
        assert found is not None
        file = ROOT / "tests" / found[1]
        assert re.search(rf"^def {found[2]}\(", file.read_text("utf-8"), re.MULTILINE), found[2]
