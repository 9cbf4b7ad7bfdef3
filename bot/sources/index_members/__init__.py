"""Who belongs to the S&P 500 and the Nasdaq-100 today.

`parse_lists` reads each place's format, `last_good` keeps the last good lists on disk, `source` says where to ask, in
which order, and when a list is not believed.
"""

from bot.sources.index_members.source import NDX100_BOUNDS, POLICIES, SP500_BOUNDS, UNIVERSE, Universe

__all__ = ["NDX100_BOUNDS", "POLICIES", "SP500_BOUNDS", "UNIVERSE", "Universe"]
