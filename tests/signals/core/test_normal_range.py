"""The normal range holds nine of ten of the past."""

from __future__ import annotations

import numpy as np

from signals.core.normal_range import normal_range


def test_it_runs_from_the_5th_to_the_95th_percentile_of_what_is_known() -> None:
    past = np.array([*range(101), np.nan, np.inf, -np.inf], dtype=float)
    assert normal_range(past) == (5.0, 95.0)


def test_a_past_of_fewer_than_60_readings_has_none() -> None:
    assert normal_range(np.array([np.nan, *range(59)], dtype=float)) is None
    assert normal_range(np.arange(60.0)) is not None
