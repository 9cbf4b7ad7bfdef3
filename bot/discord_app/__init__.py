"""Discord: the client, slash commands, buttons, rendering of messages, the notifier."""
