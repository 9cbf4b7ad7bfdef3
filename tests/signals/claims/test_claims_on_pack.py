"""The verdict on every public claim on the market pack of 21 years, worked out by hand from its closes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date

import pytest

from signals import catalogue
from signals.claims import CLAIMS, Judgment, Record, Verdict
from signals.core.market import Market
from signals.core.model import History
from signals.core.panel import Panel
from signals.core.rolling import compare

pytestmark = pytest.mark.slow

TRUE, NOT_TRUE, CLOSES_ONLY = Verdict.TRUE, Verdict.NOT_TRUE, Verdict.CLOSES_ONLY
NOT_SUPPORTED, OPEN, UNKNOWN = Verdict.NOT_SUPPORTED, Verdict.OPEN, Verdict.UNKNOWN

VERDICTS = {
    # 42 of the 79 days after such a lead were gains of the Nasdaq by the end of 2025: 53%, of which 70% is out of reach.
    "nasdaq-70": (NOT_SUPPORTED, NOT_SUPPORTED, NOT_SUPPORTED),
    # At the end of 2025 the Russell had lost six times in a row. On Oct 1, 2013 it had won nine times in a row, and never
    # more than eight times since 2009; but IWM had already beaten SPY nine times in a row in September 2009.
    "russell-run": (NOT_TRUE, NOT_TRUE, CLOSES_ONLY),
    # MAGS closed Sep to Dec 2025 at 64.86, 67.96, 66.76, 65.96: two losing months. Jan to Mar 2025 at 55.65, 51.21, 45.86,
    # and on Apr 15 at 44.55: the third was on its way. It began in April 2023.
    "mag7-third-month": (NOT_TRUE, OPEN, UNKNOWN),
    # Alphabet (189.30 to 313.00) and Nvidia (134.29 to 186.50) beat 16.4% in 2025, Microsoft with 14.7% came next.
    "two-of-seven": (TRUE, OPEN, OPEN),
    # XLP: 77.51 to 77.68, 76.35 to 81.03, and 1.4% down.
    "staples-week": (NOT_TRUE, TRUE, NOT_TRUE),
    "pe-gap": (UNKNOWN, UNKNOWN, UNKNOWN),
    "small-caps-2026": (OPEN, OPEN, OPEN),
    # 5881.63 to 6845.50 is 16.39%; SPY with dividends 576.22 to 678.32 is 17.72%.
    "sp500-2025": (CLOSES_ONLY, OPEN, OPEN),
    # 11.3% against 16.4%, -15.6% against -8.2%, and 28.0% against 18.8%.
    "russell-ytd": (NOT_TRUE, NOT_TRUE, NOT_TRUE),
    # 60%, 31% and 81% above their 200-day averages, after 97%, 97% and 98% within five years.
    "breadth-best": (NOT_TRUE, NOT_TRUE, NOT_TRUE),
}
Judge = Callable[[date], dict[str, Judgment]]
SESSIONS = (date(2025, 12, 31), date(2025, 4, 15), date(2013, 10, 1))


@pytest.fixture(scope="module")
def histories(pack: Market) -> dict[str, History]:
    """What claims read, over 21 years; no signal looks ahead, so a session ends it."""
    return catalogue.compute(pack, {name for claim in CLAIMS for name in claim.signals})


@pytest.fixture
def judged(pack: Market, histories: dict[str, History]) -> Judge:
    def judge(session: date) -> dict[str, Judgment]:
        known = pack.until(session)
        until = {name: replace(each, values=each.values.loc[: known.last]) for name, each in histories.items()}
        record = Record(Panel(known), until)
        return {claim.id: claim.judge(record) for claim in CLAIMS}

    return judge


@pytest.mark.parametrize("place", range(len(SESSIONS)))
def test_each_claim_has_the_verdict_that_its_closes_give(judged: Judge, place: int) -> None:
    found = judged(SESSIONS[place])
    assert {name: judgment.verdict for name, judgment in found.items()} == {
        name: verdicts[place] for name, verdicts in VERDICTS.items()
    }


def test_the_figures_of_2025_are_those_that_hand_and_pencil_give(judged: Judge) -> None:
    found = judged(date(2025, 12, 31))
    share = found["nasdaq-70"].share
    assert share is not None
    assert (share.hits, share.n, round(share.rate.low, 3), round(share.rate.high, 3)) == (42, 79, 0.423, 0.638)
    assert [round(figure.value, 2) for figure in found["sp500-2025"].figures] == [16.39, 17.72]
    assert [figure.value for figure in found["two-of-seven"].figures] == [2, 2]
    lost, month, with_dividends, _ = (figure.value for figure in found["mag7-third-month"].figures)
    # The fund's distribution of December turned that month's loss into a gain.
    assert (lost, round(month, 2), with_dividends) == (2, -1.20, 0)
    assert found["small-caps-2026"].until == date(2026, 12, 31)
    runs = [figure.value for figure in judged(date(2013, 10, 1))["russell-run"].figures]
    assert runs == [9, 8, 9, 9]


def test_the_run_of_2013_is_counted_as_in_the_closes_themselves(pack: Market) -> None:
    known = pack.until(date(2013, 10, 1))
    closes = known.close[["^RUT", "^GSPC"]].dropna().tail(10).to_numpy()
    assert (compare(closes[1:, 0] / closes[:-1, 0], closes[1:, 1] / closes[:-1, 1]) > 0).all()


def test_breadth_was_the_best_of_five_years_in_april_2021(judged: Judge) -> None:
    assert judged(date(2021, 4, 21))["breadth-best"].verdict is TRUE
