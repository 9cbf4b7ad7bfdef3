"""Days of the whole program by a clock that tests move: collecting, checking, alerts, summaries and delivery, restarts.

Everything is the real bot's except the source (simulated) and Discord (a list of what was posted).
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import shutil
import sqlite3
from collections.abc import AsyncIterator, Awaitable, Callable, Collection
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from sqlite_utils import Database

from bot.alerts.rules import new_triggers
from bot.app import App
from bot.calendar.discord_clock import DiscordClock
from bot.courier import Courier, Pacer
from bot.database import incidents, key_value
from bot.database.alerts import alerts
from bot.database.codec import rows
from bot.database.connection import Store
from bot.database.places import destinations, guilds, summary_channels
from bot.discord_app.delivery.messages import payloads
from bot.domain.chart_request import Picture
from bot.domain.model import AlertSpec, Condition, Timing
from bot.ops.clock_watch import ClockWatch
from bot.outbox.message import DeliveryResult, Opened, Payload, Sent
from bot.readings.service import ReadingService
from bot.settings.config import Config, parse
from bot.settings.paths import Home
from bot.sources import factory
from bot.worker.process import Worker
from signals import catalogue
from signals.core.model import Measure
from tests.helpers import CrampedStore, made_once, utc
from tests.support import ManualClock

pytestmark = pytest.mark.slow

GUILD, CHANNEL, PERSON, DM = 8, 81, 7, 71
SPREAD = "weighting.rsp_spy.spread_1d"
ASKED = ("universe", "yahoo", "fred", "treasury", "cboe")
FRIDAY = date(2026, 3, 6)
SATURDAY = utc("2026-03-07 18:00")


def config(live_minutes: int) -> Config:
    keys = f"simulated = true\nbackfill_years = 2\nlive_minutes = {live_minutes}\nenabled = {[*ASKED]}"
    return parse(f"[sources]\n{keys}", factory.names())


@dataclass
class Wall:
    """A notifier that pins everything up, once per nonce."""

    pinned: dict[str, tuple[int, Payload]] = field(default_factory=dict)

    async def send(
        self, channel_id: int, payload: Payload, *, nonce: str, pictures: Collection[Picture] = ()
    ) -> DeliveryResult:
        self.pinned.setdefault(nonce, (channel_id, payload))
        return Sent(len(self.pinned))

    async def find(
        self, channel_id: int, *, nonce: str, since: datetime | None, unmarked: Payload | None = None
    ) -> DeliveryResult | None:
        return None

    async def open_dm(self, user_id: int) -> Opened | DeliveryResult:
        return Opened(DM)


@dataclass
class Life:
    """One installation over its restarts."""

    folder: Path
    clock: ManualClock
    config: Config
    worker: Worker
    """One process for all tests: what it computes depends on its arguments alone."""
    signals: Collection[str] = tuple(catalogue.SIGNALS)
    """What a check computes; days on which only the order of events matters have enough in one."""
    wall: Wall = field(default_factory=Wall)
    disk: CrampedStore = field(init=False)

    @contextlib.asynccontextmanager
    async def running(self) -> AsyncIterator[App]:
        home = Home(self.folder).ensure()
        async with Store.open(home.bot) as store:
            installation = await store.run(key_value.installation)
            self.disk = CrampedStore(store)
            whole: Any = self.disk
            app = App(home, self.config, whole, self.worker, fred_key=None, installation=installation, clock=self.clock)
            computer = app.checks.pipeline.computer
            assert isinstance(computer, ReadingService)
            chosen = {name: catalogue.signal(name) for name in self.signals}
            app.checks.pipeline.computer = replace(computer, signals=chosen)
            await app.ingest.load()
            app.ingest.changed.set()
            try:
                yield app
            finally:
                await app.ingest.close()
                # Behind whatever the process is still at.
                await self.worker.run(os.getpid)

    async def step(self, app: App, now: datetime) -> None:
        """What happens at one instant: a tick, its jobs, the check that follows, another tick, delivery."""
        self.clock.set(now)
        await self.ticked(app)
        await app.ingest.idle()
        if app.ingest.changed.is_set():
            app.ingest.changed.clear()
            if not await self.tried(lambda: app.checks.pipeline.check(now)):
                app.ingest.changed.set()
        await self.ticked(app)
        courier = Courier(app.store, self.wall, payloads(app.core), self.clock, pacer=Pacer(100_000))
        await self.tried(courier.flush)

    async def ticked(self, app: App) -> None:
        """A tick, whose duties all succeed while the disk has room."""
        await app.tick()
        assert self.disk.without_room or not app.duties.failing

    async def tried(self, work: Callable[[], Awaitable[None]]) -> bool:
        """Whether it was done; only a disk without room is a reason not to, as in the loops of the real program."""
        try:
            await work()
        except sqlite3.Error:
            assert self.disk.without_room
            return False
        return True


def set_up(db: Database, app: App) -> None:
    """A person's alert on every turn of the spread above nought, and a channel's daily summary."""
    now, snapshot, reading = app.clock.now(), app.readings.snapshot, app.readings.reading(SPREAD)
    assert snapshot is not None
    assert reading is not None
    guilds.joined(db, GUILD, "Somewhere", now=now)
    place = destinations.channel_destination(db, CHANNEL, GUILD, now=now)
    summary_channels.put(db, place.id, zone="America/New_York", at=time(17, 0), created_by=PERSON, now=now)
    own = destinations.dm_destination(db, PERSON, channel_id=DM, now=now)
    spec = AlertSpec(SPREAD, Measure.VALUE, Condition.ABOVE, 0.0)
    triggers = new_triggers(spec, reading.value, snapshot.session)
    alerts.add(db, spec, triggers, owner_id=PERSON, guild_id=None, destination_id=own.id, now=now)


def made_live(db: Database, known: float) -> None:
    """The person wants to hear of it during the session already."""
    (alert,) = alerts.list_for(db, PERSON)
    spec = replace(alert.spec, timing=Timing.LIVE)
    alerts.edit(db, alert.id, spec, new_triggers(spec, known, FRIDAY))


async def fired(app: App) -> list[date]:
    """The sessions on which the person's alert spoke, as promised, in order."""
    found = await app.store.read(rows, "SELECT session FROM outbox WHERE owner_id IS NOT NULL ORDER BY id")
    return [date.fromordinal(each["session"]) for each in found]


