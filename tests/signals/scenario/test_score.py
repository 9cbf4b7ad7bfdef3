"""The scenario: families, quorum, score, named states and concordance by hand, then against the slow recount."""

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
from signals.core.model import Axis, Family, History, Signal, State, Unit, Vote
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


def counted(states: Mapping[str, list[float]], signs: Mapping[str, int] | None = None) -> score.Tally:
    """The tally of signals by id with their states, oldest first."""
    signals = [voter(id, (signs or {}).get(id, 1)) for id in states]
    return score.tally(RECOVERY, signals, lambda signal, vote: np.array(states[signal.id], dtype=float))


def flat(*leanings: float) -> dict[str, list[float]]:
    """One session on which each of the first families has one signal of that state."""
    return {
        f"{family}.x": [leaning]
        for family, leaning in zip((*FIVE, "options", "capex", "havens"), leanings, strict=False)
    }


def scored(*scores: float) -> score.Tally:
    """Five families that all stand at a hundredth of these scores."""
    return counted({f"{family}.x": [score / 100 for score in scores] for family in FIVE})


def test_a_family_is_the_mean_of_its_signals_after_their_signs_and_all_families_weigh_the_same() -> None:
    """breadth (1 + 1 + 0)/3 = 2/3; rates -1 x 1 = -1; the others 0: score 100 (2/3 - 1)/5 = -6.67."""
    states = {"breadth.a": [1], "breadth.b": [1], "breadth.c": [0], **{f"{name}.x": [0] for name in FIVE[1:]}}
    found = counted(states | {"rates.x": [1]}, {"rates.x": -1})
    assert found.families == FIVE
    np.testing.assert_allclose(found.leanings[:, 0], [2 / 3, 0, 0, 0, -1])
    assert found.score[0] == pytest.approx(-100 / 15)
    assert found.state[0] == 0


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
    assert np.isnan([found.score[0], found.state[0], found.concordance[0]]).all() == (sentence is not None)


def test_named_states_begin_at_33_and_end_at_25() -> None:
    found = scored(32.9, 33, 26, 25.1, 25, 32, -25, -33, -26, -25, -32)
    assert found.state.tolist() == [0, 1, 1, 1, 0, 0, 0, -1, -1, 0, 0]
    assert scored(40, -20, -40, 40).state.tolist() == [1, 0, -1, 1]


def test_sessions_without_a_score_end_no_named_state() -> None:
    gap = counted({f"{family}.x": [0.4, NAN, 0.3, NAN, 0.2, NAN, 0.3] for family in FIVE})
    np.testing.assert_array_equal(gap.state, [1, NAN, 1, NAN, 0, NAN, 0])


def test_rounding_noise_decides_nothing() -> None:
    """1/3 + 1/3 - 2/3 is 0 and a mean of a quarter from eight families is 25, whatever binary fractions make of it."""
    zero = counted(flat(1 / 3, 1 / 3, -2 / 3, 0.1 + 0.2, -0.3))
    assert zero.score[0] == 0.0
    assert zero.concordance[0] == 0
    # Bull, then 0.7 + 0.7 + 0.7 - 0.1 over eight families, 25 but for noise: left.
    left = counted({id: [1, value] for id, (value,) in flat(0.7, 0.7, 0.7, -0.1, 0, 0, 0, 0).items()})
    assert left.state.tolist() == [1, 0]


def test_concordance_is_the_share_on_the_side_of_the_score() -> None:
    """Of five families with a state three are for, one is neutral and one against: 60 %."""
    assert counted(flat(1, 0.5, 1 / 3, 0, -1, NAN)).concordance[0] == pytest.approx(60)
    assert counted(flat(-1, -1, -1, -1, -0.1)).concordance[0] == 100
    # A score of 0 has no side but the middle: only neutral families agree with it.
    assert counted(flat(1, -1, 0.5, -0.5, 0, 0, 0, 0)).concordance[0] == pytest.approx(50)
    assert counted(flat(0, 0, 0, 0, 0)).concordance[0] == 100


def test_the_explanation_names_families_their_signals_and_the_dissenters() -> None:
    signals = [voter("breadth.a"), voter("breadth.b", -1), *(voter(f"{name}.x") for name in FIVE[1:]), voter("capex.x")]
    states = {"breadth.a": 1, "breadth.b": 1, "weighting.x": 1, "megacap.x": 1, "sectors.x": -1, "rates.x": 1}
    values = {signal.id: pd.Series(states.get(signal.id, NAN), index=DAY) for signal in signals}
    found = explain(signals, values, RECOVERY, DAY[3].date())
    assert (found.score, found.state, found.reason) == (40, 1, None)
    assert found.concordance == pytest.approx(60)
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
    assert (found.score, found.state, found.concordance, found.dissenters) == (None, None, None, ())
    assert found.reason == "not enough data: only 4 families have a state"
    with pytest.raises(KeyError, match="2024-01-06"):
        explain(signals, values, RECOVERY, date(2024, 1, 6))


