"""Own signals: names of expressions, the listings of their tickers, and the alerts that end with them.

An alert on an own signal stands on a row of its owner or of a server. When the last of those is
gone it ends, with a notice to wherever it posted.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime

from sqlite_utils import Database

from bot.database.alerts import members
from bot.database.codec import changed, ordinal, rows, scalar, seconds, session
from bot.database.places import destinations
from bot.domain.own_signal import Listing, OwnSignal, OwnSignals

NOBODY = 0
"""Stands where somebody's id was who has left: what they set up for a channel belongs to its server."""

# The bounds are those of the partial index `alert_own`, so that no other alert is looked at.
_OF_OWN_SIGNALS = "alert.signal >= 'own.' AND alert.signal < 'own/' AND alert.ended_at IS NULL"

_STANDS = """EXISTS (SELECT 1 FROM own_signal WHERE 'own.' || expression = alert.signal
    AND (user_id = alert.owner_id OR guild_id IS NOT NULL))"""

_NOTICES = """INSERT INTO outbox (key, kind, destination_id, alert_id, owner_id, signal, session, created_at)
    SELECT 'ended:' || alert.id || ':' || destination_id || ':' || :now, 'notice', destination_id, alert.id, owner_id, signal,
        :session, :now
    FROM ending JOIN alert USING (id) JOIN subscription ON subscription.alert_id = alert.id
    WHERE true ON CONFLICT (key) DO NOTHING"""


def load(db: Database) -> OwnSignals:
    """All own signals, oldest first, with the listings of their tickers."""
    names = rows(db, "SELECT expression, name, user_id, guild_id, created_by FROM own_signal ORDER BY id")
    listings = rows(db, "SELECT symbol, name, currency, first_day FROM own_ticker")
    reported = frozenset(row["symbol"] for row in rows(db, "SELECT symbol FROM own_ticker WHERE gone_told"))
    return OwnSignals(
        tuple(OwnSignal(**record) for record in names),
        {record["symbol"]: Listing(**{**record, "first_day": _day(record["first_day"])}) for record in listings},
        reported,
    )


def add(db: Database, own: OwnSignal, listings: Iterable[Listing], *, now: datetime) -> None:
    """Store a name and what its tickers are. Raises IntegrityError for a name that its owner has already."""
    if own.guild_id is not None:
        db.execute(
            "INSERT INTO guild (id, joined_at) VALUES (?, ?) ON CONFLICT DO NOTHING", (own.guild_id, seconds(now))
        )
    db.execute(
        """INSERT INTO own_signal (expression, name, user_id, guild_id, created_by, created_at) VALUES (?, ?, ?, ?, ?, ?)""",
        (own.expression, own.name, own.user_id, own.guild_id, own.created_by, seconds(now)),
    )
    for listing in listings:
        first = None if listing.first_day is None else ordinal(listing.first_day)
        db.execute(
            """INSERT INTO own_ticker (symbol, name, currency, first_day, added_at) VALUES (?, ?, ?, ?, ?)
            ON CONFLICT (symbol) DO UPDATE SET name = excluded.name, currency = excluded.currency,
                first_day = excluded.first_day""",
            (listing.symbol, listing.name, listing.currency, first, seconds(now)),
        )


def remove(db: Database, own: OwnSignal, *, now: datetime, newest: date) -> int:
    """Delete a name; returns how many alerts ended with it. `newest`: the session of the notices."""
    db.execute(
        "DELETE FROM own_signal WHERE name = ? AND user_id IS ? AND guild_id IS ?",
        (own.name, own.user_id, own.guild_id),
    )
    return tidy(db, now=now, newest=newest)


