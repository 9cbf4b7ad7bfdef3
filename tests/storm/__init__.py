"""The project's own storm: processes that are killed at any moment, and an oracle that counts what people have read."""
