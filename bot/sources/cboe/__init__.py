"""Cboe: volatility indices, put/call ratios and delayed option chains."""
