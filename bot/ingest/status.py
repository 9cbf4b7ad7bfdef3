"""How ingest stands, for `/status`, `/sources` and the health pages: what each source gave and how far a back-fill is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime

from bot.domain.fetched import Health


@dataclass(frozen=True, slots=True)
class BackfillProgress:
    """How far a back-fill is: `done` of `total` chunks of `what` ("members")."""

    what: str
    done: int
    total: int


@dataclass(frozen=True, slots=True)
class SourceStatus:
    """One line of `/status` and `/sources`: a source, its health and when it is asked next.

    `newest`: the newest day of what it gives; `expected`: the one that it should be by now, None where there is no such day.
    `lacking`: what is older than that, where the rest is not.
    """

    name: str
    health: Health
    newest: date | None
    expected: date | None
    next_run: datetime | None = None
    lacking: tuple[str, ...] = ()


@dataclass
class IngestStatus:
    """What is known of ingest right now; only `ingest.service` writes it. `off`: sources that are not asked, with the reason."""

    progress: tuple[BackfillProgress, ...] = ()
    sources: tuple[SourceStatus, ...] = ()
    off: Mapping[str, str] = field(default_factory=dict)
    next_check: datetime | None = None
