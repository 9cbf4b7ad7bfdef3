"""Whose estimates are watched: the largest names of the S&P 500, and those of them whose earnings hang on AI.

A fixed list, so that a name without an answer counts as missing and not as absent: coverage is held against it. Ordered by
size in August 2025 within each half; one share class a company (GOOGL stands for GOOG). A name that has left the S&P 500
drops out of the groups by itself; one that has grown is added here.
"""

from __future__ import annotations

from signals.core.market import Market

SEVEN = ("AAPL", "MSFT", "GOOGL", "AMZN", "META", "NVDA", "TSLA")
"""The Magnificent Seven."""

TECH = (
    "AAPL", "NVDA", "MSFT", "META", "GOOGL", "AVGO", "ORCL", "NFLX", "CRM", "TMUS", "CSCO", "ACN", "NOW", "AMD", "IBM",
    "DIS", "ADBE", "PLTR", "INTU", "QCOM", "TXN", "VZ", "T", "AMAT", "CMCSA", "ANET", "PANW", "APP", "MU", "ADI", "LRCX",
    "CRWD", "INTC", "KLAC", "APH", "CDNS", "DELL", "MSI", "SNPS", "FTNT", "WDAY", "ADSK", "ROP", "NXPI", "DDOG",
)  # fmt: skip
"""Technology and communication: 45 names, about nine tenths of the group by worth."""

OTHERS = (
    "AMZN", "TSLA", "BRK-B", "LLY", "WMT", "JPM", "V", "MA", "XOM", "UNH", "COST", "PG", "HD", "JNJ", "BAC", "ABBV", "KO",
    "CVX", "MRK", "WFC", "AXP", "MCD", "PEP", "MS", "LIN", "TMO", "ABT", "PM", "ISRG", "GE", "GS", "CAT", "DHR", "BKNG",
    "BLK", "RTX", "SPGI", "PFE", "NEE", "HON", "AMGN", "LOW", "PGR", "UNP", "SYK", "TJX", "SCHW", "C", "BA", "BSX", "ETN",
    "KKR", "UBER", "COP", "BX", "ADP", "DE", "BMY", "GILD", "LMT", "NKE", "CB", "UPS", "VRTX", "SBUX", "MDT", "PLD", "GEV",
    "EQIX", "SO", "MO", "AMT", "SHW", "DUK", "WM",
)  # fmt: skip
"""Everything else: 75 names of the other nine sectors."""

COMPANIES = (*TECH, *OTHERS)

FUND = "IWM"
"""The fund whose price over earnings stands for small companies."""

NAMES = (*COMPANIES, FUND)
"""All that a snapshot asks for, in its order."""

__all__ = ["AI", "COMPANIES", "FUND", "NAMES", "OTHERS", "SEVEN", "TECH", "within"]

AI = (
    *("NVDA", "AVGO", "AMD", "MU"),
    *("AMAT", "LRCX", "KLAC"),
    *("ANET", "DELL"),
    *("MSFT", "GOOGL", "AMZN", "META", "ORCL"),
    "PLTR",
)
"""Companies whose growth rests on spending for AI: they make its processors and memory, the machines that make those, its
servers and networks, they rent it out and pay for it (the five of capex.hyperscaler), or they sell little else.

AAPL and TSLA are left out, because phones and cars pay for them; TSM and ASML, because their estimates are in other currencies.
"""


def within(market: Market, group: str) -> list[str]:
    """Companies watched that belong to a group of the register, in the order of the list.

    `tech`, or `rest` for members of sp500 outside it.
    """
    tech = set(market.members("tech"))
    inside = tech if group == "tech" else set(market.members("sp500")) - tech
    return [ticker for ticker in COMPANIES if ticker in inside]
