"""What a run prints: the command or the link that shows it, and no more than two lines."""

from __future__ import annotations

import shlex
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


def add_script(folder: Path, name: str, line: str = "") -> None:
    folder.mkdir(exist_ok=True)
    (folder / name).write_text(f"#!/bin/sh\n{line}\n")
    (folder / name).chmod(0o755)


def test_the_command_is_the_shortest_that_works_from_this_shell(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    python, path, runs = tmp_path / "environment" / "python", tmp_path / "path", tmp_path / "it's my runs"
    monkeypatch.setattr(sys, "executable", str(python))
    monkeypatch.setenv("PATH", str(path))
    run_app = ["run", str(ROOT / "app.py"), "--", "--runs", str(runs)]
    assert shlex.split(viewing.shell_command(runs)) == [str(python), "-m", "streamlit", *run_app]
    add_script(path, "streamlit")
    assert shlex.split(viewing.shell_command(runs)) == ["streamlit", *run_app]
    add_script(python.parent, "proofsheet")
    assert shlex.split(viewing.shell_command(runs)) == [str(python.parent / "proofsheet"), str(runs)]
    add_script(path, "proofsheet")
    assert shlex.split(viewing.shell_command(runs)) == ["proofsheet", str(runs)]


@pytest.mark.slow
@pytest.mark.parametrize("program", ["proofsheet", str(BIN / "proofsheet"), "streamlit"])
def test_the_line_works_where_it_is_pasted(
    program: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    folder, scripts = tmp_path / "it's mine", tmp_path / "scripts"
    if not program.startswith("/"):
        add_script(scripts, program, f'exec {shlex.quote(str(BIN / program))} "$@"')
    if program == "streamlit":  # as where nothing but the dashboard's requirements is installed
        monkeypatch.setattr(sys, "executable", str(scripts / "python"))
    path = f"{scripts}:/usr/bin:/bin"
    monkeypatch.setenv("PATH", path)
    [line] = printed(folder, capsys)
    pasted = line.partition("View it: ")[2]
    assert shlex.split(pasted)[0] == program
    environment = clean_environment(PATH=path, STREAMLIT_SERVER_PORT=PORT)
    (tmp_path / "elsewhere").mkdir()
    with launch(["sh", "-c", f"exec {pasted}"], tmp_path / "elsewhere", environment) as server:
        assert f"shows {folder} at" in server.output
        assert server.get("data/runs/a/val/sheets/0.webp")[0] == "image/webp"
