"""Sessions about which a restored database posts nothing: its lost successor may have posted all of it.

Their readings move the state of alerts as always, so that the next crossing fires.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from sqlite_utils import Database

from bot.database import key_value
from bot.database.codec import ordinal, session

_FINAL, _LIVE = "quiet.final", "quiet.live"


@dataclass(frozen=True, slots=True)
class QuietSessions:
    """The newest sessions of which final and live readings notify nobody."""

    final: date = date.min
    live: date = date.min

    def covers(self, day: date, *, closing: bool) -> bool:
        """Whether a reading of that session notifies nobody; `closing` when it is a final one."""
        return day <= (self.final if closing else self.live)


def put(db: Database, quiet: QuietSessions) -> None:
    """Store the sessions in place of those of an earlier restore."""
    key_value.put(db, _FINAL, str(ordinal(quiet.final)))
    key_value.put(db, _LIVE, str(ordinal(quiet.live)))


def get(db: Database) -> QuietSessions:
    """The stored sessions; those of a database that was never restored cover nothing."""
    final, live = key_value.get(db, _FINAL), key_value.get(db, _LIVE)
    return QuietSessions(
        final=session(int(final)) if final else date.min, live=session(int(live)) if live else date.min
    )
