"""What was known, what has changed, and what it was worth: `/claims`, `/since`, `/asof`, `/record`."""
