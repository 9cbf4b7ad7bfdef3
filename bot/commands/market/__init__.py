"""Commands about the market: signals, families, scenario, charts, comparisons, studies."""
