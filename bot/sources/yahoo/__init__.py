"""Yahoo Finance through yfinance: daily bars after the close, batch quotes during the session.

Rooms: `session` (the one HTTP session, paced and checked), `daily` and `quotes` (what is asked and how it is read, all in
worker threads), `problems` (what can go wrong), `source` (the asyncio side).
"""

from bot.sources.yahoo.source import CHUNK, Yahoo

__all__ = ["CHUNK", "Yahoo"]
