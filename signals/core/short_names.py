"""The short name of every signal, for columns of tables: words of the trade, no chopped ones.

The long name, the unit and the sentence of a signal stand in its family's module.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from types import MappingProxyType

from signals.core.instruments import SEVEN

_YARDSTICKS = {
    "rotation.equal_weight": "Equal weight",
    "rotation.small_caps": "Small caps",
    "rotation.value": "Value",
    "rotation.ex_tech": "S&P vs. tech",
    "rotation.nasdaq_equal": "Nasdaq equal",
    "rotation.ex_mag7": "S&P vs. Mag 7",
    "tech.tech": "Tech sector",
    "tech.nasdaq": "Nasdaq-100",
    "tech.semis": "Chips",
    "tech.software": "Software",
    "tech.average_tech": "Average tech",
}
_OF_YARDSTICK = {
    "direction": "leg",
    "move": "move",
    "age": "age",
    "given_back": "pullback",
    "out_given_back": "fading",
}
_GROUPS = {"sp500": "S&P", "tech": "tech", "ndx100": "NDX"}
_OF_GROUP = {
    "above_50dma": "Above 50d",
    "above_200dma": "Above 200d",
    "advance_decline": "A/D ratio",
    "ad_slope_21d": "A/D slope",
    "new_highs": "New highs",
    "new_lows": "New lows",
    "high_low": "Highs minus lows",
    "mcclellan": "McClellan",
    "mcclellan_sum": "McClellan sum",
    "thrust": "Advancing share",
    "thrust_signal": "Breadth thrust",
}
_PAIRS = {
    "weighting.rsp_spy": "Equal vs. S&P",
    "weighting.qqqe_qqq": "Equal vs. NDX",
    "weighting.rspt_xlk": "Equal vs. tech",
    "weighting.xmag_spy": "Ex-Mag 7 vs. S&P",
    "size.iwm_spy": "Small vs. S&P",
    "size.russell_sp500": "Russell vs. S&P",
    "size.russell_nasdaq": "Russell vs. Nasdaq",
    "size.ijh_spy": "Mid vs. S&P",
    "size.lowvol_spy": "Low vol vs. S&P",
    "size.quality_spy": "Quality vs. S&P",
    "size.momentum_spy": "Momentum vs. S&P",
    "size.value_growth": "Value vs. growth",
    "megacap": "Mag 7 vs. S&P",
    "sectors.igv_smh": "Software/chips",
    "sectors.kre_spy": "Banks vs. S&P",
    "capex.smh_spy": "Chips vs. S&P",
    "havens.gld_spy": "Gold vs. S&P",
}
_OF_PAIR = {
    "spread_1d": " 1d",
    "spread_21d": " 21d",
    "spread_63d": " 63d",
    "ytd_gap": " YTD",
    "z_252d": " z",
    "streak": " streak",
}
_PRICED = {
    "index.sp500": "S&P 500",
    "index.nasdaq": "Nasdaq",
    "index.ndx": "Nasdaq-100",
    "index.dow": "Dow Jones",
    "index.russell": "Russell 2000",
    **{f"megacap.{ticker.lower()}": ticker for ticker in SEVEN},
    "sectors.xlb": "Materials",
    "sectors.xlc": "Communication",
    "sectors.xle": "Energy",
    "sectors.xlf": "Financials",
    "sectors.xli": "Industrials",
    "sectors.xlk": "Technology",
    "sectors.xlp": "Staples",
    "sectors.xlre": "Real estate",
    "sectors.xlu": "Utilities",
    "sectors.xlv": "Health care",
    "sectors.xly": "Discretionary",
}
_OF_PRICE = {
    "return_1d": " 1d",
    "return_5d": " 5d",
    "return_21d": " 21d",
    "return_ytd": " YTD",
    "ytd": " YTD",
    "drawdown": " drawdown",
    "rrg_ratio": " RRG",
    "rrg_momentum": " momentum",
}
_SINGLE = {
    "rotation.yardsticks": "Rotation yardsticks",
    "rotation.state": "Rotation",
    "rotation.turning": "Rotation turning",
    "rotation.age": "Rotation, age",
    "rotation.regime": "Regime",
    "tech.yardsticks": "Tech yardsticks",
    "tech.state": "Tech",
    "tech.turning": "Tech turning",
    "tech.age": "Tech, age",
    "breadth.rest_minus_tech": "Rest vs. tech",
    "size.russell_sp500.streak": "Russell streak",
    "size.iwm_spy.streak": "Small-cap streak",
    "weighting.mag7_share": "Mag 7 in SPY",
    "weighting.top10_share": "Top ten in SPY",
    "index.all_down_streak": "All indexes down",
    "megacap.count_beating_ytd": "Mag 7 ahead, YTD",
    "megacap.down_2pct": "Mag 7 down 2%",
    "megacap.mags_losing_months": "MAGS losing months",
    "megacap.mags_mtd": "MAGS MTD",
    "megacap.mags_third_month": "MAGS, third loss",
    "sectors.tech_rank_21d": "Tech rank, 21d",
    "sectors.defensive_rank_21d": "Defensives, 21d",
    "sectors.dispersion_21d": "Best vs. worst, 21d",
    "rates.real_10y": "10y real yield",
    "rates.nominal_10y": "10y yield",
    "rates.nominal_2y": "2y yield",
    "rates.breakeven_10y": "10y breakeven",
    "rates.fed_upper": "Fed target, upper",
    "rates.fed_lower": "Fed target, lower",
    "rates.curve_10y2y": "2s10s curve",
    "rates.priced_cuts": "Fed cuts priced",
    "rates.sep_gap": "Dots vs. futures",
    "rates.sep_change": "Fed dots, change",
    "macro.core_cpi_3m": "Core CPI, 3m",
    "macro.core_pce_3m": "Core PCE, 3m",
    "macro.cpi_yoy": "CPI, year",
    "macro.unemployment": "Unemployment",
    "macro.payrolls_3m": "Payrolls, 3m",
    "options.vix": "VIX",
    "options.vix_term": "VIX/VIX3M",
    "options.vxn_minus_vix": "VXN vs. VIX",
    "options.skew": "SKEW index",
    "options.equity_put_call_21d": "Put/call, 21d",
    **{
        f"options.put_call.{ticker.lower()}": f"{ticker} put/call"
        for ticker in ("QQQ", "NVDA", "AAPL", "MSFT", "GOOGL", "AMZN", "META", "TSLA")
    },
    **{f"options.iv30.{ticker.lower()}": f"{ticker} vol, 30d" for ticker in ("QQQ", "SPY", "NVDA")},
    **{f"options.skew_25d.{ticker.lower()}": f"{ticker} skew" for ticker in ("QQQ", "NVDA")},
    "capex.hyperscaler_yoy": "Cloud capex growth",
    "capex.hyperscaler_ttm": "Cloud capex",
    "capex.semis_inventory_days": "Chip inventories",
    "capex.semis_capacity": "Chip capacity",
    "capex.computer_orders_yoy": "Computer orders",
    "havens.gold": "Gold",
    "havens.silver": "Silver",
    "havens.oil": "Oil, WTI",
    "havens.gold_silver": "Gold/silver",
    "flows.tech_4w": "Tech flows, 4w",
    "flows.tech_8w": "Tech flows, 8w",
    "flows.tech_4w_usd": "Tech flows, $",
    "flows.small_4w": "Small-cap flows, 4w",
    "flows.small_4w_usd": "Small-cap flows, $",
    "flows.value_4w": "Value flows, 4w",
    "flows.value_4w_usd": "Value flows, $",
    "flows.equal_weight_4w": "Equal-wt flows, 4w",
    "flows.equal_weight_4w_usd": "Equal-wt flows, $",
    **{
        f"flows.{id.partition('.')[2]}_4w": f"{name} flows" for id, name in _PRICED.items() if id.startswith("sectors.")
    },
    "flows.spy_4w": "S&P fund flows, 4w",
    "flows.defensive_minus_tech_4w": "Defensive vs. tech",
    "flows.software_4w": "Software flows, 4w",
    "flows.tech_minus_rest_8w": "Tech vs. rest, 8w",
    "earnings.tech_revisions": "Revisions, tech",
    "earnings.rest_revisions": "Revisions, rest",
    "earnings.tech_beats": "Tech beats",
    "earnings.tech_guidance": "Tech guidance",
    "earnings.growth_gap": "EPS growth vs. rest",
    "valuation.forward_pe_megacap": "P/E, Mag 7",
    "valuation.forward_pe_small": "P/E, small caps",
    "valuation.forward_pe_gap": "P/E, Mag 7 vs. small",
    "valuation.ai_pe": "P/E, AI",
    "valuation.tech_pe": "P/E, other tech",
    "valuation.ai_gap": "P/E, AI vs. tech",
    "filings.tech_net_change": "Tech bought (13F)",
    "filings.tech_buyers": "Net buyers (13F)",
    "scenario.recovery": "Recovery score",
    "scenario.recovery_state": "Tech recovery",
    "scenario.recovery_agreement": "Recovery agreement",
    "scenario.rotation_support": "Rotation support",
    "scenario.rotation_agreement": "Rotation agreement",
}


def _all() -> Iterator[tuple[str, str]]:
    for yardstick, name in _YARDSTICKS.items():
        yield from ((f"{yardstick}.{what}", f"{name} {word}") for what, word in _OF_YARDSTICK.items())
    for group, name in _GROUPS.items():
        yield from ((f"breadth.{group}.{what}", f"{word}, {name}") for what, word in _OF_GROUP.items())
    for parts, endings in ((_PAIRS, _OF_PAIR), (_PRICED, _OF_PRICE)):
        for start, name in parts.items():
            yield from ((f"{start}.{what}", name + ending) for what, ending in endings.items())
    yield from _SINGLE.items()


SHORT_NAMES: Mapping[str, str] = MappingProxyType(dict(_all()))
"""At most 22 characters for every id of the catalogue, and for some that have no signal."""
