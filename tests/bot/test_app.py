"""Days of the whole program by a clock that tests move: collecting, checking, alerts, summaries and delivery, restarts.

Everything is the real bot's except the source (simulated) and Discord (a list of what was posted).
"""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator, Collection
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path

import pandas as pd
import pytest
from sqlite_utils import Database

from bot.app import App
from bot.chat.render import payloads
from bot.config import Config
from bot.courier import Courier, Pacer
from bot.delivery import Opened, Payload, Sent, Verdict
from bot.home import Home
from bot.model import AlertSpec, Condition, Timing
from bot.pictures import Picture
from bot.store import alerts, destinations, guilds, settings, summaries
from bot.store.columns import rows
from bot.store.db import Store
from signals.reading import Measure
from tests.helpers import StandingClock, utc

pytestmark = pytest.mark.slow

GUILD, CHANNEL, PERSON, DM = 8, 81, 7, 71
SPREAD = "weighting.rsp_spy.spread_1d"
ASKED = ("universe", "yahoo", "fred", "treasury", "cboe")
QUIET: dict[str, object] = {"simulated": True, "backfill_years": 2, "live_minutes": 0, "enabled": ASKED}
LIVE = QUIET | {"live_minutes": 120}


@dataclass
class Wall:
    """A notifier that pins everything up, once per nonce."""

    pinned: dict[str, tuple[int, Payload]] = field(default_factory=dict)

    async def send(
        self, channel_id: int, payload: Payload, *, nonce: str, pictures: Collection[Picture] = ()
    ) -> Verdict:
        self.pinned.setdefault(nonce, (channel_id, payload))
        return Sent(len(self.pinned))

    async def find(
        self, channel_id: int, payload: Payload, *, since: datetime, known: Collection[int]
    ) -> Verdict | None:
        return None

    async def open_dm(self, user_id: int) -> Opened | Verdict:
        return Opened(DM)


@dataclass
class Life:
    """One installation over its restarts."""

    folder: Path
    clock: StandingClock
    config: Config
    wall: Wall = field(default_factory=Wall)

    @contextlib.asynccontextmanager
    async def running(self) -> AsyncIterator[App]:
        home = Home(self.folder).ensure()
        async with Store.open(home.bot) as store:
            installation = await store.run(settings.installation)
            app = App(home, self.config, store, fred_key=None, installation=installation, clock=self.clock)
            await app.collector.load()
            app.collector.changed.set()
            try:
                yield app
            finally:
                await app.collector.close()
                await app.worker.close()

    async def step(self, app: App, now: datetime) -> None:
        """What happens at one instant: a tick, its jobs, the check that follows, another tick, delivery."""
        self.clock.instant = now
        await app.tick()
        await app.collector.idle()
        if app.collector.changed.is_set():
            app.collector.changed.clear()
            await app.pipeline.check(now)
        await app.tick()
        courier = Courier(app.store, self.wall, payloads(app.core), self.clock, pacer=Pacer(100_000))
        await courier.flush()

    async def until(self, app: App, end: datetime) -> None:
        """Step by step: a morning before the session, an evening in which summaries are due, then the end."""
        for day in pd.date_range(self.clock.instant.date(), end.date()):
            for instant in (day + timedelta(hours=hour) for hour in (13, 22)):
                if self.clock.instant < (at := instant.to_pydatetime().replace(tzinfo=UTC)) < end:
                    await self.step(app, at)
        await self.step(app, end)


def set_up(db: Database, app: App, timing: Timing) -> None:
    """A person's alert on every turn of the spread above nought, and a channel's daily summary."""
    now, snapshot, reading = app.clock.now(), app.board.snapshot, app.board.reading(SPREAD)
    assert snapshot is not None
    assert reading is not None
    guilds.joined(db, GUILD, "Somewhere", now=now)
    place = destinations.channel_destination(db, CHANNEL, GUILD, now=now)
    summaries.put(db, place.id, zone="America/New_York", at=time(17, 0), created_by=PERSON, now=now)
    own = destinations.dm_destination(db, PERSON, channel_id=DM, now=now)
    alerts.add(
        db,
        AlertSpec(SPREAD, Measure.VALUE, Condition.ABOVE, 0.0, timing=timing),
        owner_id=PERSON,
        guild_id=None,
        destination_id=own.id,
        known=reading.value,
        session=snapshot.session,
        now=now,
    )