def turns_up(history: pd.DataFrame, after: date) -> list[date]:
    """The sessions after one on which the spread is above nought and was not the session before."""
    values = history[SPREAD].dropna()
    up = (values > 0) & (values.shift() <= 0)
    return [day.date() for day in values.index[up] if day.date() > after]


async def told(app: App) -> dict[date, str]:
    """How the summary of each session stands."""
    found = await app.store.read(rows, "SELECT session, state FROM outbox WHERE kind = 'summary' ORDER BY id")
    assert len({each["session"] for each in found}) == len(found)
    return {date.fromordinal(each["session"]): each["state"] for each in found}


async def first_start(folder: Path, worker: Worker) -> str:
    life = Life(folder, ManualClock(SATURDAY), config(live_minutes=0), worker)
    async with life.running() as app:
        await life.step(app, SATURDAY)
        await app.store.run(set_up, app)
        return str(newest(app)[SPREAD].iloc[-1])


@dataclass
class Started:
    """The home of an installation after its first start on a Saturday, for copying, and Friday's spread."""

    home: Path
    spread: float
    worker: Worker

    def copied(
        self, folder: Path, *, live_minutes: int = 0, signals: Collection[str] = tuple(catalogue.SIGNALS)
    ) -> Life:
        shutil.copytree(self.home, folder, dirs_exist_ok=True)
        return Life(folder, ManualClock(SATURDAY), config(live_minutes), self.worker, signals=signals)


