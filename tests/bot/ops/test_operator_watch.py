"""Incidents through the outbox: each begins once and ends once, whatever is killed; silent alerts are told once."""

from __future__ import annotations

import logging
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest
from sqlite_utils import Database

from bot import outbox
from bot.commands.context import Core
from bot.database import incidents, key_value, privacy
from bot.database.codec import rows
from bot.database.connection import connect, transaction
from bot.database.incidents import Incident
from bot.discord_app.delivery.messages import payload
from bot.domain.model import Destination, DestinationKind, DestinationState
from bot.domain.own_signal import OwnSignal, OwnSignals
from bot.ops.operator_watch import OperatorWatch, follow, tell_silent
from bot.outbox.items import undelivered
from bot.settings.config import OperatorSection
from signals.catalogue import SIGNALS
from tests.bot.database.outbox_items import DAY, add
from tests.helpers import utc
from tests.support import core_with_readings, core_without_store

NOW = utc("2026-01-13 21:30")
LATER = NOW + timedelta(hours=1)
DISK = Incident("disk", "The disk fills up.", "The disk has room again.")
CLOCK = Incident("clock", "The clock is wrong.", "The clock is right again.")
PERSON = OperatorSection(user_id=7)


@pytest.fixture
def db(tmp_path: Path) -> Iterator[Database]:
    with closing(connect(tmp_path / "bot.db")) as opened:
        yield opened


def told(db: Database, *present: Incident, now: datetime = NOW, section: OperatorSection = PERSON) -> None:
    with transaction(db):
        follow(db, list(present), section, 8, version="0.2.0", now=now)


def sentences(db: Database) -> list[str]:
    return [record["sentence"] for record in rows(db, "SELECT sentence FROM outbox ORDER BY id")]


def test_an_incident_is_told_when_it_begins_and_when_it_is_over(db: Database) -> None:
    told(db, DISK)
    told(db, DISK, CLOCK)
    told(db, DISK, CLOCK, now=LATER)
    told(db, CLOCK, now=LATER)
    assert sentences(db) == [DISK.begun, CLOCK.begun, DISK.over]
    assert incidents.known(db) == {"clock"}
    told(db, CLOCK, DISK, now=LATER)
    assert sentences(db)[3:] == [DISK.begun]


def test_a_kill_before_the_transaction_ends_loses_nothing_and_repeats_nothing(db: Database) -> None:
    def killed() -> None:
        with transaction(db):
            follow(db, [DISK], PERSON, None, version="0.2.0", now=NOW)
            raise sqlite3.OperationalError("killed")

    with pytest.raises(sqlite3.OperationalError, match="killed"):
        killed()
    assert (sentences(db), incidents.known(db)) == ([], frozenset())
    told(db, DISK)
    told(db, DISK)
    assert sentences(db) == [DISK.begun]


def test_an_operator_in_a_channel_is_told_there_and_without_one_the_log_alone_is(
    db: Database, caplog: pytest.LogCaptureFixture
) -> None:
    told(db, CLOCK, section=OperatorSection())
    assert (sentences(db), caplog.messages) == ([], [CLOCK.begun])
    told(db, CLOCK, DISK, section=OperatorSection(channel_id=81))
    [place] = rows(db, "SELECT channel_id, guild_id FROM destination")
    assert (place["channel_id"], place["guild_id"]) == (81, 8)
    assert sentences(db) == [DISK.begun]


def test_what_is_over_is_logged_but_is_no_warning(db: Database, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO):
        told(db, CLOCK)
        told(db)
    assert [(record.levelno, record.message) for record in caplog.records] == [
        (logging.WARNING, CLOCK.begun),
        (logging.INFO, CLOCK.over),
    ]


def test_a_first_start_is_no_upgrade_and_an_upgrade_is_told_once(db: Database) -> None:
    told(db)
    assert rows(db, "SELECT * FROM destination") == []
    with transaction(db):
        key_value.put(db, "version", "0.1.0")
    told(db)
    told(db, now=LATER)
    [sentence] = sentences(db)
    assert sentence.startswith("The bot was upgraded from version 0.1.0 to 0.2.0. ")


def test_the_sentence_is_the_message_and_goes_with_its_person(db: Database) -> None:
    told(db, DISK)
    [place] = rows(db, "SELECT id FROM destination")
    items = undelivered(db, place["id"])
    there = Destination(place["id"], DestinationKind.DM, 7, None, None, DestinationState.ACTIVE, None, None)
    assert payload(core_without_store(), there, items).content == DISK.begun
    with transaction(db):
        privacy.delete(db, 7)
    assert sentences(db) == []


