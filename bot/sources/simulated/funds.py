"""Indices and funds, computed from their members' prices, from the factors, or from their holdings.

Every path is a function of the day alone, never a running product from the start of a window:
weights are units held, and an equal-weighted fund is the mean of its members' logs plus the return of
rebalancing.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from bot.sources.simulated.instruments import CHIPS, SECTORS, Instruments
from bot.sources.simulated.paths.stocks import TREND, Factors
from bot.sources.simulated.paths.time_grid import PER_YEAR, REFERENCE, Floats, slot
from bot.sources.simulated.paths.world import World
from signals.core.instruments import SEVEN

Mask = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Fund:
    """An index or fund: the `path` it follows, its base price, and its quarterly dividend as a
    share of the price.
    """

    ticker: str
    path: str
    base: float
    dividend: float = 0.0


FUNDS = (
    Fund("^GSPC", "sp500", 5880.0),
    Fund("^NDX", "ndx100", 21000.0),
    Fund("^IXIC", "nasdaq", 19300.0),
    Fund("^DJI", "dow", 42500.0),
    Fund("^RUT", "small", 2230.0),
    Fund("^SOX", "chips", 5000.0),
    Fund("SPY", "sp500", 586.0, 0.0031),
    Fund("RSP", "equal_sp500", 175.0, 0.0039),
    Fund("QQQ", "ndx100", 511.0, 0.0014),
    Fund("QQQE", "equal_ndx100", 91.0, 0.0018),
    Fund("DIA", "dow", 425.0, 0.0040),
    Fund("IWM", "small", 221.0, 0.0030),
    Fund("IJH", "mid", 62.3, 0.0034),
    Fund("IVE", "value", 190.0, 0.0048),
    Fund("IVW", "growth", 101.5, 0.0011),
    Fund("MAGS", "seven", 54.5, 0.0010),
    Fund("RSPT", "equal_tech", 37.4, 0.0011),
    Fund("SMH", "chips", 242.0, 0.0011),
    Fund("XLB", "Materials", 84.0, 0.0048),
    Fund("XLC", "Communication Services", 96.8, 0.0025),
    Fund("XLE", "Energy", 85.6, 0.0084),
    Fund("XLF", "Financials", 48.3, 0.0036),
    Fund("XLI", "Industrials", 131.8, 0.0036),
    Fund("XLK", "Information Technology", 232.5, 0.0017),
    Fund("XLP", "Consumer Staples", 78.6, 0.0066),
    Fund("XLRE", "Real Estate", 40.7, 0.0085),
    Fund("XLU", "Utilities", 75.7, 0.0074),
    Fund("XLV", "Health Care", 137.6, 0.0042),
    Fund("XLY", "Consumer Discretionary", 224.3, 0.0019),
    Fund("TLT", "bonds", 87.5, 0.0105),
    Fund("GLD", "gold", 0.0),
    Fund("SLV", "silver", 0.0),
    Fund("USO", "oil", 0.0),
    Fund("GC=F", "GC=F", 0.0),
    Fund("SI=F", "SI=F", 0.0),
    Fund("CL=F", "CL=F", 0.0),
    Fund("XMAG", "without_seven", 21.4, 0.0030),
    Fund("SPLV", "calm", 70.5, 0.0046),
    Fund("QUAL", "quality", 178.0, 0.0026),
    Fund("MTUM", "momentum", 207.0, 0.0019),
    Fund("IGV", "software", 100.0, 0.0001),
    Fund("KRE", "regional_banks", 60.3, 0.0064),
)
"""In the order in which they are fetched first.

A base of 0 means that the path is a price already.
"""

_DOW = (
    "AAPL", "AMGN", "AMZN", "AXP", "BA", "CAT", "CRM", "CSCO", "CVX", "DIS", "GS", "HD", "HON", "IBM", "JNJ", "JPM",
    "KO", "MCD", "MMM", "MRK", "MSFT", "NKE", "NVDA", "PG", "SHW", "TRV", "UNH", "V", "VZ", "WMT",
)  # fmt: skip
_REBALANCING = 0.022
"""Log return a year of an equal-weighted fund over the mean of its members' logs."""
_TILT = 0.85
"""Exponent on the size of members in indices that cap their largest ones."""


def fund_logs(instruments: Instruments, logs: Floats, world: World, at: NDArray[np.int64]) -> dict[str, Floats]:
    """Path name -> log level per slot in `at`; 0 at the base where a path has one.

    `logs` are the members' log closes.
    """
    years = (at - slot(REFERENCE)) / PER_YEAR
    paths = _baskets(instruments, logs, years) | _sizes(world.common, at, years) | _holdings(world, at, years)
    paths["nasdaq"] = 0.88 * paths["ndx100"] + 0.12 * paths["small"]
    return paths


