"""Yahoo Finance through yfinance: daily bars after the close, batch quotes during the session, estimates in the evening.

Rooms: `session` (the one HTTP session, paced and checked), `daily`, `quotes` and `summary` (what is asked, in worker
threads), `estimates` (how a summary is read), `problems` (what can go wrong), `source` and `evening` (the asyncio side).
"""

from bot.sources.yahoo.estimates_source import YahooEstimates
from bot.sources.yahoo.source import CHUNK, Yahoo

__all__ = ["CHUNK", "Yahoo", "YahooEstimates"]
