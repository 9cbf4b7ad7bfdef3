"""The people of the soak: what they type and press, as Discord passes it on."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import time
from typing import Any

from tests.discord_server.server import DiscordServer
from tests.discord_server.world import BOT_ID, CHANNEL_ID, Json
from tests.soak.timing import Hours

FIRST_PERSON = 700_000_000_000_100_000
AT_ONCE = 12
"""So many people type at the same time."""

TOPICS = ("equal-weight-day", "russell-streak", "semis-or-software", "indexes-back-to-back", "gold-or-silver-high")
OWN = ("SMH/IGV", "XLF/XLK", "GLD/SLV", "IWM/QQQ", "XLE/XLU")
DEFERRALS = (5, 6)


class NotAnsweredError(Exception):
    """A command was not answered, or not with what was meant."""


@dataclass(frozen=True)
class Level:
    """A signal with levels that it crosses during the soak."""

    signal: str
    measure: str
    low: str
    high: str


@dataclass
class People:
    """People with the ids of `count` numbers, in the channels of the one server."""

    discord: DiscordServer
    count: int
    channels: int
    seed: int
    deleted: set[int] = field(default_factory=set)
    waiting: set[int] = field(default_factory=set)
    """Those whose alerts are held back for some time."""
    hours: dict[int, Hours] = field(default_factory=dict)
    """When alerts may come, by the id of a channel or of the person whose DM it is."""

    def person(self, number: int) -> int:
        return FIRST_PERSON + number

    async def ask(self, line: str, options: Json | None = None, *, person: int, channel: int = 0) -> Json:
        """Type a command; returns what was answered."""
        token = await self.discord.command(line, options, channel_id=CHANNEL_ID + channel, person_id=person)
        return await self._answer(token, f"/{line} {options or ''}")

    async def press(self, custom_id: str, *, person: int, channel: int = 0) -> Json:
        """Press a button of an answer; returns what was answered."""
        token = await self.discord.press(_under(custom_id, channel), custom_id, person_id=person)
        return await self._answer(token, custom_id)

    async def _answer(self, token: str, what: str) -> Json:
        count = 1
        while True:
            try:
                answers = await self.discord.answered(token, at_least=count, within_seconds=60)
            except TimeoutError:
                raise NotAnsweredError(what) from None
            said = answers[-1]
            if said["step"] != "callback" or said["body"]["type"] not in DEFERRALS:
                body: Json = said["body"]
                return body.get("data", body) if said["step"] == "callback" else body
            count = len(answers) + 1

    async def settle_in(self, levels: Sequence[Level], own: Mapping[str, Level]) -> None:
        """Everybody sets what they want to be told, and the channels are set up. `own`: levels by expression."""
        work = [self._wishes(number, levels, own) for number in range(self.count)]
        work += [self._channel(number) for number in range(self.channels)]
        gate = asyncio.Semaphore(AT_ONCE)

        async def one(doing: Awaitable[None]) -> None:
            async with gate:
                await doing

        await asyncio.gather(*(one(doing) for doing in work))
        self.discord.world.answers.clear()

    async def _wishes(self, number: int, levels: Sequence[Level], own_levels: Mapping[str, Level]) -> None:
        chance, person = random.Random(f"{self.seed}:{number}"), self.person(number)
        channel = number % self.channels
        kind, level = number % 10, chance.choice(levels)
        if number % 30 == 8:
            expression = OWN[number // 30 % len(OWN)]
            await self.ask("watch add", {"expression": expression, "name": "mine"}, person=person, channel=channel)
            level = own_levels[expression]
        many = 2 if kind == 9 else 1
        manner: Json = {}
        told_later = False
        for which in range(many):
            manner, told_later = await self._alert(person, channel, level, chance, plain=many > 1, which=which)
        if kind == 9:
            at_least = chance.choice((1, 2))
            shown = await self.ask(
                "alert combine", {"of": "1, 2", "at_least": at_least}, person=person, channel=channel
            )
            await self.press(_button(shown, "rb:cc~"), person=person, channel=channel)
        for own in range(1, many + (kind == 9) + 1):
            after = ("back", "remind 3", "nothing")[number % 3] if kind != 9 and told_later else "nothing"
            wish: Json = {"alert": str(own), "note": f"k{number}a{own}", **manner}
            if after != "nothing":
                wish["after"] = after
            said = await self.ask("alert edit", wish, person=person, channel=channel)
            if not said.get("embeds"):
                raise NotAnsweredError(f"/alert edit {wish}: {said.get('content')}")
        if number % 12 == 5:
            await self.ask("me", {"zone": "America/New_York", "quiet": "16:00-19:30"}, person=person)
            self.waiting.add(number)
            self.hours[person] = Hours(time(16), time(19, 30), told=False)
        if self._digest(number):
            await self.ask("me", {"zone": "America/New_York", "delivery": "08:00"}, person=person)
            self.waiting.add(number)
            self.hours[person] = Hours(time(8), time(12), told=True)
        if number % 20 == 11:
            await self.ask("subscribe", {"topic": chance.choice(TOPICS)}, person=person)
        if number % 25 == 13:
            await self.ask("me", {"summary": chance.choice(("daily", "weekly"))}, person=person)
        if number % 25 == 3 and not self._digest(number):
            await self.ask("calendar", {"reminders": "on"}, person=person)

    @staticmethod
    def _digest(number: int) -> bool:
        """Whether they get everything once a day: a reminder would come the day after."""
        return number % 12 == 7

    async def _alert(
        self, person: int, channel: int, level: Level, chance: random.Random, *, plain: bool, which: int
    ) -> tuple[Json, bool]:
        """Set an alert; returns how it is to fire, which an edit says, and whether it may tell more after it has fired."""
        condition = ("above", "below")[which] if plain else chance.choice(("above", "below", "crosses", "outside"))
        if condition == "outside":
            levels = f"outside {level.low} and {level.high}"
        else:
            levels = f"{condition} {chance.choice((level.low, level.high))}"
        words = levels if level.measure == "value" else f"{level.measure} {levels}"
        manner: Json = {}
        if not plain:
            manner = {
                "confirm": chance.choice((1, 1, 1, 2)),
                "cooldown": chance.choice((0, 0, 0, 4)),
                "repeat": chance.choice(("every", "every", "every", "once")),
            }
        options = {"signal": level.signal, "condition": words}
        shown = await self.ask("alert add", options, person=person, channel=channel)
        await self.press(_button(shown, "rb:ok~"), person=person, channel=channel)
        return manner, manner.get("repeat") != "once" and condition != "crosses"

    async def _channel(self, number: int) -> None:
        manager = self.person(0)
        if number < 30:
            options = {"topic": TOPICS[number % len(TOPICS)], **({"thread": True} if number % 6 == 5 else {})}
            await self.ask("setup alerts", options, person=manager, channel=number)
        elif number < 38:
            await self.ask("setup summary", {"time": "17:00"}, person=manager, channel=number)
        elif number < 42:
            await self.ask("setup summary", {"time": "17:00", "weekly": True}, person=manager, channel=number)
            await self.ask("setup calendar", {}, person=manager, channel=number)
        elif number < 46:
            await self.ask("setup board", {}, person=manager, channel=number)
        else:
            await self.ask("setup alerts", {"topic": TOPICS[number % len(TOPICS)]}, person=manager, channel=number)
            quiet = {"hours": "16:00-19:00", "zone": "America/New_York"}
            await self.ask("setup quiet", quiet, person=manager, channel=number)
            self.hours[CHANNEL_ID + number] = Hours(time(16), time(19), told=False)

    async def evening(self, chance: random.Random, *, may_change: bool, owed_to: Collection[int]) -> None:
        """What a few of them do on an evening: look things up, snooze, and now and then one leaves for good.

        None leaves to whom something is still owed (`owed_to`), or who has ever held anything back.
        """
        there = [number for number in range(1, self.count) if number not in self.deleted]
        for line in ("status", "summary", "rotation", "alert list", "alert history", "signals"):
            await self.ask(line, person=self.person(chance.choice(there)), channel=chance.randrange(self.channels))
        if may_change:
            number = chance.choice(there)
            await self.ask("alert snooze", {"what": "all", "until": "1d"}, person=self.person(number))
            self.waiting.add(number)
        free = [number for number in there if number not in self.waiting and self.person(number) not in owed_to]
        if may_change and free and chance.random() < 0.5:
            leaving = chance.choice(free)
            shown = await self.ask("privacy delete", person=self.person(leaving))
            await self.press(_button(shown, "rb:forget"), person=self.person(leaving))
            self.deleted.add(leaving)
        self.discord.world.answers.clear()


def _button(shown: Json, start: str) -> str:
    """The button of an answer whose `custom_id` begins so."""
    parts = [part for row in shown.get("components") or () for part in row.get("components") or ()]
    found = [str(part["custom_id"]) for part in parts if str(part.get("custom_id", "")).startswith(start)]
    if not found:
        raise NotAnsweredError(f"no button {start} under {shown.get('content')!r} {shown.get('embeds')!r}")
    return found[0]


def _under(custom_id: str, channel: int) -> dict[str, Any]:
    """A message of the bot with this button."""
    return {
        "id": "1",
        "channel_id": str(CHANNEL_ID + channel),
        "content": "",
        "author": {"id": str(BOT_ID), "username": "bot", "discriminator": "0", "avatar": None},
        "timestamp": "2026-01-13T21:00:00+00:00",
        "edited_timestamp": None,
        "type": 0,
        "flags": 0,
        "embeds": [],
        "attachments": [],
        "mentions": [],
        "mention_roles": [],
        "mention_everyone": False,
        "pinned": False,
        "tts": False,
        "components": [
            {"type": 1, "components": [{"type": 2, "custom_id": custom_id, "style": 2, "label": "x", "options": []}]}
        ],
    }
