"""Where the dashboard searches for runs."""

from __future__ import annotations

from pathlib import Path

import pytest

from dashboard import settings


@pytest.mark.parametrize(
    ("argv", "environ", "expected"),
    [
        (["--runs", "/a/b"], {}, "/a/b"),
        (["--runs=/a/b"], {}, "/a/b"),
        (["--other", "--runs", "/a/b", "x"], {"PROOFSHEET_RUNS": "/c"}, "/a/b"),
        ([], {"PROOFSHEET_RUNS": "/c"}, "/c"),
        (["--runs"], {"PROOFSHEET_RUNS": "/c"}, "/c"),
        (["--runs="], {"PROOFSHEET_RUNS": "/c"}, "/c"),
    ],
)
def test_the_option_comes_before_the_environment(argv: list[str], environ: dict[str, str], expected: str) -> None:
    assert settings.runs_root(argv, environ) == Path(expected)


def test_a_relative_folder_is_of_the_working_directory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert settings.runs_root(["--runs", "here"], {}) == tmp_path / "here"


def test_runs_in_the_working_directory_come_before_the_sample_runs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(settings, "HERE", tmp_path / "project")
    monkeypatch.chdir(tmp_path)
    assert settings.runs_root([], {}) == tmp_path / "project" / "sample_runs"
    (tmp_path / "project" / "runs").mkdir(parents=True)
    assert settings.runs_root([], {}) == tmp_path / "project" / "runs"
    (tmp_path / "runs").mkdir()
    assert settings.runs_root([], {}) == tmp_path / "runs"


@pytest.mark.parametrize(("given", "expected"), [("", ""), ("/", ""), ("team/board", "/team/board"), ("/x/", "/x")])
def test_the_base_path_has_one_leading_slash(given: str, expected: str, monkeypatch: pytest.MonkeyPatch) -> None:
    from streamlit import config

    monkeypatch.setattr(config, "get_option", lambda name: given)
    assert settings.base_path() == expected
