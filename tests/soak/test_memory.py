"""A soak whose processes grow is found out, whatever the way in which they grow; one that is merely uneven is not."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.soak.bot_process import Footprint
from tests.soak.memory import Sample, growth


def samples(
    main: Callable[[int], float], *, files: Callable[[int], float] = lambda _: 32.0, sessions: int = 60, kills: int = 15
) -> list[Sample]:
    """A program of `main(session)` MB that was started anew after each of the first sessions and after the last one."""
    return [
        Sample(
            number if number < kills else kills + (number == sessions - 1),
            Footprint(main(number), 240 + number % 5, int(files(number)), 10),
        )
        for number in range(sessions)
    ]


def flat(number: int) -> float:
    """165 MB, 3 more or less."""
    return 165 + number % 7 - 3


def sawtooth(number: int) -> float:
    """Fills up and is emptied every 9 sessions."""
    return 160 + 2 * (number % 9)


@pytest.mark.parametrize("sessions", [60, 400])
@pytest.mark.parametrize("main", [flat, sawtooth])
def test_what_takes_the_same_for_weeks_is_right(main: Callable[[int], float], sessions: int) -> None:
    judged = growth(samples(main, sessions=sessions, kills=sessions // 4))
    assert judged.wrong == []
    assert set(judged.means) == {"main", "worker"}


@pytest.mark.parametrize(("mb_a_session", "sessions"), [(0.5, 60), (1.0, 60), (0.06, 400)])
def test_a_leak_is_found(mb_a_session: float, sessions: int) -> None:
    leaking = samples(lambda number: flat(number) + mb_a_session * number, sessions=sessions, kills=sessions // 4)
    (sentence,) = growth(leaking).wrong
    assert sentence.startswith("memory (main) grew from 1")


def test_growth_in_steps_is_found() -> None:
    assert growth(samples(lambda number: flat(number) + 4 * (number // 10))).wrong == [
        "memory (main) grew from 172 to 184 MB"
    ]


def test_growth_that_ends_within_the_first_quarter_is_right() -> None:
    assert growth(samples(lambda number: flat(number) + 2 * min(number, 14))).wrong == []


def test_what_a_new_start_takes_less_does_not_hide_a_leak() -> None:
    lives = [
        Sample(int(number >= 150), Footprint(160 + 0.2 * ((number - 150) % 250), 200, 32, 10)) for number in range(400)
    ]
    (sentence,) = growth(lives).wrong
    assert sentence == "memory (main) grew from 165 to 200 MB"


def test_files_that_stay_open_are_found() -> None:
    assert growth(samples(flat, files=lambda number: 32 + number / 4)).wrong == ["open files grew from 37 to 44.5"]


def test_connections_of_a_few_evenings_are_no_growth() -> None:
    assert growth(samples(flat, files=lambda number: 47 if number in (50, 51, 58) else 35)).wrong == []


def test_a_soak_that_was_stopped_is_judged_by_its_longest_life() -> None:
    leaking = samples(lambda number: flat(number) + 0.5 * number, sessions=400, kills=100)[:150]
    assert len(growth(leaking).wrong) == 1
    assert growth(samples(flat, sessions=400, kills=100)[:150]).wrong == []


def test_too_few_sessions_are_not_judged() -> None:
    assert growth(samples(lambda number: 165 + 10 * number, sessions=20, kills=5)).text.startswith("not judged")
    assert growth([]).means == {}
