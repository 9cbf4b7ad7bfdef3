"""Today's members of the S&P 500 and the Nasdaq-100.

`parse_lists` parses the format of each list, `last_good` stores the last good lists on disk, `source`
has the lists in their order of preference and the bounds of a plausible one.
"""

from bot.sources.index_members.source import NDX100_BOUNDS, POLICIES, SP500_BOUNDS, UNIVERSE, Universe

__all__ = ["NDX100_BOUNDS", "POLICIES", "SP500_BOUNDS", "UNIVERSE", "Universe"]