async def settle_in(life: Life, app: App, *, timing: Timing = Timing.CLOSE) -> None:
    """The first start, and what people set up on it."""
    await life.step(app, life.clock.instant)
    await app.store.run(set_up, app, timing)


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


def life_from(folder: Path, start: str, wish: dict[str, object]) -> Life:
    return Life(folder, StandingClock(utc(start)), Config.model_validate({"sources": wish}))


def newest(app: App) -> pd.DataFrame:
    assert app.board.snapshot is not None
    return app.board.snapshot.history


async def test_every_session_is_judged_and_summed_up_once_over_restarts_at_any_step(tmp_path: Path) -> None:
    life = life_from(tmp_path, "2026-03-07 18:00", QUIET)
    async with life.running() as app:
        await settle_in(life, app)
    for end in ("2026-03-10 03:00", "2026-03-10 20:20", "2026-03-11 22:00"):
        async with life.running() as app:
            await life.until(app, utc(end))
            expected = turns_up(newest(app), date(2026, 3, 6))
            assert await fired(app) == expected
            heard = await told(app)
    assert expected == [date(2026, 3, 10)]
    assert heard == dict.fromkeys(app.calendar.between(date(2026, 3, 9), date(2026, 3, 11)), "sent")
    assert len(life.wall.pinned) == 1 + 3


async def test_after_three_sessions_without_power_each_of_them_is_told_with_its_own_date(tmp_path: Path) -> None:
    life = life_from(tmp_path, "2026-03-07 18:00", QUIET)
    async with life.running() as app:
        await settle_in(life, app)
    life.clock.instant = utc("2026-03-12 02:00")
    async with life.running() as app:
        await life.step(app, life.clock.instant)
        assert await fired(app) == turns_up(newest(app), date(2026, 3, 6)) == [date(2026, 3, 10)]
        assert await told(app) == {
            date(2026, 3, 9): "skipped",
            date(2026, 3, 10): "skipped",
            date(2026, 3, 11): "sent",
        }


async def test_after_thirty_days_only_the_last_five_sessions_speak_and_older_answers_are_gone(tmp_path: Path) -> None:
    life = life_from(tmp_path, "2026-02-28 18:00", QUIET)
    answers = tmp_path / "payloads" / "2026-02-20"
    answers.mkdir(parents=True)
    async with life.running() as app:
        await settle_in(life, app)
    assert answers.exists()
    life.clock.instant = utc("2026-04-01 02:00")
    async with life.running() as app:
        await life.step(app, life.clock.instant)
        recent = app.calendar.between(date(2026, 3, 25), date(2026, 3, 31))
        turns = turns_up(newest(app), date(2026, 2, 27))
        assert date(2026, 3, 10) in turns
        assert await fired(app) == [day for day in turns if day in recent]
    assert not answers.exists()


async def test_live_readings_are_provisional_speak_once_a_session_and_are_final_after_the_close(tmp_path: Path) -> None:
    life = life_from(tmp_path, "2026-02-28 18:00", LIVE)
    async with life.running() as app:
        await settle_in(life, app, timing=Timing.LIVE)
        states = []
        for hour in (14.5, 18.6, 20.6, 21.6, 40.6, 45.6):
            await life.step(app, utc("2026-03-02 00:00") + timedelta(hours=hour))
            reading = app.board.reading(SPREAD)
            assert reading is not None
            states.append((reading.session.day, reading.state.value))
        assert states == [(2, "provisional")] * 3 + [(2, "final"), (3, "provisional"), (3, "final")]
        assert await fired(app) == [date(2026, 3, 2)]
    (told_live,) = [payload for channel, payload in life.wall.pinned.values() if channel == DM]
    assert "provisional" in str(told_live.embeds)
