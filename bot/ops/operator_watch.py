"""Tells whoever runs the installation what is wrong with it, and people which of their alerts have gone silent.

Everything goes through the outbox: what has begun or ended and the message about it are one
transaction, and the message has a key of its own, so that a kill at any step neither loses nor
repeats it.
"""

from __future__ import annotations

import contextlib
import logging
import shutil
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Protocol

from bot import outbox
from bot.calendar.clock import new_york_date
from bot.commands.context import Core
from bot.database import Database, DatabaseError, incidents, key_value
from bot.database.alerts import silent_alerts
from bot.database.incidents import Incident, IncidentMessage
from bot.database.places import destinations
from bot.domain.model import Destination, ItemKind, OutboxItem
from bot.domain.own_signal import OwnSignals
from bot.formatting import formats
from bot.ops.duties import FailingDuty
from bot.ops.operator_incidents import InstallationState
from bot.ops.operator_incidents import incidents as found
from bot.readings.pipeline import UnfinishedCheck
from bot.settings.config import OperatorSection
from signals.core.model import Signal

log = logging.getLogger(__name__)

EVERY = timedelta(minutes=1)
UNKNOWN_AFTER = timedelta(minutes=5)
"""Discord announces all servers within seconds; one that is down may take minutes."""

SILENT_SESSIONS = 5

_VERSION, _SILENCE = "version", "silent_alerts.session"


class Connection(Protocol):
    """What the watch needs of the connection to Discord."""

    @property
    def ready(self) -> bool:
        """Whether Discord counts the bot as online."""

    def guild_of(self, channel_id: int) -> int | None:
        """The server of a channel; None where Discord has not announced it."""

    def wake(self) -> None:
        """Have what is due delivered."""


@dataclass
class OperatorWatch:
    """Looks once a minute.

    Attributes:
        core: The core of all commands.
        section: Who is told; without anybody only the log is.
        home: The folder whose disk is watched.
        discord: The connection to Discord.
        backup_failure: Why there is no copy of today.
        importing: Whether the first download is under way.
        unfinished_check: The check that has not ended yet.
        failing_duties: The duties of a tick that fail.
    """

    core: Core
    section: OperatorSection
    home: Path
    discord: Connection
    backup_failure: Callable[[], str | None]
    importing: Callable[[], bool]
    unfinished_check: Callable[[], UnfinishedCheck | None]
    failing_duties: Callable[[], Collection[FailingDuty]]
    _looked_at: datetime | None = field(default=None, init=False)
    _unknown_since: datetime | None = field(default=None, init=False)
    _unknown_logged: bool = field(default=False, init=False)

    async def tick(self, now: datetime) -> None:
        """Look, where it is time."""
        if self._looked_at is not None and timedelta(0) <= now - self._looked_at < EVERY:
            return
        self._looked_at = now
        # A full disk takes no message either; what is wrong then is told when it has room.
        with contextlib.suppress(DatabaseError):
            await self._look(now)

    async def _look(self, now: datetime) -> None:
        store = self.core.store
        known, dead, owes = await store.read(_stored)
        condition = InstallationState(
            self._free(), dead, self.backup_failure(), self.importing(), self.unfinished_check(), self.failing_duties()
        )
        present = found(self.core, condition, known)
        guild_id = self._guild_id(now)
        waits = self.section.channel_id is not None and guild_id is None
        changed = {incident.key for incident in present} != known
        if changed or (owes and not waits) or await store.read(_version) != self.core.version:
            await store.run(follow, present, self.section, guild_id, version=self.core.version, now=now)
            self.discord.wake()
        await self._report_silent_alerts(now)

    def _guild_id(self, now: datetime) -> int | None:
        """The server of the operator's channel. Logs, once, that none is known although Discord has announced all."""
        channel_id = self.section.channel_id
        if channel_id is None:
            return None
        guild_id = self.discord.guild_of(channel_id)
        if guild_id is not None or not self.discord.ready:
            self._unknown_since = None
        elif self._unknown_since is None:
            self._unknown_since = now
        elif now - self._unknown_since >= UNKNOWN_AFTER and not self._unknown_logged:
            self._unknown_logged = True
            log.error(
                "operator.channel_id %d is no channel of a server that the bot is in (a wrong id, deleted, or an archived "
                "thread), so what is wrong with the installation is in this log only: set it to a channel that the bot can "
                "see, or set operator.user_id instead",
                channel_id,
            )
        return guild_id

    def _free(self) -> int | None:
        try:
            return shutil.disk_usage(self.home).free
        except OSError:
            return None

    async def _report_silent_alerts(self, now: datetime) -> None:
        """Once a session, after the check of the newest one."""
        snapshot = self.core.readings.snapshot
        newest = snapshot.newest_final if snapshot is not None else None
        if newest is None or newest != self.core.calendar.last_final(now) or self.importing():
            return
        if await self.core.store.read(key_value.get, _SILENCE) == newest.isoformat():
            return
        before = newest
        for _ in range(SILENT_SESSIONS - 1):
            before = self.core.calendar.before(before)
        count = await self.core.store.run(
            tell_silent, newest, before, self.core.signals, self.core.own.current, now=now
        )
        if count:
            log.info("told the owners of %s that they have had no reading", formats.counted(count, "alert"))
            self.discord.wake()