def test_named_states_have_names() -> None:
    assert [score.name_of(RECOVERY, state) for state in (1.0, 0.0, -1.0)] == ["bull", "base", "bear"]
    assert [score.name_of(ROTATION, state) for state in (1, 0, -1)] == ["broadening", "balanced", "concentrating"]
    assert score.axis_of("scenario.rotation_state") is ROTATION
    assert score.axis_of("breadth.rest_minus_tech") is None


def test_the_register_was_copied_whole() -> None:
    for axis, column in ((RECOVERY, 0), (ROTATION, 1)):
        assert set(catalogue.voters(axis)) == {id for id, vote in VOTES.items() if vote[column]}


def values_of(found: Market) -> dict[str, pd.Series]:
    return {id: history.values for id, history in catalogue.compute(found).items()}


def same(got: float, want: float | None) -> bool:
    return math.isnan(got) if want is None else math.isclose(got, want, abs_tol=1e-6)


def agree(values: Mapping[str, pd.Series]) -> dict[Axis, list[pd.Timestamp]]:
    """Holds every session of both axes against the slow recount; returns the sessions with a score on each axis."""
    states = all_states({id: [None if value != value else value for value in values[id].tolist()] for id in VOTES})
    days = values["scenario.recovery"].index
    known: dict[Axis, list[pd.Timestamp]] = {}
    for axis in Axis:
        found = recount(states, axis.value)
        for name in ("score", "state", "concordance"):
            history = values[f"scenario.{axis}" if name == "score" else f"scenario.{axis}_{name}"].tolist()
            for at, (got, want) in enumerate(zip(history, found, strict=True)):
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
        assert same(float(values[f"scenario.{axis}"].iloc[-1]), found.score)
        assert same(float(values[f"scenario.{axis}_state"].iloc[-1]), found.state)
        assert same(float(values[f"scenario.{axis}_concordance"].iloc[-1]), found.concordance)


def test_an_explanation_looks_at_nothing_later() -> None:
    values = values_of(random_market(23, count=560))
    day = values["scenario.rotation"].index[-40]
    cut = {id: series.loc[:day] for id, series in values.items()}
    for axis in Axis:
        assert catalogue.explain(values, axis, day.date()) == catalogue.explain(cut, axis, day.date())


def test_a_withheld_scenario_reading_says_why() -> None:
    found = random_market(24, count=60)
    for reading in catalogue.readings(
        found, catalogue.compute(found, ["scenario.recovery", "scenario.rotation_state"]), found.last.date()
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

    Recovery waits for weighting: of its four votes two are about QQQE, listed in 2012, and two about RSPT, listed in
    2006. Rotation waits for the 200 readings of a year's z. The pack has no skews, flows, earnings or figures of
    companies, so options, capex (for recovery), flows and earnings never have a state.
    """
    known = agree(pack_values)
    first = {Axis.RECOVERY: pd.Timestamp("2007-09-25"), Axis.ROTATION: pd.Timestamp("2005-10-17")}
    assert {axis: days[0] for axis, days in known.items()} == first
    for axis, days in known.items():
        assert days == list(pack.days[pack.days >= first[axis]])


def assert_as_remembered(pack_values: dict[str, pd.Series]) -> None:
    """October 2008 and March 2020: everything falls, nobody speaks for tech, and small companies fall most."""

    def names(day: str) -> list[str]:
        return [score.name_of(axis, pack_values[f"scenario.{axis}_state"].loc[pd.Timestamp(day)]) for axis in Axis]

    assert names("2008-10-10") == ["bear", "balanced"]
    assert names("2020-03-20") == ["bear", "concentrating"]
    # 2022: tech fell while gold and the rest held out.
    assert names("2022-06-16") == ["bear", "broadening"]
    crash = catalogue.explain(pack_values, RECOVERY, date(2020, 3, 20))
    leanings = {party.family.value: party.leaning for party in crash.parties}
    assert leanings["breadth"] == leanings["weighting"] == leanings["rates"] == leanings["havens"] == -1
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
    # (-1 - 1 + 1 + 1/3 - 1 - 1) / 6, and four of six lean that way.
    assert crash.score == pytest.approx(-100 * 8 / 18)
    assert crash.concordance == pytest.approx(100 * 4 / 6)


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
        )
        day = cut.last.date()
        short, long = (
            catalogue.readings(tail, catalogue.compute(tail, ids), day),
            catalogue.readings(pack, whole, day),
        )
        for id in ids:
            assert (short[id].value, short[id].measures) == (long[id].value, long[id].measures), (id, day)
