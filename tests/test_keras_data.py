"""Arrays and datasets as rows, without a model."""

from __future__ import annotations

import json
import random
from collections import OrderedDict, namedtuple
from typing import Any

import numpy as np
import pytest

pytest.importorskip("keras", reason="install the `keras` extra to test the callback")

from logger.keras.inputs.images import find_images
from logger.keras.inputs.random_state import preserve_random_state
from logger.keras.inputs.rows import rows_from_arrays, stratified_indices, subsample
from logger.keras.inputs.splits import check_data, dataset_class_names
from logger.keras.inputs.streams import open_stream, read_rows
from logger.keras.inputs.trees import leaves, object_array
from logger.keras.outputs import select_labels
from logger.keras.process_rank import secondary_process

pytestmark = pytest.mark.keras

X = np.arange(6 * 4 * 4 * 3, dtype=np.uint8).reshape(6, 4, 4, 3)
Y = np.arange(6) % 2


def test_arrays_are_referenced_and_not_copied() -> None:
    assert np.shares_memory(rows_from_arrays((X, Y), "validation_data").inputs, X)


def test_a_stratified_sample_keeps_the_share_of_each_label() -> None:
    labels = np.repeat([0, 1, 2], [60, 30, 10])
    index = stratified_indices(labels, 20, seed=3)
    assert np.bincount(labels[index]).tolist() == [12, 6, 2]
    assert (np.diff(index) > 0).all()
    assert (index == stratified_indices(labels, 20, seed=3)).all()


def test_a_subsample_has_matching_inputs_labels_weights_and_sources() -> None:
    rows = subsample(check_data((X, Y, np.arange(6.0)), "validation_data", 3, list("abcdef"), None), 3, seed=0)  # type: ignore[arg-type]
    at = rows.weights.astype(int)
    assert (rows.inputs == X[at]).all()
    assert (rows.labels == Y[at]).all()
    assert rows.sources == ["abcdef"[i] for i in at]
    assert rows.available == 6


def test_a_list_of_arrays_is_several_inputs_when_each_has_a_row_per_label() -> None:
    assert len(rows_from_arrays(([X, X], Y), "validation_data").inputs) == 2
    assert rows_from_arrays((list(X), Y), "validation_data").inputs.shape == X.shape


Inputs = namedtuple("Inputs", "image size")
SIZE = np.ones((6, 1))


@pytest.mark.parametrize(
    "inputs",
    [
        {"size": SIZE, "image": X},
        OrderedDict(size=SIZE, image=X),
        [SIZE, X],
        (SIZE, X),
        Inputs(X, SIZE),
        {"size": SIZE, "image": object_array(list(X))},
    ],
    ids=["dict", "OrderedDict", "list", "tuple", "namedtuple", "object array"],
)
def test_trees_of_inputs_keep_their_structure_and_their_image_is_found(inputs: Any) -> None:
    labels = {"kind": Y, "size": SIZE}
    rows = subsample(rows_from_arrays((inputs, labels), "validation_data"), 3, seed=0)
    assert type(rows.inputs) is type(inputs) and [len(leaf) for leaf in leaves(rows.inputs)] == [3, 3]
    images = find_images(rows.inputs, None).pixels
    assert images is not None and np.shape(images[0]) == (4, 4, 3)
    kinds = select_labels(rows.labels, "kind", None)
    assert kinds is not None
    for image, kind in zip(images, kinds, strict=True):
        assert any((image == candidate).all() for candidate in X[Y == kind])


class Loader:
    """Can be iterated again and again."""

    def __init__(self, elements: list[Any]) -> None:
        self.elements = elements

    def __iter__(self) -> Any:
        return iter(self.elements)


@pytest.mark.parametrize("size", [1, 4, 6])
def test_batches_of_any_size_become_the_same_rows(size: int) -> None:
    batches = Loader([(X[i : i + size], Y[i : i + size]) for i in range(0, 6, size)])
    rows = read_rows(open_stream(batches, "validation_data", None), None, 4)
    assert (rows.inputs == X).all()
    assert (rows.labels == Y).all()
    assert rows.available is None


def test_single_samples_and_batches_are_distinguished_by_rank() -> None:
    samples = Loader(list(zip(X, Y, strict=True)))
    for rank in (4, None):
        assert read_rows(open_stream(samples, "validation_data", None), None, rank).inputs.shape == X.shape


def test_a_bounded_dataset_is_read_no_further_than_its_bound() -> None:
    def endless() -> Any:
        for i in range(3):
            yield X[i * 2 : i * 2 + 2], Y[i * 2 : i * 2 + 2]
        raise AssertionError("read too far")

    rows = read_rows(open_stream(endless, "validation_data", 5), 5, 4)
    assert (rows.inputs == X[:5]).all()
    assert rows.note is not None and "the first 5 images" in rows.note


def test_images_of_several_sizes_become_an_object_array() -> None:
    rows = read_rows(open_stream(Loader([(X[0], 0), (X[1, :2], 1)]), "validation_data", None), None, 4)
    assert [image.shape for image in rows.inputs] == [(4, 4, 3), (2, 4, 3)]


def test_inputs_that_are_not_images_are_reported_with_advice() -> None:
    found = find_images(X.reshape(6, -1), None)
    assert found.pixels is None
    assert found.unsupported is not None and "image_key=lambda x: x.reshape" in found.unsupported


def test_of_several_inputs_the_one_most_like_a_picture_is_chosen_with_a_note() -> None:
    features, small = np.zeros((6, 2, 2, 64)), np.zeros((6, 2, 2, 3))
    found = find_images({"features": features, "small": small, "image": X}, None)
    assert found.pixels is X
    assert found.note == "Of the inputs 'features', 'small', 'image', 'image' is shown as the image. " + (
        "Pass image_key= to choose another."
    )
    assert find_images((X, X[::-1]), None).pixels is X
    assert find_images((X, X[::-1]), 1).note is None
    assert find_images({"image": X, "size": SIZE}, None).note is None


def test_names_come_from_the_folders_of_a_dataset() -> None:
    loader = Loader([])
    loader.class_indices = {"dog": 1, "cat": 0}  # type: ignore[attr-defined]
    assert dataset_class_names(loader) == ["cat", "dog"]
    assert dataset_class_names((X, Y)) is None


def test_random_states_are_restored() -> None:
    random.seed(1)
    np.random.seed(1)
    with preserve_random_state():
        first = random.random(), np.random.random()
    assert (random.random(), np.random.random()) == first


def task(kind: str, index: int, **cluster: list[str]) -> dict[str, str]:
    return {"TF_CONFIG": json.dumps({"cluster": cluster, "task": {"type": kind, "index": index}})}


@pytest.mark.parametrize(
    ("environment", "expected"),
    [
        ({}, None),
        ({"RANK": "0", "LOCAL_RANK": "0"}, None),
        ({"RANK": "3"}, "RANK=3"),
        ({"OMPI_COMM_WORLD_RANK": "1"}, "OMPI_COMM_WORLD_RANK=1"),
        ({"RANK": "two"}, None),
        (task("worker", 0, worker=["a", "b"]), None),
        (task("worker", 1, worker=["a", "b"]), "TF_CONFIG says worker 1"),
        (task("worker", 0, worker=["a"], chief=["b"]), "TF_CONFIG says worker 0"),
        (task("chief", 0, worker=["a"], chief=["b"]), None),
        ({"TF_CONFIG": "not JSON"}, None),
    ],
)
def test_the_first_of_several_processes_is_known_from_the_environment(
    environment: dict[str, str], expected: str | None
) -> None:
    assert secondary_process(None, environment) == expected
