"""Adapters to the outside, one module a source. They fetch and parse; `bot.archive` keeps, `signals` computes."""