def tidy(db: Database, *, now: datetime, newest: date) -> int:
    """End the alerts that stand on no name any more, forget what no expression needs; returns how many ended.

    Combinations count them no more; owners of those that have too few members left are told.
    """
    instant = {"now": seconds(now), "session": ordinal(newest)}
    db.execute("CREATE TEMP TABLE ending (id INTEGER PRIMARY KEY)")
    ended = changed(db, f"INSERT INTO ending SELECT id FROM alert WHERE {_OF_OWN_SIGNALS} AND NOT {_STANDS}")  # noqa: S608 - constants of this module
    db.execute(_NOTICES, instant)
    db.execute(
        """UPDATE outbox SET state = 'cancelled'
        WHERE kind = 'alert' AND state = 'due' AND alert_id IN (SELECT id FROM ending)"""
    )
    # Without the session of its last firing: what a signal that is gone once did counts for no window.
    db.execute(
        """UPDATE trigger SET state = 'ended', streak = 0, remind_at = NULL, fired_number = NULL
        WHERE alert_id IN (SELECT id FROM ending)"""
    )
    db.execute("UPDATE alert SET ended_at = :now WHERE id IN (SELECT id FROM ending)", {"now": seconds(now)})
    gone = [record["id"] for record in rows(db, "SELECT id FROM ending ORDER BY id")]
    db.execute("DROP TABLE ending")
    if gone:
        members.settle_ended(db, gone, "the signal of one of its members was removed", session=newest, now=now)
    for table in ("checkpoint", "watch"):
        db.execute(
            f"""DELETE FROM {table} WHERE signal >= 'own.' AND signal < 'own/'
            AND signal NOT IN (SELECT 'own.' || expression FROM own_signal)"""  # noqa: S608 - constants of this module
        )
    needed = set(load(db).symbols)
    for record in rows(db, "SELECT symbol FROM own_ticker"):
        if record["symbol"] not in needed:
            db.execute("DELETE FROM own_ticker WHERE symbol = ?", (record["symbol"],))
    return ended


def may_use(db: Database, signal: str, people: Iterable[int | None], guild_id: int | None) -> bool:
    """Whether one of these people, or the server, has a name for an own signal."""
    sql = "SELECT count(*) FROM own_signal WHERE 'own.' || expression = ? AND (user_id IS ? OR guild_id IS ?)"
    return any(scalar(db, sql, (signal, person or -1, guild_id or -1)) for person in people)


def hand_over(db: Database, user_id: int) -> None:
    """Delete a person's own signals; those that alerts in channels stand on go to the server of the channel."""
    db.execute(
        """INSERT OR IGNORE INTO own_signal (expression, name, guild_id, created_by, created_at)
        SELECT DISTINCT own_signal.expression, own_signal.name, alert.guild_id, :nobody, own_signal.created_at
        FROM own_signal JOIN alert ON alert.signal = 'own.' || own_signal.expression
        WHERE own_signal.user_id = :user AND alert.owner_id = :user AND alert.guild_id IS NOT NULL
            AND alert.signal >= 'own.' AND alert.signal < 'own/'""",
        {"user": user_id, "nobody": NOBODY},
    )
    db.execute("DELETE FROM own_signal WHERE user_id = ?", (user_id,))
    db.execute("UPDATE own_signal SET created_by = ? WHERE created_by = ?", (NOBODY, user_id))


def report_gone(db: Database, gone: Iterable[str], *, now: datetime, newest: date) -> int:
    """Enqueue a notice to everybody whose own signals read a ticker that its source has no more.

    Each ticker is reported once. Returns how many notices.
    """
    own, count = load(db), 0
    for symbol in sorted(set(gone) & set(own.symbols)):
        if not changed(db, "UPDATE own_ticker SET gone_told = 1 WHERE symbol = ? AND gone_told = 0", (symbol,)):
            continue
        readers = {row.user_id or row.created_by for row in own.rows if symbol in row.symbols}
        for person in sorted(readers - {NOBODY}):
            destination = destinations.dm_destination(db, person, now=now)
            count += changed(
                db,
                """INSERT INTO outbox (key, kind, destination_id, owner_id, signal, session, created_at)
                SELECT 'gone:' || symbol || ':' || added_at || ':' || :place, 'notice', :place, :person, 'own.' || symbol,
                    :session, :now
                FROM own_ticker WHERE symbol = :symbol ON CONFLICT (key) DO NOTHING""",
                {
                    "place": destination.id,
                    "person": person,
                    "symbol": symbol,
                    "session": ordinal(newest),
                    "now": seconds(now),
                },
            )
    return count


def _day(value: int | None) -> date | None:
    return None if value is None else session(value)
