"""Orders of the classes in which a confusion matrix is drawn: by frequency, or similar ones side by side."""

from __future__ import annotations

import numpy as np

from dashboard.analysis.confusion_matrix import IntArray, Matrix, shares
from dashboard.analysis.intervals import FloatArray

MOST_CLUSTERED = 2_000
"""Classes that are clustered: memory grows with the square of their number, and 2,000 take 32 MB."""


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
    turned so that their nearest ends meet. Of more than MOST_CLUSTERED classes those with the most mistakes are
    clustered; the others follow by index.
    """
    k = matrix.classes
    if k < 3:
        return np.arange(k, dtype=np.int64)
    inside = (matrix.label >= 0) & (matrix.label < k) & (matrix.predicted >= 0) & (matrix.predicted < k)
    label, predicted, share = matrix.label[inside], matrix.predicted[inside], shares(matrix, "label")[inside]
    chosen = _most_mistaken(label, predicted, matrix.count[inside], k)
    place = np.full(k, -1)
    place[chosen] = np.arange(len(chosen))
    among = (place[label] >= 0) & (place[predicted] >= 0)
    near = np.zeros((len(chosen), len(chosen)))
    near[place[label[among]], place[predicted[among]]] = share[among]
    distance = 1.0 - (near + near.T) / 2
    np.fill_diagonal(distance, np.inf)
    return np.concatenate([chosen[_leaves(distance)], np.flatnonzero(place < 0)])


def _most_mistaken(label: IntArray, predicted: IntArray, count: IntArray, classes: int) -> IntArray:
    """The classes with the most mistakes, as label or as prediction: at most MOST_CLUSTERED, by rising index."""
    if classes <= MOST_CLUSTERED:
        return np.arange(classes, dtype=np.int64)
    wrong = label != predicted
    mistakes = _sums(label[wrong], count[wrong], classes) + _sums(predicted[wrong], count[wrong], classes)
    most: IntArray = np.sort(np.argsort(-mistakes, kind="stable")[:MOST_CLUSTERED])
    return most


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
