"""Specification of a source before it is built, and the dependencies from which it is built."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeVar, cast

if TYPE_CHECKING:
    from datetime import date
    from pathlib import Path

    from bot.calendar.clock import Calendar
    from bot.domain.fetched import FetchRequest
    from bot.domain.job import Job
    from bot.domain.ports import TaskRunner
    from bot.sources.base import Source
    from bot.sources.http.host_policy import HostPolicy
    from bot.sources.http.http_client import Http
    from bot.sources.http.raw_archive import KeepsAnswers

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class SourceDependencies:
    """The dependencies of sources.

    Attributes:
        http: The shared HTTP client.
        calendar: Sessions of the exchange.
        cache_dir: Folder for cookies and the last good lists of members.
        enabled: Names of the enabled sources. Other sources use them as substitutes only if they are
            enabled: Yahoo for Cboe, Invesco for the members of the Nasdaq-100.
        fred_key: Key of FRED's API; without one its public files are read.
        base_urls: Host (or `*` for any) -> the address that is requested instead.
        raw_archive: Where raw responses are stored.
        worker: Runs what takes long or much memory; without one threads do.
        yahoo_process: Where Yahoo is asked and its answers are read; without one threads do both.
    """

    http: Http
    calendar: Calendar
    cache_dir: Path
    enabled: frozenset[str] = frozenset()
    fred_key: str | None = None
    base_urls: Mapping[str, str] = field(default_factory=dict)
    raw_archive: KeepsAnswers | None = None
    worker: TaskRunner | None = None
    yahoo_process: TaskRunner | None = None
    _shared: dict[type, object] = field(default_factory=dict, repr=False)

    def shared(self, kind: type[T], make: Callable[[], T]) -> T:
        """The object of a class that several sources share.

        The first of them creates it with `make`.
        """
        if kind not in self._shared:
            self._shared[kind] = make()
        return cast(T, self._shared[kind])


@dataclass(frozen=True, slots=True)
class SourceSpec:
    """A source as the config, the timetable and people know it.

    Attributes:
        name: Its name in config, database and logs.
        title: Its name for people: `US Treasury`.
        gives: What it gives, in a reader's words: `fund flows`.
        build: Builds it. Opens nothing, and imports heavy libraries only here.
        samples: Small requests for the newest session, one for each kind of answer, by which
            `sources check` sees whether its addresses and formats still hold.
        jobs: Its jobs in the timetable, except those of `gives_quotes`.
        policies: Host -> limits of requests, for every host that it uses.
        opt_in: Its terms forbid automated access in general wording, so a person has to enable it.
        needs_contact: It requires a contact in the User-Agent.
        gives_quotes: It is a `QuoteSource` and gives prices of the running session.
    """

    name: str
    title: str
    gives: str
    build: Callable[[SourceDependencies], Source]
    samples: Callable[[date], tuple[FetchRequest, ...]]
    jobs: tuple[Job, ...] = ()
    policies: Mapping[str, HostPolicy] = field(default_factory=dict)
    opt_in: bool = False
    needs_contact: bool = False
    gives_quotes: bool = False
