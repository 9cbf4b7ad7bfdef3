"""The status of ingest for `/status`, `/sources` and the health pages."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime

from bot.domain.doubt import StoredDoubt
from bot.domain.fetched import Health


@dataclass(frozen=True, slots=True)
class BackfillProgress:
    """The progress of a back-fill: `done` of `total` of `what` ("tickers")."""

    what: str
    done: int
    total: int


@dataclass(frozen=True, slots=True)
class GapSummary:
    """The gaps of one source.

    Attributes:
        count: Missing figures.
        names: What they are figures of, in the order of the alphabet.
        oldest: The oldest day of them, None without gaps.
        next_try: When the next of them is requested, None without gaps.
    """

    count: int = 0
    names: tuple[str, ...] = ()
    oldest: date | None = None
    next_try: datetime | None = None


@dataclass(frozen=True, slots=True)
class SourceStatus:
    """One line of `/status` and `/sources`: a source, its health and when it is fetched next.

    `newest`: the newest day of its figures; `expected`: the newest day that they should have by
    now, None where there is no such day. `lacking`: the figures that are older than that, where
    others are not.
    """

    name: str
    health: Health
    newest: date | None
    expected: date | None
    next_run: datetime | None = None
    lacking: tuple[str, ...] = ()
    gaps: GapSummary = GapSummary()


@dataclass
class IngestStatus:
    """The current status of ingest; only `ingest.service` writes it.

    `off`: sources that are off, with the reason. `closures`: days without trading that prices have
    shown and the installed calendar does not know. `doubts`: the open ones. `archive`: why the
    market archive is being fetched anew, None while it is not.
    """

    progress: tuple[BackfillProgress, ...] = ()
    sources: tuple[SourceStatus, ...] = ()
    off: Mapping[str, str] = field(default_factory=dict)
    next_check: datetime | None = None
    closures: tuple[date, ...] = ()
    doubts: tuple[StoredDoubt, ...] = ()
    archive: str | None = None
