"""Yahoo Finance through yfinance: daily bars after the close, batch quotes during the session, estimates in the evening.

`session` is the one HTTP session, paced and checked. `daily_bars`, `live_quotes`, `option_chains` and `quote_summary` are what
is asked, in worker threads; `parse_estimates` reads a summary; `errors` is what can go wrong. `source` and `estimates_source`
are the asyncio side; `spec` says what is known of them before they are made.
"""

from bot.sources.yahoo.spec import YAHOO, YAHOO_ESTIMATES

__all__ = ["YAHOO", "YAHOO_ESTIMATES"]
