"""An instant of the soak is over when nothing is left to do and nothing is to be tried again."""

from __future__ import annotations

from typing import Any

import pytest

from tests.soak.waiting import MESSAGES, NEXT_TRY, QUIET, phase_of

PULSE: dict[str, Any] = {"seen": 100.0, "busy": False, "retrying": False}


@pytest.mark.parametrize(
    ("pulse", "waiting", "judged", "phase"),
    [
        ({}, False, True, "a tick"),
        ({**PULSE, "seen": 99.9}, False, True, "a tick"),
        ({**PULSE, "busy": True}, True, False, "jobs and checks"),
        (PULSE, True, False, MESSAGES),
        (PULSE, False, False, NEXT_TRY),
        ({**PULSE, "retrying": True}, False, True, NEXT_TRY),
        (PULSE, False, True, QUIET),
    ],
)
def test_it_is_quiet_only_when_nothing_is_left(pulse: dict[str, Any], waiting: bool, judged: bool, phase: str) -> None:
    assert phase_of(pulse, 100.0, waiting=lambda: waiting, judged=lambda: judged) == phase
