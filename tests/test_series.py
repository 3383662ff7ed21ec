"""JsonLinesFile of charts: x_positions, smoothed, thinned out, and nothing dropped in silence."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest

from dashboard.analysis import metric_series
from dashboard.analysis.metric_axes import RunMetrics

Rows = list[tuple[int | None, int | None, float, str, float]]


def source(rows: Rows, run: str = "a") -> RunMetrics:
    frame = pd.DataFrame(rows, columns=["epoch", "step", "time", "name", "value"])
    return RunMetrics(run, run.upper(), frame.astype({"epoch": "Int64", "step": "Int64"}), 1000.0)


def epochs(name: str, values: list[float]) -> Rows:
    return [(e, None, 1060.0 + 60 * e, name, v) for e, v in enumerate(values)]


def one(rows: Rows, name: str = "loss", **options: object) -> metric_series.Chart:
    (chart,) = metric_series.charts([source(rows)], [name], **options)  # type: ignore[arg-type]
    return chart


def test_train_and_val_share_a_chart_and_accuracy_comes_first() -> None:
    rows = [r for n in ("lr", "val_loss", "loss", "accuracy", "gap", "aux_loss") for r in epochs(n, [1.0])]
    assert metric_series.chart_names([source(rows)]) == ["accuracy", "loss", "aux_loss", "gap", "lr"]
    assert set(one(rows).lines["split"]) == {"train", "val"}


def test_runs_are_drawn_together() -> None:
    both = [source(epochs("loss", [1, 2]), "a"), source(epochs("loss", [3]), "b")]
    (chart,) = metric_series.charts(both, ["loss"])
    drawn = chart.lines[["run", "title", "x", "y"]].values.tolist()
    assert drawn == [["a", "A", 1, 1], ["a", "A", 2, 2], ["b", "B", 1, 3]]


def test_the_end_of_the_first_epoch_stands_at_one_and_steps_before_it() -> None:
    rows: Rows = [(0, s, 1000.0, "loss", 1.0) for s in (1, 2, 3, 4)] + [(1, 5, 1000.0, "loss", 1.0)]
    assert one(rows).lines["x"].tolist() == [0.25, 0.5, 0.75, 1.0, 2.0]
    assert one(epochs("loss", [1, 2])).lines["x"].tolist() == [1, 2]


def test_by_step_an_epoch_stands_at_its_last_step() -> None:
    steps: Rows = [(e, s, 1000.0, "batch", 1.0) for e, s in ((0, 10), (0, 20), (1, 30))]
    chart = one(steps + epochs("loss", [1, 2, 3]), x="step")
    assert chart.lines["x"].tolist() == [20, 30]
    assert chart.notes == ["loss has 1 value without a step"]


def test_by_time_minutes_count_from_the_start() -> None:
    assert one(epochs("loss", [1, 2]), x="time").lines["x"].tolist() == [1, 2]


def test_what_is_no_number_breaks_the_line_and_becomes_one_event_a_stretch() -> None:
    chart = one(epochs("loss", [1.0, math.nan, math.inf, 4.0, 5.0, -math.inf]))
    assert chart.lines["y"].tolist() == [1, 4, 5]
    assert chart.lines["part"].nunique() == 2
    assert chart.events[["x", "until", "text"]].values.tolist() == [
        [2, 3, "loss is NaN and ∞ from epoch 2 (2 values)"],
        [6, 6, "loss is -∞ from epoch 6"],
    ]
    assert chart.domain == (1, 6)


def test_train_and_val_that_fail_together_are_one_mark() -> None:
    chart = one(epochs("loss", [1.0, math.nan]) + epochs("val_loss", [1.0, math.nan]))
    assert chart.events["text"].tolist() == ["loss is NaN from epoch 2; val_loss is NaN from epoch 2"]


def test_a_metric_that_is_never_a_number_is_all_events() -> None:
    chart = one(epochs("loss", [math.nan] * 3))
    assert len(chart.lines) == 0 and chart.events["text"].tolist() == ["loss is NaN from epoch 1 (3 values)"]


def test_values_without_a_logarithm_are_counted() -> None:
    chart = one(epochs("loss", [1.0, 0.0, -1.0, math.nan]), log_y=True)
    assert chart.lines["y"].tolist() == [1.0] and len(chart.events) == 1
    assert chart.notes == ["loss has 2 values of 0 or less, which a log scale cannot show"]


def test_smoothing_is_an_average_of_the_past_corrected_for_its_start() -> None:
    values = np.array([1.0, 3.0, math.nan, 5.0])
    smooth = metric_series.smooth(values, 0.5)
    assert smooth[[0, 1, 3]] == pytest.approx([1.0, (0.25 * 1 + 0.5 * 3) / 0.75, (0.125 + 0.75 + 2.5) / 0.875])
    assert math.isnan(smooth[2])
    assert metric_series.smooth(values, 0.0) is values
    assert values[1] == 3.0


def test_many_points_are_thinned_out_and_keep_their_spike() -> None:
    values = np.random.default_rng(0).standard_normal(50_000)
    values[31_234] = 99.0
    rows: Rows = [(0, s, 0.0, "loss", float(v)) for s, v in enumerate(values)]
    chart = one(rows, x="step")
    assert len(chart.lines) <= 602
    assert chart.lines.loc[chart.lines["raw"].idxmax(), ["x", "raw"]].tolist() == [31_234, 99.0]


def test_twenty_runs_of_many_metrics_stay_within_what_a_page_can_draw() -> None:
    names = [f"m{i}" for i in range(10)]
    rows = [row for name in names for row in epochs(name, list(range(1000)))]
    found = metric_series.charts([source(rows, f"r{i}") for i in range(20)], names)
    assert sum(len(chart.lines) for chart in found) <= 1.1 * metric_series.POINTS


def test_values_that_come_out_of_order_are_drawn_in_order() -> None:
    rows: Rows = [(2, None, 0.0, "loss", 3.0), (0, None, 0.0, "loss", 1.0)]
    assert one(rows).lines["y"].tolist() == [1.0, 3.0]


def test_epochs_from_a_foreign_file_may_be_any_number() -> None:
    rows: Rows = [(10**15, 1, 0.0, "loss", 1.0), (-5, 2, 0.0, "loss", 2.0), (3, None, 0.0, "loss", 3.0)]
    assert one(rows, x="step").lines["x"].tolist() == [1, 2]
    assert len(one(rows).lines) == 3


def test_runs_that_hide_each_other_are_named() -> None:
    same = epochs("loss", [2.0, 1.0]) + epochs("val_loss", [3.0, 2.0])
    other = epochs("loss", [2.0, 1.0]) + epochs("val_loss", [3.0, 1.5])
    (chart,) = metric_series.charts([source(same, "a"), source(other, "b"), source(same, "c")], ["loss"])
    assert chart.notes == ["Identical in every point: A, C"]
