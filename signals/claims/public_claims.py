"""The list of public claims. A claim is added here, with its formula, and nowhere else."""

from __future__ import annotations

from datetime import date
from functools import partial

from signals.asof.watched_names import SEVEN
from signals.claims import claim_rules
from signals.claims.model import Claim
from signals.event_study import Outcome

RUSSELL, SP500 = ("^RUT", "IWM"), ("^GSPC", "SPY")
COMMENTARY = "Market commentary"
SPREAD, BREADTH = "weighting.rsp_spy.spread_1d", "breadth.sp500.above_200dma"
SMALL_PE, SEVEN_PE = "valuation.forward_pe_small", "valuation.forward_pe_megacap"

HALF_DECADE = 1260
"""Sessions of five years."""

CLAIMS: tuple[Claim, ...] = (
    Claim(
        id="nasdaq-70",
        sentence="After equal weight leads by this much, the Nasdaq rises the next day 70% of the time",
        source=COMMENTARY,
        dated="Jan 2026",
        formula=(
            "Days on which RSP returned at least 0.947 points more than SPY, with dividends; the Nasdaq Composite's close the "
            "next day. True if the 95% interval holds 70% and the share is more than chance against all days."
        ),
        judge=partial(claim_rules.share_of_days, signal=SPREAD, above=0.947, outcome=Outcome("^IXIC"), share=0.70),
        tickers=("RSP", "SPY", "^IXIC"),
        signals=(SPREAD,),
    ),
    Claim(
        id="russell-run",
        sentence="The Russell 2000 is on its longest run against the S&P 500 since 2008",
        source=COMMENTARY,
        dated="Jan 2026",
        formula=(
            "Sessions in a row on which the Russell 2000 beat the S&P 500, against the longest earlier run since Jan 2009; "
            "with dividends IWM against SPY."
        ),
        judge=partial(
            claim_rules.longest_run, since=date(2009, 1, 1), of=((RUSSELL[0], SP500[0]), (RUSSELL[1], SP500[1]))
        ),
        tickers=(*RUSSELL, *SP500),
    ),
    Claim(
        id="mag7-third-month",
        sentence="The Magnificent Seven are in their third losing month in a row",
        source=COMMENTARY,
        dated="Jan 2026",
        formula="Calendar months of MAGS: this one and the two before below the month before, and no more than these three.",
        judge=partial(claim_rules.losing_month, number=3),
        tickers=("MAGS",),
    ),
    Claim(
        id="two-of-seven",
        sentence="Only two of the Magnificent Seven beat the S&P 500 in 2025",
        source=COMMENTARY,
        dated="Jan 2026",
        formula="Returns of the seven from the last close of 2024 to that of 2025 against the S&P 500; with dividends SPY.",
        judge=partial(claim_rules.seven_ahead, year=2025, count=2),
        tickers=(*SEVEN, *SP500),
    ),
    Claim(
        id="staples-week",
        sentence="Consumer staples gained 3.7% in a week",
        source=COMMENTARY,
        dated="Jan 2026",
        formula="XLP over the 5 sessions up to this one: 3.7% or more, rounded to one decimal.",
        judge=partial(claim_rules.sessions_return, sessions=5, of=("XLP", "XLP"), holds=claim_rules.at_least(3.7)),
        tickers=("XLP",),
    ),
    Claim(
        id="pe-gap",
        sentence="Small caps trade at 15–17 times earnings, big tech at 22–25",
        source=COMMENTARY,
        dated="Jan 2026",
        formula=(
            "Price over earnings of IWM as its data vendor shows it, 15 to 17, and of the Magnificent Seven on next fiscal "
            "year's expected earnings, 22 to 25."
        ),
        judge=partial(
            claim_rules.values_within,
            tests=(
                (SMALL_PE, "small caps", claim_rules.within(15, 17)),
                (SEVEN_PE, "Mag 7", claim_rules.within(22, 25)),
            ),
        ),
        signals=(SMALL_PE, SEVEN_PE),
    ),
    Claim(
        id="small-caps-2026",
        sentence="Small caps gain 10% in 2026",
        source=COMMENTARY,
        dated="Jan 2026",
        formula="Russell 2000 from the last close of 2025 to that of 2026: 10% or more; with dividends IWM.",
        judge=partial(claim_rules.year_return, year=2026, of=RUSSELL, holds=claim_rules.at_least(10.0)),
        tickers=RUSSELL,
    ),
    Claim(
        id="sp500-2025",
        sentence="The S&P 500 gained 16.4% in 2025",
        source=COMMENTARY,
        dated="Dec 31, 2025",
        formula="S&P 500 from the last close of 2024 to that of 2025: 16.4%, rounded to one decimal; with dividends SPY.",
        judge=partial(claim_rules.year_return, year=2025, of=SP500, holds=claim_rules.at_one_decimal(16.4)),
        tickers=SP500,
    ),
    Claim(
        id="russell-ytd",
        sentence="The Russell 2000 is up 6–8% this year, against 1–2% for the S&P 500",
        source=COMMENTARY,
        dated="Jan 2026",
        formula="Returns since the last close of the year before: 6% to 8% and 1% to 2%; with dividends IWM and SPY.",
        judge=partial(
            claim_rules.two_years_to_date,
            first=RUSSELL,
            second=SP500,
            holds=(claim_rules.within(6, 8), claim_rules.within(1, 2)),
        ),
        tickers=(*RUSSELL, *SP500),
    ),
    Claim(
        id="breadth-best",
        sentence="S&P 500 breadth is the best in half a decade",
        source=COMMENTARY,
        dated="Jan 2026",
        formula="Share of S&P 500 stocks above their 200-day average: higher than on each of the 1,260 sessions before.",
        judge=partial(claim_rules.best_in, signal=BREADTH, sessions=HALF_DECADE),
        signals=(BREADTH,),
    ),
)
