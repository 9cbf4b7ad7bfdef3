"""The courier of a connection to Discord, put together from its parts."""

from __future__ import annotations

from bot.commands.context import Core
from bot.courier import Courier, DeliveryCounts, OnDelivered
from bot.discord_app.client import RotationBot
from bot.discord_app.delivery.messages import payloads
from bot.discord_app.delivery.notifier import DiscordNotifier
from bot.domain.ports import ChartRenderer, DeliveryClock


def build_courier(
    core: Core,
    bot: RotationBot,
    clock: DeliveryClock,
    *,
    charts: ChartRenderer | None,
    on_delivered: OnDelivered | None = None,
    counts: DeliveryCounts | None = None,
) -> Courier:
    """The courier of a connection to Discord. `on_delivered` is called after each message."""
    return Courier(
        core.store,
        DiscordNotifier(bot),
        payloads(core),
        clock,
        charts=charts,
        on_delivered=on_delivered,
        counts=counts,
    )
