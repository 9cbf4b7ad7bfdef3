"""Outbox: enqueued messages, the batches they are sent in, and how each batch ended.

Plain functions on the tables `outbox` and `batch`, each meant to run in one transaction. A batch is
one Discord message: it is stored with its nonce before anything is sent, keeps its first rendering,
and is settled once. Nothing here imports discord.py.

Each destination has at most one open batch at a time that may be sent, and batches are sent in the
order in which they were made. One courier works on one database; leases only make its work
claimable again when it stops in the middle.
"""

from bot.outbox.claim import MOST_ITEMS, Claimed, claim_batches, known_messages, next_attempt, release
from bot.outbox.items import conditions, newest, put
from bot.outbox.settle import (
    begin,
    remember_channel,
    settle_dead,
    settle_gone,
    settle_rejected,
    settle_retry,
    settle_sent,
)
from bot.outbox.upkeep import KEEP_DAYS, KEEP_DEAD_DAYS, Pending, clean_up, pending

__all__ = [
    "KEEP_DAYS",
    "KEEP_DEAD_DAYS",
    "MOST_ITEMS",
    "Claimed",
    "Pending",
    "begin",
    "claim_batches",
    "clean_up",
    "conditions",
    "known_messages",
    "newest",
    "next_attempt",
    "pending",
    "put",
    "release",
    "remember_channel",
    "settle_dead",
    "settle_gone",
    "settle_rejected",
    "settle_retry",
    "settle_sent",
]
