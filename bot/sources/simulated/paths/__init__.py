"""The random paths of the simulated market: regimes, rates, stocks and commodities."""
