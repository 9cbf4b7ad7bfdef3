"""The answer of a session, what would end it, and the past, on a small market and on 21 years."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from itertools import combinations, pairwise

import numpy as np
import pandas as pd
import pytest

from signals import catalogue
from signals.core.market import Market
from signals.core.panel import Panel
from signals.rotation.answer import ClockReading, LegReading, read
from signals.rotation.past import past
from signals.rotation.yardsticks import ROTATION
from tests.recorded import where_present
from tests.signals.markets import market
from tests.support.rotation_pack import ROTATION_TURNS, TECH_TURNS, made_market, session


def clock_of(directions: list[int], state: int) -> ClockReading:
    legs = tuple(
        LegReading(yardstick, direction, distance=-1.0, normal_days=float(number))
        for number, (yardstick, direction) in enumerate(zip(ROTATION, directions, strict=False), start=1)
    )
    return ClockReading(state, False, date(2026, 1, 5), 3, directions.count(1), sum(map(abs, directions)), legs)


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
def test_as_many_legs_must_turn_as_the_smallest_set_has_that_turns_the_state(directions: list[int], state: int) -> None:
    """Every set of legs is applied."""
    places = [place for place, direction in enumerate(directions) if direction]
    sizes = (
        size
        for size in range(1, len(places) + 1)
        for chosen in combinations(places, size)
        if turned([-way if place in chosen else way for place, way in enumerate(directions)], state) == -state
    )
    assert clock_of(directions, state).needed_to_turn == next(sizes)


def test_the_legs_of_the_states_side_come_nearest_to_their_turn_first() -> None:
    clock = clock_of([1, -1, 1, 1, -1, 0], 1)
    known = replace(clock.legs[3], normal_days=0.5), replace(clock.legs[0], normal_days=None)
    nearest = replace(clock, legs=(known[1], *clock.legs[1:3], known[0], *clock.legs[4:])).nearest_to_turn()
    assert [leg.yardstick.name for leg in nearest] == [ROTATION[place].name for place in (3, 2, 0)]


def test_a_yardstick_without_prices_is_left_out_and_one_without_a_turn_has_no_leg() -> None:
    reading = read(Panel(market(adjusted={"RSP": [100, 101], "SPY": [100, 100]})), date(2024, 1, 3))
    assert reading.regime is None
    assert [(leg.yardstick.name, leg.direction, leg.start) for leg in reading.rotation.legs] == [
        ("equal_weight", 0, None)
    ]
    assert (reading.rotation.state, reading.rotation.known, reading.rotation.needed_to_turn) == (None, 0, 0)
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


MADE, REAL = "made", "real"


@pytest.fixture
def market_of(request: pytest.FixtureRequest) -> Callable[[str], Market]:
    """The made-up market, or the pack of 21 years."""

    def found(name: str) -> Market:
        whole: Market = request.getfixturevalue("pack") if name == REAL else made_market()
        return whole

    return found


MarketOf = Callable[[str], Market]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "newest", "count", "short", "median"),
    [
        (MADE, [(str(session(at)), state) for at, state in ROTATION_TURNS], 5, 0, 150),
        *where_present(
            (
                REAL,
                [
                    ("2024-07-17", 1),
                    ("2024-10-30", -1),
                    ("2025-02-25", 1),
                    ("2025-05-13", -1),
                    ("2025-12-12", 1),
                ],
                45,
                3,
                74.5,
            )
        ),
    ],
)
def test_the_rotation_clock_has_the_turns_of_the_register(
    market_of: MarketOf, name: str, newest: list[tuple[str, int]], count: int, short: int, median: float
) -> None:
    """Of the made-up market the states last 119, 181, 119 and 181 sessions."""
    turns = past(Panel(market_of(name))).rotation_turns
    assert [(str(turn.session), turn.state) for turn in turns[-5:]] == newest
    lasted = [turn.lasted for turn in turns if turn.lasted is not None]
    assert (len(turns), sum(sessions <= 10 for sessions in lasted), np.median(lasted)) == (count, short, median)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "days", "count", "short"),
    [
        (MADE, {str(session(at)): state for at, state in TECH_TURNS}, 4, 0),
        *where_present(
            (
                REAL,
                {
                    "2020-02-27": -1,
                    "2020-03-26": 1,
                    "2022-01-20": -1,
                    "2022-11-11": 1,
                    "2024-08-02": -1,
                    "2024-08-19": 1,
                    "2025-03-06": -1,
                    "2025-04-09": 1,
                },
                40,
                2,
            )
        ),
    ],
)
def test_techs_own_clock_has_the_turns_of_the_register(
    market_of: MarketOf, name: str, days: dict[str, int], count: int, short: int
) -> None:
    turns = past(Panel(market_of(name))).tech_turns
    assert {str(turn.session): turn.state for turn in turns}.items() >= days.items()
    assert (len(turns), sum(turn.lasted is not None and turn.lasted <= 10 for turn in turns)) == (count, short)


def test_every_leg_of_the_made_up_market_starts_at_an_extreme_and_is_confirmed_at_its_threshold() -> None:
    """(1 + 0.0025)^12 is 1.0304, (1 - 0.0025)^13 is 0.9680; 120 falls make -25.95 %, 180 rises 56.74 %."""
    legs = [leg for leg in past(Panel(made_market())).legs if leg.yardstick.name == "equal_weight"]
    assert [(leg.direction, leg.start, leg.confirmed, round(leg.move, 2)) for leg in legs] == [
        (-1, session(0), session(313), -25.95),
        (1, session(420), session(432), 56.74),
        (-1, session(600), session(613), -25.95),
        (1, session(720), session(732), 56.74),
        (-1, session(900), session(913), -9.30),
    ]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "day", "regime", "since", "counts", "tech_turns", "equal_weight"),
    [
        # 39 falls of 0.25 % since the high; two of five of tech have turned up, so fewer than two thirds hold its state.
        (MADE, session(939), 4, session(921), (0, 6), True, (session(900), session(913), 39, -9.30, 0.0)),
        # Ten falls after 180 rises: 1.0025^180 x 0.9975^10 is 1.5287, and 0.9975^10 is 0.9753.
        (MADE, session(910), 2, session(740), (6, 6), False, (session(720), session(732), 190, 52.87, 2.47)),
        *where_present(
            (
                REAL,
                date(2025, 12, 31),
                1,
                date(2025, 12, 12),
                (4, 6),
                True,
                (date(2025, 10, 29), date(2025, 12, 11), 43, 2.64, 1.55),
            )
        ),
    ],
)
def test_the_answer_of_a_day_says_since_when_and_how_much_is_given_back(
    market_of: MarketOf,
    name: str,
    day: date,
    regime: int,
    since: date,
    counts: tuple[int, int],
    tech_turns: bool,
    equal_weight: tuple[date, date, int, float, float],
) -> None:
    newest = read(Panel(market_of(name)), day)
    rotation = newest.rotation
    assert (newest.regime, rotation.state, rotation.since) == (regime, 1 if regime in (1, 2) else -1, since)
    assert ((rotation.up, rotation.known), newest.tech.turning) == (counts, tech_turns)
    equal = rotation.legs[0]
    assert (equal.start, equal.confirmed, equal.age) == equal_weight[:3]
    assert (equal.move, equal.given_back) == pytest.approx(equal_weight[3:], abs=0.005)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "day", "state", "counts"),
    [
        # Before value has begun there are five yardsticks; 18 sessions after the high three of six have turned.
        (MADE, session(440), 1, (4, 5)),
        (MADE, session(618), 1, (3, 6)),
        (MADE, session(621), -1, (2, 6)),
        *where_present(
            (REAL, date(2020, 11, 9), 1, (5, 6)),
            (REAL, date(2024, 7, 11), -1, (0, 6)),
            (REAL, date(2008, 6, 6), -1, (2, 4)),
        ),
    ],
)
def test_the_yardsticks_that_point_out_are_counted_among_those_that_exist(
    market_of: MarketOf, name: str, day: date, state: int, counts: tuple[int, int]
) -> None:
    rotation = read(Panel(market_of(name)), day).rotation
    assert (rotation.state, (rotation.up, rotation.known)) == (state, counts)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "count", "undone", "last", "last_two", "turning"),
    [
        # 3 at 347, then 1, 2, 4, 3, 1, 2, 4 at the turns of either clock.
        (MADE, 7, 0, session(921), [2, 4], 13 / 619),
        *where_present((REAL, 81, 2, date(2025, 12, 12), [3, 1], 0.15)),
    ],
)
def test_the_regime_changes_with_either_clock_and_is_seldom_undone(
    market_of: MarketOf, name: str, count: int, undone: int, last: date, last_two: list[int], turning: float
) -> None:
    """Of the 619 sessions with a state in the made-up market it is only held on 13: on three before each later turn, when
    three of six have turned, and on a fourth before session 440, when two of five have and fewer than two thirds have not."""
    histories = catalogue.compute(market_of(name), ("rotation.regime", "rotation.turning"))
    regime = histories["rotation.regime"].values.dropna()
    values = regime.to_numpy()
    changes = np.flatnonzero(np.diff(values) != 0) + 1
    back = sum(later - first <= 10 and values[later] == values[first - 1] for first, later in pairwise(changes))
    assert (len(changes), back) == (count, undone)
    assert regime.index[changes[-1]] == pd.Timestamp(last)
    assert values[changes[-1] - 1 :][:2].tolist() == last_two
    assert histories["rotation.turning"].values.mean() == pytest.approx(turning, abs=1e-9 if name == MADE else 0.01)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "day"),
    [
        (MADE, session(450)),
        (MADE, session(619)),
        (MADE, session(910)),
        *where_present((REAL, date(2008, 10, 10)), (REAL, date(2016, 2, 29)), (REAL, date(2025, 5, 12))),
    ],
)
def test_the_answer_knows_nothing_of_what_came_later(market_of: MarketOf, name: str, day: date) -> None:
    whole = market_of(name)
    assert read(Panel(whole.until(day)), day) == read(Panel(whole), day)
