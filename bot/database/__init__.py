"""bot.db: what people typed and what was promised to them. Precious and small; see `migrations` for the tables."""
