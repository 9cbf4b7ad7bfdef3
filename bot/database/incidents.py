"""Incidents: what is wrong with the installation now, and what whoever runs it is told.

An incident begins once and ends once. Its row and the message about it are one transaction, so a
kill between two steps neither loses nor repeats one. While the place of the messages is not known, they wait here.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlite_utils import Database

from bot.database.codec import changed, rows, scalar, seconds

CREATE_MESSAGES = """CREATE TABLE operator_message (
    id INTEGER PRIMARY KEY,
    key TEXT NOT NULL UNIQUE,
    sentence TEXT NOT NULL
) STRICT"""


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
        answers: The key of the message about the beginning, where this one is about the end.
    """

    key: str
    sentence: str
    is_wrong: bool = True
    answers: str | None = None


def follow(db: Database, present: Iterable[Incident], *, now: datetime) -> list[IncidentMessage]:
    """Record which incidents there are at `now`; returns what has begun and what is over, in that order.

    The caller owes the messages (`owe`) in the same transaction.
    """
    recorded = {record["key"]: record for record in rows(db, "SELECT * FROM incident ORDER BY since, key")}
    current = {incident.key: incident for incident in present}
    reported = []
    for key, incident in current.items():
        if key not in recorded:
            db.execute("INSERT INTO incident (key, since, over) VALUES (?, ?, ?)", (key, seconds(now), incident.over))
            reported.append(IncidentMessage(_begun(key, seconds(now)), incident.begun))
    for key, record in recorded.items():
        if key not in current:
            db.execute("DELETE FROM incident WHERE key = ?", (key,))
            begun, over = _begun(key, record["since"]), f"operator:{key}:{record['since']}:over"
            reported.append(IncidentMessage(over, record["over"], is_wrong=False, answers=begun))
    return reported


def known(db: Database) -> frozenset[str]:
    """Keys of the incidents that have begun and are not over."""
    return frozenset(record["key"] for record in rows(db, "SELECT key FROM incident"))


def owe(db: Database, messages: Iterable[IncidentMessage]) -> None:
    """Let messages wait for their place. What was over before its beginning was told is not told at all."""
    for message in messages:
        if not changed(db, "DELETE FROM operator_message WHERE key = ?", (message.answers,)):
            db.execute("INSERT INTO operator_message (key, sentence) VALUES (?, ?)", (message.key, message.sentence))


def owes(db: Database) -> bool:
    """Whether a message waits for its place."""
    return bool(scalar(db, "SELECT EXISTS (SELECT 1 FROM operator_message)"))


def take(db: Database) -> list[IncidentMessage]:
    """The messages that wait, oldest first; they wait no more."""
    waiting = rows(db, "SELECT key, sentence FROM operator_message ORDER BY id")
    db.execute("DELETE FROM operator_message")
    return [IncidentMessage(**message) for message in waiting]


def _begun(key: str, since: int) -> str:
    return f"operator:{key}:{since}:begun"
