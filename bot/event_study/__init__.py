"""Event study: what followed conditions in the past, for alerts and for studies on request."""
