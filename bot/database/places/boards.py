"""Live boards: one message of a channel that is edited for every snapshot, at most once a minute.

The tick puts one row a board into the outbox, in place of what waits there. The row of the board says which message is
edited, so that after a kill the same message is edited on.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlite_utils import Database

from bot.database.codec import changed, ordinal, row, scalar, seconds, session
from bot.database.places import places
from bot.domain import place as rules

EVERY = timedelta(seconds=60)
"""The shortest time between two edits of a board."""


@dataclass(frozen=True, slots=True)
class Board:
    """The message that is edited, None before it has been posted, and the session with which it was posted.

    `ended`: the message is to be deleted, and the board with it.
    """

    message_id: int | None
    posted_session: date | None
    ended: bool


def put(db: Database, destination_id: int, *, created_by: int, now: datetime) -> None:
    """Give a channel a board; one that it has goes on, even where it was about to end."""
    db.execute(
        """INSERT INTO board (destination_id, created_by, created_at) VALUES (?, ?, ?)
        ON CONFLICT (destination_id) DO UPDATE SET ended = 0, made_at = 0""",
        (destination_id, created_by, seconds(now)),
    )


def end(db: Database, destination_id: int, *, now: datetime) -> bool:
    """Have the message of a board deleted, and the board with it; returns whether there was one."""
    if not changed(db, "UPDATE board SET ended = 1 WHERE destination_id = ? AND NOT ended", (destination_id,)):
        return False
    _replace(db, "destination_id = :destination", f"off:{seconds(now)}", ordinal(now.date()), now, destination_id)
    return True


def running(db: Database, destination_id: int) -> bool:
    """Whether a channel has a board."""
    sql = "SELECT EXISTS (SELECT 1 FROM board WHERE destination_id = ? AND NOT ended)"
    return bool(scalar(db, sql, (destination_id,)))


def get(db: Database, destination_id: int) -> Board | None:
    """The board of a channel, also one that ends; None where it has none."""
    record = row(db, "SELECT * FROM board WHERE destination_id = ?", (destination_id,))
    if record is None:
        return None
    posted_session = record["posted_session"]
    return Board(
        record["message_id"], None if posted_session is None else session(posted_session), bool(record["ended"])
    )


def behind(db: Database, made_at: datetime) -> bool:
    """Whether a board has not been given the snapshot that was made then."""
    return bool(scalar(db, f"SELECT EXISTS (SELECT 1 FROM board WHERE {_BEHIND})", {"made": seconds(made_at)}))  # noqa: S608


def enqueue(db: Database, shown: date, made_at: datetime, *, now: datetime) -> None:
    """Have every board that is behind show the snapshot that was made then, of the session `shown`."""
    _replace(db, _BEHIND, str(seconds(made_at)), ordinal(shown), now)
    db.execute(f"UPDATE board SET made_at = :made WHERE {_BEHIND}", {"made": seconds(made_at)})  # noqa: S608


_BEHIND = """NOT ended AND made_at <> :made
    AND destination_id IN (SELECT id FROM destination WHERE state = 'active')"""


def _replace(db: Database, where: str, name: str, shown: int, now: datetime, destination_id: int | None = None) -> None:
    """Put a row for each board into the outbox, in place of one that waits there."""
    values = {
        **{"name": name, "made": name if name.isdigit() else 0, "shown": shown, "now": seconds(now)},
        **{"destination": destination_id, "every": int(EVERY.total_seconds())},
    }
    boards = f"SELECT destination_id FROM board WHERE {where}"  # noqa: S608 - constants of this module
    db.execute(f"DELETE FROM outbox WHERE kind = 'board' AND state = 'due' AND destination_id IN ({boards})", values)  # noqa: S608
    db.execute(
        f"""INSERT INTO outbox (key, kind, destination_id, session, created_at, held_until)
        SELECT 'board:' || destination_id || ':' || :name, 'board', destination_id, :shown, :now,
            CASE WHEN edited_at + :every > :now THEN edited_at + :every END
        FROM board WHERE {where} ON CONFLICT (key) DO NOTHING""",  # noqa: S608 - constants of this module
        values,
    )


def posted(db: Database, batch_id: int, message_id: int | None, *, now: datetime) -> None:
    """A batch has been posted: where it is a board's, this is the message that is edited from now on."""
    record = row(
        db,
        "SELECT destination_id, max(session) AS shown FROM outbox WHERE batch_id = ? AND kind = 'board' GROUP BY 1",
        (batch_id,),
    )
    if record is not None:
        db.execute(
            "UPDATE board SET message_id = ?, posted_session = ?, edited_at = ? WHERE destination_id = ?",
            (message_id, record["shown"], seconds(now), record["destination_id"]),
        )


def lost(db: Database, destination_id: int, message_id: int) -> None:
    """This message of a board is there no more: the next one is posted."""
    db.execute(
        "UPDATE board SET message_id = NULL WHERE destination_id = ? AND message_id = ?", (destination_id, message_id)
    )


def edited(db: Database, batch_id: int, nonce: str, *, now: datetime) -> None:
    """The message shows the batch. Of an edit nothing is kept but its instant: there is one after every check."""
    destination_id = _place_of(db, batch_id, nonce)
    if destination_id is not None:
        _forget_batch(db, batch_id)
        db.execute("UPDATE board SET edited_at = ? WHERE destination_id = ?", (seconds(now), destination_id))
        places.change(db, destination_id, rules.delivered, now=now)


def forget(db: Database, batch_id: int, nonce: str) -> None:
    """The board has ended and its message is deleted, or there is no board for this batch any more."""
    destination_id = _place_of(db, batch_id, nonce)
    if destination_id is not None:
        _forget_batch(db, batch_id)
        db.execute("DELETE FROM board WHERE destination_id = ? AND ended", (destination_id,))


def put_off(db: Database, batch_id: int, nonce: str, *, until: datetime) -> None:
    """Edit later. Meanwhile what else is due for the channel is sent."""
    if _place_of(db, batch_id, nonce) is not None:
        db.execute(
            "UPDATE outbox SET state = 'due', batch_id = NULL, held_until = ? WHERE batch_id = ?",
            (seconds(until), batch_id),
        )
        db.execute("DELETE FROM batch WHERE id = ?", (batch_id,))


def _place_of(db: Database, batch_id: int, nonce: str) -> int | None:
    """The destination of an open batch; None for one that has been undone, settled or made anew meanwhile."""
    sql = "SELECT destination_id FROM batch WHERE id = ? AND nonce = ? AND state = 'open'"
    batch = row(db, sql, (batch_id, nonce))
    return None if batch is None else int(batch["destination_id"])


def _forget_batch(db: Database, batch_id: int) -> None:
    db.execute("DELETE FROM outbox WHERE batch_id = ?", (batch_id,))
    db.execute("DELETE FROM batch WHERE id = ?", (batch_id,))
