"""FRED: yields, policy rates, macro series, release dates and the projections of the Fed."""

from bot.sources.fred.source import FRED, POLICIES, Fred

__all__ = ["FRED", "POLICIES", "Fred"]
