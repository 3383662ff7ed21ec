"""What changed between two confusion matrices."""

import pandas as pd
import pytest

from dashboard.analysis.confusion_matrix import Matrix, read_matrix
from dashboard.analysis.matrix_difference import align, difference, most_fallen, most_risen, renumber


def matrix(*rows: tuple[int, int, int], classes: int = 3) -> Matrix:
    return read_matrix(pd.DataFrame(rows, columns=["label", "predicted", "count"]), classes)


def test_difference_keeps_cells_of_either() -> None:
    change = difference(matrix((0, 0, 5), (0, 1, 2)), matrix((0, 0, 3), (1, 2, 4)))
    assert change.to_numpy().tolist() == [[0, 0, 5, 3, 2], [0, 1, 2, 0, 2], [1, 2, 0, 4, -4]]


def test_most_risen_compares_shares_of_the_label() -> None:
    risen = most_risen(matrix((0, 0, 50), (0, 1, 50), (1, 0, 9)), matrix((0, 0, 4), (0, 1, 1), (0, 2, 5)))
    assert risen[["label", "predicted"]].to_numpy().tolist() == [[1, 0], [0, 1]]
    assert risen["rise"].round(3).tolist() == [1.0, 0.4]


def test_most_fallen_is_most_risen_seen_from_the_other_side() -> None:
    one, other = matrix((0, 0, 50), (0, 1, 50), (1, 0, 9)), matrix((0, 0, 4), (0, 1, 1), (0, 2, 5))
    fallen, risen = most_fallen(one, other), most_risen(other, one)
    assert fallen[["label", "predicted"]].to_numpy().tolist() == [[0, 2]]
    assert (-fallen["rise"]).tolist() == risen["rise"].tolist()


def test_most_risen_of_the_same_matrix_is_empty() -> None:
    same = matrix((0, 1, 2), (1, -1, 2))
    assert most_risen(same, same).empty


@pytest.mark.parametrize(
    ("names", "others", "places", "said"),
    [
        (["a", "b"], ["a", "b"], {0: 0, 1: 1}, None),
        (None, None, {0: 0, 1: 1}, None),
        (["a", "b"], None, {0: 0, 1: 1}, "Only one of the runs has class names"),
        (["a", "b"], ["b", "a"], {0: 1, 1: 0}, "a different order"),
        (["a", "c"], ["a", "b"], {0: 0}, r"1 only here, 1 only in the other"),
        (["a", "a"], ["a", "b"], {0: 0, 1: 1}, "repeat"),
    ],
)
def test_classes_are_aligned_by_name(
    names: list[str] | None, others: list[str] | None, places: dict[int, int], said: str | None
) -> None:
    aligned = align(names, others, 2)
    assert aligned.places == places
    assert (aligned.problem is None) if said is None else (said in (aligned.problem or ""))


def test_renumber_moves_cells_and_leaves_out_classes_without_a_place() -> None:
    moved = renumber(matrix((0, 1, 4), (1, 1, 2), (1, -1, 3), (2, 0, 9)), {0: 2, 1: 0}, 3)
    cells = list(zip(moved.label, moved.predicted, moved.count, strict=True))
    assert cells == [(0, -1, 3), (0, 0, 2), (2, 0, 4)]
