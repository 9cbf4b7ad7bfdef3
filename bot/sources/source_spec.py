"""What the program knows of a source before it is made, and what one is made of."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeVar, cast

if TYPE_CHECKING:
    from pathlib import Path

    from bot.calendar.clock import Calendar
    from bot.domain.job import Job
    from bot.sources.base import Source
    from bot.sources.http.client import Http
    from bot.sources.http.host_policy import HostPolicy
    from bot.sources.http.raw_archive import RawArchive

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class SourceDependencies:
    """What sources are made of.

    Attributes:
        http: The one HTTP client.
        calendar: Sessions of the exchange.
        cache_dir: Folder for cookies and the last good lists of members.
        enabled: Names of the sources that may be asked, also by others in their place: Yahoo for Cboe, Invesco for the
            members of the Nasdaq-100.
        fred_key: Key of FRED's API; without one its public files are read.
        base_urls: Host (or `*` for any) -> the address that is asked in its place.
        raw_archive: Where answers are kept as they came.
    """

    http: Http
    calendar: Calendar
    cache_dir: Path
    enabled: frozenset[str] = frozenset()
    fred_key: str | None = None
    base_urls: Mapping[str, str] = field(default_factory=dict)
    raw_archive: RawArchive | None = None
    _shared: dict[type, object] = field(default_factory=dict, repr=False)

    def shared(self, kind: type[T], make: Callable[[], T]) -> T:
        """The one object of a class that several sources use; `make` makes it for the first of them."""
        if kind not in self._shared:
            self._shared[kind] = make()
        return cast(T, self._shared[kind])


@dataclass(frozen=True, slots=True)
class SourceSpec:
    """A source as config, timetable and people know it.

    Attributes:
        name: What config, database and logs call it.
        title: What people call it: `US Treasury`.
        gives: What it gives, in the words of a reader: `fund flows`.
        build: Makes it. Opens nothing, and loads heavy libraries only here.
        jobs: Its lines of the timetable, those of `gives_quotes` aside.
        policies: Host -> how it is asked; for every host that it asks.
        opt_in: Its terms forbid automated access in general wording, so a person has to switch it on.
        needs_contact: It answers only those who say who asks.
        gives_quotes: It is a `QuoteSource`, and is asked for prices of the running session.
    """

    name: str
    title: str
    gives: str
    build: Callable[[SourceDependencies], Source]
    jobs: tuple[Job, ...] = ()
    policies: Mapping[str, HostPolicy] = field(default_factory=dict)
    opt_in: bool = False
    needs_contact: bool = False
    gives_quotes: bool = False
