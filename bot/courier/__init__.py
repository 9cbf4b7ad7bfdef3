"""Courier: claims batches from the outbox, limits their rate, sends them and settles the result."""

from bot.courier.courier import Courier
from bot.courier.delivery import OnDelivered
from bot.courier.delivery_counts import DeliveryCounts
from bot.courier.rate_limiter import PER_SECOND, Pacer
from bot.courier.retry_policy import DeliveryPolicy

__all__ = ["PER_SECOND", "Courier", "DeliveryCounts", "DeliveryPolicy", "OnDelivered", "Pacer"]
