"""The answer of a session, what would end it, and the past, on a small market and on 21 years."""

from __future__ import annotations

from datetime import date
from itertools import combinations, pairwise

import numpy as np
import pandas as pd
import pytest

from signals.core.market import Market
from signals.core.model import History
from signals.core.panel import Panel
from signals.rotation.answer import ClockReading, LegReading, read
from signals.rotation.past import past
from signals.rotation.yardsticks import ROTATION
from tests.signals.markets import market


def clock_of(directions: list[int], state: int) -> ClockReading:
    legs = tuple(
        LegReading(yardstick, direction, distance=-1.0, normal_days=float(number))
        for number, (yardstick, direction) in enumerate(zip(ROTATION, directions, strict=False), start=1)
    )
    return ClockReading(state, False, date(2026, 1, 5), 3, directions.count(1), sum(map(abs, directions)), legs, 4)


def turned(directions: list[int], state: int) -> int:
    """The state by the words of the register after the yardsticks point these ways."""
    up, known = directions.count(1), sum(1 for direction in directions if direction)
    return 1 if 3 * up >= 2 * known else -1 if 3 * up <= known else state


@pytest.mark.parametrize(
    ("directions", "state"),
    [
        ([1, 1, 1, 1, -1, -1], 1),
        ([1, 1, 1, 1, 1, -1], 1),
        ([1, 1, 1, -1, -1, -1], 1),
        ([1, -1, -1, -1, -1, -1], -1),
        ([1, 1, 1, 0, -1, -1], 1),
        ([-1, -1, -1, -1, 1], -1),
    ],
)
def test_the_sets_that_would_turn_a_state_are_all_of_the_smallest_and_do_turn_it(
    directions: list[int], state: int
) -> None:
    """Every set of up to three is applied: those that turn the state and contain no smaller such set are named."""
    places = [place for place, direction in enumerate(directions) if direction]
    wanted: list[set[str]] = []
    for size in (1, 2, 3):
        for chosen in combinations(places, size):
            after = [-way if place in chosen else way for place, way in enumerate(directions)]
            names = {ROTATION[place].name for place in chosen}
            if turned(after, state) == -state and not any(smaller <= names for smaller in wanted):
                wanted.append(names)
    sets = [{leg.yardstick.name for leg in legs} for legs in clock_of(directions, state).turned_by()]
    assert sorted(map(sorted, sets)) == sorted(map(sorted, wanted))


def test_the_nearest_set_comes_first_and_more_than_three_are_none() -> None:
    sets = clock_of([1, 1, 1, 1, -1, -1], 1).turned_by()
    assert [leg.yardstick.name for leg in sets[0]] == ["equal_weight", "small_caps"]
    assert clock_of([1, 1, 1, 1, 1, 1], 1).turned_by() == ()


def test_a_yardstick_without_prices_is_left_out_and_one_without_a_turn_has_no_leg() -> None:
    reading = read(Panel(market(adjusted={"RSP": [100, 101], "SPY": [100, 100]})), date(2024, 1, 3))
    assert reading.regime is None
    assert [(leg.yardstick.name, leg.direction, leg.start) for leg in reading.rotation.legs] == [
        ("equal_weight", 0, None)
    ]
    assert (reading.rotation.state, reading.rotation.known, reading.rotation.turned_by()) == (None, 0, ())
    with pytest.raises(KeyError, match="2024-01-06"):
        read(Panel(market(adjusted={"RSP": [100, 101]})), date(2024, 1, 6))


def test_the_distance_turns_the_yardstick_and_is_told_in_normal_days() -> None:
    """The ratio has risen from 1 to 1.05 in daily steps of 1%; 3% under the high is 3% away."""
    rng = np.random.default_rng(3)
    steps = np.concatenate([rng.normal(0, 0.001, 80), [0.02, 0.02]])
    made = market(adjusted={"RSP": list(100 * np.exp(np.cumsum(steps))), "SPY": [100.0] * 82})
    (leg,) = read(Panel(made), made.last.date()).rotation.legs
    ratio = made.adj_close["RSP"] / 100
    assert leg.direction == 1
    assert leg.distance == pytest.approx(-3.0, abs=1e-6)
    daily = 100 * ratio.pct_change().dropna()
    assert leg.normal_days == pytest.approx(3.0 / daily.std(), rel=1e-6)


