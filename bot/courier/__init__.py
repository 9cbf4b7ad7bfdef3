"""Courier: takes batches from the outbox, paces them, hands them to a notifier and settles what came of it."""

from bot.courier._courier import Courier, Delivered
from bot.courier._pacer import PER_SECOND, Pacer
from bot.courier._policy import Policy

__all__ = ["PER_SECOND", "Courier", "Delivered", "Pacer", "Policy"]
