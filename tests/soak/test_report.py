"""A soak whose processes grow is found out."""

from __future__ import annotations

from datetime import date, timedelta
from types import SimpleNamespace
from typing import Any

import pytest

from tests.soak.bot_process import Footprint
from tests.soak.looks import Night
from tests.soak.report import growth


def soak(mb_a_session: float, files_a_session: float = 0.0, *, sessions: int = 60) -> Any:
    """Only what is measured: a program of 165 MB that grows so much."""
    nights = [
        Night(
            date(2026, 2, 3) + timedelta(days=number),
            Footprint(
                165 + number % 3 + mb_a_session * number, 240 + number % 5, 32 + int(files_a_session * number), 10
            ),
            {},
            100,
        )
        for number in range(sessions)
    ]
    return SimpleNamespace(nights=nights)


def test_what_takes_the_same_for_weeks_is_right() -> None:
    assert growth(soak(0.0)) == []


@pytest.mark.parametrize("mb", [0.5, 1.0])
def test_a_leak_is_found(mb: float) -> None:
    (sentence,) = growth(soak(mb))
    assert sentence.startswith("memory (main) grew from 1")


def test_files_that_stay_open_are_found() -> None:
    assert growth(soak(0.0, files_a_session=0.25)) == ["open files grew from 39 to 46"]
