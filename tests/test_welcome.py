from pathlib import Path

import pytest

from dashboard.screens.runs import welcome
from logger import schema
from tests.pages import open_page, words

pytestmark = pytest.mark.slow


def test_the_sample_runs_are_explained(monkeypatch: pytest.MonkeyPatch) -> None:
    text = words(open_page(monkeypatch, welcome.SAMPLES))
    assert "These are sample runs" in text and "No metric shows it" in text and "RunLogger" in text


def test_other_runs_do_not(monkeypatch: pytest.MonkeyPatch, digits_runs: Path) -> None:
    assert "sample runs" not in words(open_page(monkeypatch, digits_runs))


def test_the_story_is_true() -> None:
    runs = {p.name: schema.RunInfo.decode((p / "run.json").read_text()) for p in welcome.SAMPLES.iterdir()}
    assert set(runs) == {"small-cnn", "wider-cnn", welcome.ODD}
    right, odd = runs["small-cnn"].class_names, runs[welcome.ODD].class_names
    assert right is not None and odd == sorted(right) != right

    def last(name: str) -> dict[str, float]:
        lines = (welcome.SAMPLES / name / "metrics.jsonl").read_text().splitlines()
        return schema.MetricsLine.decode(lines[-1]).values

    assert last(welcome.ODD) == last("small-cnn")
    assert last("wider-cnn")["val_accuracy"] > last("small-cnn")["val_accuracy"] > 0.9
