"""A small market pack with made-up closes: quiet years, and days on which it crashes, rallies and has odd closes.

Every fund moves as its members do on average, as the real ones do, so what its twins and members say of a day is known.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

import numpy as np
import pandas as pd

from bot.archive.date_encoding import ordinals
from bot.ingest.plausibility.twins import Member
from signals.core.instruments import instrument
from tools.plausibility_shadow import Pack

CRASH, RALLY, OIL_CRASH, OIL_NEGATIVE, SPLIT, SPIN_OFF = (
    date(2025, 3, 10),
    date(2025, 3, 24),
    date(2025, 4, 7),
    date(2025, 4, 21),
    date(2025, 5, 5),
    date(2025, 5, 19),
)
ODD_CLOSES = {"half": date(2025, 6, 2), "hundredfold": date(2025, 6, 9)}
"""Mistakes of a source: on these days `XLK` closes at half, `NVDA` at a hundred times what it traded at."""

MARKET_MOVES: Mapping[date, float] = {CRASH: -0.095, RALLY: 0.15, OIL_CRASH: -0.075}
"""What all members make on a day, beside their ordinary move."""

SECTOR_MOVES: Mapping[tuple[date, str], float] = {(OIL_CRASH, "Energy"): -0.13}
"""With the market's 7.5 % that is a fall of about 20 %."""

SECTORS = {
    "Information Technology": ("XLK", ("AAPL", "MSFT", "NVDA", "T1", "T2", "T3")),
    "Communication Services": ("XLC", ("GOOGL", "META", "C1", "C2", "C3", "C4")),
    "Consumer Discretionary": ("XLY", ("AMZN", "TSLA", "D1", "D2", "D3", "D4")),
    "Energy": ("XLE", ("E1", "E2", "E3", "E4", "E5", "E6")),
    "Financials": ("XLF", ("F1", "F2", "F3", "F4", "F5", "F6")),
    "Industrials": ("XLI", ("GE", "I1", "I2", "I3", "I4", "I5")),
}
SECTOR_OF = {ticker: sector for sector, (_, tickers) in SECTORS.items() for ticker in tickers}
WHOLE = ("SPY", "^GSPC", "IVV", "RSP", "QQQ", "^NDX", "QQQE", "IWM", "^RUT", "^IXIC", "IVE", "IVW", "IJH", "SPLV")
"""Funds and indices that move as all members do."""


def made_pack() -> Pack:
    """Closes from 2024 to the middle of 2025: ordinary moves of about 1 % a session, and the days above."""
    days = pd.bdate_range("2024-01-02", "2025-06-30")
    dice = np.random.default_rng(11)
    market = dice.normal(0.0003, 0.008, len(days)) + np.array([MARKET_MOVES.get(day.date(), 0.0) for day in days])
    moves = {
        ticker: market
        + dice.normal(0.0, 0.004, len(days))
        + np.array([SECTOR_MOVES.get((day.date(), sector), 0.0) for day in days])
        for ticker, sector in SECTOR_OF.items()
    }
    # A spin-off is worth a tenth of the price; a split leaves no trace in closes that are adjusted for it.
    moves["GE"][days.get_loc(pd.Timestamp(SPIN_OFF))] = -0.1
    for fund, members in SECTORS.values():
        moves[fund] = np.mean([moves[ticker] for ticker in members], axis=0)
    for ticker in WHOLE:
        moves[ticker] = np.mean([moves[member] for member in SECTOR_OF], axis=0) + dice.normal(0.0, 0.0005, len(days))
    closes = pd.DataFrame({ticker: 100.0 * np.cumprod(1.0 + own) for ticker, own in moves.items()}, index=days)
    closes["CL=F"] = 60.0 * np.cumprod(1.0 + dice.normal(0.0, 0.012, len(days)))
    at = days.get_loc(pd.Timestamp(OIL_NEGATIVE))
    closes.loc[days[at:], "CL=F"] *= 0.5
    closes.loc[days[at], "CL=F"] = -35.0
    closes.loc[pd.Timestamp(ODD_CLOSES["half"]), "XLK"] *= 0.5
    closes.loc[pd.Timestamp(ODD_CLOSES["hundredfold"]), "NVDA"] *= 100.0
    return Pack(
        ordinals(pd.DatetimeIndex(closes.index)),
        tuple(map(instrument, closes.columns)),
        closes.to_numpy(dtype=float),
        closes.to_numpy(dtype=float),
        {ticker: Member(sector, ("sp500", "ndx100")) for ticker, sector in SECTOR_OF.items()},
        pd.DataFrame(index=days),
    )
