"""Adapters to external data sources. They fetch and parse; `bot.archive` stores, `signals` computes."""
