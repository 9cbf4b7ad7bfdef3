"""What was known after each session: series, datasets and lists of members joined onto the sessions of a market."""
