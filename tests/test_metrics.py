"""What the names of metrics mean, and which value of a run is its best."""

from __future__ import annotations

import math

import pandas as pd
import pytest

from dashboard.analysis import metric_names


@pytest.mark.parametrize(
    ("name", "way"),
    [
        ("loss", -1),
        ("val_loss", -1),
        ("mean_absolute_error", -1),
        ("val_sparse_categorical_crossentropy", -1),
        ("accuracy", 1),
        ("val_acc", 1),
        ("auc", 1),
        ("val_f1_score", 1),
        ("learning_rate", 0),
        ("grad_norm", 0),
    ],
)
def test_the_name_says_which_way_is_better(name: str, way: int) -> None:
    assert metric_names.direction(name) == way


@pytest.mark.parametrize(
    ("name", "split", "base"),
    [
        ("loss", "train", "loss"),
        ("train_loss", "train", "loss"),
        ("val_loss", "val", "loss"),
        ("test_accuracy", "test", "accuracy"),
        ("train/loss", "train", "loss"),
        ("val/loss", "val", "loss"),
        ("valid/accuracy", "val", "accuracy"),
        ("Validation.F1", "val", "F1"),
        ("eval_loss", "val", "loss"),
        ("test/top5/accuracy", "test", "top5/accuracy"),
        ("value", "train", "value"),
        ("validity", "train", "validity"),
        ("val", "train", "val"),
    ],
)
def test_a_metric_belongs_to_a_split(name: str, split: str, base: str) -> None:
    assert (metric_names.split_of(name), metric_names.base_name(name)) == (split, base)


def frame(rows: list[tuple[int | None, int | None, str, float]]) -> pd.DataFrame:
    made = pd.DataFrame(rows, columns=["epoch", "step", "name", "value"])
    return made.astype({"epoch": "Int64", "step": "Int64"}).assign(time=0.0)


def test_val_accuracy_and_val_loss_stand_for_a_run() -> None:
    names = ["lr", "loss", "top5_accuracy", "accuracy", "val_loss", "val_top5_accuracy", "val_accuracy", "val_auc"]
    assert metric_names.main_metrics(frame([(0, None, n, 0.0) for n in names])) == ("val_accuracy", "val_loss")
    assert metric_names.main_metrics(frame([(0, None, "f1", 0.0)])) == ("f1", None)
    assert metric_names.main_metrics(frame([])) == (None, None)


def test_an_epoch_counts_once_with_its_last_value() -> None:
    rows = [(1, None, "loss", 3.0), (0, None, "loss", 2.0), (1, None, "loss", 1.0), (0, 5, "loss", 9.0)]
    assert metric_names.per_epoch(frame(rows), "loss").to_dict() == {0: 2.0, 1: 1.0}


def test_a_metric_logged_by_step_only_has_its_last_step_of_each_epoch() -> None:
    assert metric_names.per_epoch(frame([(0, 1, "b", 3.0), (0, 2, "b", 2.0)]), "b").to_dict() == {0: 2.0}


def test_the_best_is_finite_the_earliest_of_equals_and_goes_by_direction() -> None:
    values = pd.Series([0.5, math.nan, 0.9, 0.9, math.inf], index=[0, 1, 2, 3, 4])
    assert metric_names.best(values, 1) == (2, 0.9)
    assert metric_names.best(values, -1) == (0, 0.5)
    assert metric_names.best(values, 0) is None
    assert metric_names.best(pd.Series([math.nan]), 1) is None


@pytest.mark.parametrize(
    "names", [("train/loss", "val/loss"), ("train_acc", "valid_acc"), ("loss", "val_loss"), ("train.f1", "test.f1")]
)
def test_a_pair_of_splits_is_one_metric_and_the_held_out_one_stands_for_the_run(names: tuple[str, str]) -> None:
    assert len({metric_names.base_name(name) for name in names}) == 1
    if metric_names.split_of(names[1]) == "val":
        assert names[1] in metric_names.main_metrics(frame([(0, None, name, 0.5) for name in names]))
