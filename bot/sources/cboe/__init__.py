"""Cboe: volatility indices, put/call ratios and delayed option chains."""

from bot.sources.cboe.hosts import POLICIES
from bot.sources.cboe.indices import CBOE, Cboe
from bot.sources.cboe.option_chains import CBOE_CHAINS, CboeChains

__all__ = ["CBOE", "CBOE_CHAINS", "POLICIES", "Cboe", "CboeChains"]
