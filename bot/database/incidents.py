"""Incidents: what is wrong with the installation now and whoever runs it has been told, and what they are told.

An incident begins once and ends once. Its row and the message about it are one transaction, so a
kill between two steps neither loses nor repeats one.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlite_utils import Database

from bot.database.codec import rows, seconds


@dataclass(frozen=True, slots=True)
class Incident:
    """Something that is wrong.

    Attributes:
        key: What it is, the same for as long as it lasts: `source:yahoo`.
        begun: The sentence at its beginning.
        over: The sentence at its end.
    """

    key: str
    begun: str
    over: str


@dataclass(frozen=True, slots=True)
class IncidentMessage:
    """A message that is owed about an incident.

    Attributes:
        key: The same for the same message.
        sentence: What it says.
        is_wrong: Whether somebody has to act; not so where an incident is over.
    """

    key: str
    sentence: str
    is_wrong: bool = True


def follow(db: Database, present: Iterable[Incident], *, now: datetime) -> list[IncidentMessage]:
    """Record which incidents there are at `now`; returns what has begun and what is over, in that order.

    The caller enqueues the messages in the same transaction.
    """
    recorded = {record["key"]: record for record in rows(db, "SELECT * FROM incident ORDER BY since, key")}
    current = {incident.key: incident for incident in present}
    reported = []
    for key, incident in current.items():
        if key not in recorded:
            db.execute("INSERT INTO incident (key, since, over) VALUES (?, ?, ?)", (key, seconds(now), incident.over))
            reported.append(IncidentMessage(f"operator:{key}:{seconds(now)}:begun", incident.begun))
    for key, record in recorded.items():
        if key not in current:
            db.execute("DELETE FROM incident WHERE key = ?", (key,))
            reported.append(IncidentMessage(f"operator:{key}:{record['since']}:over", record["over"], is_wrong=False))
    return reported


def known(db: Database) -> frozenset[str]:
    """Keys of the incidents that have begun and are not over."""
    return frozenset(record["key"] for record in rows(db, "SELECT key FROM incident"))
