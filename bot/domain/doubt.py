"""Doubts: figures of a source that are not believed, kept beside the facts with the reason."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Literal


class DoubtRule(StrEnum):
    """The rules of plausibility, by the names that `[plausibility] off` takes."""

    IDENTITY = "identity"
    UNIT = "unit"
    RATIO = "ratio"
    BAND = "band"
    ADJUSTED = "adjusted"
    NO_ANSWER = "no-answer"
    UNCHANGED = "unchanged"
    DIVERGED = "diverged"
    SERIES = "series"
    FUNDS = "funds"
    CHAINS = "chains"


class DoubtKind(StrEnum):
    """What is doubted.

    `PRICE`: bars, which are withheld. `ADJUSTED`: adjusted closes, which are replaced by those made
    of raw closes and actions. `SERIES`, `FUNDS`, `OPTIONS`: single figures, which are left out.
    """

    PRICE = "price"
    ADJUSTED = "adjusted"
    SERIES = "series"
    FUNDS = "funds"
    OPTIONS = "options"


class DoubtState(StrEnum):
    """What became of a doubt.

    `OPEN`: nothing decides it yet. `BELIEVED`: evidence came and the figure was stored. `REPLACED`:
    the source gave another figure. `REFUTED`: the next session did not trade there. `ACCEPTED` and
    `REJECTED`: the operator decided.
    """

    OPEN = "open"
    BELIEVED = "believed"
    REPLACED = "replaced"
    REFUTED = "refuted"
    ACCEPTED = "accepted"
    REJECTED = "rejected"


HeldRow = tuple[int, float, float | None]
"""A withheld bar: ordinal day, close, adjusted close."""


@dataclass(frozen=True, slots=True)
class Doubt:
    """One figure of one day that is not believed.

    Attributes:
        kind: What is doubted.
        subject: The ticker or series; of records their key after the day.
        day: The first day that is doubted.
        rule: The rule that doubts it.
        value: The figure of the source; of adjusted closes the change of their ratio to raw ones.
        sentence: Why, in words for people, without a full stop.
        source: The source that gave the figure.
        before: The figure it was held against; None where the rule needs none.
        before_day: The day of that figure.
        held: The bars that are withheld, oldest first.
        state: What became of it.
        evidence: What decided it, in words.
    """

    kind: DoubtKind
    subject: str
    day: date
    rule: DoubtRule
    value: float
    sentence: str
    source: str
    before: float | None = None
    before_day: date | None = None
    held: tuple[HeldRow, ...] = ()
    state: DoubtState = DoubtState.OPEN
    evidence: str = ""

    @property
    def key(self) -> tuple[DoubtKind, str, date]:
        """What a doubt is about: there is one doubt about each figure."""
        return self.kind, self.subject, self.day


@dataclass(frozen=True, slots=True)
class StoredDoubt:
    """A doubt in the archive: its number, when the figure came first and last, and how often."""

    id: int
    doubt: Doubt
    first_at: datetime
    last_at: datetime
    times: int


Decision = Literal[DoubtState.ACCEPTED, DoubtState.REJECTED]
"""What an operator may decide."""
