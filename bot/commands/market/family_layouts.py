"""The layout of each family command: its signals, their order and their short names.

The most informative figure is the first. Signals that this version does not compute are left out of
the reply, so an id may be listed here before its formula exists. Ids are those of the catalogue and
never change.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from signals.core.model import Measure
from signals.families import sectors


@dataclass(frozen=True, slots=True)
class Group:
    """Lines under one heading: pairs of a signal's id and its short name of at most 18 characters.

    `change`: the measure of the second column.
    """

    title: str
    lines: tuple[tuple[str, str], ...]
    change: Measure = Measure.CHANGE_1D


@dataclass(frozen=True, slots=True)
class FamilyLayout:
    """One family command.

    `about` is the title after the name; `subject` begins the sentence where no signal of it is
    computed.
    """

    name: str
    about: str
    subject: str
    groups: tuple[Group, ...]

    def ids(self) -> tuple[str, ...]:
        """Every id in the order of the layout."""
        return tuple(id for group in self.groups for id, _ in group.lines)


BREADTH = FamilyLayout("breadth", "how many shares take part", "Signals of breadth", (
    Group("S&P 500 members", (
        ("breadth.sp500.above_50dma", "Above 50-day avg."),
        ("breadth.sp500.above_200dma", "Above 200-day avg."),
        ("breadth.sp500.high_low", "Highs minus lows"),
        ("breadth.sp500.new_highs", "New 52-week highs"),
        ("breadth.sp500.new_lows", "New 52-week lows"),
        ("breadth.sp500.advance_decline", "A/D ratio"),
        ("breadth.sp500.ad_slope_21d", "A/D slope, 21d"),
    )),
    Group("Tech and the rest", (
        ("breadth.rest_minus_tech", "Rest vs. tech"),
        ("breadth.tech.above_50dma", "Tech above 50-day"),
        ("breadth.tech.above_200dma", "Tech above 200-day"),
        ("breadth.ndx100.above_50dma", "NDX above 50d"),
        ("breadth.tech.new_highs", "Tech new highs"),
        ("breadth.tech.advance_decline", "Tech A/D ratio"),
    )),
    Group("Thrust", (
        ("breadth.sp500.mcclellan", "McClellan"),
        ("breadth.sp500.mcclellan_sum", "McClellan sum"),
        ("breadth.sp500.thrust", "Advancing share"),
        ("breadth.sp500.thrust_signal", "Breadth thrust"),
    )),
))  # fmt: skip

YIELDS = FamilyLayout("yields", "real and nominal, the Fed, prices and jobs", "Signals of yields", (
    Group("Yields", (
        ("rates.real_10y", "Real, 10 years"),
        ("rates.nominal_10y", "10 years"),
        ("rates.nominal_2y", "2 years"),
        ("rates.curve_10y2y", "2s10s curve"),
        ("rates.breakeven_10y", "Breakeven, 10y"),
    ), Measure.CHANGE_21D),
    Group("The Fed", (
        ("rates.priced_cuts", "Cuts priced in"),
        ("rates.sep_gap", "Dots vs. futures"),
        ("rates.fed_upper", "Target, upper"),
        ("rates.fed_lower", "Target, lower"),
    ), Measure.CHANGE_21D),
    Group("Prices and jobs", (
        ("macro.core_cpi_3m", "Core CPI, 3 months"),
        ("macro.unemployment", "Unemployment"),
        ("macro.payrolls_3m", "Payrolls a month"),
    ), Measure.CHANGE_21D),
))  # fmt: skip

FLOWS = FamilyLayout("flows", "where fund money goes", "Signals of fund flows and holdings", (
    Group("% of assets", (
        ("flows.tech_4w", "Tech, 4 weeks"),
        ("flows.tech_8w", "Tech, 8 weeks"),
        ("flows.tech_minus_rest_8w", "Tech vs. rest, 8w"),
        ("flows.software_4w", "Software, 4 weeks"),
        ("flows.small_4w", "Small, 4 weeks"),
        ("flows.value_4w", "Value, 4 weeks"),
        ("flows.equal_weight_4w", "Equal-wt, 4 weeks"),
    ), Measure.CHANGE_5D),
    Group("Four weeks, dollars", (
        ("flows.tech_4w_usd", "Tech"),
        ("flows.small_4w_usd", "Small"),
        ("flows.value_4w_usd", "Value"),
        ("flows.equal_weight_4w_usd", "Equal weight"),
    ), Measure.CHANGE_5D),
    Group("Large holders (13F)", (
        ("filings.tech_net_change", "Tech, net buying"),
        ("filings.tech_buyers", "Net buyers of tech"),
    ), Measure.CHANGE_21D),
))  # fmt: skip

ROTATION = FamilyLayout("rotation", "out of big tech or back", "Signals of rotation", (
    Group("Legs", (
        ("rotation.yardsticks", "Yardsticks out"),
        ("rotation.equal_weight.move", "Equal weight"),
        ("rotation.small_caps.move", "Small caps"),
        ("rotation.value.move", "Value"),
        ("rotation.ex_tech.move", "S&P 500 vs. tech"),
        ("rotation.nasdaq_equal.move", "Nasdaq equal"),
        ("rotation.ex_mag7.move", "S&P 500 vs. Mag 7"),
        ("tech.yardsticks", "Tech yardsticks up"),
    )),
    Group("Equal vs cap weight", (
        ("weighting.rsp_spy.spread_21d", "S&P 500, 21d"),
        ("weighting.rsp_spy.spread_1d", "S&P 500, today"),
        ("weighting.rsp_spy.spread_63d", "S&P 500, 63d"),
        ("weighting.rsp_spy.z_252d", "S&P 500, z-score"),
        ("weighting.qqqe_qqq.spread_21d", "Nasdaq-100, 21d"),
        ("weighting.rspt_xlk.spread_21d", "Tech sector, 21d"),
    )),
    Group("Small caps vs. S&P", (
        ("size.russell_sp500.streak", "Russell streak"),
        ("size.iwm_spy.ytd_gap", "Small caps, YTD"),
        ("size.iwm_spy.z_252d", "Small, z-score"),
        ("size.ijh_spy.ytd_gap", "Mid caps, YTD"),
        ("size.russell_sp500.ytd_gap", "R2000 index, YTD"),
        ("size.russell_nasdaq.ytd_gap", "vs. Nasdaq, YTD"),
    )),
    Group("Value vs. growth", (
        ("size.value_growth.spread_21d", "S&P 500, 21d"),
        ("size.value_growth.z_252d", "S&P 500, z-score"),
    )),
    Group("Indexes, YTD", (
        ("index.sp500.ytd", "S&P 500"),
        ("index.nasdaq.ytd", "Nasdaq Composite"),
        ("index.russell.ytd", "Russell 2000"),
        ("index.all_down_streak", "All down for"),
    )),
))  # fmt: skip

_SECTOR_ORDER = ("XLK", "XLC", "XLY", "XLF", "XLI", "XLB", "XLE", "XLV", "XLP", "XLU", "XLRE")
SECTOR_NAMES = {fund.lower(): sectors.SECTORS[fund] for fund in _SECTOR_ORDER}

SECTORS = FamilyLayout("sectors", "who leads, who trails", "Signals of the sectors", (
    Group("Tech among them", (
        ("sectors.tech_rank_21d", "Tech rank, 21d"),
        ("sectors.dispersion_21d", "Best vs. worst"),
        ("sectors.xlk.rrg_ratio", "Tech RRG ratio"),
        ("sectors.xlk.rrg_momentum", "Tech momentum"),
    ), Measure.CHANGE_5D),
))  # fmt: skip
"""Above these lines the reply ranks the eleven sectors."""

MEGACAPS = FamilyLayout("megacaps", "the Magnificent Seven", "Signals of the Magnificent Seven", (
    Group("Mag 7", (
        ("megacap.count_beating_ytd", "Beat S&P 500, YTD"),
        ("megacap.spread_21d", "vs. S&P 500, 21d"),
        ("megacap.spread_1d", "vs. S&P 500, today"),
        ("megacap.spread_63d", "vs. S&P 500, 63d"),
        ("megacap.down_2pct", "Down 2% or more"),
        ("megacap.mags_losing_months", "MAGS losing months"),
    )),
    Group("Chips and spending", (
        ("capex.smh_spy.z_252d", "Chips, z-score"),
        ("capex.hyperscaler_yoy", "Cloud capex growth"),
    )),
    Group("Price and growth", (
        ("valuation.forward_pe_megacap", "Forward P/E"),
        ("valuation.forward_pe_gap", "P/E vs. small caps"),
        ("earnings.growth_gap", "EPS growth vs rest"),
    ), Measure.CHANGE_21D),
    Group("Put/call, options", (
        ("options.put_call.qqq", "QQQ"),
        ("options.put_call.nvda", "NVDA"),
        ("options.put_call.aapl", "AAPL"),
        ("options.put_call.msft", "MSFT"),
        ("options.put_call.googl", "GOOGL"),
        ("options.put_call.amzn", "AMZN"),
        ("options.put_call.meta", "META"),
        ("options.put_call.tsla", "TSLA"),
        ("options.skew_25d.qqq", "Skew, QQQ"),
        ("options.skew_25d.nvda", "Skew, NVDA"),
    )),
))  # fmt: skip

EARNINGS = FamilyLayout("earnings", "estimates, spending, valuations", "Signals of earnings, spending and valuations", (
    Group("Estimates", (
        ("earnings.tech_revisions", "Revisions, tech"),
        ("earnings.rest_revisions", "Revisions, rest"),
        ("earnings.tech_beats", "Beats, tech"),
        ("earnings.tech_guidance", "Guidance, tech"),
        ("earnings.growth_gap", "EPS growth vs rest"),
    ), Measure.CHANGE_21D),
    Group("Spending", (
        ("capex.hyperscaler_yoy", "Cloud capex growth"),
        ("capex.hyperscaler_ttm", "Cloud capex"),
        ("capex.semis_inventory_days", "Chip inventories"),
        ("capex.semis_capacity", "Chip capacity used"),
        ("capex.computer_orders_yoy", "Computer orders"),
    ), Measure.CHANGE_21D),
    Group("Valuations", (
        ("valuation.forward_pe_megacap", "Forward P/E, Mag 7"),
        ("valuation.forward_pe_small", "P/E, small caps"),
        ("valuation.forward_pe_gap", "Mag 7 vs. small"),
        ("valuation.tech_pe", "P/E, tech"),
        ("valuation.ai_pe", "P/E, AI"),
    ), Measure.CHANGE_21D),
))  # fmt: skip

HAVENS = FamilyLayout("havens", "gold, silver, oil and fear", "Signals of safe havens", (
    Group("Havens", (
        ("havens.gld_spy.spread_21d", "Gold vs. S&P, 21d"),
        ("havens.gld_spy.z_252d", "Gold vs. S&P, z"),
        ("havens.gold", "Gold"),
        ("havens.silver", "Silver"),
        ("havens.gold_silver", "Gold/silver"),
        ("havens.oil", "Oil, WTI"),
    )),
    Group("Fear", (
        ("options.vix", "VIX"),
        ("options.vix_term", "VIX/VIX3M"),
        ("options.vxn_minus_vix", "VXN vs. VIX"),
        ("options.skew", "SKEW index"),
        ("options.equity_put_call_21d", "Put/call, 21d"),
    )),
))  # fmt: skip

FAMILY_LAYOUTS: Mapping[str, FamilyLayout] = {
    layout.name: layout for layout in (BREADTH, YIELDS, FLOWS, ROTATION, SECTORS, MEGACAPS, EARNINGS, HAVENS)
}
"""Every layout by the name of its command."""


def sector_ids(span: str) -> tuple[str, ...]:
    """Ids of the eleven sectors' returns over `span`: 1d, 21d, ytd."""
    return tuple(f"sectors.{etf}.return_{span}" for etf in SECTOR_NAMES)


def computed_ids(ids: Iterable[str], signals: Iterable[str]) -> tuple[str, ...]:
    """Those of `ids` that are among `signals`, in their own order."""
    computed = set(signals)
    return tuple(id for id in ids if id in computed)
