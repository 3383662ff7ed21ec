"""The confusion matrix as numbers, checked against scikit-learn and values from the literature."""

import numpy as np
import pandas as pd
import pytest

from dashboard.analysis import confusion_matrix as m
from dashboard.analysis import intervals


def cells(*rows: tuple[float | None, int, int]) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=["label", "predicted", "count"]).astype({"label": "Int64"})


def of(label: np.ndarray, predicted: np.ndarray, classes: int) -> m.Matrix:
    table = pd.DataFrame({"label": label, "predicted": predicted}).value_counts().reset_index()
    return m.read_matrix(table, classes)


@pytest.fixture(scope="module")
def drawn() -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(5)
    label = rng.integers(0, 7, 2_000)
    return label, np.where(rng.random(2_000) < 0.6, label, rng.integers(0, 7, 2_000))


def test_absent_classes_keep_their_row_and_column() -> None:
    matrix = m.read_matrix(cells((0, 5, 3), (5, 5, 2)), classes=8)
    assert matrix.rows == matrix.columns == list(range(8))


def test_undeclared_and_invalid_come_after_the_declared_classes() -> None:
    matrix = m.read_matrix(cells((17, 1, 3), (0, -1, 2), (1, 12, 1), (-1, 0, 1)), classes=3)
    assert matrix.rows == [0, 1, 2, -1, 17]
    assert matrix.columns == [0, 1, 2, 12, -1]


def test_every_sample_is_counted_once() -> None:
    table = cells((0, 0, 5), (0, 1, 2), (1, -1, 3), (None, 1, 7), (None, -1, 4), (9, 9, 1))
    matrix = m.read_matrix(table, classes=2)
    assert (matrix.correct, matrix.wrong, matrix.invalid, matrix.total) == (6, 2, 7, 11)
    assert matrix.unlabelled == {1: 7, -1: 4}


def test_an_empty_table_gives_an_empty_matrix() -> None:
    matrix = m.read_matrix(cells(), classes=2)
    assert (matrix.total, matrix.rows, matrix.unlabelled) == (0, [0, 1], {})
    assert m.confused_pairs(matrix).empty
    assert m.per_class(matrix)["recall"].isna().all()


@pytest.mark.parametrize(("by", "normalize"), [("label", "true"), ("predicted", "pred")])
def test_shares_are_those_of_scikit_learn(by: str, normalize: str, drawn: tuple[np.ndarray, np.ndarray]) -> None:
    metrics = pytest.importorskip("sklearn.metrics")
    matrix = of(*drawn, classes=7)
    dense = np.zeros((7, 7))
    dense[matrix.label, matrix.predicted] = m.shares(matrix, by)
    np.testing.assert_allclose(dense, metrics.confusion_matrix(*drawn, normalize=normalize))


def test_shares_refuse_another_way() -> None:
    with pytest.raises(ValueError, match="'label' or 'predicted', got 'rows'"):
        m.shares(m.read_matrix(cells(), 2), "rows")


def test_per_class_is_that_of_scikit_learn(drawn: tuple[np.ndarray, np.ndarray]) -> None:
    metrics = pytest.importorskip("sklearn.metrics")
    table = m.per_class(of(*drawn, classes=7))
    expected = metrics.precision_recall_fscore_support(*drawn)
    for name, values in zip(("precision", "recall", "f1", "support"), expected, strict=True):
        np.testing.assert_allclose(table[name], values)


def test_a_class_that_is_never_predicted_has_recall_0_and_no_precision() -> None:
    row = m.per_class(m.read_matrix(cells((0, 1, 4), (1, 1, 4)), classes=2)).iloc[0]
    assert row["recall"] == 0 and np.isnan(row["precision"]) and row["f1"] == 0


def test_invalid_outputs_lower_the_recall_and_are_no_class() -> None:
    table = m.per_class(m.read_matrix(cells((0, 0, 1), (0, -1, 3)), classes=1))
    assert table["class"].tolist() == [0]
    assert table["recall"].tolist() == [0.25]


@pytest.mark.parametrize(
    ("successes", "trials", "low", "high"),
    # Table I of R. G. Newcombe, Statistics in Medicine 17 (1998), 857-872, method 3.
    [(81, 263, 0.2553, 0.3662), (15, 148, 0.0624, 0.1605), (0, 20, 0.0, 0.1611), (1, 29, 0.0061, 0.1718)],
)
def test_wilson_gives_the_published_intervals(successes: int, trials: int, low: float, high: float) -> None:
    assert [round(float(x), 4) for x in intervals.wilson(successes, trials)] == [low, high]


def test_wilson_of_no_trials_is_not_a_number() -> None:
    assert all(np.isnan(x) for x in intervals.wilson(0, 0))


def test_intervals_hold_their_values(drawn: tuple[np.ndarray, np.ndarray]) -> None:
    table = m.per_class(of(*drawn, classes=7))
    for name in ("recall", "precision", "f1"):
        assert (table[f"{name}_low"] < table[name]).all() and (table[name] < table[f"{name}_high"]).all()


@pytest.mark.slow
def test_the_interval_of_f1_covers_about_as_often_as_it_says() -> None:
    rng = np.random.default_rng(0)
    chance = np.array([[0.30, 0.10], [0.05, 0.55]])
    truth = 2 * 0.30 / (2 * 0.30 + 0.10 + 0.05)
    tables = (m.per_class(_draw(rng, chance, 300)).iloc[0] for _ in range(400))
    covered = np.mean([row.f1_low <= truth <= row.f1_high for row in tables])
    assert 0.92 <= covered <= 0.98


def _draw(rng: np.random.Generator, chance: np.ndarray, n: int) -> m.Matrix:
    counts = rng.multinomial(n, chance.ravel()).reshape(2, 2)
    return m.read_matrix(cells(*[(t, p, counts[t, p]) for t in (0, 1) for p in (0, 1)]), classes=2)


def test_confused_pairs_are_the_wrong_cells_with_their_shares() -> None:
    matrix = m.read_matrix(cells((0, 0, 90), (0, 1, 5), (1, 0, 5), (1, 1, 5), (1, -1, 50)), classes=2)
    pairs = m.confused_pairs(matrix)
    assert pairs[["label", "predicted", "count"]].to_numpy().tolist() == [[0, 1, 5], [1, 0, 5]]
    assert pairs["of_label"].round(4).tolist() == [0.0526, 0.0833]
