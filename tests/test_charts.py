"""Charts are valid, in their colours, and hold every line and event."""

from __future__ import annotations

import json
import math
from typing import Any

import pytest

from dashboard.screens.metrics import legend
from dashboard.screens.metrics.charts import metric_chart
from dashboard.view.palette import DARK, LIGHT, run_colours
from tests.test_series import epochs, one


def spec(**options: Any) -> dict[str, Any]:
    chart = one(epochs("loss", [1.0, 2.0, math.nan]) + epochs("val_loss", [3.0, 2.0, 1.0]), smoothing=0.5)
    settings = {"x": "epoch", "log_y": False, "colours": {}, "palette": LIGHT} | options
    made: dict[str, Any] = metric_chart(chart, **settings).to_dict()
    return made


def test_a_chart_holds_raw_line_smooth_line_points_and_events() -> None:
    marks = [layer["mark"]["type"] for layer in spec()["layer"]]
    assert marks == ["line", "line", "circle", "rule", "point"]


def test_train_and_val_keep_their_colours_with_one_run() -> None:
    text = json.dumps(spec(palette=DARK))
    assert DARK.train in text and DARK.val in text


def test_runs_have_the_colours_they_are_given() -> None:
    colour = spec(colours={"a": "#123456"})["layer"][0]["encoding"]["color"]
    assert colour["field"] == "run" and colour["scale"]["range"] == ["#123456"]


@pytest.mark.parametrize("x", ["epoch", "step", "time"])
@pytest.mark.parametrize("log_y", [False, True])
def test_every_axis_makes_a_valid_chart(x: str, log_y: bool) -> None:
    assert spec(x=x, log_y=log_y)["height"] > 0


def test_a_metric_with_an_odd_name_is_drawn_like_any() -> None:
    name = "a.b[0]:Q'\"\\"
    made = metric_chart(one(epochs(name, [1.0, 2.0]), name), x="epoch", log_y=False, colours={}, palette=LIGHT)
    assert [len(rows) for rows in made.to_dict()["datasets"].values()] == [2]


def test_a_chart_of_events_only_is_valid() -> None:
    chart = one(epochs("loss", [math.nan]))
    assert metric_chart(chart, x="epoch", log_y=False, colours={}, palette=LIGHT).to_dict()


def test_names_in_the_legend_are_text() -> None:
    html = legend.legend_html({"a": ("<b>x</b>", "#111111")}, ["train", "val"], LIGHT)
    assert "<b>" not in html and "&lt;b&gt;" in html and "dashed" in html


def test_a_run_keeps_its_colour_when_runs_are_added_and_others_are_chosen() -> None:
    known = [f"r{i}" for i in range(30)]
    few = run_colours(known[:5], ["r1", "r3"], "light")
    more = run_colours(known, ["r3", "r9", "r1"], "light")
    assert few["r1"] == more["r1"] and few["r3"] == more["r3"]
    assert len(set(run_colours(known, known[:20], "dark").values())) == 20
    assert len(set(run_colours(known, ["r1", "r21", "r22"], "light").values())) == 3
