"""Own signals: what people add, list and remove."""
