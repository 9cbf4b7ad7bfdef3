"""Discord: client, commands as people type them, views, rendering, the notifier."""
