"""Downsampled lines preserve what is visible."""

from __future__ import annotations

import numpy as np
import pytest

from dashboard.analysis.downsample import minmax_indices


@pytest.mark.parametrize("count", [0, 1, 7, 202, 203, 1000, 1003, 100_000])
def test_spikes_and_both_ends_are_preserved_and_no_gap_is_wide(count: int) -> None:
    values = np.random.default_rng(0).standard_normal(count)
    if count:
        values[count // 2], values[-1] = 50, -60
    at = minmax_indices(values, 100)
    assert len(at) <= 202 and (np.diff(at) > 0).all()
    if count:
        assert at[0] == 0 and at[-1] == count - 1
        assert values[at].max() == values.max() and values[at].min() == values.min()
        assert np.diff(at, prepend=0).max() <= 2 * max(1, -(-count // 100))


def test_few_values_are_all_preserved() -> None:
    assert minmax_indices(np.arange(202.0), 100).tolist() == list(range(202))


def test_missing_values_never_stand_for_a_bucket() -> None:
    values = np.full(1000, np.nan)
    assert minmax_indices(values, 10).tolist() == [0, 999]
    values[555] = 1.0
    assert minmax_indices(values, 10).tolist() == [0, 555, 999]
