"""The state of places as it is stored: `bot.domain.place` decides, this module reads and writes."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import replace
from datetime import datetime

from sqlite_utils import Database

from bot.database.codec import Row, instant_or_none, rows, scalar, seconds
from bot.domain import place as rules
from bot.domain.model import DestinationState
from bot.domain.place import Place

_COLUMNS = "id, channel_id, guild_id, state, reason, refused_since, next_try, told"

# The places of a person: their DM, and the channels in which they set something up.
_OF_PERSON = """(user_id = :user
    OR id IN (SELECT destination_id FROM subscription WHERE created_by = :user)
    OR id IN (SELECT destination_id FROM summary_channel WHERE created_by = :user)
    OR id IN (SELECT destination_id FROM reminder WHERE created_by = :user)
    OR id IN (SELECT destination_id FROM board WHERE created_by = :user))"""

# In words of columns: places that wait for their next try, and places that whoever set them up has not been told of.
_WAITS = "next_try IS NOT NULL"
_UNTOLD = "told = 0"


def get(db: Database, destination_id: int) -> Place | None:
    """The state of one place; None when it is not stored."""
    records = _places(db, "id = :id", {"id": destination_id})
    return _place(records[0]) if records else None


def change(db: Database, destination_id: int, step: Callable[[Place], Place], *, now: datetime) -> Place | None:
    """Store what `step` makes of a place; returns it, None when it is not stored."""
    place = get(db, destination_id)
    if place is None:
        return None
    after = step(place)
    if after != place:
        _store(db, destination_id, place, after, now=now)
    return after


def left(db: Database, guild_id: int, *, now: datetime) -> None:
    """The bot is not in the server any more."""
    _change_all(db, _places(db, "guild_id = :guild", {"guild": guild_id}), rules.left, now=now)


def joined(db: Database, guild_id: int, *, now: datetime) -> None:
    """The bot is in the server."""
    places = _places(db, "guild_id = :guild AND (state <> 'active' OR next_try IS NOT NULL)", {"guild": guild_id})
    _change_all(db, places, lambda place: rules.joined(place, now=now), now=now)


def refused_in_guild(db: Database, guild_id: int) -> list[int]:
    """Channels of a server in which the bot may not write for now, or has given up."""
    places = _places(db, "guild_id = :guild AND refused_since IS NOT NULL", {"guild": guild_id})
    return [place["channel_id"] for place in places]


def permitted(db: Database, channel_ids: Collection[int], *, now: datetime) -> None:
    """The bot may write in these channels as far as Discord's events tell."""
    for channel_id in channel_ids:
        places = _places(db, "kind = 'channel' AND channel_id = :channel", {"channel": channel_id})
        _change_all(db, places, rules.permitted, now=now)


def wake(db: Database, user_id: int, *, now: datetime) -> None:
    """The person has given a command: what waits for them is tried at once."""
    places = _places(db, f"{_WAITS} AND {_OF_PERSON}", {"user": user_id})
    _change_all(db, places, rules.woken, now=now)


def concern(db: Database, user_id: int) -> bool:
    """Whether a place of this person waits, or is one that they have to be told of."""
    sql = f"SELECT EXISTS (SELECT 1 FROM destination WHERE ({_WAITS} OR {_UNTOLD}) AND {_OF_PERSON})"  # noqa: S608 - constants
    return bool(scalar(db, sql, {"user": user_id}))


def untold(db: Database, user_id: int) -> list[int]:
    """Ids of the places that wait or are parked and that this person has not been told of."""
    return [place["id"] for place in _places(db, f"{_UNTOLD} AND {_OF_PERSON}", {"user": user_id})]


def refusing(db: Database) -> list[tuple[str, Place]]:
    """Every place that takes no messages, for now or any more, by a name for the operator."""
    records = rows(db, f"SELECT kind, user_id, {_COLUMNS} FROM destination WHERE reason IS NOT NULL ORDER BY id")  # noqa: S608
    return [
        (
            f"DM with {record['user_id']}" if record["kind"] == "dm" else f"channel {record['channel_id']}",
            _place(record),
        )
        for record in records
    ]


def told(db: Database, destination_id: int, *, now: datetime) -> Place | None:
    """Whoever set the place up has been told of its state; returns it."""
    return change(db, destination_id, lambda place: replace(place, told=True), now=now)


def _places(db: Database, where: str, parameters: dict[str, object]) -> list[Row]:
    return rows(db, f"SELECT {_COLUMNS} FROM destination WHERE {where} ORDER BY id", parameters)  # noqa: S608 - constants


def _change_all(db: Database, places: list[Row], step: Callable[[Place], Place], *, now: datetime) -> None:
    for record in places:
        before = _place(record)
        if (after := step(before)) != before:
            _store(db, record["id"], before, after, now=now)


def _place(record: Row) -> Place:
    return Place(
        state=DestinationState(record["state"]),
        reason=record["reason"],
        refused_since=instant_or_none(record["refused_since"]),
        next_try=instant_or_none(record["next_try"]),
        told=bool(record["told"]),
    )


def _store(db: Database, destination_id: int, before: Place, after: Place, *, now: datetime) -> None:
    db.execute(
        """UPDATE destination SET state = :state, reason = :reason, refused_since = :refused, next_try = :next,
            told = :told, state_since = CASE WHEN :moved THEN :now ELSE state_since END WHERE id = :id""",
        {
            "id": destination_id,
            "state": after.state.value,
            "reason": after.reason,
            "refused": None if after.refused_since is None else seconds(after.refused_since),
            "next": None if after.next_try is None else seconds(after.next_try),
            "told": after.told,
            "moved": (before.state, before.waits) != (after.state, after.waits),
            "now": seconds(now),
        },
    )
