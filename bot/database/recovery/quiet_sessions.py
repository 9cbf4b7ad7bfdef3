"""What a restored database posts nothing about: its lost successor may have posted all of it.

Readings of such sessions move the state of alerts as always, so that the next crossing fires.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from sqlite_utils import Database

from bot.database import key_value
from bot.database.codec import instant_or_none, ordinal, seconds, session

_FINAL, _LIVE, _BEFORE = "quiet.final", "quiet.live", "quiet.before"


@dataclass(frozen=True, slots=True)
class QuietSessions:
    """The newest sessions of which alerts at the close and live alerts notify nobody.

    They differ where a session was running at the restore: its close is still to come, but of its prices the lost
    database may have told. So a live alert stays silent at the close of that session too.
    """

    final: date = date.min
    live: date = date.min

    def covers(self, day: date, *, live: bool) -> bool:
        """Whether an alert notifies nobody of that session; `live` for one that watches live prices."""
        return day <= (self.live if live else self.final)


def put(db: Database, quiet: QuietSessions, *, now: datetime) -> None:
    """Store the sessions and the instant of a restore in place of those of an earlier one."""
    key_value.put(db, _BEFORE, str(seconds(now)))
    key_value.put(db, _FINAL, str(ordinal(quiet.final)))
    key_value.put(db, _LIVE, str(ordinal(quiet.live)))


def get(db: Database) -> QuietSessions:
    """The stored sessions; those of a database that was never restored cover nothing."""
    final, live = key_value.get(db, _FINAL), key_value.get(db, _LIVE)
    return QuietSessions(
        final=session(int(final)) if final else date.min, live=session(int(live)) if live else date.min
    )


def restored_at(db: Database) -> datetime | None:
    """When the database was restored, None where it never was: what the calendar had announced by then may have been told."""
    stored = key_value.get(db, _BEFORE)
    return instant_or_none(int(stored) if stored else None)
