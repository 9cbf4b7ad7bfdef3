"""When places want their alerts (`bot.calendar.delivery_times`), and holding back what waits for that."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime, time

from sqlite_utils import Database

from bot.calendar.delivery_times import AT_ONCE, DeliveryTimes, QuietHours, held_until
from bot.database.codec import Row, instant, instant_or_none, row, rows, seconds

# Until when messages of the alert of an outbox row are snoozed at its destination.
_SNOOZED = """SELECT snoozed_until FROM subscription
    WHERE subscription.alert_id = outbox.alert_id AND subscription.destination_id = outbox.destination_id"""


def get(db: Database, destination_id: int) -> DeliveryTimes:
    """What is set for a place; nothing where nobody has set anything."""
    record = row(db, "SELECT * FROM delivery_times WHERE destination_id = ?", (destination_id,))
    return AT_ONCE if record is None else _times(record)


def change(
    db: Database, destination_id: int, step: Callable[[DeliveryTimes], DeliveryTimes], *, created_by: int, now: datetime
) -> DeliveryTimes:
    """Store what `step` makes of the settings of a place; what waits there follows the new ones. Returns them."""
    times = step(get(db, destination_id))
    quiet = times.quiet
    db.execute(
        """INSERT INTO delivery_times (destination_id, zone, quiet_from, quiet_to, quiet_days, digest_at, snoozed_until,
            created_by, created_at)
        VALUES (:destination, :zone, :from, :to, :days, :digest, :snoozed, :by, :now)
        ON CONFLICT (destination_id) DO UPDATE SET zone = excluded.zone, quiet_from = excluded.quiet_from,
            quiet_to = excluded.quiet_to, quiet_days = excluded.quiet_days, digest_at = excluded.digest_at,
            snoozed_until = excluded.snoozed_until, created_by = excluded.created_by, created_at = excluded.created_at""",
        {
            "destination": destination_id,
            "zone": times.zone,
            "from": None if quiet is None else _minute(quiet.start),
            "to": None if quiet is None else _minute(quiet.end),
            "days": None if quiet is None else sum(1 << day for day in quiet.days),
            "digest": None if times.digest is None else _minute(times.digest),
            "snoozed": None if times.snoozed_until is None else seconds(times.snoozed_until),
            "by": created_by,
            "now": seconds(now),
        },
    )
    # What was held back by the settings before is due, unless its alert is snoozed; `hold` then reads the new settings.
    db.execute(
        f"""UPDATE outbox SET held_until = coalesce(({_SNOOZED}), 0)
        WHERE destination_id = ? AND state = 'due' AND held_until IS NOT NULL""",  # noqa: S608 - a constant
        (destination_id,),
    )
    return times


def snoozes_of_alert(db: Database, alert_id: int) -> list[datetime]:
    """Until when what an alert sends is held back by a snooze: one of its own, or one of all alerts of its place."""
    records = rows(
        db,
        """SELECT subscription.snoozed_until FROM subscription WHERE alert_id = :alert
        UNION ALL SELECT delivery_times.snoozed_until FROM subscription JOIN delivery_times USING (destination_id)
        WHERE alert_id = :alert""",
        {"alert": alert_id},
    )
    return [until for record in records if (until := instant_or_none(record["snoozed_until"])) is not None]


def snooze_all(db: Database, destination_id: int, until: datetime | None, *, created_by: int, now: datetime) -> None:
    """Hold back every alert for a place until an instant; None ends that, and what was held back is sent at once."""
    change(db, destination_id, lambda times: replace(times, snoozed_until=until), created_by=created_by, now=now)


def hold(db: Database, destination_id: int, *, now: datetime) -> int:
    """Hold back what is due for a place and has to wait by its settings; returns how many have to.

    Alerts wait for all of them, what is told of the calendar for quiet hours alone. To be called in the transaction that
    would send them, so that whatever enqueued them follows the settings.
    """
    times = get(db, destination_id)
    calendar = replace(times, digest=None, snoozed_until=None)
    due = rows(
        db,
        f"""SELECT id, min(created_at, :now) AS created_at, held_until, coalesce(({_SNOOZED}), 0) AS snoozed_until,
            kind = 'alert' AS alert
        FROM outbox WHERE destination_id = :destination AND state = 'due' AND kind IN ('alert', 'reminder', 'release')
            AND (held_until IS NULL OR held_until <= :now)""",  # noqa: S608 - a constant
        {"destination": destination_id, "now": seconds(now)},
    )
    waiting = 0
    ends: dict[tuple[int, int, int], datetime | None] = {}
    for record in due:
        waits = record["created_at"], record["snoozed_until"], record["alert"]
        if waits not in ends:
            since, snoozed = map(instant, waits[:2])
            longest = max(snoozed, times.snoozed_until or snoozed)
            settings = replace(times, snoozed_until=longest) if record["alert"] else calendar
            ends[waits] = held_until(settings, since, now)
        end = ends[waits]
        if end is not None:
            waiting += end > now
            db.execute("UPDATE outbox SET held_until = ? WHERE id = ?", (seconds(end), record["id"]))
    return waiting


def _minute(at: time) -> int:
    return at.hour * 60 + at.minute


def _time(minute: int) -> time:
    return time(*divmod(minute, 60))


def _times(record: Row) -> DeliveryTimes:
    return DeliveryTimes(
        zone=record["zone"],
        quiet=_quiet(record),
        digest=None if record["digest_at"] is None else _time(record["digest_at"]),
        snoozed_until=instant_or_none(record["snoozed_until"]),
    )


def _quiet(record: Mapping[str, int | None]) -> QuietHours | None:
    start, end, days = record["quiet_from"], record["quiet_to"], record["quiet_days"]
    if start is None or end is None or days is None:
        return None
    return QuietHours(_time(start), _time(end), frozenset(day for day in range(7) if days & 1 << day))
