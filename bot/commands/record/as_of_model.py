"""What was known of a session on its evening, in the words of its summary, beside what it reads today."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Protocol

from bot.commands.reply import Field, Tone
from bot.database.readings import ShownReading

TODAY = "its figures have been revised or corrected since"
"""Why a session reads another value today than on its evening."""


@dataclass(frozen=True, slots=True)
class Difference:
    """A value of the session as known then beside another one of it.

    Attributes:
        signal: The signal's id.
        then: The value as known on the evening of the session.
        other: What people were shown, or what the session reads today.
        shown: Whether `other` is what people were shown.
        reason: Why the two differ.
    """

    signal: str
    then: float | None
    other: float
    shown: bool
    reason: str


@dataclass(frozen=True, slots=True)
class AsOfAnswer:
    """The summary of a session as known on its evening; `shown_count`: how many of its values people were shown."""

    session: date
    headline: str
    lines: tuple[str, ...]
    fields: tuple[Field, ...]
    footer: tuple[str, ...]
    tone: Tone
    differences: tuple[Difference, ...]
    shown_count: int


class AsOfReader(Protocol):
    """Computes what was known on the evening of a session."""

    async def read(self, session: date, shown: Mapping[str, ShownReading], today: Mapping[str, float]) -> AsOfAnswer:
        """The answer for the session at or before `session`.

        Args:
            session: The session.
            shown: What people were shown of it, by signal.
            today: What it reads today, by signal; empty where that is not in memory.
        """
