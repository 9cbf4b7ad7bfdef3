"""Delivery: as fast as Discord's limits allow, and never faster."""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import Sequence
from datetime import UTC, date, datetime
from pathlib import Path
from time import perf_counter

import discord
from discord.http import Route
from sqlite_utils import Database

from benchmarks.row import Row
from benchmarks.stand_in import StandIn, stand_in
from bot import outbox
from bot.calendar.clock import SystemClock
from bot.calendar.discord_clock import DiscordClock
from bot.courier import Courier
from bot.database.connection import Store
from bot.database.places import destinations, guilds
from bot.discord_app.delivery.notifier import DiscordNotifier
from bot.domain.model import Destination, ItemKind, OutboxItem
from bot.outbox.message import Payload

MESSAGES = 3000
LIMIT = 50.0
TARGET = 44.0


def deliver_many() -> Row:
    """3,000 messages to as many channels of a server that answers 429 above Discord's limits.

    Takes more than a minute.
    """
    with stand_in(channels=MESSAGES) as server, tempfile.TemporaryDirectory() as folder:
        seconds = asyncio.run(_deliver(server, Path(folder) / "bot.db"))
        posts = [request for request in server.control("requests") if request["path"].endswith("/messages")]
        refused = sum(request["status"] == 429 for request in posts)
        posted = len(server.control("messages"))
    rate = MESSAGES / seconds
    met = rate >= TARGET and refused == 0 and posted == MESSAGES
    note = f"floor: Discord's limit; {posted} posted once, {refused} answers of 429, {seconds:.1f} s"
    return Row(f"deliver {MESSAGES:,} messages", rate, "/s", f">= {TARGET:g} /s, no 429", met, LIMIT, note)


async def _deliver(server: StandIn, path: Path) -> float:
    base, Route.BASE = Route.BASE, server.first["api_base"]
    try:
        async with Store.open(path) as store, discord.Client(intents=discord.Intents.none()) as client:
            await client.login(server.first["token"])
            await store.run(_enqueue, server.first["guild_id"], server.first["channel_ids"])
            courier = Courier(store, DiscordNotifier(client), _render, DiscordClock(SystemClock()))
            begun = perf_counter()
            await courier.flush()
            return perf_counter() - begun
    finally:
        Route.BASE = base


def _enqueue(db: Database, guild: int, channels: Sequence[int]) -> None:
    now, session = datetime.now(UTC), date(2026, 1, 2)
    guilds.joined(db, guild, "Somewhere", now=now)
    for number, channel in enumerate(channels):
        destination = destinations.channel_destination(db, channel, guild, now=now)
        outbox.put(db, OutboxItem(0, f"bench:{number}", ItemKind.ALERT, destination.id, session, now))


def _render(destination: Destination, items: Sequence[OutboxItem]) -> Payload:
    content = f"Breadth wash-out: 18% above their average, item {items[0].key} for {destination.channel_id}"
    return Payload(content, embeds=({"title": "S&P 500 above 50-day average", "description": "18.2% (-12.4)"},))


ROWS = (deliver_many,)
