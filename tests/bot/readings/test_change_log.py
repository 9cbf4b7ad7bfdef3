"""What the operator's log says of signals that are withheld."""

from __future__ import annotations

import logging
from dataclasses import replace

import numpy as np

from bot.readings.change_log import changes
from bot.readings.state import Snapshot
from tests.support import sample_readings


def without(*names: str, reason: str = "") -> Snapshot:
    full = sample_readings.withheld(names[0], reason) if reason else sample_readings.snapshot()
    history = full.history.iloc[-3:].copy()
    history.loc[history.index[-1], list(names)] = np.nan
    return replace(full, history=history)


def test_a_signal_that_is_withheld_is_told_once_with_its_reason_and_again_when_it_is_back() -> None:
    fresh, old = (
        without(),
        without(sample_readings.REAL, reason="newest DFII10 is 2026-01-05, 6 sessions old; at most 5"),
    )
    assert list(changes(None, old)) == []
    assert list(changes(fresh, fresh)) == []
    assert list(changes(fresh, old)) == [
        (
            logging.WARNING,
            f"1 signal is withheld from 2026-01-13 on: {sample_readings.REAL} "
            "(newest DFII10 is 2026-01-05, 6 sessions old; at most 5)",
        )
    ]
    assert list(changes(old, old)) == []
    assert list(changes(old, fresh)) == [(logging.INFO, f"1 signal is no longer withheld: {sample_readings.REAL}")]


def test_many_at_once_are_one_line() -> None:
    names = list(sample_readings.snapshot().history.columns[:9])
    ((_, sentence),) = changes(without(), without(*names))
    assert sentence.startswith("9 signals are withheld from 2026-01-13 on: ")
    assert sentence.endswith(f"{names[4]} and 4 more")
