"""The Metrics page: every metric of the chosen runs, and what stands in place of missing ones."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from logger import Run
from tests.pages import open_page, words

pytestmark = pytest.mark.slow


def charts(at: AppTest) -> dict[str, dict[str, Any]]:
    """By title the specification of each chart."""
    titles = [m.value.strip("*").replace("\\", "") for m in at.main.markdown if m.value.startswith("**")]
    return dict(zip(titles, [json.loads(c.proto.spec) for c in at.get("vega_lite_chart")], strict=True))


def test_every_metric_has_one_chart_with_train_and_val(digits_runs: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    at = open_page(monkeypatch, digits_runs, "metrics", run="linear")
    assert list(charts(at)) == ["accuracy", "loss"]


@pytest.mark.parametrize("query", [{"x": "time"}, {"smoothing": "0.9"}, {"log_y": "1"}, {"metrics": "loss"}])
def test_every_option_of_the_link_draws(
    query: dict[str, str], digits_runs: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    at = open_page(monkeypatch, digits_runs, "metrics", **query)
    assert "loss" in charts(at) and not at.warning


def test_without_steps_the_step_axis_shows_how_to_log_them(digits_runs: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    at = open_page(monkeypatch, digits_runs, "metrics", x="step")
    assert charts(at) == {} and "step=step" in words(at)


def test_options_go_into_the_link_and_defaults_leave_it(digits_runs: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    at = open_page(monkeypatch, digits_runs, "metrics", run="linear")
    at.slider(key="w_smoothing").set_value(0.5)
    at.toggle(key="w_log_y").set_value(True)
    at.multiselect(key="w_metrics").set_value(["loss"])
    at.multiselect(key="w_runs").set_value(["linear", "linear-fast"]).run()
    assert at.query_params == {
        "run": "linear",
        "runs": ["linear", "linear-fast"],
        "metrics": "loss",
        "smoothing": "0.5",
        "log_y": "1",
    }
    at.slider(key="w_smoothing").set_value(0.0).run()
    assert "smoothing" not in at.query_params
    assert list(charts(at)) == ["loss"]


def test_of_a_hundred_metrics_some_are_drawn_and_the_rest_counted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with Run(tmp_path, "many") as run:
        run.log_metrics(0, {f"m{i}": 1.0 for i in range(100)})
    at = open_page(monkeypatch, tmp_path, "metrics")
    assert len(charts(at)) == 24 and "24 of 100 charts" in words(at)


def test_values_that_are_no_numbers_are_drawn_as_events(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with Run(tmp_path, "diverged") as run:
        for epoch, loss in enumerate([1.0, math.inf, math.nan]):
            run.log_metrics(epoch, {"loss": loss})
    at = open_page(monkeypatch, tmp_path, "metrics")
    assert charts(at)["loss"]["layer"][-1]["mark"]["type"] == "point"
    assert "loss is ∞ and NaN from epoch 2 (2 values)" in words(at).replace("\\", "")


def test_a_first_epoch_and_a_run_without_metrics_have_empty_states(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = Run(tmp_path, "young")
    assert "Waiting for the first values" in words(open_page(monkeypatch, tmp_path, "metrics"))
    run.finish()
    at = open_page(monkeypatch, tmp_path, "metrics")
    assert "No metrics" in words(at) and "run.log_metrics(" in words(at)


def test_unknown_metrics_of_a_link_are_reported(digits_runs: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    at = open_page(monkeypatch, digits_runs, "metrics", metrics=["loss", "f1"])
    assert list(charts(at)) == ["loss"] and "Not logged by these runs: f1" in words(at)


def test_without_runs_the_page_shows_how_to_log_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert "RunLogger" in words(open_page(monkeypatch, tmp_path, "metrics"))
