"""Orders of the classes of a confusion matrix."""

import numpy as np
import pandas as pd
import pytest

from dashboard.analysis.class_order import MOST_CLUSTERED, cluster_order, frequency_order
from dashboard.analysis.confusion_matrix import Matrix, read_matrix


def blocks(k: int, groups: int, seed: int = 0) -> tuple[Matrix, np.ndarray]:
    """A matrix whose errors stay within shuffled groups of classes, and the group of each class."""
    rng = np.random.default_rng(seed)
    group = rng.permutation(np.arange(k) % groups)
    rows = [(t, t, 50) for t in range(k)]
    pairs = [(t, p) for t in range(k) for p in range(k) if t != p and group[t] == group[p]]
    rows += [(t, p, int(rng.integers(3, 9))) for t, p in pairs]
    return read_matrix(pd.DataFrame(rows, columns=["label", "predicted", "count"]), k), group


def test_frequency_puts_the_largest_label_first_and_keeps_ties_by_index() -> None:
    rows = [(0, 0, 1), (1, 2, 5), (1, 1, 5), (3, 0, 1), (9, 0, 99)]
    table = pd.DataFrame(rows, columns=["label", "predicted", "count"])
    assert frequency_order(read_matrix(table, 4)).tolist() == [1, 0, 3, 2]


@pytest.mark.parametrize(("k", "groups"), [(10, 3), (60, 7)])
def test_classes_confused_with_each_other_stand_together(k: int, groups: int) -> None:
    matrix, group = blocks(k, groups)
    order = cluster_order(matrix)
    assert sorted(order.tolist()) == list(range(k))
    assert (np.diff(group[order]) != 0).sum() == groups - 1


def test_of_many_classes_those_with_mistakes_are_clustered_and_the_others_follow() -> None:
    rows = [(0, 0, 9), (7, 90_000, 5), (7, 7, 5), (40_000, 3, 2), (40_000, 40_000, 8)]
    order = cluster_order(read_matrix(pd.DataFrame(rows, columns=["label", "predicted", "count"]), 100_000)).tolist()
    assert abs(order.index(7) - order.index(90_000)) == abs(order.index(3) - order.index(40_000)) == 1
    assert max(map(order.index, (7, 90_000, 3, 40_000))) < MOST_CLUSTERED
    assert sorted(order) == list(range(100_000)) and order[MOST_CLUSTERED:] == sorted(order[MOST_CLUSTERED:])


@pytest.mark.parametrize("k", [0, 1, 2, 5])
def test_few_classes_and_no_confusion_keep_all_classes(k: int) -> None:
    empty = read_matrix(pd.DataFrame(columns=["label", "predicted", "count"]), k)
    assert sorted(cluster_order(empty).tolist()) == list(range(k))


def test_the_tree_is_that_of_scipy() -> None:
    hierarchy = pytest.importorskip("scipy.cluster.hierarchy")
    from dashboard.analysis.class_order import _leaves

    points = np.random.default_rng(3).random((40, 2))
    distance = np.linalg.norm(points[:, None] - points[None], axis=-1)
    condensed = distance[np.triu_indices(40, 1)]
    np.fill_diagonal(distance, np.inf)
    place = {leaf: i for i, leaf in enumerate(_leaves(distance))}
    members = {i: [i] for i in range(40)}
    for step, (a, b, _, _) in enumerate(hierarchy.average(condensed)):
        members[40 + step] = members[int(a)] + members[int(b)]
        spots = sorted(place[i] for i in members[40 + step])
        assert spots == list(range(spots[0], spots[0] + len(spots)))
