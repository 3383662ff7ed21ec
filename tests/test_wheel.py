"""The wheel: all files of the program, one importable name, and a log and a dashboard that work far from the clone."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import sysconfig
import zipfile
from pathlib import Path

import pytest

from logger.version import VERSION
from tests.conftest import ROOT
from tests.launching import PORT, Launched, clean_environment, launch

pytestmark = pytest.mark.slow

CODE = {".py", ".js", ".css"}
NOT_COPIED = {"build", "dist", "tests", "runs", "docs", ".git", ".venv", ".mypy_cache", ".pytest_cache", ".ruff_cache"}


def copy_sources(source: Path, target: Path) -> None:
    """Copy a tree of sources without what a build or a test leaves in it."""

    def ignored(folder: str, names: list[str]) -> set[str]:
        made = {name for name in names if name == "__pycache__" or name.endswith(".egg-info")}
        return made | (NOT_COPIED.intersection(names) if Path(folder) == source else set())

    shutil.copytree(source, target, ignore=ignored)


def build(sources: Path, into: Path) -> Path:
    """The wheel of a tree of sources."""
    command = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--no-build-isolation", "--no-index"]
    done = subprocess.run([*command, "-w", str(into), str(sources)], capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    return next(into.glob("*.whl"))


@pytest.fixture(scope="module")
def sources(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the repository to build from, so that no earlier build has a part in it."""
    copy = tmp_path_factory.mktemp("sources") / "proofsheet"
    copy_sources(ROOT, copy)
    return copy


@pytest.fixture(scope="module")
def wheel(sources: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build(sources, tmp_path_factory.mktemp("wheel"))


def files_of(wheel: Path) -> set[str]:
    return set(zipfile.ZipFile(wheel).namelist())


def expected_files() -> set[str]:
    """Where the wheel must carry each file of the program."""
    found = {f"proofsheet/app/{name}" for name in ("app.py", ".streamlit/config.toml")}
    for folder in ("logger", "dashboard", "pages", "assets", "sample_runs"):
        for file in (ROOT / folder).rglob("*"):
            is_data = folder in ("assets", "sample_runs")
            if file.is_file() and "__pycache__" not in file.parts and (is_data or file.suffix in CODE):
                found.add(f"proofsheet/app/{file.relative_to(ROOT).as_posix()}")
    for file in (ROOT / "logger").rglob("*.py"):
        found.add(f"proofsheet/{file.relative_to(ROOT / 'logger').as_posix()}")
    return found


def test_the_wheel_carries_the_program_and_nothing_else(wheel: Path) -> None:
    assert {name for name in files_of(wheel) if ".dist-info/" not in name} == expected_files()


def test_a_folder_that_is_new_is_carried_without_being_listed(sources: Path, tmp_path: Path) -> None:
    copy = tmp_path / "copy"
    copy_sources(sources, copy)
    new = ["logger/checks/blank.py", "dashboard/checks/blank.py", "dashboard/screens/checks/list/row.js"]
    for name in new:
        (copy / name).parent.mkdir(parents=True, exist_ok=True)
        (copy / name).touch()
    found = files_of(build(copy, tmp_path))
    assert {f"proofsheet/app/{name}" for name in new} | {"proofsheet/checks/blank.py"} <= found


def test_proofsheet_is_the_one_name_that_the_wheel_brings(wheel: Path) -> None:
    tops = {name.split("/")[0] for name in files_of(wheel)}
    assert {top for top in tops if not top.endswith(".dist-info")} == {"proofsheet"}
    [top_level] = [name for name in files_of(wheel) if name.endswith("top_level.txt")]
    assert zipfile.ZipFile(wheel).read(top_level).split() == [b"proofsheet"]


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """`bin/` of a fresh environment with the wheel, and beside it the packages that the tests run with.

    Those come by a line in a .pth file, which leaves .pth files in their folder unread: an editable install of
    Proofsheet there has no effect.
    """
    environment = tmp_path_factory.mktemp("environment")
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(environment)], check=True, timeout=120)
    site = Path(sysconfig.get_path("purelib", vars={"base": str(environment)}))
    (site / "packages_of_the_tests.pth").write_text(sysconfig.get_path("purelib") + "\n")
    python = environment / "bin" / "python"
    command = [sys.executable, "-m", "pip", "--python", str(python), "install", "--quiet", "--no-deps", "--no-index"]
    subprocess.run([*command, str(wheel)], check=True, timeout=120)
    return environment / "bin"


@pytest.fixture
def foreign(tmp_path: Path) -> Path:
    """A working directory with somebody's own modules of the names that this repository uses."""
    for name in ("logger", "dashboard", "app", "pages"):
        (tmp_path / f"{name}.py").write_text(f"raise RuntimeError('this {name} is somebody else\\'s')\n")
    return tmp_path


