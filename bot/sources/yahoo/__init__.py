"""Yahoo Finance through yfinance: daily bars after the close, batch quotes during the session, estimates in the evening.

`session` is the shared HTTP session with rate limit and checks. `daily_bars`, `live_quotes`,
`option_chains` and `quote_summary` send the requests, in worker threads; `parse_estimates` parses a
summary; `failures` has the exceptions. `source` and `estimates_source` are the asyncio side; `spec`
has the specifications, without importing yfinance.
"""

from bot.sources.yahoo.spec import YAHOO, YAHOO_ESTIMATES

__all__ = ["YAHOO", "YAHOO_ESTIMATES"]
