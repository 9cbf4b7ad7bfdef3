"""One soak: the whole program over sessions that follow each other in seconds, with faults and kills."""

from __future__ import annotations

import asyncio
import random
import signal
import time
import traceback
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from datetime import time as time_of_day
from pathlib import Path

from bot.calendar.clock import NEW_YORK
from tests.discord_server.faults import Hang
from tests.discord_server.limits import Limits
from tests.discord_server.server import DiscordServer
from tests.discord_server.world import CHANNEL_ID, World
from tests.soak import bad_discord, looks
from tests.soak.announcements import DECISIONS, INDICES
from tests.soak.bad_discord import RandomFaults
from tests.soak.bot_process import BotProcess
from tests.soak.fast_clock import FastClock
from tests.soak.looks import Night
from tests.soak.oracle import Wish
from tests.soak.people import People
from tests.soak.settings import stored_wishes
from tests.soak.truth import Truth
from tests.soak.waiting import Waiting

FIRST = date(2026, 2, 2)
"""The session before the soak: on it everybody sets what they want to be told."""

SOURCES = ("universe", "yahoo", "treasury")
MORNING, EVENING = time_of_day(8, 50), time_of_day(20, 10)
BEFORE_DECISION, END_OF_HOUR = time_of_day(13, 5), time_of_day(13, 50)
AFTER_CLOSE = timedelta(minutes=26)
"""When prices are due, whatever the installation's delay."""

HANGS_EVERY = 30
"""Sessions from one request that is never answered to the next: the program waits 40 seconds of the machine for it."""

SENDING_WITHIN = 20.0
REPORT_EVERY = 20
"""Sessions from one look at how it went so far to the next."""


