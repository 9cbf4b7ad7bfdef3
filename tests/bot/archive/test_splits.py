"""Which factors are splits."""

from __future__ import annotations

from bot.archive.splits import clean_split, explained


def test_the_sources_own_splits_explain_a_jump_one_by_one_or_together() -> None:
    assert explained(0.5, [2.0])
    assert not explained(0.5, [3.0])
    assert explained(1 / 6, [2.0, 3.0])
    assert not explained(0.5, [])


def test_a_clean_split_is_meant_to_the_tenth_of_a_percent() -> None:
    assert clean_split(0.5)
    assert clean_split(1.5)
    assert not clean_split(0.505)
    assert not clean_split(100.0)
