"""Commands on alerts and topics, and their texts."""
