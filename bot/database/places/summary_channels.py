"""Channels and people with a daily summary or a weekly letter, and its local time of day."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, time

from sqlite_utils import Database

from bot.calendar.delivery_times import AT_ONCE, DeliveryTimes
from bot.database.codec import Row, changed, instant, row, rows, seconds
from bot.database.places import delivery_times
from bot.database.places.destinations import REACHABLE
from bot.domain.model import DestinationKind, DestinationState, SummaryCadence

_SELECT = """SELECT s.destination_id, s.zone, s.minute_of_day, s.created_by, s.created_at, s.cadence, destination.kind,
        destination.channel_id, destination.guild_id, destination.state,
        EXISTS (SELECT 1 FROM delivery_times AS t WHERE t.destination_id = destination.id) AS timed
    FROM summary_channel AS s JOIN destination ON destination.id = s.destination_id"""


@dataclass(frozen=True, slots=True)
class SummaryChannel:
    """A place with a summary at `at` local time of the IANA `zone`, since `created_at`.

    `channel_id` is None for a DM that has not been opened. `direct`: the place is a DM. `times`: its quiet hours.
    """

    destination_id: int
    channel_id: int | None
    guild_id: int | None
    state: DestinationState
    zone: str
    at: time
    created_by: int
    created_at: datetime
    cadence: SummaryCadence = SummaryCadence.DAILY
    direct: bool = False
    times: DeliveryTimes = AT_ONCE


def put(
    db: Database,
    destination_id: int,
    *,
    zone: str,
    at: time,
    created_by: int,
    now: datetime,
    cadence: SummaryCadence = SummaryCadence.DAILY,
) -> SummaryChannel:
    """Set or change a place's summary; `at` counts in whole minutes.

    Setting it again counts as created `now`.
    """
    db.execute(
        """INSERT INTO summary_channel (destination_id, zone, minute_of_day, cadence, created_by, created_at)
        VALUES (:destination, :zone, :minute, :cadence, :by, :now)
        ON CONFLICT (destination_id) DO UPDATE SET zone = excluded.zone, minute_of_day = excluded.minute_of_day,
            cadence = excluded.cadence, created_by = excluded.created_by, created_at = excluded.created_at""",
        {
            "destination": destination_id,
            "zone": zone,
            "minute": at.hour * 60 + at.minute,
            "cadence": cadence.value,
            "by": created_by,
            "now": seconds(now),
        },
    )
    summary_channel = get(db, destination_id)
    if summary_channel is None:
        raise LookupError(f"no destination {destination_id}")
    return summary_channel


def remove(db: Database, destination_id: int) -> bool:
    """End a place's summary and cancel what is not being sent yet; returns whether it had one."""
    db.execute(
        """UPDATE outbox SET state = 'cancelled'
        WHERE destination_id = ? AND kind IN ('summary', 'letter') AND state = 'due'""",
        (destination_id,),
    )
    return changed(db, "DELETE FROM summary_channel WHERE destination_id = ?", (destination_id,)) > 0


def get(db: Database, destination_id: int) -> SummaryChannel | None:
    """The summary of one destination, or None."""
    record = row(db, _SELECT + " WHERE s.destination_id = ?", (destination_id,))
    return None if record is None else _channel(db, record)


def active(db: Database) -> list[SummaryChannel]:
    """Every place that has a summary and can be posted to, or whose channel for mentions can."""
    return [_channel(db, record) for record in rows(db, f"{_SELECT} WHERE {REACHABLE} ORDER BY s.destination_id")]


def _channel(db: Database, record: Row) -> SummaryChannel:
    return SummaryChannel(
        destination_id=record["destination_id"],
        channel_id=record["channel_id"],
        guild_id=record["guild_id"],
        state=DestinationState(record["state"]),
        zone=record["zone"],
        at=time(*divmod(record["minute_of_day"], 60)),
        created_by=record["created_by"],
        created_at=instant(record["created_at"]),
        cadence=SummaryCadence(record["cadence"]),
        direct=record["kind"] == DestinationKind.DM.value,
        times=delivery_times.get(db, record["destination_id"]) if record["timed"] else AT_ONCE,
    )
