"""Commands about the bot itself: set-up, status, sources, help, privacy."""
