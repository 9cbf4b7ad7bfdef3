"""Outbox: enqueued messages, the batches they are sent in, and how each batch ended.

Plain functions on the tables `outbox` and `batch`, each meant to run in one transaction. A batch is
one Discord message: it is stored with its nonce before anything is sent, keeps its first rendering,
and is settled once. Nothing here imports discord.py.

Each destination has at most one open batch at a time that may be sent, and batches are sent in the
order in which they were made; one that waits aside (`batch.aside`) holds up no other. One courier
works on one database; leases only make its work claimable again when it stops in the middle.
"""

from bot.outbox.claim import Claimed, claim_batches, next_attempt, release
from bot.outbox.dead_letters import DeadLetter, dead_letters, discard, retry
from bot.outbox.due_rows import MOST_ITEMS, MOST_WAITING
from bot.outbox.items import conditions, drop, newest, put, undelivered
from bot.outbox.settle import (
    begin,
    falls_back,
    remember_channel,
    settle_dead,
    settle_elsewhere,
    settle_gone,
    settle_not_now,
    settle_rejected,
    settle_retry,
    settle_sent,
    settle_unseen,
)
from bot.outbox.upkeep import KEEP_DAYS, KEEP_DEAD_DAYS, Pending, clean_up, pending

__all__ = [
    "KEEP_DAYS",
    "KEEP_DEAD_DAYS",
    "MOST_ITEMS",
    "MOST_WAITING",
    "Claimed",
    "DeadLetter",
    "Pending",
    "begin",
    "claim_batches",
    "clean_up",
    "conditions",
    "dead_letters",
    "discard",
    "drop",
    "falls_back",
    "newest",
    "next_attempt",
    "pending",
    "put",
    "release",
    "remember_channel",
    "retry",
    "settle_dead",
    "settle_elsewhere",
    "settle_gone",
    "settle_not_now",
    "settle_rejected",
    "settle_retry",
    "settle_sent",
    "settle_unseen",
    "undelivered",
]
