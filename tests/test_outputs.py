import math

import numpy as np
import pytest

from logger.data.arrays import NO_LABEL
from logger.data.output_kind import infer_output_kind
from logger.data.outputs import effective_labels, outcome, output_rows

RNG = np.random.default_rng(2)
LOGITS = RNG.normal(size=(200, 5)).astype(np.float32) * 3
P = (np.exp(LOGITS) / np.exp(LOGITS).sum(1, keepdims=True)).astype(np.float32)
Y = RNG.integers(0, 5, 200)


@pytest.mark.parametrize(
    ("rows", "kind"),
    [
        (P, "probabilities"),
        (P.astype(np.float16), "probabilities"),
        (LOGITS, "logits"),
        (np.abs(LOGITS) + 1, "logits"),
        (RNG.random((50, 5)), "scores"),
        (RNG.random((50, 1)), "sigmoid"),
        (RNG.random(50), "sigmoid"),
        (RNG.normal(size=(50, 1)) * 4, "sigmoid_logits"),
        (np.where(np.arange(250).reshape(50, 5) == 3, np.nan, 1 / 5), "probabilities"),
    ],
)
def test_the_kind_of_outputs_is_inferred_from_their_values(rows, kind) -> None:
    assert infer_output_kind(output_rows(rows, len(rows), "probabilities"), are_logits=False).kind == kind


def test_outputs_without_a_finite_row_have_no_kind_yet() -> None:
    assert infer_output_kind(np.full((3, 4), np.nan, np.float32), False) is None


def test_outputs_passed_as_logits_are_logits_even_if_they_look_like_probabilities() -> None:
    assert infer_output_kind(P, are_logits=True).kind == "logits"


def test_a_softmax_over_one_unit_is_noted() -> None:
    reading = infer_output_kind(np.ones((9, 1), np.float32), False)
    assert reading.surprising and "softmax over a single unit" in reading.reason


def test_logits_and_their_probabilities_have_the_same_outcome() -> None:
    a, b = outcome(LOGITS, "logits", Y), outcome(P, "probabilities", Y)
    assert (a.predicted == b.predicted).all() and (a.predicted == P.argmax(1)).all()
    for field in ("probabilities", "confidence", "log_prob_label", "log_prob_other", "loss"):
        assert getattr(a, field) == pytest.approx(getattr(b, field), abs=2e-3), field
    assert a.loss == pytest.approx(-np.log(P[np.arange(200), Y]), abs=1e-3)


def test_log_prob_other_is_that_of_the_best_other_class() -> None:
    result = outcome(np.float32([[0.5, 0.3, 0.2]] * 3), "probabilities", np.array([0, 2, NO_LABEL]))
    assert np.exp(result.log_prob_other) == pytest.approx([0.3, 0.5, 0.3])
    assert np.isnan(result.loss[2]) and np.isnan(result.log_prob_label[2])


def test_a_row_with_nan_is_invalid_and_never_class_0() -> None:
    rows = np.float32([[np.nan, 0.5, 0.5], [np.inf, 0, 0], [0.1, 0.8, 0.1]])
    for kind in ("probabilities", "logits"):
        result = outcome(rows, kind, np.array([0, 0, 1]))
        assert result.predicted.tolist() == [-1, -1, 1]
        for values in (result.confidence, result.loss, result.log_prob_other):
            assert np.isnan(values).tolist() == [True, True, False]


def test_a_masked_logit_of_minus_infinity_is_a_probability_of_0() -> None:
    result = outcome(np.float32([[-np.inf, 1, 1]]), "logits", np.array([1]))
    assert result.probabilities[0].tolist() == [0, 0.5, 0.5]


def test_the_loss_of_a_vanished_label_is_that_of_keras() -> None:
    result = outcome(np.float32([[1, 0]]), "probabilities", np.array([1]))
    assert result.loss[0] == pytest.approx(-math.log(1e-7), rel=1e-5)


def test_one_sigmoid_unit_is_two_classes() -> None:
    for kind, row in (("sigmoid", 0.8), ("sigmoid_logits", math.log(4))):
        result = outcome(np.float32([[row]]), kind, np.array([0]))
        assert result.probabilities[0] == pytest.approx([0.2, 0.8], abs=1e-6)
        assert result.predicted[0] == 1 and result.loss[0] == pytest.approx(-math.log(0.2), rel=1e-5)


def test_extreme_logits_neither_overflow_nor_lose_the_margin() -> None:
    result = outcome(np.float32([[1e4, 0], [-2000, 2000]]), "logits", np.array([1, 0]))
    assert result.loss.tolist() == [1e4, 4000]
    assert outcome(np.float32([[5000]]), "sigmoid_logits", np.array([0])).loss[0] == 5000


def test_scores_are_divided_by_their_sum() -> None:
    result = outcome(np.float32([[0.9, 0.3]]), "scores", np.array([1]))
    assert result.probabilities[0] == pytest.approx([0.75, 0.25])


def test_a_label_outside_of_the_classes_has_no_loss() -> None:
    result = outcome(P[:1], "probabilities", np.array([17]))
    assert np.isnan(result.loss[0]) and result.predicted[0] == P[0].argmax()


def test_the_loss_of_a_soft_label_uses_the_whole_distribution() -> None:
    soft = np.float32([[0.9, 0.1]])
    result = outcome(np.float32([[0.6, 0.4]]), "probabilities", np.array([0]), soft)
    assert result.loss[0] == pytest.approx(-(0.9 * math.log(0.6) + 0.1 * math.log(0.4)), rel=1e-5)
    assert result.log_prob_label[0] == pytest.approx(math.log(0.6), rel=1e-5)


def test_a_label_of_weight_0_is_no_label() -> None:
    assert effective_labels(np.array([1, 2]), [0.0, 0.5]).tolist() == [NO_LABEL, 2]


@pytest.mark.parametrize(
    ("values", "message"), [(np.zeros((3, 2, 2)), r"shape \(N, K\)"), (np.zeros((2, 4)), "expected 3, got 2")]
)
def test_outputs_of_another_shape_are_refused(values, message) -> None:
    with pytest.raises(ValueError, match=message):
        output_rows(values, 3, "probabilities")
