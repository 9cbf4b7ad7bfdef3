"""Yahoo Finance through yfinance: daily bars after the close, batch quotes during the session, estimates in the evening.

`source` and `estimates_source` are the asyncio side. What they ask is done in a process of its own
(`remote`): there `client` is yfinance, `session` its HTTP session with rate limit and checks,
`library_errors` and `library_cache` what it stumbles over. These four alone import yfinance.
`daily_bars`, `live_quotes`, `option_chains` and `quote_summary` are what is asked of the client;
`parse_estimates` parses a summary; `failures` has the exceptions; `spec` has the specifications.
"""

from bot.sources.yahoo.spec import YAHOO, YAHOO_ESTIMATES

__all__ = ["YAHOO", "YAHOO_ESTIMATES"]
