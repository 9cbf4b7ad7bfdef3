"""Numbers, dates, conditions and names as people read them. The one formatter."""
