"""The command `proofsheet`: what it refuses, and the server that it starts."""

from __future__ import annotations

import re
import signal
import socket
import subprocess
import sys
import time
import tomllib
from pathlib import Path

import numpy as np
import pytest

from logger import command
from logger.version import VERSION
from logger.viewing import DASHBOARD_PACKAGES
from tests.conftest import ROOT
from tests.launching import PORT, clean_environment, launch

PROOFSHEET = [sys.executable, "-m", "proofsheet"]


def refusal(capsys: pytest.CaptureFixture[str], *argv: str) -> str:
    """What the command prints when it refuses `argv`: one sentence on standard error."""
    assert command.main(argv) == 1
    printed = capsys.readouterr()
    assert printed.out == ""
    [line] = printed.err.splitlines()
    return line


@pytest.fixture
def run_folder(tmp_path: Path) -> Path:
    folder = tmp_path / "my runs" / "a"
    folder.mkdir(parents=True)
    (folder / "run.json").write_text("{}")
    return folder


def test_a_missing_folder_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert f"{tmp_path / 'nowhere'} does not exist" in refusal(capsys, str(tmp_path / "nowhere"))


def test_a_file_is_refused(run_folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert "run.json is a file" in refusal(capsys, str(run_folder / "run.json"))


def test_a_run_is_refused_with_the_command_for_the_folder_above(
    run_folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    line = refusal(capsys, str(run_folder))
    assert line.endswith(f"is itself a run; open the folder above it: proofsheet '{run_folder.parent}'")


def test_a_port_that_is_taken_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        assert f"Port {port} is taken" in refusal(capsys, str(tmp_path), "--port", str(port))


@pytest.mark.parametrize("host", ["192.0.2.1", "no such host", "2001:db8::1", "a" * 64])
def test_an_address_of_another_machine_is_refused(host: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert f"Cannot listen on {host}" in refusal(capsys, "--host", host)


@pytest.mark.parametrize("port", ["-1", "65536", "http", "8501.0", "²"])
def test_a_port_is_a_number(port: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit, match="2"):
        command.main([f"--port={port}"])
    assert "a port is a number from 0" in capsys.readouterr().err


@pytest.mark.parametrize("argv", [["nowhere"], ["dashboard", "nowhere"]])
def test_the_folder_needs_no_name_of_a_command_before_it(
    argv: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    assert f"{tmp_path / 'nowhere'} does not exist" in refusal(capsys, *argv)


def test_a_folder_called_like_a_command_is_given_with_its_path(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    assert f"{tmp_path / 'dashboard'} does not exist" in refusal(capsys, "./dashboard")


def test_the_packages_looked_for_are_those_of_the_extra() -> None:
    extra = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]["optional-dependencies"]["dashboard"]
    assert tuple(re.split(r"[\[>]", line)[0] for line in extra) == DASHBOARD_PACKAGES
    assert any(line.endswith(">=" + ".".join(map(str, command.STREAMLIT_VERSION))) for line in extra)


def run_without_site_packages(path: Path) -> subprocess.CompletedProcess[str]:
    """The command where the standard library, numpy and what lies in `path` is all that is installed."""
    for package in Path(np.__file__).parent.parent.glob("numpy*"):
        (path / package.name).symlink_to(package)
    code = (
        f"import sys; sys.path += [{str(ROOT)!r}, {str(path)!r}]; from logger.command import main; sys.exit(main([]))"
    )
    return subprocess.run(
        [sys.executable, "-S", "-c", code],
        cwd=path,
        env=clean_environment(),
        capture_output=True,
        text=True,
        timeout=60,
    )


def test_without_the_extra_the_command_says_what_to_install(tmp_path: Path) -> None:
    (tmp_path / "pandas").mkdir()
    done = run_without_site_packages(tmp_path)
    assert done.returncode == 1 and done.stdout == ""
    assert done.stderr == (
        "proofsheet: The dashboard needs streamlit, altair, duckdb, watchdog, cachetools, msgspec, not installed here: "
        'pip install "proofsheet[dashboard]"\n'
    )


def test_an_old_streamlit_is_named(tmp_path: Path) -> None:
    for name in DASHBOARD_PACKAGES:
        (tmp_path / name).mkdir()
    (tmp_path / "streamlit-1.40.2.dist-info").mkdir()
    (tmp_path / "streamlit-1.40.2.dist-info" / "METADATA").write_text("Name: streamlit\nVersion: 1.40.2\n")
    done = run_without_site_packages(tmp_path)
    assert done.returncode == 1
    assert "The dashboard needs Streamlit 1.67 or later, found 1.40.2" in done.stderr


@pytest.mark.parametrize("module", ["proofsheet", "logger"])
def test_the_package_runs_as_a_module(module: str) -> None:
    done = subprocess.run([sys.executable, "-m", module, "--version"], cwd=ROOT, capture_output=True, text=True)
    assert done.stdout == f"proofsheet {VERSION}\n" and done.returncode == 0


@pytest.mark.slow
def test_our_theme_and_address_hold_in_a_folder_with_settings_of_its_own(tmp_path: Path, digits_runs: Path) -> None:
    (tmp_path / ".streamlit").mkdir()
    other = '[server]\naddress = "0.0.0.0"\n[theme]\nbaseFontSize = 20\n[theme.light]\nprimaryColor = "#ff0000"\n'
    (tmp_path / ".streamlit" / "config.toml").write_text(other)
    with launch([*PROOFSHEET, str(digits_runs), "--port", PORT, "--no-browser"], tmp_path) as server:
        theme = server.new_session().custom_theme
        assert (theme.light.primary_color, theme.base_font_size) == ("#4f46e5", 14)
        assert listening_addresses(server.port) == {"127.0.0.1"}
        line = f"Proofsheet shows {digits_runs} at http://127.0.0.1:{server.port} (stop it with Ctrl-C)\n"
        assert server.output == line


def listening_addresses(port: int) -> set[str]:
    """The addresses of this machine on which something listens on `port`, from the kernel's table."""
    rows = [line.split() for line in Path("/proc/net/tcp").read_text().splitlines()[1:]]
    rows += [line.split() for line in Path("/proc/net/tcp6").read_text().splitlines()[1:]]
    found = [row[1].split(":")[0] for row in rows if int(row[1].split(":")[1], 16) == port and row[3] == "0A"]
    return {socket.inet_ntoa(bytes.fromhex(a)[::-1]) if len(a) == 8 else f"IPv6 {a}" for a in found}


@pytest.mark.slow
def test_runs_of_the_working_directory_are_the_default_and_options_reach_streamlit(
    tmp_path: Path, digits_runs: Path
) -> None:
    (tmp_path / "runs").symlink_to(digits_runs)
    options = ["--no-browser", "--host", "0.0.0.0", "--", "--server.baseUrlPath", "team", "--server.port", PORT]
    with launch([*PROOFSHEET, *options], tmp_path, base="team/") as server:
        assert f"shows {tmp_path / 'runs'} at http://localhost:{server.port}/team (" in server.output
        assert listening_addresses(server.port) == {"0.0.0.0"}


@pytest.mark.slow
def test_the_server_starts_where_its_output_cannot_show_the_name_of_the_folder(tmp_path: Path) -> None:
    (tmp_path / "läufe").mkdir()
    environment = clean_environment(PYTHONIOENCODING="ascii")
    with launch([*PROOFSHEET, "läufe", "--port", PORT, "--no-browser"], tmp_path, environment) as server:
        assert server.get("runs")[0] == "text/html"


@pytest.mark.slow
def test_another_asgi_server_is_left_to_print_its_own_address() -> None:
    with launch([sys.executable, "-m", "uvicorn", "--port", PORT, "app:app"], ROOT) as server:
        assert "Proofsheet shows" not in server.output and "Uvicorn running" in server.output


@pytest.mark.slow
@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, -signal.SIGTERM)])
def test_a_signal_stops_the_server_quietly(number: signal.Signals, code: int, tmp_path: Path) -> None:
    with launch([*PROOFSHEET, str(tmp_path), "--port", PORT, "--no-browser"], tmp_path) as server:
        server.process.send_signal(number)
        assert server.process.wait(20) == code
        assert len(server.output.strip().splitlines()) == 1


@pytest.mark.slow
def test_the_browser_is_opened_on_the_server_unless_told_otherwise(tmp_path: Path) -> None:
    browser = tmp_path / "browser"
    browser.write_text(
        f'#!/bin/sh\nprintf %s "$1" > "{tmp_path}/opened.part" && mv "{tmp_path}/opened.part" "{tmp_path}/opened"\n'
    )
    browser.chmod(0o755)
    opened = tmp_path / "opened"
    environment = clean_environment(BROWSER=f"{browser} %s")
    with launch([*PROOFSHEET, str(tmp_path), "--port", PORT, "--no-browser"], tmp_path, environment):
        time.sleep(1)
        assert not opened.exists()
    with launch([*PROOFSHEET, str(tmp_path), "--port", PORT], tmp_path, environment) as server:
        deadline = time.monotonic() + 10
        while not opened.exists() and time.monotonic() < deadline:
            time.sleep(0.05)
        assert opened.read_text() == f"http://127.0.0.1:{server.port}"
