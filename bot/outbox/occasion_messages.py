"""Enqueuing of reminders before an occasion of the calendar, and of the line after a release: each once a place."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from bot.database import Database
from bot.database.places import reminders
from bot.database.recovery import quiet_sessions
from bot.domain.model import ItemKind, OutboxItem
from bot.domain.occasion import Occasion, OccasionKind
from bot.outbox.items import put

AHEAD = timedelta(hours=1)
"""How long before an occasion its reminder is due."""

REMINDED = frozenset(
    (OccasionKind.FED, OccasionKind.CPI, OccasionKind.PAYROLLS, OccasionKind.PCE, OccasionKind.EARNINGS)
)
"""What has reminders; days that are merely different are in the calendar only."""


@dataclass(frozen=True, slots=True)
class Message:
    """What is told of an occasion: a reminder, or the finished `line` of a release on the session that it moved."""

    kind: ItemKind
    occasion: Occasion
    session: date
    line: str = ""

    @property
    def prefix(self) -> str:
        """The beginning of its key in the outbox, which the number of the place completes."""
        return f"{self.kind}:{self.occasion.key}"

    @property
    def first_at(self) -> datetime | None:
        """From when on it may have been sent; None where the hour of its occasion is not known."""
        at = self.occasion.at
        return at - AHEAD if at is not None and self.kind is ItemKind.REMINDER else at


def due_reminders(occasions: Iterable[Occasion], *, now: datetime) -> list[Message]:
    """The reminders due at `now`: from an hour before the occasion until it happens, and never after."""
    return [
        Message(ItemKind.REMINDER, occasion, occasion.day)
        for occasion in occasions
        if occasion.kind in REMINDED and occasion.at is not None and occasion.at - AHEAD <= now < occasion.at
    ]


def lacking(db: Database, messages: Sequence[Message], *, now: datetime) -> bool:
    """Whether any place has not been sent one of the messages; a place that asked after a release gets no line of it."""
    return any(
        reminders.without(db, message.prefix, asked_before=_asked(message, now))
        for message in _certainly_unsent(db, messages)
    )


def enqueue(db: Database, messages: Sequence[Message], *, now: datetime) -> int:
    """Enqueue each message for every place that wants it and has not got it; returns how many rows."""
    count = 0
    for message in _certainly_unsent(db, messages):
        facts = message.occasion.to_json(message.line)
        for place in reminders.without(db, message.prefix, asked_before=_asked(message, now)):
            count += put(
                db,
                OutboxItem(
                    id=0,
                    key=f"{message.prefix}:{place}",
                    kind=message.kind,
                    destination_id=place,
                    session=message.session,
                    created_at=now,
                    occasion=facts,
                ),
            )
    return count


def _certainly_unsent(db: Database, messages: Iterable[Message]) -> list[Message]:
    """Without what may have been sent before the database was restored, of which it has no row."""
    restored_at = quiet_sessions.restored_at(db)
    return [
        message
        for message in messages
        if restored_at is None or message.first_at is None or message.first_at > restored_at
    ]


def _asked(message: Message, now: datetime) -> datetime:
    at = message.occasion.at
    return at if message.kind is ItemKind.RELEASE and at is not None else now + timedelta(seconds=1)
