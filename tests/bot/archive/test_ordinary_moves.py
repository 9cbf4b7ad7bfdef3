"""The band of a ticker's moves."""

from __future__ import annotations

import pytest

from bot.archive.ordinary_moves import deviation, is_ordinary

QUIET = [100.0 * (1.01 if at % 2 else 1.0) for at in range(253)]
"""Returns of +1 % and -0.99 % by turns: a standard deviation of 1 %, so the band is 12 %."""


def test_fewer_than_sixty_returns_are_no_band() -> None:
    assert deviation(QUIET[:60]) is None
    assert deviation(QUIET[:61]) == pytest.approx(0.01, rel=0.01)


def test_only_the_newest_252_returns_make_the_band() -> None:
    assert deviation([100.0, 900.0, 100.0, *QUIET]) == deviation(QUIET)


def test_a_move_is_ordinary_up_to_eight_per_cent_and_within_twelve_deviations() -> None:
    assert is_ordinary(-0.08, [])
    assert not is_ordinary(0.081, QUIET[:60])
    assert is_ordinary(0.118, QUIET)
    assert not is_ordinary(-0.122, QUIET)
