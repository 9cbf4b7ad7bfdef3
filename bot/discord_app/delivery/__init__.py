"""From an outbox item to a message of Discord, and what Discord answers."""
