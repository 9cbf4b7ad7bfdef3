"""FRED: yields, policy rates, macro series, release dates and the projections of the Fed."""