@pytest.mark.slow
def test_the_clocks_have_the_turns_of_the_register_over_21_years(pack: Market) -> None:
    known = past(Panel(pack))
    assert [(str(turn.session), turn.state) for turn in known.rotation_turns[-5:]] == [
        ("2024-07-17", 1),
        ("2024-10-30", -1),
        ("2025-02-25", 1),
        ("2025-05-13", -1),
        ("2025-12-12", 1),
    ]
    lasted = [turn.lasted for turn in known.rotation_turns if turn.lasted is not None]
    assert len(known.rotation_turns) / 21 == pytest.approx(2.2, abs=0.1)
    assert sum(sessions <= 10 for sessions in lasted) / len(lasted) == pytest.approx(0.07, abs=0.005)
    assert np.median(lasted) == pytest.approx(74, abs=1)
    tech = {str(turn.session): turn.state for turn in known.tech_turns}
    wanted = [
        "2020-02-27",
        "2020-03-26",
        "2022-01-20",
        "2022-11-11",
        "2024-08-02",
        "2024-08-19",
        "2025-03-06",
        "2025-04-09",
    ]
    assert [tech[day] for day in wanted] == [-1, 1] * 4
    tech_lasted = [turn.lasted for turn in known.tech_turns if turn.lasted is not None]
    assert (sum(sessions <= 10 for sessions in tech_lasted), len(tech_lasted)) == (2, 39)


@pytest.mark.slow
def test_the_answers_of_days_that_people_remember(pack: Market) -> None:
    newest = read(Panel(pack), date(2025, 12, 31))
    assert (newest.regime, newest.rotation.state, newest.rotation.since) == (1, 1, date(2025, 12, 12))
    assert (newest.rotation.up, newest.rotation.known, newest.tech.turning) == (4, 6, True)
    equal = newest.rotation.legs[0]
    assert (equal.start, equal.confirmed, equal.age) == (date(2025, 10, 29), date(2025, 12, 11), 43)
    assert (equal.move, equal.given_back) == (pytest.approx(2.64, abs=0.005), pytest.approx(1.55, abs=0.005))
    counts = {
        day: (read(Panel(pack), day).rotation.up, read(Panel(pack), day).rotation.known)
        for day in (date(2020, 11, 9), date(2024, 7, 11), date(2008, 6, 6))
    }
    assert list(counts.values()) == [(5, 6), (0, 6), (2, 4)]
    assert read(Panel(pack), date(2008, 6, 6)).rotation.state == -1


@pytest.mark.slow
def test_the_regime_changes_four_times_a_year_and_is_seldom_undone(
    pack: Market, pack_histories: dict[str, History]
) -> None:
    regime = pack_histories["rotation.regime"].values.dropna()
    changes = np.flatnonzero(np.diff(regime.to_numpy()) != 0) + 1
    values = regime.to_numpy()
    undone = sum(later - first <= 10 and values[later] == values[first - 1] for first, later in pairwise(changes))
    assert (undone, len(changes)) == (2, 81)
    assert regime.index[changes[-1]] == pd.Timestamp("2025-12-12")
    assert values[changes[-1] - 1 :][:2].tolist() == [3, 1]
    turning = pack_histories["rotation.turning"].values
    assert turning.mean() == pytest.approx(0.15, abs=0.01)


@pytest.mark.slow
def test_the_answer_knows_nothing_of_what_came_later(pack: Market) -> None:
    for day in (date(2008, 10, 10), date(2016, 2, 29), date(2025, 5, 12)):
        assert read(Panel(pack.until(day)), day) == read(Panel(pack), day)