def follow(
    db: Database,
    present: list[Incident],
    section: OperatorSection,
    guild_id: int | None,
    *,
    version: str,
    now: datetime,
) -> None:
    """Record incidents and an upgrade, log them, and enqueue what the operator is told. One transaction.

    Where their channel is not known yet (`guild_id`), the messages wait until it is.
    """
    notices = [*_upgrade(db, version, now), *incidents.follow(db, present, now=now)]
    for message in notices:
        log.log(logging.WARNING if message.is_wrong else logging.INFO, "%s", message.sentence)
    incidents.owe(db, notices)
    if not incidents.owes(db):
        return
    place = _place(db, section, guild_id, now)
    if place is not None:
        for message in incidents.take(db):
            outbox.put(db, _item(message, place, now))
    elif section.channel_id is None:
        incidents.take(db)


def tell_silent(
    db: Database,
    newest: date,
    before: date,
    signals: Mapping[str, Signal],
    own: OwnSignals,
    *,
    now: datetime,
) -> int:
    """Enqueue a notice for each own alert without a final reading since before `before`; returns how many.

    One silence is told once, however long it lasts: the alert stores that, because the row of the notice is deleted.
    """
    key_value.put(db, _SILENCE, newest.isoformat())
    stale = silent_alerts.stale_signals(db, before)
    alerts = silent_alerts.untold(db, before, [name for name in stale if name in signals])
    silent_alerts.told(db, alerts)
    return sum(outbox.put(db, _notice(alert, _named(alert, signals, own), newest, now)) for alert in alerts)


def _stored(db: Database) -> tuple[frozenset[str], int, bool]:
    """The incidents that have begun, how many messages are dead, and whether the operator is owed a message."""
    return incidents.known(db), outbox.pending(db).dead, incidents.owes(db)


def _version(db: Database) -> str | None:
    return key_value.get(db, _VERSION)


def _upgrade(db: Database, version: str, now: datetime) -> list[IncidentMessage]:
    before = _version(db)
    if before == version:
        return []
    key_value.put(db, _VERSION, version)
    if before is None:
        return []
    sentence = (
        f"The bot was upgraded from version {before} to {version}. Where that changed a database, the copy of before is in "
        "backups/ of the home folder."
    )
    return [IncidentMessage(f"operator:version:{int(now.timestamp())}:{version}", sentence, is_wrong=False)]


def _place(db: Database, section: OperatorSection, guild_id: int | None, now: datetime) -> Destination | None:
    if section.user_id is not None:
        return destinations.dm_destination(db, section.user_id, now=now)
    if section.channel_id is not None and guild_id is not None:
        return destinations.find_channel(db, section.channel_id) or destinations.channel_destination(
            db, section.channel_id, guild_id, now=now
        )
    return None


def _item(message: IncidentMessage, place: Destination, now: datetime) -> OutboxItem:
    return OutboxItem(
        id=0,
        key=message.key,
        kind=ItemKind.NOTICE,
        destination_id=place.id,
        session=new_york_date(now),
        created_at=now,
        sentence=message.sentence,
    )


def _named(alert: silent_alerts.SilentAlert, signals: Mapping[str, Signal], own: OwnSignals) -> tuple[str, str]:
    """What its owner calls the signal of an alert, and what they type for it."""
    for row in own.of(alert.owner_id, alert.guild_id):
        if row.signal == alert.signal:
            return row.label, row.title
    return signals[alert.signal].label, alert.signal


def _notice(alert: silent_alerts.SilentAlert, names: tuple[str, str], newest: date, now: datetime) -> OutboxItem:
    label, typed = names
    if alert.last is not None:
        since = f"since {formats.day(alert.last, today=newest)}"
    else:
        since = f"since it was set on {formats.day(alert.made, today=newest)}"
    return OutboxItem(
        id=0,
        key=f"silent:{alert.alert_id}:{alert.destination_id}:{alert.since.isoformat()}",
        kind=ItemKind.NOTICE,
        destination_id=alert.destination_id,
        session=newest,
        created_at=now,
        alert_id=alert.alert_id,
        owner_id=alert.owner_id,
        signal=alert.signal,
        sentence=(
            f"Alert {alert.number} on {label} has had no reading {since}, so it cannot fire. `/signal {typed}` says why."
        ),
    )
