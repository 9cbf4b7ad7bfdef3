"""Courier: takes batches from the outbox, paces them, hands them to a notifier and settles what came of it."""

from bot.courier.courier import Courier, OnDelivered
from bot.courier.rate_limiter import PER_SECOND, Pacer
from bot.courier.retry_policy import DeliveryPolicy

__all__ = ["PER_SECOND", "Courier", "DeliveryPolicy", "OnDelivered", "Pacer"]
