import hashlib

import numpy as np
import pytest

from logger.data.arrays import NO_LABEL
from logger.data.sample_registry import NO_CHECKSUM, SampleRegistry, checksum, digests

A, B, C = b"a" * 16, b"b" * 16, b"c" * 16


def labels(*values: int) -> np.ndarray:
    return np.array(values, np.int64)


def test_a_digest_is_computed_as_documented() -> None:
    pixels = np.arange(2 * 3 * 4, dtype=np.uint8).reshape(1, 2, 4, 3)
    expected = hashlib.blake2b(b"uint8 2x4x3\n" + pixels.tobytes(), digest_size=16).digest()
    assert digests(pixels) == [expected]


def test_the_same_bytes_in_another_shape_are_another_image() -> None:
    pixels = np.zeros((1, 2, 4, 3), np.uint8)
    assert digests(pixels) != digests(pixels.reshape(1, 4, 2, 3))


def logged(
    known: SampleRegistry, found: list[bytes], given: np.ndarray, epoch: int | None, inputs: str = ""
) -> list[int]:
    """Indices of rows logged in one call; `inputs`: a letter for each, the same for the same bytes."""
    sums = np.array([ord(c) for c in inputs] or [NO_CHECKSUM] * len(found), np.int64)
    return known.recognise(found, given, sums, epoch)[0].tolist()


def test_samples_keep_their_index_in_any_order() -> None:
    known = SampleRegistry()
    assert logged(known, [A, B, C], labels(0, 1, 2), 0) == [0, 1, 2]
    assert logged(known, [C, A, B], labels(2, 0, 1), 1) == [2, 0, 1]


@pytest.mark.parametrize("size", [1, 2, 3, 6])
def test_duplicates_in_batches_count_each(size: int) -> None:
    known, rows, given = SampleRegistry(), [A, B, A, A, B, A], labels(0, 1, 0, 0, 1, 0)
    for epoch in range(3):
        at = [i for start in range(0, 6, size) for i in logged(known, rows[start:][:size], given[start:][:size], epoch)]
        assert at == [0, 1, 2, 3, 4, 5]


def test_the_same_image_with_two_labels_is_two_distinct_samples() -> None:
    known = SampleRegistry()
    logged(known, [A, A], labels(0, 1), 0)
    assert logged(known, [A, A], labels(1, 0), 1) == [1, 0]


def test_inputs_that_look_the_same_keep_their_own_histories() -> None:
    known = SampleRegistry()
    assert logged(known, [A, A, A], labels(0, 0, 0), 0, "xyz") == [0, 1, 2]
    assert logged(known, [A, A, A], labels(0, 0, 0), 1, "zxy") == [2, 0, 1]
    assert logged(known, [A, A, A], labels(0, 0, 0), 2, "?y?") == [0, 1, 2]  # noise: failing the bytes, the order


def test_an_epoch_that_is_logged_again_replaces_and_further_duplicates_are_new() -> None:
    known = SampleRegistry()
    logged(known, [A, B], labels(0, 1), 0)
    assert logged(known, [A, B, A], labels(0, 1, 0), 1) == [0, 1, 0]
    assert logged(known, [A, A, B], labels(0, 0, 1), 2) == [0, 2, 1]


def test_a_first_epoch_that_is_logged_twice_counts_twice_and_is_reported() -> None:
    known = SampleRegistry()
    logged(known, [A, B], labels(0, 1), 0)
    assert not known.repeated
    assert logged(known, [A, B], labels(0, 1), 0) == [2, 3]
    assert known.repeated


def test_logging_the_same_samples_again_before_any_epoch_changes_nothing() -> None:
    known = SampleRegistry()
    assert logged(known, [A, A], labels(0, 0), None) == [0, 1]
    assert logged(known, [A, A], labels(0, 0), None) == [0, 1]
    assert logged(known, [A], labels(0), None) == [2]
    assert logged(known, [A, A, A], labels(0, 0, 0), 0) == [0, 1, 2]


def test_a_known_image_is_recognised_without_labels() -> None:
    known = SampleRegistry()
    logged(known, [A, B], labels(0, 1), 0)
    assert logged(known, [B, A], labels(NO_LABEL, NO_LABEL), 1) == [1, 0]


def test_a_resumed_split_is_recognised_by_what_the_files_hold() -> None:
    known = SampleRegistry()
    known.restore([(A, 0, 120), (A, 0, 121), (B, 1, NO_CHECKSUM)])
    assert logged(known, [B, A, A], labels(1, 0, 0), 7, "-yx") == [2, 1, 0]


def test_indices_can_be_chosen_and_must_leave_no_gap() -> None:
    known, none = SampleRegistry(), np.array([NO_CHECKSUM] * 2)
    assert known.assign([A, B], labels(0, 1), none, [1, 0])[1].tolist() == [True, True]
    assert known.labels == [1, 0]
    with pytest.raises(ValueError, match="continue from 2 without a gap"):
        known.assign([C], labels(2), none, [5])
    with pytest.raises(ValueError, match="expected 1"):
        known.assign([C], labels(2), none, [1, 2])


def test_indices_of_other_images_are_refused() -> None:
    known, none = SampleRegistry(), np.array([NO_CHECKSUM] * 2)
    known.assign([A, B], labels(0, 1), none, [0, 1])
    with pytest.raises(ValueError, match="assigns sample 1 to an image that is not that sample's"):
        known.assign([A, C], labels(0, 1), none, [0, 1])


def test_a_checksum_is_of_the_bytes_as_given() -> None:
    one = np.full((2, 2, 1), 256, np.uint16)
    assert checksum(one) != checksum(one + np.uint16(1)) and checksum(one) == checksum(one.copy())
    assert -(2**31) <= checksum(one) < 2**31
