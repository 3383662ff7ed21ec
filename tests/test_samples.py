import hashlib

import numpy as np
import pytest

from logger.data.arrays import NO_LABEL
from logger.data.sample_registry import KnownSamples, digests

A, B, C = b"a" * 16, b"b" * 16, b"c" * 16


def labels(*values: int) -> np.ndarray:
    return np.array(values, np.int64)


def test_a_digest_is_what_the_docs_say() -> None:
    pixels = np.arange(2 * 3 * 4, dtype=np.uint8).reshape(1, 2, 4, 3)
    said = hashlib.blake2b(b"uint8 2x4x3\n" + pixels.tobytes(), digest_size=16).digest()
    assert digests(pixels) == [said]


def test_the_same_bytes_in_another_shape_are_another_picture() -> None:
    pixels = np.zeros((1, 2, 4, 3), np.uint8)
    assert digests(pixels) != digests(pixels.reshape(1, 4, 2, 3))


def test_samples_keep_their_index_in_any_order() -> None:
    known = KnownSamples()
    assert known.recognise([A, B, C], labels(0, 1, 2), 0)[0].tolist() == [0, 1, 2]
    indices, new = known.recognise([C, A, B], labels(2, 0, 1), 1)
    assert indices.tolist() == [2, 0, 1] and not new.any()


def test_the_same_picture_twice_is_two_samples() -> None:
    known = KnownSamples()
    assert known.recognise([A, A, B], labels(0, 0, 1), 0)[0].tolist() == [0, 1, 2]
    assert known.recognise([A, B, A], labels(0, 1, 0), 1)[0].tolist() == [0, 2, 1]


def test_the_same_picture_with_two_labels_is_two_samples_that_are_told_apart() -> None:
    known = KnownSamples()
    known.recognise([A, A], labels(0, 1), 0)
    assert known.recognise([A, A], labels(1, 0), 1)[0].tolist() == [1, 0]


def test_batches_of_an_epoch_add_up_and_a_repeated_epoch_replaces() -> None:
    known = KnownSamples()
    known.recognise([A, B], labels(0, 1), 0)
    assert known.recognise([C, A], labels(2, 0), 0)[0].tolist() == [2, 3]
    again, new = known.recognise([A, B, C, A], labels(0, 1, 2, 0), 0)
    assert sorted(again.tolist()) == [0, 1, 2, 3] and not new.any()


def test_without_labels_a_known_picture_is_recognised() -> None:
    known = KnownSamples()
    known.recognise([A, B], labels(0, 1), 0)
    assert known.recognise([B, A], labels(NO_LABEL, NO_LABEL), 1)[0].tolist() == [1, 0]


def test_indices_may_be_said_and_must_leave_no_gap() -> None:
    known = KnownSamples()
    assert known.place([A, B], labels(0, 1), [1, 0])[1].tolist() == [True, True]
    assert known.labels == [1, 0]
    with pytest.raises(ValueError, match="go on from 2 without a gap"):
        known.place([C], labels(2), [5])
    with pytest.raises(ValueError, match="expected 1"):
        known.place([C], labels(2), [1, 2])
