"""What the soak sees of the program from outside: what it has judged, what still waits, what it takes."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from tests.soak.bot_process import BotProcess, Footprint


@dataclass
class Night:
    """What is measured after a session."""

    session: date
    footprint: Footprint
    sizes: dict[str, float]
    outbox: int
    life: int
    """Which start of the program this was."""
    bot_cpu: float = 0.0
    stand_in_cpu: float = 0.0
    """Seconds of the processor since the session before."""


def checked(bot: BotProcess, session: date | None = None) -> bool:
    """Whether the newest final session (or that one) has been judged."""
    try:
        (row,) = bot.rows("SELECT count(*) AS n, max(final_session) AS newest FROM checkpoint")
    except Exception:  # there is no database yet
        return False
    return row["n"] > 50 and (session is None or row["newest"] >= session.toordinal())


def waiting(bot: BotProcess, now: float) -> int:
    """Messages that can be sent at an instant, or are being sent."""
    (row,) = bot.rows(
        """SELECT count(*) AS n FROM outbox JOIN destination ON destination.id = outbox.destination_id
        WHERE outbox.state IN ('due', 'batched') AND destination.state = 'active' AND outbox.kind <> 'board'
            AND coalesce(destination.next_try, 0) <= ? AND (outbox.state = 'batched' OR coalesce(held_until, 0) <= ?)""",
        (now, now),
    )
    return int(row["n"])


def owed_to(bot: BotProcess, session: date) -> set[int]:
    """People for whom something waits, such as the next try of a DM that was refused.

    Also those with an alert on a signal whose value of the session was late: it is judged when it has come.
    """
    rows = bot.rows(
        """SELECT d.user_id AS who FROM outbox JOIN destination AS d ON d.id = outbox.destination_id
        WHERE outbox.state IN ('due', 'batched')
        UNION
        SELECT coalesce(d.user_id, a.owner_id) FROM checkpoint AS c JOIN trigger AS t ON t.signal = c.signal
            JOIN alert AS a ON a.id = t.alert_id JOIN subscription AS n ON n.alert_id = a.id
            JOIN destination AS d ON d.id = n.destination_id
        WHERE coalesce(c.final_session, 0) < ?""",
        (session.toordinal(),),
    )
    return {row["who"] for row in rows if row["who"] is not None}


def unsent_reminders(bot: BotProcess) -> set[int]:
    """Channels, also those of DMs, for which a reminder of the calendar waits, if only for its next try."""
    rows = bot.rows(
        """SELECT d.channel_id FROM outbox JOIN destination AS d ON d.id = outbox.destination_id
        WHERE outbox.kind = 'reminder' AND outbox.state NOT IN ('sent', 'cancelled', 'skipped')"""
    )
    return {row["channel_id"] for row in rows}


def reminded(bot: BotProcess) -> dict[int, int | None]:
    """The channels of everybody who asked for reminders of the calendar, with the person whose DM it is."""
    rows = bot.rows(
        """SELECT d.channel_id, d.user_id FROM reminder JOIN destination AS d ON d.id = reminder.destination_id"""
    )
    return {row["channel_id"]: row["user_id"] for row in rows}


def night(bot: BotProcess, session: date, bot_cpu: float, stand_in_cpu: float) -> Night:
    """What is measured after a session."""
    sizes = {
        path.name: path.stat().st_size / 2**20
        for suffix in ("db", "db-wal")
        for path in sorted(bot.home.glob(f"*.{suffix}"))
    }
    (row,) = bot.rows("SELECT count(*) AS n FROM outbox")
    return Night(session, bot.footprint(), sizes, row["n"], bot.lives, bot_cpu, stand_in_cpu)
