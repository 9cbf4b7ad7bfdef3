"""Commands for whoever sets the bot up: asking, trying and checking what it needs."""
