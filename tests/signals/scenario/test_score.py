"""The scenario: families, quorum, score, named states and agreement by hand, then against the slow recount."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Mapping
from datetime import date

import numpy as np
import pandas as pd
import pytest

from signals import catalogue
from signals.core.market import Market
from signals.core.model import Axis, Family, History, Signal, State, Vote
from signals.core.units import Unit
from signals.scenario import score
from signals.scenario.explanation import explain
from tests.signals.markets import random_market
from tests.signals.recount_scenario import VOTES, all_states, recount

NAN = math.nan
RECOVERY, ROTATION = Axis.RECOVERY, Axis.ROTATION
FIVE = ("breadth", "weighting", "megacap", "sectors", "rates")
DAY = pd.bdate_range("2024-01-01", periods=20)


def voter(id: str, sign: int = 1, axis: Axis = RECOVERY) -> Signal:
    """A signal whose readings are states already: low at -1, high at 1."""
    votes = (Vote(axis, sign, low=-1, high=1),)
    family = Family(id.partition(".")[0])
    return Signal(id, id, family, Unit.Z, 2, "Test.", ("X",), lambda panel: None, 1, votes)


def counted(
    states: Mapping[str, list[float]], signs: Mapping[str, int] | None = None, *, axis: Axis = RECOVERY
) -> score.Tally:
    """The tally of signals by id with their states, oldest first."""
    signals = [voter(id, (signs or {}).get(id, 1), axis) for id in states]
    return score.tally(axis, signals, lambda signal, vote: np.array(states[signal.id], dtype=float))


def flat(*leanings: float) -> dict[str, list[float]]:
    """One session on which each of the first families has one signal of that state."""
    return {
        f"{family}.x": [leaning]
        for family, leaning in zip((*FIVE, "options", "capex", "havens"), leanings, strict=False)
    }


def scored(*scores: float) -> score.Tally:
    """Five families that all stand at a hundredth of these scores."""
    return counted({f"{family}.x": [score / 100 for score in scores] for family in FIVE})


def test_a_family_is_the_mean_of_its_signals_after_their_signs_and_of_few_signals_it_counts_half() -> None:
    """breadth (1 + 1 + 0)/3 = 2/3 counts fully; rates -1 x 1 = -1 and the three others, 0, count half.

    The recovery's score is 100 (2/3 - 1/2)/(1 + 4/2) = 5.56; of rotation, where all count alike, it
    is 100 (2/3 - 1)/5 = -6.67.
    """
    states = {"breadth.a": [1], "breadth.b": [1], "breadth.c": [0], **{f"{name}.x": [0] for name in FIVE[1:]}}
    votes = counted(states | {"rates.x": [1]}, {"rates.x": -1})
    assert votes.families == FIVE
    np.testing.assert_allclose(votes.leanings[:, 0], [2 / 3, 0, 0, 0, -1])
    np.testing.assert_array_equal(votes.weights[:, 0], [1, 0.5, 0.5, 0.5, 0.5])
    assert votes.score[0] == pytest.approx(100 / 18)
    of_rotation = counted(states | {"rates.x": [1]}, {"rates.x": -1}, axis=ROTATION)
    assert of_rotation.score[0] == pytest.approx(-100 / 15)


def test_a_family_counts_fully_only_while_three_of_its_signals_have_a_state_and_tech_always() -> None:
    states = {f"breadth.{name}": [1, 1] for name in "ab"} | {"breadth.c": [1, NAN], "tech.yardsticks": [1, 1]}
    votes = counted(states | {f"{name}.x": [0, 0] for name in FIVE[1:]})
    weights = dict(zip(votes.families, votes.weights.tolist(), strict=True))
    assert (weights["breadth"], weights["tech"], weights["rates"]) == ([1, 0.5], [1, 1], [0.5, 0.5])


def test_half_of_those_that_vote_are_enough_for_a_family_and_less_is_not() -> None:
    """With 2 of 4 the mean is over the two that have a state; with 1 of 3 the family has none."""
    rest = {f"{name}.x": [1, 1] for name in FIVE[1:]}
    four = counted({"breadth.a": [1, 1], "breadth.b": [NAN, 0], "breadth.c": [-1, NAN], "breadth.d": [NAN, NAN]} | rest)
    np.testing.assert_allclose(four.leanings[0], [0, 0.5])
    three = counted({"breadth.a": [1, 1], "breadth.b": [NAN, NAN], "breadth.c": [NAN, 0]} | rest)
    np.testing.assert_allclose(three.leanings[0], [NAN, 0.5])
    assert score.why_not(three, 0) == "not enough data: only 4 families have a state"
    assert score.why_not(three, 1) is None


@pytest.mark.parametrize(
    ("known", "sentence"),
    [
        (0, "not enough data: no family has a state"),
        (1, "not enough data: only 1 family has a state"),
        (3, "not enough data: only 3 families have a state"),
        (4, "not enough data: only 4 families have a state"),
        (5, None),
    ],
)
def test_fewer_than_five_families_are_not_enough(known: int, sentence: str | None) -> None:
    found = counted(flat(*[1] * known, *[NAN] * (8 - known)))
    assert score.why_not(found, 0) == sentence
    assert np.isnan([found.score[0], score.recovery_states(found.score)[0]]).all() == (sentence is not None)


def test_a_state_is_named_and_ended_on_the_third_session_in_a_row() -> None:
    named = score.recovery_states(np.array([33.0, 40, 32.9, 33, 33, 33, 11, 10, 10, 10, 32]))
    assert named.tolist() == [0, 0, 0, 0, 0, 1, 1, 1, 1, 0, 0]
    bear = score.recovery_states(np.array([-33.0, -34, -35, -9, -10, -11, -9, -9, -10]))
    assert bear.tolist() == [0, 0, -1, -1, -1, -1, -1, -1, 0]


def test_a_bull_ends_at_10_whatever_else_the_score_is() -> None:
    """Three sessions in a row at or under 10, which here are also at or under -33: bear at once."""
    assert score.recovery_states(np.array([50.0, 50, 50, -40, -40, -40])).tolist() == [0, 0, 1, 1, 1, -1]
    assert score.recovery_states(np.array([50.0, 50, 50, -40, 9, 0])).tolist() == [0, 0, 1, 1, 1, 0]


def test_sessions_without_a_score_neither_count_nor_break_a_row() -> None:
    gap = score.recovery_states(np.array([NAN, 40, NAN, 40, NAN, NAN, 40, NAN, 5, 5, NAN, 5]))
    np.testing.assert_array_equal(gap, [NAN, 0, NAN, 0, NAN, NAN, 1, NAN, 1, 1, NAN, 0])


def test_rounding_noise_decides_nothing() -> None:
    """1/3 + 1/3 - 2/3 is 0, whatever binary fractions make of it."""
    zero = counted(flat(1 / 3, 1 / 3, -2 / 3, 0.1 + 0.2, -0.3))
    assert zero.score[0] == 0.0
    assert np.isnan(zero.agreement(zero.score)[0])


def test_agreement_is_the_share_on_the_side_of_the_score_or_of_the_rotation() -> None:
    """Of five families with a state three are for, one is neutral and one against: 60%, and 20% with the other side."""
    votes = counted(flat(1, 0.5, 1 / 3, 0, -1, NAN))
    assert votes.agreement(votes.score)[0] == pytest.approx(60)
    assert votes.agreement(np.array([-1.0]))[0] == pytest.approx(20)
    assert np.isnan(votes.agreement(np.array([NAN]))[0])
    all_against = counted(flat(-1, -1, -1, -1, -0.1))
    assert all_against.agreement(all_against.score)[0] == 100


def test_the_explanation_names_families_their_signals_and_the_dissenters() -> None:
    signals = [voter("breadth.a"), voter("breadth.b", -1), *(voter(f"{name}.x") for name in FIVE[1:]), voter("capex.x")]
    states = {"breadth.a": 1, "breadth.b": 1, "weighting.x": 1, "megacap.x": 1, "sectors.x": -1, "rates.x": 1}
    values = {signal.id: pd.Series(states.get(signal.id, NAN), index=DAY) for signal in signals}
    found = explain(signals, values, RECOVERY, DAY[3].date())
    assert (found.score, found.side, found.reason) == (40, 1, None)
    assert found.agreement == pytest.approx(60)
    assert [(party.family.value, party.leaning, party.agrees) for party in found.parties] == [
        ("breadth", 0, False),
        ("weighting", 1, True),
        ("megacap", 1, True),
        ("sectors", -1, False),
        ("rates", 1, True),
        ("capex", None, None),
    ]
    assert [(each.signal, each.state, each.sign) for each in found.parties[0].ballots] == [
        ("breadth.a", 1, 1),
        ("breadth.b", 1, -1),
    ]
    assert [party.family.value for party in found.dissenters] == ["breadth", "sectors"]


def test_an_explanation_without_enough_data_says_so_and_names_no_dissenter() -> None:
    signals = [voter(f"{name}.x") for name in FIVE]
    values = {signal.id: pd.Series(NAN if signal.id.startswith("rates") else 1, index=DAY) for signal in signals}
    found = explain(signals, values, RECOVERY, DAY[0].date())
    assert (found.score, found.side, found.agreement, found.dissenters) == (None, None, None, ())
    assert found.reason == "not enough data: only 4 families have a state"
    with pytest.raises(KeyError, match="2024-01-06"):
        explain(signals, values, RECOVERY, date(2024, 1, 6))


def test_on_the_axis_of_rotation_families_agree_with_the_clock() -> None:
    signals = [voter(f"{name}.x", axis=ROTATION) for name in FIVE]
    values = {signal.id: pd.Series(1.0, index=DAY) for signal in signals}
    values["rates.x"] = pd.Series(-1.0, index=DAY)
    against = explain(signals, {**values, "rotation.state": pd.Series(-1.0, index=DAY)}, ROTATION, DAY[3].date())
    assert (against.score, against.side, against.agreement) == (60, -1, 20)
    assert [party.family.value for party in against.dissenters] == list(FIVE[:4])
    unknown = explain(signals, {**values, "rotation.state": pd.Series(NAN, index=DAY)}, ROTATION, DAY[3].date())
    assert (unknown.score, unknown.side, unknown.agreement, unknown.dissenters) == (60, None, None, ())


def test_the_register_was_copied_whole() -> None:
    for axis, column in ((RECOVERY, 0), (ROTATION, 1)):
        clock = {"rotation.state"} if axis is ROTATION else set()
        assert set(catalogue.voters(axis)) == {id for id, vote in VOTES.items() if vote[column]} | clock


def values_of(found: Market) -> dict[str, pd.Series]:
    return {id: history.values for id, history in catalogue.compute(found).items()}


def same(got: float, want: float | None) -> bool:
    return math.isnan(got) if want is None else math.isclose(got, want, abs_tol=1e-6)


IDS = {
    RECOVERY: {
        "score": "scenario.recovery",
        "state": "scenario.recovery_state",
        "agreement": "scenario.recovery_agreement",
    },
    ROTATION: {"score": "scenario.rotation_support", "agreement": "scenario.rotation_agreement"},
}


def agree(values: Mapping[str, pd.Series]) -> dict[Axis, list[pd.Timestamp]]:
    """Holds every session of both axes against the slow recount; returns the sessions with a score on each axis."""
    states = all_states({id: [None if value != value else value for value in values[id].tolist()] for id in VOTES})
    days = values["scenario.recovery"].index
    known: dict[Axis, list[pd.Timestamp]] = {}
    rotation = [None if value != value else value for value in values["rotation.state"].tolist()]
    for axis in Axis:
        found = recount(states, axis.value, rotation)
        for name, id in IDS[axis].items():
            for at, (got, want) in enumerate(zip(values[id].tolist(), found, strict=True)):
                assert same(got, getattr(want, name)), (axis, name, days[at], got, want)
        known[axis] = [day for day, want in zip(days, found, strict=True) if want.score is not None]
    return known


@pytest.mark.parametrize(("seed", "holes"), [(21, 0.0), (22, 0.01)])
def test_the_scenario_of_a_random_market_equals_the_slow_recount(seed: int, holes: float) -> None:
    values = values_of(random_market(seed, count=620, holes=holes))
    assert sum(map(len, agree(values).values())) > 200
    last = values["scenario.recovery"].index[-1].date()
    for axis in Axis:
        found = catalogue.explain(values, axis, last)
        assert same(float(values[IDS[axis]["score"]].iloc[-1]), found.score)
        assert same(float(values[IDS[axis]["agreement"]].iloc[-1]), found.agreement)


def test_an_explanation_looks_at_nothing_later() -> None:
    values = values_of(random_market(23, count=560))
    day = values["scenario.rotation_support"].index[-40]
    cut = {id: series.loc[:day] for id, series in values.items()}
    for axis in Axis:
        assert catalogue.explain(values, axis, day.date()) == catalogue.explain(cut, axis, day.date())


def test_a_withheld_scenario_reading_says_why() -> None:
    found = random_market(24, count=60)
    for reading in catalogue.readings(
        found, catalogue.compute(found, ["scenario.recovery", "scenario.rotation_support"]), found.last.date()
    ).values():
        assert (reading.value, reading.state) == (None, State.WITHHELD)
        assert reading.reason is not None
        assert reading.reason.startswith("not enough data: ")
        assert reading.sources == ("dice", "yahoo")
        assert reading.notes == ("today's members",)


@pytest.mark.slow
def test_21_years_equal_a_tail_and_have_the_states_that_people_remember(
    pack: Market, pack_histories: dict[str, History]
) -> None:
    assert_as_remembered({id: history.values for id, history in pack_histories.items()})
    assert_as_from_a_tail(pack, pack_histories)


@pytest.mark.thorough
def test_21_years_equal_the_slow_recount(pack: Market, pack_histories: dict[str, History]) -> None:
    assert_as_recounted(pack, {id: history.values for id, history in pack_histories.items()})


def assert_as_recounted(pack: Market, pack_values: dict[str, pd.Series]) -> None:
    """Both axes have a score on every session from the one on which their fifth family has a state.

    Rotation waits for the 200 readings of a year's z and for the change over 21 sessions below it; recovery for breadth,
    sectors, rates, havens and megacap, with tech's clock. The pack has no skews, flows, earnings or figures of companies,
    so options, capex (for recovery), flows and earnings never have a state.
    """
    known = agree(pack_values)
    first = {Axis.RECOVERY: pd.Timestamp("2005-11-16"), Axis.ROTATION: pd.Timestamp("2005-11-15")}
    assert {axis: days[0] for axis, days in known.items()} == first
    for axis, days in known.items():
        assert days == list(pack.days[pack.days >= first[axis]])


def assert_as_remembered(pack_values: dict[str, pd.Series]) -> None:
    """October 2008 and March 2020: everything falls, nobody speaks for tech, and small companies fall most."""

    states = pack_values["scenario.recovery_state"]
    turns = np.flatnonzero(np.diff(states.dropna().to_numpy()))
    assert len(turns) / 21 == pytest.approx(6, abs=0.2)
    for day in ("2008-10-10", "2020-03-20", "2022-06-16"):
        assert score.NAMES[int(states.loc[pd.Timestamp(day)])] == "bear"
    crash = catalogue.explain(pack_values, RECOVERY, date(2020, 3, 20))
    leanings = {party.family.value: party.leaning for party in crash.parties}
    assert leanings["tech"] == leanings["breadth"] == leanings["rates"] == leanings["havens"] == -1
    assert leanings["megacap"] == 1
    assert leanings["sectors"] == pytest.approx(1 / 3)
    assert {party.family.value for party in crash.dissenters} == {"megacap", "sectors"}
    # One of three votes of options and one of five of capex can be counted: less than half.
    assert {family for family, leaning in leanings.items() if leaning is None} == {
        "options",
        "capex",
        "flows",
        "earnings",
    }
    # Megacap and havens have two signals and rates one with a state, which count half:
    # (-1 - 1 + 1/2 + 1/3 - 1/2 - 1/2) / 4.5, and four of six families lean that way.
    assert crash.score == pytest.approx(-100 * (13 / 6) / 4.5)
    assert crash.agreement == pytest.approx(100 * 4 / 6)


def assert_as_from_a_tail(pack: Market, pack_histories: dict[str, History]) -> None:
    """What is read of the newest sessions alone equals what the whole history gives."""
    ids = [id for id in catalogue.SIGNALS if id.startswith("scenario.")]
    whole = {id: pack_histories[id] for id in ids}
    for at in (1300, 2999, 4321, len(pack.days) - 1):
        cut = pack.until(pack.days[at].date())
        begin = at + 1 - catalogue.TAIL
        tail = dataclasses.replace(
            cut,
            sessions=cut.sessions[begin:],
            ends=cut.ends[begin:],
            close=cut.close.iloc[begin:],
            adj_close=cut.adj_close.iloc[begin:],
            earlier=cut.adj_close.iloc[:begin][list(catalogue.whole_past_tickers())],
        )
        day = cut.last.date()
        short, long = (
            catalogue.readings(tail, catalogue.compute(tail, ids), day),
            catalogue.readings(pack, whole, day),
        )
        for id in ids:
            assert (short[id].value, short[id].measures) == (long[id].value, long[id].measures), (id, day)