@pytest.fixture(scope="session")
def started(tmp_path_factory: pytest.TempPathFactory, worker: Worker) -> Started:
    home, spread = made_once(tmp_path_factory, "started", lambda folder: asyncio.run(first_start(folder, worker)))
    return Started(home, float(spread), worker)


def newest(app: App) -> pd.DataFrame:
    assert app.readings.snapshot is not None
    return app.readings.snapshot.history


async def test_every_session_is_judged_and_summed_up_once_over_restarts_at_any_step(
    started: Started, tmp_path: Path
) -> None:
    life = started.copied(tmp_path, signals=[SPREAD])
    for instants in (
        ("2026-03-09 22:00", "2026-03-10 03:00"),
        ("2026-03-10 13:00", "2026-03-10 20:20"),
        ("2026-03-10 22:00", "2026-03-11 22:00"),
    ):
        async with life.running() as app:
            for instant in instants:
                await life.step(app, utc(instant))
            expected = turns_up(newest(app), FRIDAY)
            assert await fired(app) == expected
            heard = await told(app)
    assert expected == [date(2026, 3, 10)]
    assert heard == dict.fromkeys(app.calendar.between(date(2026, 3, 9), date(2026, 3, 11)), "sent")
    assert len(life.wall.pinned) == 1 + 3


async def test_after_three_sessions_without_power_each_of_them_is_told_with_its_own_date(
    started: Started, tmp_path: Path
) -> None:
    life = started.copied(tmp_path)
    async with life.running() as app:
        await life.step(app, utc("2026-03-12 02:00"))
        assert await fired(app) == turns_up(newest(app), FRIDAY) == [date(2026, 3, 10)]
        assert await told(app) == {
            date(2026, 3, 9): "skipped",
            date(2026, 3, 10): "skipped",
            date(2026, 3, 11): "sent",
        }


async def test_after_thirty_days_only_the_last_five_sessions_speak_and_older_answers_are_gone(
    started: Started, tmp_path: Path
) -> None:
    life = started.copied(tmp_path)
    old, young = (tmp_path / "payloads" / day for day in ("2026-03-01", "2026-03-20"))
    for answers in (old, young):
        answers.mkdir(parents=True)
    async with life.running() as app:
        app.discord_clock.learn(utc("2026-04-08 02:00"))
        await life.step(app, utc("2026-04-08 02:00"))
        recent = app.calendar.between(date(2026, 3, 31), date(2026, 4, 7))
        turns = turns_up(newest(app), FRIDAY)
        assert len(recent) == 5
        assert date(2026, 3, 10) in turns
        assert await fired(app) == [day for day in turns if day in recent]
    assert (old.exists(), young.exists()) == (False, True)


async def test_a_disk_that_is_full_over_a_close_is_made_up_for_when_there_is_room(
    started: Started, tmp_path: Path
) -> None:
    life = started.copied(tmp_path, signals=[SPREAD])
    async with life.running() as app:
        await life.step(app, utc("2026-03-09 22:00"))
        life.disk.without_room = range(10**9)
        for hour in (21, 22):
            await life.step(app, utc(f"2026-03-10 {hour}:00"))
        assert await fired(app) == []
        life.disk.without_room = ()
        await life.step(app, utc("2026-03-11 01:00"))
        assert await fired(app) == turns_up(newest(app), FRIDAY) == [date(2026, 3, 10)]
        assert await told(app) == {date(2026, 3, 9): "sent", date(2026, 3, 10): "sent"}
    assert len(life.wall.pinned) == 1 + 2


