"""Where messages go: one row for each person's DM and for each channel."""

from __future__ import annotations

from datetime import datetime

from sqlite_utils import Database

from bot.database.codec import Row, changed, instant_or_none, row, rows, seconds
from bot.database.places import places
from bot.domain import place as rules
from bot.domain.model import Destination, DestinationKind, DestinationState

_SELECT = """SELECT id, kind, user_id, channel_id, guild_id, state, reason, fallback_channel_id, refused_since
    FROM destination"""


REACHABLE = """(destination.state = 'active' OR (
    destination.state = 'parked' AND destination.kind = 'dm' AND destination.fallback_channel_id IS NOT NULL))"""
"""The condition that a place can be written to. For a parked DM a channel may stand in: its messages go there."""


def dm_destination(db: Database, user_id: int, *, channel_id: int | None = None, now: datetime) -> Destination:
    """The DM with a person, stored when missing.

    A DM belongs to no server, so it is kept when a server is deleted.

    Args:
        db: The database.
        user_id: The person.
        channel_id: The DM channel that has just been opened; it makes a parked DM active again,
            and one that waits is tried, also for its turn to be opened. None keeps the stored one.
        now: The present.
    """
    db.execute(
        """INSERT INTO destination (kind, user_id, channel_id, state_since) VALUES ('dm', :user, :channel, :now)
        ON CONFLICT (user_id) WHERE kind = 'dm' DO UPDATE SET channel_id = coalesce(excluded.channel_id, channel_id)""",
        {"user": user_id, "channel": channel_id, "now": seconds(now)},
    )
    destination = _one(db, "kind = 'dm' AND user_id = ?", user_id)
    if channel_id is not None:
        unpark(db, destination.id, now=now)
        untried = "UPDATE batch SET not_before = 0 WHERE destination_id = ? AND state = 'open' AND attempts = 0"
        db.execute(untried, (destination.id,))
        destination = _one(db, "id = ?", destination.id)
    return destination


def set_fallback(db: Database, user_id: int, channel_id: int, guild_id: int, *, now: datetime) -> None:
    """Mention the person in that channel whenever their DM is refused, as they have asked for."""
    dm_destination(db, user_id, now=now)
    db.execute(
        """UPDATE destination SET fallback_channel_id = :channel, fallback_guild_id = :guild
        WHERE kind = 'dm' AND user_id = :user""",
        {"user": user_id, "channel": channel_id, "guild": guild_id},
    )


def end_fallback(db: Database, user_id: int) -> bool:
    """End what `set_fallback` began; returns whether there was anything to end."""
    return _without_fallback(db, "user_id = ?", user_id)


def end_fallbacks_in(db: Database, guild_id: int) -> None:
    """Mention nobody in that server any more; those whose DM is refused are told at their next command."""
    _without_fallback(db, "fallback_guild_id = ?", guild_id)


def channel_destination(db: Database, channel_id: int, guild_id: int, *, now: datetime) -> Destination:
    """A channel of a server, stored when missing.

    A parked or paused one becomes active again, one that waits is tried at once.
    """
    db.execute("INSERT INTO guild (id, joined_at) VALUES (?, ?) ON CONFLICT (id) DO NOTHING", (guild_id, seconds(now)))
    db.execute(
        """INSERT INTO destination (kind, channel_id, guild_id, state_since) VALUES ('channel', :channel, :guild, :now)
        ON CONFLICT (channel_id) WHERE kind = 'channel' DO UPDATE SET guild_id = excluded.guild_id""",
        {"channel": channel_id, "guild": guild_id, "now": seconds(now)},
    )
    destination = _one(db, "kind = 'channel' AND channel_id = ?", channel_id)
    unpark(db, destination.id, now=now)
    return _one(db, "id = ?", destination.id)


def get(db: Database, destination_id: int) -> Destination | None:
    """One destination, or None."""
    record = row(db, _SELECT + " WHERE id = ?", (destination_id,))
    return None if record is None else _destination(record)


def existing(db: Database, destination_id: int) -> Destination:
    """One destination that a foreign key names, so that it is there."""
    return _destination(rows(db, _SELECT + " WHERE id = ?", (destination_id,))[0])


def find_dm(db: Database, user_id: int) -> Destination | None:
    """The DM with a person, None when it is not stored."""
    record = row(db, _SELECT + " WHERE kind = 'dm' AND user_id = ?", (user_id,))
    return None if record is None else _destination(record)


def find_channel(db: Database, channel_id: int) -> Destination | None:
    """The destination of a channel, None when it is not stored."""
    record = row(db, _SELECT + " WHERE kind = 'channel' AND channel_id = ?", (channel_id,))
    return None if record is None else _destination(record)


def in_guild(db: Database, guild_id: int) -> list[Destination]:
    """Every channel of a server that has or had something set up, in the order of set-up."""
    return [_destination(record) for record in rows(db, _SELECT + " WHERE guild_id = ?", (guild_id,))]


def park(db: Database, destination_id: int, reason: str, *, now: datetime) -> None:
    """There is no such place any more; `reason` is shown to the people concerned at their next command."""
    places.change(db, destination_id, lambda place: rules.gone(place, reason), now=now)


def unpark(db: Database, destination_id: int, *, now: datetime) -> None:
    """Deliver there again, and at once."""
    places.change(db, destination_id, lambda place: rules.woken(rules.opened(place)), now=now)


def _without_fallback(db: Database, where: str, value: int) -> bool:
    ended = changed(
        db,
        f"""UPDATE destination SET fallback_channel_id = NULL, fallback_guild_id = NULL,
            told = CASE WHEN state = 'parked' THEN 0 ELSE told END
        WHERE kind = 'dm' AND fallback_channel_id IS NOT NULL AND {where}""",  # noqa: S608 - constants of this module
        (value,),
    )
    return ended > 0


def _one(db: Database, where: str, value: int) -> Destination:
    record = row(db, f"{_SELECT} WHERE {where}", (value,))
    if record is None:
        raise LookupError(f"no destination with {where} {value}")
    return _destination(record)


def _destination(record: Row) -> Destination:
    return Destination(
        **{
            **record,
            "kind": DestinationKind(record["kind"]),
            "state": DestinationState(record["state"]),
            "refused_since": instant_or_none(record["refused_since"]),
        },
    )
