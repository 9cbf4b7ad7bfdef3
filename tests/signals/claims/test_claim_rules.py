"""The rules of claims on markets of a few sessions."""

from __future__ import annotations

from datetime import date

import numpy as np
import pandas as pd
import pytest

from signals.claims import CLAIMS, Judgment, Record, Verdict, claim_rules
from signals.core.model import History
from signals.core.panel import Panel
from signals.event_study import LevelCondition, Outcome, StudyPlan, run_study
from tests.signals.markets import market

NAN = float("nan")
YEAR_END = "2025-12-30"
"""Two sessions of 2025 follow, then those of 2026."""


def record(first: str, closes: dict[str, list[float]], adjusted: dict[str, list[float]] | None = None) -> Record:
    return Record(Panel(market(first, close=closes, adjusted=adjusted)), {})


def year(closes: list[float], adjusted: list[float] | None = None) -> Judgment:
    prices = {"^RUT": closes, "IWM": closes}
    known = record(YEAR_END, prices, None if adjusted is None else {"^RUT": closes, "IWM": adjusted})
    return claim_rules.year_return(known, year=2026, of=("^RUT", "IWM"), holds=claim_rules.at_least(10.0))


def test_a_claim_on_a_year_is_open_until_its_last_session_and_says_how_it_stands() -> None:
    assert year([100, 100]) == Judgment(Verdict.OPEN, until=date(2026, 12, 31))
    running = year([100, 100, 111])
    assert (running.verdict, running.until) == (Verdict.OPEN, date(2026, 12, 31))
    assert [round(figure.value, 6) for figure in running.figures] == [11.0, 11.0]


def test_a_claim_on_a_year_that_has_ended_keeps_the_verdict_of_its_last_session() -> None:
    count = len(market("2024-12-31", count=252).days)
    prices = [100.0] * (count - 3) + [116.4, 150.0, 150.0]
    known = record("2024-12-31", {"^GSPC": prices, "SPY": prices})
    last = int(np.flatnonzero(known.panel.dates == np.datetime64("2025-12-31"))[0])
    prices[last] = 116.4
    known = record("2024-12-31", {"^GSPC": prices, "SPY": prices})
    judged = claim_rules.year_return(known, year=2025, of=("^GSPC", "SPY"), holds=claim_rules.at_one_decimal(16.4))
    assert judged.verdict is Verdict.TRUE


def test_a_claim_without_the_year_before_cannot_be_judged() -> None:
    known = record("2026-01-02", {"^RUT": [100, 120], "IWM": [100, 120]})
    judged = claim_rules.year_return(known, year=2026, of=("^RUT", "IWM"), holds=claim_rules.at_least(10.0))
    assert judged.verdict is Verdict.UNKNOWN
    assert "sessions are known since 2026-01-02" in judged.reason


@pytest.mark.parametrize(
    ("last", "with_dividends", "verdict"),
    [
        (103.66, 103.66, Verdict.TRUE),
        (103.64, 103.64, Verdict.NOT_TRUE),
        (103.70, 103.60, Verdict.CLOSES_ONLY),
        (103.60, 103.70, Verdict.NOT_TRUE),
        (103.70, float("nan"), Verdict.TRUE),
    ],
)
def test_closes_decide_and_dividends_qualify(last: float, with_dividends: float, verdict: Verdict) -> None:
    closes = [100.0, 101, 101, 101, 101, last]
    known = record("2025-03-03", {"XLP": closes}, {"XLP": [*closes[:-1], with_dividends]})
    judged = claim_rules.sessions_return(known, sessions=5, of=("XLP", "XLP"), holds=claim_rules.at_least(3.7))
    assert judged.verdict is verdict


def run_of(wins: list[bool], first: str = "2009-01-02") -> Judgment:
    ahead = list(100 * np.cumprod([1.0, *(1.01 if won else 0.99 for won in wins)]))
    flat = [100.0] * len(ahead)
    known = record(first, {"^RUT": ahead, "IWM": ahead, "^GSPC": flat, "SPY": flat})
    return claim_rules.longest_run(known, since=date(2009, 1, 1), of=(("^RUT", "^GSPC"), ("IWM", "SPY")))


def test_a_run_must_be_longer_than_every_earlier_one() -> None:
    assert run_of([True, True, False, True, True]).verdict is Verdict.NOT_TRUE
    longest = run_of([True, True, False, True, True, True])
    assert longest.verdict is Verdict.TRUE
    assert [figure.value for figure in longest.figures] == [3, 2, 3, 2]
    assert run_of([True, True, False]).verdict is Verdict.NOT_TRUE


def test_a_run_is_not_called_the_longest_where_the_years_before_are_not_known() -> None:
    judged = run_of([True, False, True, True], first="2016-01-04")
    assert (judged.verdict, judged.reason) == (Verdict.UNKNOWN, "closes are known since 2016-01-04 only")
    assert run_of([True, True, False, True], first="2016-01-04").verdict is Verdict.NOT_TRUE


def months(closes: dict[str, float], until: str, adjusted: dict[str, float] | None = None) -> Judgment:
    """The third losing month over a fund that stands at each value from a day on."""
    count = len(market("2025-01-02", count=126).days)
    days = market("2025-01-02", count=count).days
    days = days[days <= pd.Timestamp(until)]

    def path(values: dict[str, float]) -> list[float]:
        steps = pd.Series(values)
        steps.index = pd.DatetimeIndex(steps.index)
        return steps.reindex(days.union(steps.index)).ffill().reindex(days).tolist()

    known = record("2025-01-02", {"MAGS": path(closes)}, None if adjusted is None else {"MAGS": path(adjusted)})
    return claim_rules.losing_month(known, number=3)


