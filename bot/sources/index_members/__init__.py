"""Who belongs to the S&P 500 and the Nasdaq-100 today.

Rooms: `lists` (reading each place's format), `snapshot` (the last good lists on disk), `source` (where to ask, in which
order, and when a list is not believed).
"""

from bot.sources.index_members.source import NDX100_BOUNDS, POLICIES, SP500_BOUNDS, Universe

__all__ = ["NDX100_BOUNDS", "POLICIES", "SP500_BOUNDS", "Universe"]
