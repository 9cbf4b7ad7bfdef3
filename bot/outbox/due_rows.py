"""Due rows: which places have any that may be written now, in their order, and which of them one message takes."""

from __future__ import annotations

from datetime import datetime

from bot.database import Database
from bot.database.codec import Row, row, rows, seconds
from bot.database.places import delivery_times
from bot.database.places.destinations import REACHABLE
from bot.domain.model import ItemKind

MOST_ITEMS = 10
"""Items in one message: Discord takes ten embeds."""

MOST_WAITING = 200
"""Items in the one message about what waited; the renderer makes lines of those that have no embed."""

LONGEST_WAIT = 2 * 86_400
"""No wait is longer, in seconds. One that ends later was reckoned by a clock that was wrong, and is over."""


def over(column: str) -> str:
    """The condition that an instant is over, or later than anything waits."""
    return f"({column} <= :now OR {column} > :now + {LONGEST_WAIT})"


# A place that refused is tried when its time has come, and while there may be more refusals at all.
TRIED = f"""{REACHABLE} AND (destination.next_try IS NULL OR (:retries > 0 AND {over("destination.next_try")}))"""

_DUE = "outbox.state = 'due' AND (outbox.held_until IS NULL OR outbox.held_until <= :now)"

# What is told of the calendar is told together.
_MESSAGE = "CASE kind WHEN 'release' THEN 'reminder' ELSE kind END"

# No new batch while another one of the destination is open: rows that become due meanwhile are
# merged into the next one, so a destination that cannot be reached for hours gets a few full
# messages instead of hundreds. A batch that waits aside holds up what could pass it or double it: a later summary while
# it is certainly not posted, and a board where it may be the message that is to be edited.
WITHOUT_OPEN = """NOT EXISTS (
    SELECT 1 FROM batch WHERE batch.state = 'open' AND batch.destination_id = outbox.destination_id AND (NOT batch.aside
        OR (batch.in_doubt_since IS NULL AND outbox.kind IN ('summary', 'letter'))
        OR (outbox.kind = 'board' AND EXISTS (
            SELECT 1 FROM outbox AS item WHERE item.batch_id = batch.id AND item.kind = 'board'))))"""


def _places(due: str, order: str) -> str:
    """The query for up to `:limit` destinations that have such rows.

    It walks an index in its order and ends with the last of them, whatever waits behind.
    """
    return f"""SELECT DISTINCT destination.id, destination.next_try IS NOT NULL AS refused,
            EXISTS (SELECT 1 FROM delivery_times WHERE delivery_times.destination_id = destination.id) AS timed,
            (SELECT min(id) FROM outbox AS due WHERE due.state = 'due' AND due.destination_id = destination.id) AS oldest
        FROM outbox CROSS JOIN destination ON destination.id = outbox.destination_id
        WHERE outbox.state = 'due' AND {due} AND {TRIED} AND {WITHOUT_OPEN} ORDER BY {order} LIMIT :limit"""  # noqa: S608 - constants of this module


_AT_ONCE = _places("outbox.held_until IS NULL AND outbox.kind <> 'board'", "outbox.id")
_HELD = "outbox.held_until IS NOT NULL AND outbox.held_until <= :now"
_HELD_TILL_NOW = _places(f"{_HELD} AND outbox.kind <> 'board'", "outbox.held_until")
_BOARDS = _places("outbox.held_until IS NULL AND outbox.kind = 'board'", "outbox.id")
_BOARDS_TILL_NOW = _places(f"{_HELD} AND outbox.kind = 'board'", "outbox.held_until")


def places_to_write_to(db: Database, now: datetime, limit: int, retries: int) -> list[Row]:
    """As `with_due_rows`, after holding back what has to wait by the settings of its place.

    Twice as many places are looked at each time that some had to wait, so that a night in which everybody's alerts fire
    costs a few looks at the outbox and not one for each batch.
    """
    looked_at = limit
    while True:
        places = with_due_rows(db, seconds(now), looked_at, retries)
        if not sum(delivery_times.hold(db, place["id"], now=now) for place in places if place["timed"]):
            return places[:limit]
        looked_at *= 2


def with_due_rows(db: Database, now: int, limit: int, retries: int) -> list[Row]:
    """Ids of the destinations that a new batch can be made for, by their oldest due row.

    With each whether it refused the last time, and whether its alerts have times. Those that wait for
    nothing but a live board come last.
    """
    present = {"now": now, "limit": limit, "retries": retries}
    places: dict[int, Row] = {}
    for kinds in ((_AT_ONCE, _HELD_TILL_NOW), (_BOARDS, _BOARDS_TILL_NOW)):
        if len(places) < limit:
            found = [place for due in kinds for place in rows(db, due, present)]
            for place in sorted(found, key=lambda place: place["oldest"]):
                places.setdefault(place["id"], place)
    return list(places.values())[:limit]


def mergeable(db: Database, destination_id: int, now: int, *, refused: bool) -> list[int]:
    """Ids of the oldest due rows of a destination that fit into one message.

    All of them have the kind of the oldest one, where reminders and releases are one kind, and were held back as it was or
    were not. A live board waits for the rest.
    """
    where = {"destination": destination_id, "now": now}
    first = row(
        db,
        f"""SELECT {_MESSAGE} AS kind, held_until IS NOT NULL AS held FROM outbox
        WHERE {_DUE} AND destination_id = :destination AND {WITHOUT_OPEN} ORDER BY kind = 'board', id LIMIT 1""",  # noqa: S608 - constants of this module
        where,
    )
    if first is None:
        raise LookupError(f"the due rows of destination {destination_id} vanished within their own transaction")
    together = refused or first["held"] or first["kind"] in (ItemKind.SUMMARY.value, ItemKind.LETTER.value)
    items = rows(
        db,
        f"""SELECT id FROM outbox WHERE {_DUE} AND destination_id = :destination AND {_MESSAGE} = :kind
            AND (held_until IS NOT NULL) = :held ORDER BY id LIMIT :most""",  # noqa: S608 - constants of this module
        {**where, **first, "most": MOST_WAITING if together else MOST_ITEMS},
    )
    return [item["id"] for item in items]