FALLING = {"2025-01-02": 100.0, "2025-02-03": 99.0, "2025-03-03": 98.0, "2025-04-01": 97.0}


def test_a_third_losing_month_is_open_until_the_month_has_ended() -> None:
    running = months(FALLING, "2025-04-15")
    assert (running.verdict, running.until) == (Verdict.OPEN, date(2025, 4, 30))
    assert months(FALLING, "2025-04-30").verdict is Verdict.TRUE
    assert months(FALLING, "2025-03-31").verdict is Verdict.NOT_TRUE
    assert months({**FALLING, "2025-04-30": 99.0}, "2025-04-30").verdict is Verdict.NOT_TRUE


def test_a_distribution_may_turn_a_losing_month_into_a_gain() -> None:
    assert months(FALLING, "2025-04-30", {**FALLING, "2025-04-01": 98.5}).verdict is Verdict.CLOSES_ONLY


def of_signals(values: dict[str, list[float]]) -> Record:
    found = market("2020-01-02", close={"SPY": [1.0] * max(map(len, values.values()))})
    histories = {name: History(pd.Series(line, index=found.days)) for name, line in values.items()}
    return Record(Panel(found), histories)


def test_price_over_earnings_must_stand_where_both_are_said_to() -> None:
    claim = next(claim for claim in CLAIMS if claim.id == "pe-gap")
    for small, seven, verdict in (
        (16.2, 24.0, Verdict.TRUE),
        (16.2, 26.0, Verdict.NOT_TRUE),
        (18.0, 24.0, Verdict.NOT_TRUE),
        (float("nan"), 24.0, Verdict.UNKNOWN),
    ):
        known = of_signals({"valuation.forward_pe_small": [small], "valuation.forward_pe_megacap": [seven]})
        assert claim.judge(known).verdict is verdict


def test_the_best_of_some_sessions_is_higher_than_each_of_them() -> None:
    def judged(*values: float) -> Verdict:
        return claim_rules.best_in(of_signals({"s": list(values)}), signal="s", sessions=3).verdict

    assert judged(9, 1, 2, 3, 4) is Verdict.TRUE
    assert judged(9, 1, 4, 3, 4) is Verdict.NOT_TRUE
    assert judged(1, 2, 4) is Verdict.UNKNOWN
    assert judged(5, 2, 4) is Verdict.NOT_TRUE


def test_what_is_known_of_few_of_the_sessions_is_the_best_of_none() -> None:
    """As for a new high 1,000 of 1,260 readings must be known; a single higher one is enough to say no."""

    def judged(before: list[float]) -> Judgment:
        return claim_rules.best_in(of_signals({"s": [*before, 70.0]}), signal="s", sessions=1260)

    assert judged([NAN] * 1260) == Judgment(
        Verdict.UNKNOWN, reason="needs 1000 readings in the 1260 sessions before, 0 are known"
    )
    assert judged([*[NAN] * 1258, 50.0, 60.0]).reason == "needs 1000 readings in the 1260 sessions before, 2 are known"
    assert judged([*[NAN] * 261, *[50.0] * 999]).verdict is Verdict.UNKNOWN
    known = judged([*[NAN] * 260, *[50.0] * 1000])
    assert (known.verdict, [figure.value for figure in known.figures]) == (Verdict.TRUE, [70.0, 50.0])
    refuted = judged([*[NAN] * 1258, 80.0, 60.0])
    assert (refuted.verdict, refuted.figures[1].value) == (Verdict.NOT_TRUE, 80.0)


def share_of(hits: int, misses: int, quiet: int, *, claimed: float) -> Judgment:
    """Each day of the condition is followed by a rise or a fall; on every other quiet day the outcome rises."""
    values, steps = [0.0], [0.01]
    for place in range(hits + misses):
        values += [1.0, *[0.0] * quiet]
        steps += [0.01 if place < hits else -0.01, *(0.01 if number % 2 else -0.01 for number in range(quiet))]
    prices = 100 * np.cumprod(1 + np.array([0.0, *steps]))
    index = market("2015-01-02", count=len(prices)).days
    found = market("2015-01-02", close={"^IXIC": list(prices)})
    signal = pd.Series([*values, 0.0], index=index)
    [result] = run_study(
        signal, Outcome("^IXIC").prices(Panel(found)), StudyPlan(LevelCondition(above=0.5), (1,), each_day=True)
    )
    return claim_rules.share_judgment(result, claimed)


def test_a_claimed_share_is_true_within_the_interval_and_beyond_chance() -> None:
    assert share_of(70, 30, 4, claimed=0.70).verdict is Verdict.TRUE
    # 53 of 100 has an interval of 43% to 63%.
    assert share_of(53, 47, 4, claimed=0.70).verdict is Verdict.NOT_SUPPORTED
    # 55 of 100 holds 60%, and is no more than chance against half of all days.
    assert share_of(55, 45, 4, claimed=0.60).verdict is Verdict.NOT_SUPPORTED
    few = share_of(3, 1, 4, claimed=0.70)
    assert (few.verdict, few.share) == (Verdict.NOT_SUPPORTED, None)
    assert few.reason == "4 cases with a known outcome, at least 5 are needed"


def test_every_claim_has_a_short_id_a_formula_and_a_source() -> None:
    ids = [claim.id for claim in CLAIMS]
    assert len(ids) == len(set(ids)) == 10
    assert all(claim.formula.endswith(".") and claim.source and claim.dated for claim in CLAIMS)