def _baskets(instruments: Instruments, logs: Floats, years: Floats) -> dict[str, Floats]:
    """Paths computed from members."""
    prices = np.exp(logs)
    sp500, ndx100 = instruments.inside("sp500"), instruments.inside("ndx100")
    sectors = {name: sp500 & (instruments.sector == number) for number, name in enumerate(SECTORS)}
    industry = instruments.table["industry"]
    chips = np.asarray(industry.isin(CHIPS), dtype=bool)
    software = np.asarray(industry.str.contains("Software"), dtype=bool)
    banks = np.asarray(industry.eq("Regional Banks"), dtype=bool)
    seven = np.isin(instruments.tickers, (*SEVEN, "GOOG"))
    worth = 1 / (1 + np.exp(-2.2 * instruments.value))
    calm = 1 / (1 + np.exp(9.0 * (instruments.beta - 0.75) + 300.0 * (instruments.own_risk - 0.013)))
    profitable = 1 / (1 + np.exp(400.0 * (instruments.own_risk - 0.014)))
    winning = np.exp(8.0 * instruments.growth + 0.5 * instruments.chips)
    paths = {name: _held(instruments, prices, members, 0.95) for name, members in sectors.items()}
    return paths | {
        "sp500": _held(instruments, prices, sp500, 1.0),
        "ndx100": _held(instruments, prices, ndx100, _TILT),
        "chips": _held(instruments, prices, chips, 0.7),
        "value": _held(instruments, prices, sp500, 1.0, tilt=worth),
        "growth": _held(instruments, prices, sp500, 1.0, tilt=1 - worth),
        "calm": _held(instruments, prices, sp500, 0.5, tilt=calm),
        "quality": _held(instruments, prices, sp500, 0.9, tilt=profitable),
        "momentum": _held(instruments, prices, sp500, 0.9, tilt=winning),
        "without_seven": _held(instruments, prices, sp500 & ~seven, 1.0),
        "software": _held(instruments, prices, software, 0.7),
        "regional_banks": _equal(instruments, logs, banks, years),
        "dow": _by_price(instruments, prices, np.isin(instruments.tickers, _DOW)),
        "equal_sp500": _equal(instruments, logs, sp500, years),
        "equal_ndx100": _equal(instruments, logs, ndx100, years),
        "equal_tech": _equal(instruments, logs, sectors["Information Technology"], years),
        "seven": _equal(instruments, logs, np.isin(instruments.tickers, SEVEN), years),
    }


def _sizes(common: Factors, at: NDArray[np.int64], years: Floats) -> dict[str, Floats]:
    """Paths of small and mid caps, which have no members here."""
    market, mega, size, value = (path[at] for path in (common.market, common.mega, common.small, common.value))
    wide = common.sectors[at].mean(axis=1)
    small = (TREND - 0.025) * years + 1.10 * market + size + 0.25 * value - 0.06 * mega + common.small_own[at]
    mid = (TREND - 0.020) * years + 1.04 * market + 0.6 * size + 0.2 * value - 0.08 * mega + common.mid_own[at]
    return {"small": small + wide, "mid": mid + wide}


def _holdings(world: World, at: NDArray[np.int64], years: Floats) -> dict[str, Floats]:
    """Bonds of about 16 years' duration, and metals and oil with the funds that hold them."""
    ten = (world.money.real_ten + world.money.breakeven)[at]
    metals = {name: path[at] for name, path in world.havens.items()}
    return metals | {
        "bonds": -0.155 * (ten - 4.3) - 0.002 * years,
        "gold": metals["GC=F"] - np.log(10.8) - 0.004 * years,
        "silver": metals["SI=F"] - np.log(1.1) - 0.005 * years,
        "oil": metals["CL=F"] - 0.03 * years,
    }


def _held(instruments: Instruments, prices: Floats, members: Mask, power: float, tilt: Floats | None = None) -> Floats:
    """A fund that holds units worth the member's base size to the `power`, times `tilt`."""
    units = (instruments.shares * instruments.price) ** power / instruments.price * (1.0 if tilt is None else tilt)
    worth = prices[:, members]
    worth *= units[members]
    path: Floats = np.log(worth.sum(axis=1) / (instruments.price * units)[members].sum())
    return path


def _by_price(instruments: Instruments, prices: Floats, members: Mask) -> Floats:
    path: Floats = np.log(prices[:, members].sum(axis=1) / instruments.price[members].sum())
    return path


def _equal(instruments: Instruments, logs: Floats, members: Mask, years: Floats) -> Floats:
    moves = logs[:, members]
    moves -= np.log(instruments.price[members])
    path: Floats = moves.mean(axis=1) + _REBALANCING * years
    return path
