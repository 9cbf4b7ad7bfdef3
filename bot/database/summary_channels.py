"""Channels with a daily summary, and its local time of day."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, time

from sqlite_utils import Database

from bot.database.codec import Row, changed, instant, row, rows, seconds
from bot.domain.model import DestinationState

_SELECT = """SELECT s.destination_id, s.zone, s.minute_of_day, s.created_by, s.created_at, d.channel_id, d.guild_id, d.state
    FROM summary_channel AS s JOIN destination AS d ON d.id = s.destination_id"""


@dataclass(frozen=True, slots=True)
class SummaryChannel:
    """A channel with a summary at `at` local time of the IANA `zone`, since `created_at`."""

    destination_id: int
    channel_id: int
    guild_id: int | None
    state: DestinationState
    zone: str
    at: time
    created_by: int
    created_at: datetime


def put(db: Database, destination_id: int, *, zone: str, at: time, created_by: int, now: datetime) -> SummaryChannel:
    """Set or change a channel's summary; `at` counts in whole minutes.

    Setting it again counts as created `now`.
    """
    db.execute(
        """INSERT INTO summary_channel (destination_id, zone, minute_of_day, created_by, created_at)
        VALUES (:destination, :zone, :minute, :by, :now)
        ON CONFLICT (destination_id) DO UPDATE SET zone = excluded.zone, minute_of_day = excluded.minute_of_day,
            created_by = excluded.created_by, created_at = excluded.created_at""",
        {
            "destination": destination_id,
            "zone": zone,
            "minute": at.hour * 60 + at.minute,
            "by": created_by,
            "now": seconds(now),
        },
    )
    summary_channel = get(db, destination_id)
    if summary_channel is None:
        raise LookupError(f"no destination {destination_id}")
    return summary_channel


def remove(db: Database, destination_id: int) -> bool:
    """End a channel's summary and cancel what is not being sent yet; returns whether it had one."""
    db.execute(
        "UPDATE outbox SET state = 'cancelled' WHERE destination_id = ? AND kind = 'summary' AND state = 'due'",
        (destination_id,),
    )
    return changed(db, "DELETE FROM summary_channel WHERE destination_id = ?", (destination_id,)) > 0


def get(db: Database, destination_id: int) -> SummaryChannel | None:
    """The summary of one destination, or None."""
    record = row(db, _SELECT + " WHERE s.destination_id = ?", (destination_id,))
    return None if record is None else _channel(record)


def active(db: Database) -> list[SummaryChannel]:
    """Every channel that has a summary and can be posted to."""
    return [_channel(record) for record in rows(db, _SELECT + " WHERE d.state = 'active' ORDER BY s.destination_id")]


def _channel(record: Row) -> SummaryChannel:
    return SummaryChannel(
        destination_id=record["destination_id"],
        channel_id=record["channel_id"],
        guild_id=record["guild_id"],
        state=DestinationState(record["state"]),
        zone=record["zone"],
        at=time(*divmod(record["minute_of_day"], 60)),
        created_by=record["created_by"],
        created_at=instant(record["created_at"]),
    )
