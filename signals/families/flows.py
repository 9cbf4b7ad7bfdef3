"""Flows into and out of the funds of tech and others: creations over 4 and 8 weeks.

Windows are 20 and 40 sessions. A basket is the sum of its funds whose window is complete: issuers
that may not be queried are missing, and the reading gives the number of funds that it counts.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np

from signals.asof.fund_flows import LAG, STALE, NoSumReason, Sums, sums
from signals.core.decimals import CENT_PLACES, PLACES
from signals.core.define import by_z, define
from signals.core.model import Signal, Vote
from signals.core.panel import Panel
from signals.core.series_ops import SeriesResult, difference, either
from signals.core.units import Unit
from signals.families.sectors import DEFENSIVE, SECTORS
from signals.families.sectors import TECH as SECTORS_TECH

FOUR_WEEKS, EIGHT_WEEKS = 20, 40

RECORDS = ("records:funds",)


@dataclass(frozen=True, slots=True)
class FundBasket:
    """Funds whose flows are summed, and how many of them must be known."""

    funds: tuple[str, ...]
    need: int = 1

    def __str__(self) -> str:
        return " ".join(self.funds)


TECH = FundBasket(("XLK", "XLC", "QQQ", "SMH", "SOXX", "IGV"), 2)
SOFTWARE = FundBasket(("IGV",))
SMALL = FundBasket(("IWM", "IJR"))
VALUE = FundBasket(("IVE", "VLUE"))
EQUAL_WEIGHT = FundBasket(("RSP",))
TECH_SIDE = FundBasket(("XLK", "XLC", "QQQ", "SOXX"), 2)
REST_SIDE = FundBasket(("RSP", "IWM", "XLF", "XLI", "XLV"), 2)


def percent(panel: Panel, *, basket: FundBasket, sessions: int) -> SeriesResult:
    """100 x flows of `sessions` sessions / assets at the window's start; of `basket` those of which
    both are known.
    """
    return _basket(panel, basket, sessions, assets=True)


def usd(panel: Panel, *, basket: FundBasket, sessions: int) -> SeriesResult:
    """Flows of `sessions` sessions in USD; of `basket` those of which they are known."""
    return _basket(panel, basket, sessions, assets=False)


def apart(panel: Panel, *, first: FundBasket, second: FundBasket, sessions: int) -> SeriesResult:
    """Flows of `sessions` sessions in percent of assets, those of `first` less those of `second`;
    counts the funds of both.
    """
    ours, theirs = (percent(panel, basket=basket, sessions=sessions) for basket in (first, second))
    gap = difference(ours, theirs)
    counted = None if ours.counted is None or theirs.counted is None else ours.counted + theirs.counted
    return SeriesResult(
        gap.values, gap.why, gap.observed, counted, np.full(panel.count, len(first.funds) + len(second.funds))
    )


def means_apart(panel: Panel, *, first: tuple[str, ...], second: tuple[str, ...], sessions: int) -> SeriesResult:
    """Flows of `sessions` sessions in percent of assets: mean over the funds `first` less mean over the
    funds `second`; needs all of them.
    """
    parts = [percent(panel, basket=FundBasket((ticker,)), sessions=sessions) for ticker in (*first, *second)]
    table = np.stack([part.values for part in parts])
    values = table[: len(first)].mean(axis=0) - table[len(first) :].mean(axis=0)
    known = np.stack([part.observed for part in parts if part.observed is not None])
    counted = (~np.isnan(table)).sum(axis=0)
    return SeriesResult(values, either(*parts), known.min(axis=0), counted, np.full(panel.count, len(parts)))


def _basket(panel: Panel, basket: FundBasket, sessions: int, *, assets: bool) -> SeriesResult:
    parts = [sums(panel, ticker, sessions) for ticker in basket.funds]
    flows, bases = np.stack([part.flows for part in parts]), np.stack([part.assets for part in parts])
    there = ~np.isnan(flows) & (~np.isnan(bases) if assets else True)
    counted = there.sum(axis=0)
    total = np.where(there, flows, 0.0).sum(axis=0)
    if assets:
        base = np.where(there, bases, 0.0).sum(axis=0)
        total = 100.0 * np.divide(total, base, out=np.full(panel.count, np.nan), where=base > 0)
    values = np.where(counted >= basket.need, total, np.nan)
    until = np.where(there, np.stack([part.until for part in parts]), panel.count).min(axis=0)
    observed = np.full(panel.count, np.datetime64("NaT"), dtype="datetime64[D]")
    observed[counted > 0] = panel.dates[until[counted > 0]]

    def why(position: int) -> str | None:
        if not np.isnan(values[position]):
            return None
        reasons = [_why(panel, fund, part, position, sessions) for fund, part in zip(basket.funds, parts, strict=True)]
        return f"{counted[position]} of {len(basket.funds)} funds known, needs {basket.need}: {'; '.join(reasons)}"

    return SeriesResult(values, why, observed, counted.astype(np.int64), np.full(panel.count, len(basket.funds)))


def _why(panel: Panel, fund: str, part: Sums, position: int, sessions: int) -> str:
    newest = int(part.newest[position])
    match part.reasons[position]:
        case NoSumReason.NOTHING:
            first = np.flatnonzero(part.newest >= 0)
            return f"no figures of {fund}" + (f" before {panel.day(int(first[0]))}" if len(first) else "")
        case NoSumReason.OLD:
            return f"{fund}'s newest row is of {panel.day(newest)}, {position - newest} sessions old, at most {STALE}"
        case NoSumReason.SHORT:
            begun = panel.day(int(np.flatnonzero(part.newest >= 0)[0]))
            return f"{fund}'s flows are not known on enough of {sessions} sessions, its figures begin on {begun}"
        case NoSumReason.FROZEN:
            return f"{fund}'s count of shares stands still, so it is not kept up to date"
    which = "is known" if not np.isnan(part.assets[position]) else "is known in USD but not its assets"
    return f"{fund} {which}"


def _percent(
    id: str, label: str, meaning: str, *, basket: FundBasket, sessions: int, votes: tuple[Vote, ...] = ()
) -> Signal:
    formula = partial(percent, basket=basket, sessions=sessions)
    return _define(id, label, meaning, Unit.PERCENT, formula, sessions, votes)


def _usd(id: str, label: str, meaning: str, *, basket: FundBasket) -> Signal:
    formula = partial(usd, basket=basket, sessions=FOUR_WEEKS)
    return _define(id, label, meaning, Unit.USD, formula, FOUR_WEEKS, ())


def _define(
    id: str,
    label: str,
    meaning: str,
    unit: Unit,
    formula: partial[SeriesResult],
    sessions: int,
    votes: tuple[Vote, ...],
) -> Signal:
    decimals, places = (0, CENT_PLACES) if unit is Unit.USD else (2, PLACES)
    return define(
        f"flows.{id}",
        label,
        unit=unit,
        meaning=meaning,
        inputs=RECORDS,
        formula=formula,
        lookback=sessions + LAG + 1,
        votes=votes,
        max_age=STALE,
        decimals=decimals,
        places=places,
    )


def _list(funds: Sequence[str]) -> str:
    return " ".join(funds)


SIGNALS: tuple[Signal, ...] = (
    _percent(
        "tech_4w",
        "Tech fund flows, 4 weeks",
        f"Net flows into {_list(TECH.funds)} over 20 sessions, in percent of their assets; under -2 marks heavy redemptions.",
        basket=TECH,
        sessions=FOUR_WEEKS,
        votes=by_z(rec=1, rot=-1),
    ),
    _percent(
        "tech_8w",
        "Tech fund flows, 8 weeks",
        "Money into tech funds over 40 sessions, in percent of their assets; negative says that it turned away for longer.",
        basket=TECH,
        sessions=EIGHT_WEEKS,
        votes=by_z(rec=1, rot=-1),
    ),
    _usd(
        "tech_4w_usd",
        "Tech fund flows, 4 weeks, dollars",
        "Net creations of the tech funds that are known; billions out while prices hold is distribution.",
        basket=TECH,
    ),
    _usd(
        "small_4w_usd",
        "Small-cap fund flows, 4 weeks, dollars",
        f"Net creations of ({_list(SMALL.funds)}); money coming in broadens the market.",
        basket=SMALL,
    ),
    _usd(
        "value_4w_usd",
        "Value fund flows, 4 weeks, dollars",
        f"Net creations of ({_list(VALUE.funds)}); money coming in turns away from growth.",
        basket=VALUE,
    ),
    _usd(
        "equal_weight_4w_usd",
        "Equal-weight fund flows, 4 weeks, dollars",
        "Net creations of RSP; money coming in wants the index without its largest stocks.",
        basket=EQUAL_WEIGHT,
    ),
    *(
        _percent(
            f"{ticker.lower()}_4w",
            f"{name} fund flows, 4 weeks",
            f"Money into {ticker} ({name}) over 20 sessions, in percent of its assets; the extremes show where it goes.",
            basket=FundBasket((ticker,)),
            sessions=FOUR_WEEKS,
        )
        for ticker, name in SECTORS.items()
    ),
    _percent(
        "spy_4w",
        "S&P 500 fund flows, 4 weeks",
        "Money into SPY over 20 sessions, in percent of its assets; what other funds' flows are held against.",
        basket=FundBasket(("SPY",)),
        sessions=FOUR_WEEKS,
    ),
    define(
        "flows.defensive_minus_tech_4w",
        "Defensive vs. tech fund flows, 4 weeks",
        unit=Unit.POINTS_PERCENT,
        meaning="Percent of assets that staples, utilities and health care gained less tech and communication; high in fear.",
        inputs=RECORDS,
        formula=partial(means_apart, first=DEFENSIVE, second=SECTORS_TECH, sessions=FOUR_WEEKS),
        lookback=FOUR_WEEKS + LAG + 1,
        votes=by_z(rot=1),
        max_age=STALE,
    ),
    _percent(
        "software_4w",
        "Software fund flows, 4 weeks",
        "Money into IGV over 20 sessions, in percent of its assets; negative while money leaves software.",
        basket=SOFTWARE,
        sessions=FOUR_WEEKS,
    ),
    _percent(
        "small_4w",
        "Small-cap fund flows, 4 weeks",
        "Money into funds of small companies in percent of their assets; high against its year means broadening.",
        basket=SMALL,
        sessions=FOUR_WEEKS,
        votes=by_z(rot=1),
    ),
    _percent(
        "value_4w",
        "Value fund flows, 4 weeks",
        "Money into value funds in percent of their assets; high against its year means away from growth.",
        basket=VALUE,
        sessions=FOUR_WEEKS,
        votes=by_z(rot=1),
    ),
    _percent(
        "equal_weight_4w",
        "Equal-weight fund flows, 4 weeks",
        "Money into RSP in percent of its assets; high against its year means broadening.",
        basket=EQUAL_WEIGHT,
        sessions=FOUR_WEEKS,
        votes=by_z(rot=1),
    ),
    define(
        "flows.tech_minus_rest_8w",
        "Tech vs. rest fund flows, 8 weeks",
        unit=Unit.POINTS_PERCENT,
        meaning=(
            f"Percent of assets that {_list(TECH_SIDE.funds)} gained less that of {_list(REST_SIDE.funds)}; negative "
            "while money rotates away from tech."
        ),
        inputs=RECORDS,
        formula=partial(apart, first=TECH_SIDE, second=REST_SIDE, sessions=EIGHT_WEEKS),
        lookback=EIGHT_WEEKS + LAG + 1,
        votes=by_z(rec=1, rot=-1),
        max_age=STALE,
    ),
)
