"""What would change the recovery's case: every set is applied, and the value that a vote needs is put into its year."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import combinations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from signals import catalogue
from signals.core.market import Market
from signals.core.model import Axis, Family, History, Measure, Signal, Vote
from signals.core.rolling import Floats
from signals.core.units import Unit
from signals.scenario import votes
from signals.scenario.recovery_case import VoteChange, needed_value, reaches, what_would_change
from signals.scenario.score import tally

DAYS = pd.bdate_range("2025-01-01", periods=6)
FAMILIES = ("breadth", "weighting", "megacap", "sectors", "rates", "tech")


def voter(id: str, sign: int) -> Signal:
    """A signal whose readings are states already: low at -1, high at 1."""
    vote = (Vote(Axis.RECOVERY, sign, low=-1, high=1),)
    return Signal(id, id, Family(id.partition(".")[0]), Unit.Z, 2, "Test.", ("X",), lambda panel: None, 1, vote)


def score_of(signals: list[Signal], states: Mapping[str, float]) -> float:
    counted = tally(Axis.RECOVERY, signals, lambda signal, vote: np.array([states[signal.id]]))
    return float(counted.score[0])


one_market = st.lists(
    st.tuples(st.sampled_from(FAMILIES), st.sampled_from([1, -1]), st.sampled_from([-1.0, 0.0, 1.0])),
    min_size=6,
    max_size=8,
)


@settings(max_examples=60)
@given(one_market)
def test_every_set_reaches_its_level_none_of_it_can_be_spared_and_none_is_left_out(
    drawn: list[tuple[str, int, float]],
) -> None:
    """Against all sets of up to three votes with every state that they could take."""
    signals = [voter(f"{family}.v{number}", sign) for number, (family, sign, _) in enumerate(drawn)]
    states = {signal.id: state for signal, (_, _, state) in zip(signals, drawn, strict=True)}
    if len({signal.family for signal in signals}) < 5:
        return
    values = {id: pd.Series(state, index=DAYS, dtype=float) for id, state in states.items()}
    for change in what_would_change(signals, values, DAYS[-1].date()):
        named = {frozenset((part.signal, part.then) for part in parts) for parts in change.sets}
        assert named == wanted(signals, states, change.level, change.upward)


def wanted(
    signals: list[Signal], states: Mapping[str, float], level: float, upward: bool
) -> set[frozenset[tuple[str, int]]]:
    """The minimal sets by trying all of them: each vote may take any state that moves the score towards the level."""
    if reaches(score_of(signals, states), level, upward=upward):
        return set()
    side = 1 if upward else -1
    # Smaller steps first, so that a set that contains a smaller one is met after it.
    options = [
        (signal, int(states[signal.id]) + side * signal.votes[0].sign * steps)
        for signal in signals
        for steps in (1, 2)
        if abs(int(states[signal.id]) + side * signal.votes[0].sign * steps) <= 1
    ]
    found: list[dict[str, tuple[int, int]]] = []
    for size in (1, 2, 3):
        for chosen in combinations(options, size):
            if len({signal.id for signal, _ in chosen}) < size:
                continue
            after = {**states, **{signal.id: float(then) for signal, then in chosen}}
            steps = {signal.id: (abs(then - int(states[signal.id])), then) for signal, then in chosen}
            smaller = any(
                all(id in steps and steps[id][0] >= least for id, (least, _) in other.items()) for other in found
            )
            if not smaller and reaches(score_of(signals, after), level, upward=upward):
                found.append(steps)
    return {frozenset((id, then) for id, (_, then) in steps.items()) for steps in found}


@pytest.mark.parametrize(("now", "then", "z"), [(0, 1, 1.0), (0, -1, -1.0), (1, 0, 0.5), (-1, 0, -0.5), (1, -1, -1.0)])
def test_the_needed_value_has_the_z_at_which_the_rule_takes_the_state(now: int, then: int, z: float) -> None:
    past = np.random.default_rng(5).normal(10, 3, 300)
    vote = Vote(Axis.RECOVERY, 1)
    needed = needed_value(past, vote, now, then)
    year = np.append(past[-252:-1], needed)
    assert (needed - year.mean()) / year.std(ddof=1) == pytest.approx(z)


def test_levels_and_z_signals_need_their_levels() -> None:
    by_levels, itself = Vote(Axis.RECOVERY, 1, low=2, high=5), Vote(Axis.RECOVERY, 1, on_itself=True)
    numbers: Floats = np.array([3.0])
    assert [needed_value(numbers, by_levels, *move) for move in ((0, 1), (0, -1), (1, 0), (-1, 0))] == [5, 2, 5, 2]
    counts = [needed_value(numbers, by_levels, *move, whole=True) for move in ((0, 1), (1, 0), (-1, 0))]
    assert counts == [5, 4, 3]
    assert [needed_value(numbers, itself, *move) for move in ((0, 1), (1, 0), (-1, 0), (1, -1))] == [1, 0.5, -0.5, -1]


@pytest.mark.slow
def test_on_a_real_day_each_set_turns_the_votes_that_it_names_and_the_score(
    pack: Market, pack_histories: dict[str, History]
) -> None:
    """2025-12-31: each needed value, put in place of the day's, gives the vote's new state; together they reach the level."""
    day, signals = pack.last.date(), list(catalogue.SIGNALS.values())
    values = {id: history.values for id, history in pack_histories.items()}
    changes = what_would_change(signals, values, day)
    assert {change.upward for change in changes} == {True, False}
    for change in changes:
        assert change.sets
        for parts in change.sets[:5]:
            assert reaches(applied(values, parts), change.level, upward=change.upward)


def applied(values: Mapping[str, pd.Series], parts: tuple[VoteChange, ...]) -> float:
    moved = {part.signal: part for part in parts}

    def states(signal: Signal, vote: Vote) -> Floats:
        known = values[signal.id].to_numpy(dtype=float).copy()
        part = moved.get(signal.id)
        if part is not None:
            # A hair beyond: towards neither side a level must be left, and a threshold is exact only in decimals.
            beyond = part.needed + np.sign(part.then - part.now) * 1e-6
            known[-1] = beyond if vote.measure is Measure.VALUE else known[-22] + beyond
            assert votes.states(known, vote)[-1] == part.then, signal.id
        return votes.states(known, vote)

    return float(tally(Axis.RECOVERY, list(catalogue.SIGNALS.values()), states).score[-1])
