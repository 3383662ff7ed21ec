"""What a run prints: the command or the link that shows it, and no more than two lines."""

from __future__ import annotations

import os
import shlex
import subprocess
import sys
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import numpy as np
import pytest

from logger import Run, viewing
from tests.conftest import ROOT
from tests.launching import PORT, clean_environment, launch

BIN = Path(sys.executable).parent


def printed(folder: Path, capsys: pytest.CaptureFixture[str], name: str = "a") -> list[str]:
    """The lines that a run of 1,500 images prints."""
    with Run(folder, name, epochs=1) as run:
        run.log_predictions(
            0, np.zeros((1500, 4, 4), np.uint8), predicted=np.zeros(1500, int), labels=np.zeros(1500, int)
        )
    return capsys.readouterr().err.splitlines()


@pytest.fixture(autouse=True)
def no_url(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(viewing.URL_ENV, raising=False)


def test_a_run_prints_one_line_at_its_end(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    [line] = printed(tmp_path, capsys)
    assert line.startswith(f"proofsheet: {tmp_path / 'a'} finished; 1,500 val samples, ")
    assert line.endswith(f" View it: {viewing.shell_command(tmp_path)}")


def test_a_relative_folder_is_printed_and_written_as_the_absolute_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir(tmp_path)
    with Run("runs", "a") as run:
        monkeypatch.chdir("elsewhere")
        run.log_metrics(0, {"loss": 1.0})
    assert (tmp_path / "runs" / "a" / "metrics.jsonl").exists()
    assert shlex.split(capsys.readouterr().err)[-1] == str(tmp_path / "runs")


def test_the_reason_of_a_failure_stays_on_the_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(RuntimeError), Run(tmp_path, "a"):
        raise RuntimeError("first line\nsecond line " + "x" * 1000)
    [line] = capsys.readouterr().err.splitlines()
    assert "failed: RuntimeError: first line second line x" in line and len(line) < 800


def test_the_link_is_printed_when_training_begins_and_when_it_ends(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv(viewing.URL_ENV, "https://host:8501/team/")
    begin, end = printed(tmp_path, capsys, "läuft & 100%")
    link = "https://host:8501/team/gallery?run="
    assert begin.startswith(f"proofsheet: logging to {tmp_path}") and link in begin
    assert end.endswith(begin[begin.index(link) :])
    [folder] = tmp_path.iterdir()
    assert parse_qs(urlsplit(begin.split()[-1]).query) == {"run": [folder.name]}


@pytest.mark.parametrize(
    "value",
    ["host:8501", "ftp://host", "javascript:alert(1)", "http://", "http://host:99999", "http://[::1", "http://h/?a=b",
     "http://h/#x", "http://a b", "http://h\x1b[31m"],
)  # fmt: skip
def test_what_is_no_link_costs_one_sentence_and_nothing_else(
    value: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv(viewing.URL_ENV, value)
    begin, end = printed(tmp_path, capsys)
    assert begin.startswith("proofsheet: PROOFSHEET_URL must be the URL of a dashboard, such as http://localhost:8501")
    assert end.endswith(viewing.shell_command(tmp_path)) and "\x1b" not in begin


def test_without_the_command_on_the_path_the_whole_command_is_spelled_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "it's my runs"
    monkeypatch.setenv("PATH", str(tmp_path))
    python = [sys.executable, "-m", "streamlit", "run", str(ROOT / "app.py"), "--", "--runs", str(folder)]
    assert shlex.split(viewing.shell_command(folder)) == python
    for name in ("streamlit", "proofsheet"):
        (tmp_path / name).write_text("#!/bin/sh\n")
        (tmp_path / name).chmod(0o755)
        assert shlex.split(viewing.shell_command(folder))[0] == name
    assert shlex.split(viewing.shell_command(folder)) == ["proofsheet", str(folder)]


def test_the_installed_package_names_itself(tmp_path: Path) -> None:
    code = "from pathlib import Path; from proofsheet.viewing import shell_command; print(shell_command(Path('/a b')))"
    environment = clean_environment(PATH=str(tmp_path))
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=tmp_path, env=environment, capture_output=True, text=True, check=True
    )
    assert shlex.split(done.stdout) == [sys.executable, "-m", "proofsheet", "/a b"]


@pytest.mark.slow
@pytest.mark.parametrize("on_path", [True, False])
def test_the_line_works_where_it_is_pasted(
    on_path: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "it's mine"
    path = f"{BIN}{os.pathsep}/usr/bin:/bin" if on_path else "/usr/bin:/bin"
    monkeypatch.setenv("PATH", path)
    [line] = printed(folder, capsys)
    pasted = line.partition("View it: ")[2]
    assert pasted.startswith("proofsheet ") == on_path
    environment = clean_environment(PATH=path, STREAMLIT_SERVER_PORT=PORT)
    (tmp_path / "elsewhere").mkdir()
    with launch(["sh", "-c", f"exec {pasted}"], tmp_path / "elsewhere", environment) as server:
        assert f"shows {folder} at" in server.output
        assert server.get("data/runs/a/val/sheets/0.webp")[0] == "image/webp"
