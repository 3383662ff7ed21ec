"""Orders of the classes in which a confusion matrix is drawn: by frequency, or similar ones side by side."""

from __future__ import annotations

import numpy as np

from dashboard.analysis.confusion_matrix import IntArray, Matrix, shares
from dashboard.analysis.intervals import FloatArray


def frequency_order(matrix: Matrix) -> IntArray:
    """The declared classes, most samples of that label first, ties by index; shape (K,)."""
    order: IntArray = np.argsort(-_sums(matrix.label, matrix.count, matrix.classes), kind="stable")
    return order


def _sums(keys: IntArray, weights: IntArray, length: int) -> IntArray:
    inside = (keys >= 0) & (keys < length)
    sums: IntArray = np.bincount(keys[inside], weights=weights[inside], minlength=length).astype(np.int64)
    return sums


def cluster_order(matrix: Matrix) -> IntArray:
    """The declared classes, those confused with each other side by side; shape (K,).

    The leaves of an average-linkage tree over the symmetrised, row-normalised matrix: two classes are
    as near as the mean share by which each is taken for the other. At every join the two branches are
    turned so that their nearest ends meet. Time grows with K², 1,000 classes take a fraction of a second.
    """
    k = matrix.classes
    if k < 3:
        return np.arange(k, dtype=np.int64)
    near = np.zeros((k, k))
    inside = (matrix.label >= 0) & (matrix.label < k) & (matrix.predicted >= 0) & (matrix.predicted < k)
    near[matrix.label[inside], matrix.predicted[inside]] = shares(matrix, "label")[inside]
    distance = 1.0 - (near + near.T) / 2
    np.fill_diagonal(distance, np.inf)
    return np.asarray(_leaves(distance), dtype=np.int64)


def _leaves(distance: FloatArray) -> list[int]:
    """Average linkage by nearest-neighbour chain (F. Murtagh, The Computer Journal 26 (1983), 354-359)."""
    far, size = distance.copy(), np.ones(len(distance))
    branch = {i: [i] for i in range(len(distance))}
    chain: list[int] = []
    while len(branch) > 1:
        chain = chain or [min(branch)]
        while True:
            tip = chain[-1]
            nearest = int(far[tip].argmin())
            if len(chain) > 1 and far[tip, chain[-2]] <= far[tip, nearest]:
                break
            chain.append(nearest)
        gone, kept = chain.pop(), chain.pop()
        branch[kept] = _joined(branch[kept], branch.pop(gone), distance)
        merged = (size[gone] * far[gone] + size[kept] * far[kept]) / (size[gone] + size[kept])
        size[kept] += size[gone]
        far[kept, :] = far[:, kept] = merged
        far[kept, kept] = np.inf
        far[gone, :] = far[:, gone] = np.inf
    return branch.popitem()[1]


def _joined(a: list[int], b: list[int], distance: FloatArray) -> list[int]:
    """Both branches in a row, each turned such that the two classes that meet are the nearest."""
    turns = [(x, y) for x in (a, a[::-1]) for y in (b, b[::-1])]
    left, right = min(turns, key=lambda turn: float(distance[turn[0][-1], turn[1][0]]))
    return left + right