def reading_until(db: Database, last: date) -> None:
    db.execute("INSERT INTO checkpoint VALUES ('havens.silver', ?, ?)", (last.toordinal(), last.toordinal()))


def test_an_owner_is_told_once_that_an_alert_has_had_no_reading_for_five_sessions(db: Database) -> None:
    """Five sessions up to Jan 21 without a reading: 14, 15, 16, 20 (19 is a holiday) and 21."""
    with transaction(db):
        alert = add(db, NOW)
        reading_until(db, DAY)
        newest, before = date(2026, 1, 21), date(2026, 1, 14)
        assert tell_silent(db, newest, DAY, SIGNALS, OwnSignals(), now=NOW) == 0
        assert tell_silent(db, newest, before, SIGNALS, OwnSignals(), now=NOW) == 1
        assert tell_silent(db, date(2026, 1, 22), date(2026, 1, 15), SIGNALS, OwnSignals(), now=LATER) == 0
    [sentence] = sentences(db)
    assert sentence == (
        f"Alert {alert.number} on {SIGNALS['havens.silver'].label} has had no reading since Tue, Jan 13, so it cannot fire. "
        "`/signal havens.silver` says why."
    )
    assert [message["sentence"] for message in privacy.export(db, 7)["messages"]] == [sentence]


def test_one_silence_is_told_once_however_long_it_lasts_and_the_next_one_again(db: Database) -> None:
    """Rows of sent messages are deleted after 30 days; the silence lasts for 100, ends for a day, and begins anew."""

    def told_on(days: range) -> list[int]:
        counts = []
        for number in days:
            now, newest = NOW + timedelta(days=number), DAY + timedelta(days=number)
            with transaction(db):
                counts.append(tell_silent(db, newest, newest - timedelta(days=6), SIGNALS, OwnSignals(), now=now))
                db.execute("UPDATE outbox SET state = 'sent'")
                outbox.clean_up(db, now=now)
        return [number for number, count in zip(days, counts, strict=True) if count]

    with transaction(db):
        add(db, NOW)
        reading_until(db, DAY)
    assert told_on(range(5, 100)) == [7]
    with transaction(db):
        db.execute("UPDATE checkpoint SET final_session = ?", (DAY.toordinal() + 100,))
    assert told_on(range(101, 200)) == [107]


@pytest.mark.parametrize("before_it", [None, date(2025, 12, 1)])
def test_an_owner_is_told_once_of_an_alert_that_has_had_no_reading_at_all(db: Database, before_it: date | None) -> None:
    """Neither before it was made, nor, though its signal had one long ago, in the five sessions since."""
    with transaction(db):
        alert = add(db, NOW)
        if before_it is not None:
            reading_until(db, before_it)
        db.execute("UPDATE trigger SET state = 'new', since_session = ?", (DAY.toordinal(),))
        own = OwnSignals((OwnSignal("SMH/IGV", "chips", 7),))
        assert tell_silent(db, date(2026, 1, 20), DAY, SIGNALS, own, now=NOW) == 0
        assert tell_silent(db, date(2026, 1, 21), date(2026, 1, 14), SIGNALS, own, now=NOW) == 1
        assert tell_silent(db, date(2026, 1, 22), date(2026, 1, 15), SIGNALS, own, now=LATER) == 0
    [sentence] = sentences(db)
    assert sentence == (
        f"Alert {alert.number} on Silver has had no reading since it was set on Tue, Jan 13, so it cannot fire. "
        "`/signal havens.silver` says why."
    )


def test_a_silent_alert_on_an_own_signal_is_called_by_its_name(db: Database) -> None:
    with transaction(db):
        add(db, NOW)
        for table in ("alert", "trigger", "watch"):
            db.execute(f"UPDATE {table} SET signal = 'own.SMH/IGV'")
        db.execute("UPDATE trigger SET since_session = ?", (DAY.toordinal(),))
        own = OwnSignals((OwnSignal("SMH/IGV", "chips", 7),))
        assert tell_silent(db, date(2026, 1, 21), date(2026, 1, 14), SIGNALS, own, now=NOW) == 1
    [sentence] = sentences(db)
    assert " on chips (SMH/IGV) has had" in sentence
    assert sentence.endswith("`/signal mine.chips` says why.")


IN_CHANNEL = OperatorSection(channel_id=81)


def told_of_no_channel(db: Database, *present: Incident, now: datetime = NOW, version: str = "0.2.0") -> None:
    """A look while Discord has not announced the server of channel 81."""
    with transaction(db):
        follow(db, list(present), IN_CHANNEL, None, version=version, now=now)


