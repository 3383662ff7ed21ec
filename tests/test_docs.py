"""What the documents say is held against the code."""

from __future__ import annotations

import re
import tomllib
from dataclasses import fields
from pathlib import Path

import pytest

import logger
from logger import schema
from tests.conftest import ROOT

RUN_FOLDER = (ROOT / "docs" / "run-folder.md").read_text("utf-8")


def named(section: str) -> set[str]:
    """What stands in code marks in the first column of the tables of a section."""
    text = RUN_FOLDER.split(f"\n## {section}", 1)[1].split("\n## ", 1)[0]
    cells = re.findall(r"^\| (`.*?) \|", text, re.MULTILINE)
    return {name for cell in cells for name in re.findall(r"`([^`]+)`", cell)}


@pytest.mark.parametrize(
    ("section", "names"),
    [
        (
            "run.json",
            {f.name for f in fields(schema.RunInfo)} | {f.name for f in fields(schema.SplitInfo)} | {"format"},
        ),
        ("status.json", {f.name for f in fields(schema.Status)} | {"format"}),
        ("metrics.jsonl", {f.name for f in fields(schema.MetricsLine)} | {"nonfinite"}),
        ("annotations.jsonl", {f.name for f in fields(schema.Annotation)}),
        ("samples/", set(schema.SAMPLE_COLUMNS)),
        ("predictions/", set(schema.PREDICTION_COLUMNS)),
    ],
)
def test_every_field_of_the_format_is_documented_and_no_other(section: str, names: set[str]) -> None:
    assert named(section) == names


@pytest.mark.parametrize("constant", ["samples_file", "predictions_file", "sheet_file", "original_file"])
def test_every_file_of_the_format_is_documented(constant: str) -> None:
    folder = {
        "samples_file": schema.samples_file("val", 0).replace("val", "<split>"),
        "predictions_file": schema.predictions_file("val", 7).replace("val", "<split>"),
        "sheet_file": schema.sheet_file("val", 0).replace("val", "<split>"),
        "original_file": f"{schema.ORIGINALS_DIR}/<xx>/<digest>.webp",
    }[constant]
    assert folder in RUN_FOLDER


def test_the_numbers_of_the_format_are_those_of_the_code() -> None:
    for said in (
        f"up to {schema.MAX_FULL_CLASSES} classes",
        f"at most {schema.EXACT_TILE} pixels a side",
        f"cells have {schema.REDUCED_TILE} pixels",
        f"{schema.SHEET_SIDE:,} pixels a side",
        f"1 to {schema.TAG_LENGTH} printable characters",
        f"up to {schema.NOTE_LENGTH:,} characters",
        f"up to {schema.WHO_LENGTH} printable characters",
    ):
        assert said in re.sub(r"\s+", " ", RUN_FOLDER), said
    assert schema.TOP_CLASSES == 10 and "the ten highest" in RUN_FOLDER


def test_the_sql_of_the_documentation_runs(digits_runs: Path) -> None:
    duckdb = pytest.importorskip("duckdb")
    sql = RUN_FOLDER.split("```sql", 1)[1].split("```", 1)[0].replace("runs/my-run", str(digits_runs / "linear"))
    rows = duckdb.sql(sql).fetchall()
    assert [row[0] for row in rows] == [0, 1, 2, 3] and all(0.5 < row[1] <= 1 for row in rows)


def test_version_is_the_same_everywhere() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    newest = re.search(r"^## \[?([0-9.]+)", (ROOT / "CHANGELOG.md").read_text("utf-8"), re.MULTILINE)
    assert newest is not None and project["version"] == logger.__version__ == newest[1]


def test_what_the_dashboard_needs_is_the_same_in_both_files() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    said = {line for line in (ROOT / "requirements.txt").read_text().splitlines() if line and line[0] != "#"}
    names = {re.split(r"[><=]", line)[0] for line in said}
    assert set(project["optional-dependencies"]["dashboard"]) <= said
    assert {re.split(r"[><=]", line)[0] for line in project["dependencies"]} <= names


def test_every_page_of_the_dashboard_is_in_the_readme() -> None:
    readme = (ROOT / "README.md").read_text("utf-8")
    for page in (ROOT / "pages").glob("*.py"):
        assert page.stem.capitalize() in readme, page.stem


def test_every_setting_of_the_dashboard_is_documented() -> None:
    code = "".join(file.read_text("utf-8") for file in (ROOT / "dashboard").rglob("*.py"))
    settings = set(re.findall(r'"(PROOFSHEET_[A-Z_]+)"', code))
    said = (ROOT / "docs" / "dashboard.md").read_text("utf-8")
    assert "PROOFSHEET_READONLY" in settings
    assert {name for name in settings if name not in said} == set()


def test_links_between_documents_lead_somewhere() -> None:
    for document in [*ROOT.glob("*.md"), *(ROOT / "docs").glob("*.md")]:
        for target in re.findall(r"\]\((?!https?://|#)([^)#]+)", document.read_text("utf-8")):
            assert (document.parent / target).exists(), f"{document.name} links to {target}"


def test_the_python_of_the_readme_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The block for any framework, with arrays of its words."""
    import numpy as np

    blocks = re.findall(r"```python\n(.*?)```", (ROOT / "README.md").read_text("utf-8"), re.DOTALL)
    block = next(b for b in blocks if "from proofsheet import Run" in b)
    monkeypatch.chdir(tmp_path)
    rng = np.random.default_rng(0)
    words = {
        "epochs": 2,
        "train_one_epoch": lambda: 0.5,
        "predict": lambda images: rng.dirichlet(np.ones(10), len(images)),
        "x_val": rng.random((20, 8, 8, 3)),
        "y_val": rng.integers(0, 10, 20),
        "class_names": list("abcdefghij"),
    }
    exec(compile(block, "README.md", "exec"), words)
    [run] = (tmp_path / "runs").iterdir()
    assert len(list(run.glob("predictions/split=val/*.parquet"))) == 2