def python(installed: Path, folder: Path, code: str) -> str:
    done = subprocess.run(
        [installed / "python", "-W", "error", "-c", code],
        cwd=folder, env=clean_environment(), capture_output=True, text=True, timeout=120,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return done.stdout


LOG = """
import numpy as np
from proofsheet import Run

with Run("runs", "a", ["dark", "light"]) as run:
    images = np.random.default_rng(0).integers(0, 256, (40, 8, 8, 3), np.uint8)
    labels = np.arange(40) % 2
    for epoch in range(2):
        run.log_predictions(epoch, images, probabilities=np.full((40, 2), 0.5), labels=labels)
"""


def check_server(server: Launched) -> None:
    """The run that LOG makes is served, with our theme, by the copy of the program in the fresh environment."""
    assert server.get("gallery?run=a")[0] == "text/html"
    media_type, sheet = server.get("data/runs/a/val/sheets/0.webp")
    assert media_type == "image/webp" and sheet[8:12] == b"WEBP"
    session = server.new_session()
    assert session.custom_theme.light.primary_color == "#4f46e5"
    assert Path(session.main_script_path).parent.parent.parent.name == "proofsheet"
    assert str(ROOT) not in session.main_script_path


def test_a_run_is_logged_and_shown_where_other_modules_have_our_names(installed: Path, foreign: Path) -> None:
    python(installed, foreign, LOG)
    command = [str(installed / "proofsheet"), "runs", "--port", PORT, "--no-browser"]
    with launch(command, foreign) as server:
        check_server(server)


def test_the_module_is_the_same_as_the_command(installed: Path, foreign: Path) -> None:
    python(installed, foreign, LOG)
    command = [str(installed / "python"), "-m", "proofsheet", "--port", PORT, "--no-browser"]
    with launch(command, foreign) as server:
        assert f"shows {foreign / 'runs'} at" in server.output
        check_server(server)


def test_without_runs_the_sample_runs_are_shown(installed: Path, foreign: Path) -> None:
    with launch([str(installed / "proofsheet"), "--port", PORT, "--no-browser"], foreign) as server:
        assert "proofsheet/app/sample_runs at" in server.output
        assert server.get("data/runs/small-cnn/val/sheets/0.webp")[0] == "image/webp"


@pytest.mark.parametrize("command", [["proofsheet"], ["python", "-m", "proofsheet"]])
def test_the_version_is_printed(installed: Path, foreign: Path, command: list[str]) -> None:
    done = subprocess.run(
        [installed / command[0], *command[1:], "--version"],
        cwd=foreign, env=clean_environment(), capture_output=True, text=True, timeout=60,
    )  # fmt: skip
    assert (done.returncode, done.stdout, done.stderr) == (0, f"proofsheet {VERSION}\n", "")


NAMES = """
import importlib.metadata, importlib.util, json, pkgutil, sysconfig
import proofsheet, proofsheet.schema

own = sysconfig.get_path("purelib")
print(json.dumps({
    "modules": [m.name for m in pkgutil.iter_modules([own])],
    "found": [n for n in ("logger", "dashboard", "pages", "app", "assets", "tests") if importlib.util.find_spec(n)],
    "from": proofsheet.__file__,
    "version": importlib.metadata.version("proofsheet") == proofsheet.__version__,
}))
"""


def test_proofsheet_is_the_one_name_that_can_be_imported(installed: Path, tmp_path: Path) -> None:
    said = json.loads(python(installed, tmp_path, NAMES))
    assert said["modules"] == ["proofsheet"] and said["found"] == [] and said["version"]
    assert Path(said["from"]).is_relative_to(installed.parent)


LIGHT = """
import sys, time
start = time.process_time()
import proofsheet
print(time.process_time() - start, sorted({name.split(".")[0] for name in sys.modules} & set(%r)))
"""


def test_the_import_is_light(installed: Path, tmp_path: Path) -> None:
    heavy = ["streamlit", "pandas", "duckdb", "altair", "keras", "tensorflow", "torch", "pyarrow", "PIL", "argparse"]
    seconds, loaded = [], set()
    for _ in range(3):
        took, _, names = python(installed, tmp_path, LIGHT % heavy).strip().partition(" ")
        seconds.append(float(took))
        loaded.add(names)
    assert loaded == {"[]"}
    assert min(seconds) < 0.2


def test_the_editable_install_brings_the_same_name(sources: Path, tmp_path: Path) -> None:
    command = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--no-build-isolation", "--no-index"]
    target = tmp_path / "site"
    subprocess.run([*command, "--target", str(target), "-e", str(sources)], check=True, timeout=120)
    code = f"""
import site, sys
site.addsitedir({str(target)!r})
sys.path.append({sysconfig.get_path("purelib")!r})
import importlib.util, proofsheet.schema, proofsheet.command
print(proofsheet.command.app_file(), [n for n in ("logger", "dashboard", "app") if importlib.util.find_spec(n)])
"""
    done = subprocess.run(
        [sys.executable, "-S", "-c", code],
        cwd=tmp_path, env=clean_environment(), capture_output=True, text=True, timeout=60,
    )  # fmt: skip
    assert done.stdout == f"{sources / 'app.py'} []\n", done.stderr