@dataclass
class Soak:
    """A soak of so many sessions in a folder; everything at random follows from `seed`."""

    folder: Path
    sessions: int
    seed: int = 1
    tell: Callable[[str], None] = lambda _: None
    look: Callable[[Soak], None] = lambda _: None
    """Called now and then while it runs."""
    people_count: int = 300
    channels: int = 50
    kills: int = 0
    workers_killed: int = 0
    gateway_drops: int = 0
    refusals: int = 0
    hangs: int = 0
    nights: list[Night] = field(default_factory=list)
    wishes: list[Wish] = field(default_factory=list)
    deleted_after: dict[int, date] = field(default_factory=dict)
    reminded: dict[int, int | None] = field(default_factory=dict)
    """Channels that are reminded of the calendar, with the person whose DM it is."""
    late_reminders: set[tuple[int, date]] = field(default_factory=set)
    """Those whose reminder of a day was still being retried when its hour ended."""
    broken: list[str] = field(default_factory=list)
    seconds: float = 0.0
    _stopped: bool = False
    _cpu: tuple[float, float] = (0.0, 0.0)

    def __post_init__(self) -> None:
        self.chance = random.Random(self.seed)
        self.home = self.folder / "home"
        self.home.mkdir()
        self.clock = FastClock.begin(self.folder / "clock", self._at(FIRST, time_of_day(9, 0)))
        self.faults = RandomFaults(chance=random.Random(self.seed + 1))
        self.discord = DiscordServer(
            world=World(now=self.clock.seconds), faults=self.faults, limits=Limits(global_per_second=None)
        )
        self.people = People(self.discord, self.people_count, self.channels, self.seed)
        self.bot = BotProcess(self.home, self.folder / "clock", self.seed)
        self.waiting = Waiting(self.bot, self.clock)
        self.truth = self._truth_of()

    @property
    def over(self) -> Sequence[date]:
        """The session before the soak and those of it that are over."""
        return self.truth.sessions[: len(self.nights) + 1]

    def _truth_of(self, more: Collection[str] = ()) -> Truth:
        return Truth.of(FIRST, self.sessions, {*INDICES.values(), *more})

    @staticmethod
    def _at(day: date, when: time_of_day) -> datetime:
        return datetime.combine(day, when, NEW_YORK).astimezone(UTC)

    async def run(self) -> None:
        """Run it; afterwards everything can be judged, also when it broke or was stopped (SIGTERM) before its end."""
        began, loop = time.monotonic(), asyncio.get_running_loop()
        for signal_ in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(signal_, self._stop)
        async with self.discord:
            self.discord.world.add_guild()
            for number in range(self.channels):
                self.discord.world.add_channel(CHANNEL_ID + number, name=f"channel-{number}")
            self._configure()
            (self.home / "good_days").touch()
            try:
                await self._course()
            except Exception as error:
                self.tell(traceback.format_exc())
                self.broken.append(f"it broke after {self.over[-1]}: {error!r}")
            code = await self._ended()
        if code != 0:
            self.broken.append(f"the program ended with {code}")
        self.seconds = time.monotonic() - began

    def _stop(self) -> None:
        self._stopped = True

    async def _course(self) -> None:
        await self._begin()
        for number, session in enumerate(self.truth.sessions[1:], 1):
            if self._stopped:
                break
            await self._session(number, session)
            if number % REPORT_EVERY == 0 and number < self.sessions:
                self.look(self)
        await self._last_morning()

    async def _ended(self) -> int | None:
        try:
            return await self.bot.end()
        except TimeoutError:
            await self.bot.kill()
            return None

    def _configure(self) -> None:
        sources = ", ".join(f'"{name}"' for name in SOURCES)
        (self.home / "config.toml").write_text(
            f"""[discord]
api_base = "{self.discord.api_base}"
[sources]
enabled = [{sources}]
simulated = true
backfill_years = 2
live_minutes = 0
[limits]
channels_per_server = 500
[log]
form = "json"
"""
        )

    async def _begin(self) -> None:
        await self.bot.start()
        await self.waiting.until(lambda: self.discord.world.commands and looks.checked(self.bot), "the first check")
        self.clock.skip_to(self._close(FIRST) + AFTER_CLOSE)
        await self.waiting.settled(FIRST)
        self.clock.skip_to(self._at(FIRST, EVENING))
        await self.waiting.settled()
        await self.people.settle_in(self.truth.levels(), self.truth.own_levels())
        await self.waiting.settled()
        self.wishes = stored_wishes(self.bot)
        self.reminded = looks.reminded(self.bot)
        self.truth = self._truth_of({wish.signal for wish in self.wishes if not wish.members})
        (self.home / "good_days").unlink()
        self.faults.share = bad_discord.SHARE
        self._cpu = self.bot.cpu_seconds(), time.process_time()

    async def _session(self, number: int, session: date) -> None:
        """From the morning before a session's opening to its evening."""
        began, last = time.monotonic(), number > self.sessions - 2
        quarter = max(self.sessions // 4, 1)
        if number == self.sessions:
            (self.home / "good_days").touch()
        self.clock.skip_to(self._at(session, MORNING))
        await self.waiting.settled()
        self._allow()
        if session in DECISIONS:
            await self._decision(session)
        refused = [] if last else self._refuse()
        if number % HANGS_EVERY == 2 and not last:
            self.faults.add("POST", "/channels/*/messages", Hang())
            self.hangs += 1
        self.clock.skip_to(self._close(session) + AFTER_CLOSE)
        if number <= quarter or number == self.sessions:
            await self._kill_at_some_moment(number)
        if self.chance.random() < 0.3:
            self.gateway_drops += 1
            await self.discord.gateway.close(1001, forget=self.chance.random() < 0.3)
        await self.waiting.settled(session)
        if refused:
            await self._allow_again()
        # What people type while the bot is not connected is lost to it, in Discord as here.
        await self.waiting.until(lambda: self.discord.gateway.sessions, "the connection after a drop")
        self.clock.skip_to(self._at(session, EVENING))
        await self.waiting.settled()
        before = set(self.people.deleted)
        await self.people.evening(self.chance, may_change=not last, owed_to=looks.owed_to(self.bot, session))
        self.deleted_after |= {self.people.person(gone): session for gone in self.people.deleted - before}
        await self.waiting.settled()
        self._measure(session)
        night = self.nights[-1]
        self.tell(
            f"{number}/{self.sessions} {session}: {time.monotonic() - began:.1f} s, "
            f"CPU {night.bot_cpu:.1f}+{night.stand_in_cpu:.1f} s, "
            f"{night.footprint.main:.0f}+{night.footprint.worker:.0f} MB, {night.footprint.files} files, {night.outbox} rows"
        )

    async def _decision(self, session: date) -> None:
        """The hour before a decision of the Fed, until everybody is reminded of it or the hour ends."""
        self.clock.skip_to(self._at(session, BEFORE_DECISION))
        await self.waiting.settled()
        ends = self._at(session, END_OF_HOUR)
        await self.waiting.until(
            lambda: not looks.unsent_reminders(self.bot) or self.clock.now() >= ends, "reminders", steps=True
        )
        self.late_reminders |= {(place, session) for place in looks.unsent_reminders(self.bot)}

    async def _last_morning(self) -> None:
        """What was held back overnight is delivered; nothing new comes."""
        self.faults.share = 0.0
        self._allow()
        self.clock.skip_to(self._at(self.over[-1], time_of_day(23, 50)))
        await self.waiting.settled()
        self.clock.skip_to(self._at(self.over[-1] + timedelta(days=1), MORNING))
        await self.waiting.settled()

    def _close(self, session: date) -> datetime:
        return self._at(session, time_of_day(16, 0))

    def _refuse(self) -> list[int]:
        """Two places refuse for some hours."""
        chosen = self.chance.sample([*self.discord.world.channels], 2)
        for channel in chosen:
            self.discord.world.channels[channel].refuses = (403, 50013, "Missing Permissions")
        self.refusals += len(chosen)
        return chosen

    def _allow(self) -> None:
        for channel in self.discord.world.channels.values():
            channel.refuses = None

    async def _allow_again(self) -> None:
        """They take messages again, and Discord says so of channels."""
        refusing = [channel for channel in self.discord.world.channels.values() if channel.refuses is not None]
        self._allow()
        for channel in refusing:
            if channel.guild_id is not None:
                await self.discord.gateway.dispatch("CHANNEL_UPDATE", self.discord.world.channel_json(channel))

    async def _kill_at_some_moment(self, number: int) -> None:
        """kill -9 of the program (or of its worker) at some moment of its work, and a new start at once."""
        if number % 2 == 0 and number != self.sessions:
            await asyncio.sleep(self.chance.uniform(0.5, 4))
            self.workers_killed += self.bot.kill_a_worker()
            return
        if self.chance.random() < 0.5:
            await asyncio.sleep(self.chance.uniform(0, 6))
        else:
            await self._while_it_sends(self.chance.randint(1, 40))
        await self.bot.kill()
        self.kills += 1
        self.discord.gateway.sessions.clear()
        await self.bot.start()
        await self.waiting.until(lambda: self.discord.gateway.sessions, "the start after a kill")

    async def _while_it_sends(self, requests: int) -> None:
        """Until so many more requests have come, or no more come."""
        enough, limit = len(self.discord.requests) + requests, time.monotonic() + SENDING_WITHIN
        await self.waiting.until(
            lambda: len(self.discord.requests) >= enough or time.monotonic() > limit, "requests", steps=True
        )

    def _measure(self, session: date) -> None:
        before, self._cpu = self._cpu, (self.bot.cpu_seconds(), time.process_time())
        used = [after - earlier for earlier, after in zip(before, self._cpu, strict=True)]
        self.nights.append(looks.night(self.bot, session, *used))
