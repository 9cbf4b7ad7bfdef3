"""The companies whose estimates are fetched: the largest of the S&P 500, and those whose earnings depend on AI.

The list is fixed, so that a company without estimates counts as missing: coverage is measured
against the list. Ordered by size in August 2025 within each half; one share class a company (GOOGL
also represents GOOG). A company that has left the S&P 500 drops out of the groups by itself; one
that has grown is added here.
"""

from __future__ import annotations

from signals.core.instruments import SEVEN
from signals.core.market import Market

TECH = (
    "AAPL", "NVDA", "MSFT", "META", "GOOGL", "AVGO", "ORCL", "NFLX", "CRM", "TMUS", "CSCO", "ACN", "NOW", "AMD", "IBM",
    "DIS", "ADBE", "PLTR", "INTU", "QCOM", "TXN", "VZ", "T", "AMAT", "CMCSA", "ANET", "PANW", "APP", "MU", "ADI", "LRCX",
    "CRWD", "INTC", "KLAC", "APH", "CDNS", "DELL", "MSI", "SNPS", "FTNT", "WDAY", "ADSK", "ROP", "NXPI", "DDOG",
)  # fmt: skip
"""Technology and communication: 45 companies, about nine tenths of the group by market value."""

OTHERS = (
    "AMZN", "TSLA", "BRK-B", "LLY", "WMT", "JPM", "V", "MA", "XOM", "UNH", "COST", "PG", "HD", "JNJ", "BAC", "ABBV", "KO",
    "CVX", "MRK", "WFC", "AXP", "MCD", "PEP", "MS", "LIN", "TMO", "ABT", "PM", "ISRG", "GE", "GS", "CAT", "DHR", "BKNG",
    "BLK", "RTX", "SPGI", "PFE", "NEE", "HON", "AMGN", "LOW", "PGR", "UNP", "SYK", "TJX", "SCHW", "C", "BA", "BSX", "ETN",
    "KKR", "UBER", "COP", "BX", "ADP", "DE", "BMY", "GILD", "LMT", "NKE", "CB", "UPS", "VRTX", "SBUX", "MDT", "PLD", "GEV",
    "EQIX", "SO", "MO", "AMT", "SHW", "DUK", "WM",
)  # fmt: skip
"""All others: 75 companies of the other nine sectors."""

COMPANIES = (*TECH, *OTHERS)

FUND = "IWM"
"""The fund whose price over earnings represents small companies."""

NAMES = (*COMPANIES, FUND)
"""All tickers that a snapshot fetches, in its order."""

__all__ = ["AI", "COMPANIES", "FUND", "NAMES", "OTHERS", "SEVEN", "TECH", "within"]

AI = (
    *("NVDA", "AVGO", "AMD", "MU"),
    *("AMAT", "LRCX", "KLAC"),
    *("ANET", "DELL"),
    *("MSFT", "GOOGL", "AMZN", "META", "ORCL"),
    "PLTR",
)
"""Companies whose growth depends on spending for AI.

They make its processors and memory, the machines that make those, its servers and networks; they
rent it out and pay for it (the five of capex.hyperscaler); or they sell little else. AAPL and TSLA
are left out, because they earn on phones and cars; TSM and ASML, because their estimates are in
other currencies.
"""


def within(market: Market, group: str) -> list[str]:
    """The listed companies that belong to a group, in the order of the list.

    Groups are `tech`, and `rest` for members of sp500 outside it.
    """
    tech = set(market.members("tech"))
    inside = tech if group == "tech" else set(market.members("sp500")) - tech
    return [ticker for ticker in COMPANIES if ticker in inside]