def test_what_is_open_when_the_channel_becomes_known_is_told_once(
    db: Database, caplog: pytest.LogCaptureFixture
) -> None:
    told_of_no_channel(db, CLOCK)
    told_of_no_channel(db, CLOCK, DISK, now=LATER)
    told_of_no_channel(db, DISK, now=LATER)
    assert caplog.messages == [CLOCK.begun, DISK.begun]
    assert (sentences(db), incidents.known(db), incidents.owes(db)) == ([], {"disk"}, True)
    for _ in range(2):
        told(db, DISK, now=LATER, section=IN_CHANNEL)
    assert (sentences(db), incidents.owes(db)) == ([DISK.begun], False)
    told_of_no_channel(db, now=LATER)
    told(db, now=LATER, section=IN_CHANNEL)
    assert sentences(db) == [DISK.begun, DISK.over]
    assert caplog.messages == [CLOCK.begun, DISK.begun]


def test_an_upgrade_is_told_once_the_channel_is_known(db: Database) -> None:
    told_of_no_channel(db, version="0.1.0")
    told_of_no_channel(db)
    assert sentences(db) == []
    for _ in range(2):
        told(db, section=IN_CHANNEL)
    [sentence] = sentences(db)
    assert sentence.startswith("The bot was upgraded from version 0.1.0 to 0.2.0. ")


def test_what_waits_for_a_channel_is_told_to_a_person_who_takes_its_place_and_forgotten_where_nobody_does(
    db: Database,
) -> None:
    told_of_no_channel(db, CLOCK)
    told(db, CLOCK)
    told_of_no_channel(db, CLOCK, DISK)
    told(db, CLOCK, DISK, section=OperatorSection())
    assert (sentences(db), incidents.owes(db)) == ([CLOCK.begun], False)


@dataclass
class Gateway:
    """A connection that is up or not and has announced the servers of these channels."""

    ready: bool = True
    guilds: dict[int, int] = field(default_factory=dict)
    woken: int = 0

    def guild_of(self, channel_id: int) -> int | None:
        return self.guilds.get(channel_id)

    def wake(self) -> None:
        self.woken += 1


def watch_of(core: Core, home: Path, gateway: Gateway, *, importing: bool = True) -> OperatorWatch:
    return OperatorWatch(
        core,
        IN_CHANNEL,
        home,
        discord=gateway,
        backup_failure=lambda: None,
        unfinished_check=lambda: None,
        failing_duties=tuple,
        importing=lambda: importing,
    )


async def test_it_looks_once_a_minute_and_only_the_message_waits_until_the_channel_is_known(tmp_path: Path) -> None:
    gateway = Gateway(ready=False)
    async with core_with_readings(tmp_path) as opened:
        core: Core = replace(opened, clock_ahead=lambda: timedelta(minutes=9))
        watch = watch_of(core, tmp_path, gateway)
        await watch.tick(NOW)
        assert "clock" in await core.store.read(incidents.known)
        gateway.guilds[81] = 8
        await watch.tick(NOW + timedelta(seconds=59))
        assert await core.store.read(sentences) == []
        for seconds in (60, 120):
            await watch.tick(NOW + timedelta(seconds=seconds))
        [sentence] = [line for line in await core.store.read(sentences) if "clock" in line]
        assert sentence.startswith("The clock of the bot's machine is 9 minutes ahead of Discord's.")
        assert gateway.woken == 2


async def test_owners_hear_of_silent_alerts_also_where_the_operators_channel_is_unknown(tmp_path: Path) -> None:
    """The newest session of the core is Jan 13; the alert is as old as the last reading, of Jan 5."""
    async with core_with_readings(tmp_path) as core:

        def silenced(db: Database) -> None:
            add(db, NOW)
            reading_until(db, date(2026, 1, 5))
            db.execute("UPDATE trigger SET since_session = ?", (date(2026, 1, 5).toordinal(),))

        await core.store.run(silenced)
        await watch_of(core, tmp_path, Gateway(), importing=False).tick(NOW)
        assert any("has had no reading since Mon, Jan 5" in line for line in await core.store.read(sentences))


async def test_a_channel_that_stays_unknown_is_one_line_of_the_log(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """Five minutes after Discord has announced all servers, not while the connection is down."""
    gateway = Gateway(ready=False)
    async with core_with_readings(tmp_path) as core:
        watch = watch_of(core, tmp_path, gateway)

        async def logged_by(minute: int) -> int:
            await watch.tick(NOW + timedelta(minutes=minute))
            return sum("operator.channel_id 81 is no channel of a server" in line for line in caplog.messages)

        assert await logged_by(0) == await logged_by(20) == 0
        gateway.ready = True
        assert await logged_by(21) == await logged_by(25) == 0
        assert await logged_by(26) == await logged_by(60) == 1