@pytest.mark.parametrize(
    "ahead",
    [
        pytest.param(timedelta(days=1), id="ahead"),
        pytest.param(timedelta(days=-1), id="behind", marks=pytest.mark.thorough),
    ],
)
async def test_a_clock_that_disagrees_with_discord_s_records_nothing_until_it_is_right(
    started: Started, tmp_path: Path, ahead: timedelta
) -> None:
    life = started.copied(tmp_path, signals=[SPREAD])
    async with life.running() as app:
        app.discord_clock = DiscordClock(life.clock, elapsed=life.clock.elapsed)
        app.clock_watch = ClockWatch(app.discord_clock)
        await life.step(app, utc("2026-03-09 22:00"))
        assert await told(app) == {date(2026, 3, 9): "sent"}
        await app.ingest.idle()
        app.discord_clock.learn(life.clock.now())
        runs = await app.store.read(rows, "SELECT key, value FROM setting ORDER BY key")
        life.clock.step(ahead.total_seconds())
        for _ in range(6):
            life.clock.advance(minutes=5)
            await app.tick()
            await app.ingest.idle()
        assert await told(app) == {date(2026, 3, 9): "sent"}
        assert await app.store.read(rows, "SELECT key, value FROM setting ORDER BY key") == runs
        life.clock.step(-ahead.total_seconds())
        await life.step(app, utc("2026-03-10 22:00"))
        assert await told(app) == {date(2026, 3, 9): "sent", date(2026, 3, 10): "sent"}


async def test_a_duty_that_fails_keeps_no_other_from_being_done_and_the_operator_is_told_of_it(
    tmp_path: Path, worker: Worker, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """Without a timetable nothing can be fetched."""
    caplog.set_level(logging.CRITICAL)
    life = Life(tmp_path, ManualClock(SATURDAY), config(0), worker)
    async with life.running() as app:
        with monkeypatch.context() as broken:
            broken.setattr(app.ingest, "plan", None)
            for _ in range(3):
                await app.tick()
                life.clock.advance(minutes=10)
            assert [*app.duties.failing] == ["fetch figures"]
        assert [path.name for path in (tmp_path / "backups").glob("bot-*.db")] == ["bot-2026-03-07.db"]
        assert "duty:fetch figures" in await app.store.read(incidents.known)
        for _ in range(2):
            await app.tick()
            life.clock.advance(minutes=10)
        assert "duty:fetch figures" not in await app.store.read(incidents.known)


async def test_damage_that_the_daily_copy_finds_is_told_with_the_way_back_and_costs_no_older_copy(
    tmp_path: Path, worker: Worker, caplog: pytest.LogCaptureFixture
) -> None:
    life = Life(tmp_path, ManualClock(SATURDAY), config(0), worker)
    path, folder = tmp_path / "bot.db", tmp_path / "backups"
    async with Store.open(path) as store:
        await store.run(key_value.put, "a key of the index", "value")
        for day in range(1, 9):
            await store.backup(folder / f"bot-2026-02-0{day}.db")
    content = path.read_bytes()
    assert content.count(b"a key of the index") == 2
    path.write_bytes(content.replace(b"a key of the index", b"a key of the xedni", 1))
    async with life.running() as app:
        await app.tick()
    told = [record.message for record in caplog.records if record.levelno >= logging.ERROR]
    assert len(told) == 1
    assert told[0].startswith(f"no copy of the database was made, and the older ones stay: {path} is damaged (row 1 ")
    assert f"restore {folder / 'bot-2026-02-08.db'}` goes back to the newest sound copy" in told[0]
    assert len(list(folder.iterdir())) == 8


async def test_live_readings_are_provisional_speak_once_a_session_and_are_final_after_the_close(
    started: Started, tmp_path: Path
) -> None:
    life = started.copied(tmp_path, live_minutes=120, signals=[SPREAD])
    async with life.running() as app:
        await app.store.run(made_live, started.spread)
        await life.step(app, utc("2026-03-10 02:00"))
        states = []
        for hour in (13.6, 17.6, 20.6, 39.6):
            await life.step(app, utc("2026-03-10 00:00") + timedelta(hours=hour))
            reading = app.readings.reading(SPREAD)
            assert reading is not None
            states.append((reading.session.day, reading.state.value))
        assert states == [(10, "provisional"), (10, "provisional"), (10, "final"), (11, "provisional")]
        assert await fired(app) == [date(2026, 3, 10)]
    (told_live,) = [payload for channel, payload in life.wall.pinned.values() if channel == DM]
    assert "provisional" in str(told_live.embeds)
