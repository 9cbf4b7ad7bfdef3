"""The list of all sources, and the factory that builds them."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from pathlib import Path

from bot.calendar.clock import Calendar
from bot.domain.ports import TaskRunner
from bot.sources.base import Source
from bot.sources.cboe import CBOE, CBOE_CHAINS
from bot.sources.edgar import EDGAR
from bot.sources.fed_calendar import FED
from bot.sources.fred import FRED
from bot.sources.fund_issuers import INVESCO, ISHARES, STATE_STREET
from bot.sources.http.http_client import Http
from bot.sources.http.raw_archive import KeepsAnswers
from bot.sources.http.responses import Exchange
from bot.sources.index_members import UNIVERSE
from bot.sources.source_spec import SourceDependencies, SourceSpec
from bot.sources.treasury import TREASURY
from bot.sources.yahoo import YAHOO, YAHOO_ESTIMATES

SPECS: tuple[SourceSpec, ...] = (
    UNIVERSE,
    YAHOO,
    FRED,
    TREASURY,
    CBOE,
    FED,
    CBOE_CHAINS,
    YAHOO_ESTIMATES,
    EDGAR,
    STATE_STREET,
    ISHARES,
    INVESCO,
)
"""Every source, in the order in which they are fetched.

Members come first. The Treasury comes after FRED, whose yields it has a day earlier and replaces
when FRED fails.

Adding a source takes two steps:

1. A module in `bot/sources` with the adapter, a subclass of `HttpSource` or `BaseSource` with
   `name`, `split` and `fetch`, and below it its `SourceSpec`: its title, its jobs, the limits of
   its hosts, a sample, and how it is built.
2. A line in this list.

`config.example.toml` shows people the default of `sources.enabled`, and tests check this list and
the order of the timetable.

The names that the config accepts, the default of `sources.enabled`, the timetable, the titles in
`/sources` and `/status`, and the policies of the HTTP client all follow from here. What a source
gives has to exist already: a series is one that a signal reads (`signals.catalogue`), a dataset one
of `signals.core.datasets`.
"""


def names() -> tuple[str, ...]:
    """Names of all sources, as the config has them."""
    return tuple(spec.name for spec in SPECS)


def make_dependencies(
    *,
    contact: str | None,
    fred_key: str | None,
    cache_dir: Path,
    calendar: Calendar,
    base_urls: Mapping[str, str] | None = None,
    enabled: Collection[str] = (),
    raw_archive: KeepsAnswers | None = None,
    observe: Callable[[Exchange], None] = lambda exchange: None,
    parser: TaskRunner | None = None,
    worker: TaskRunner | None = None,
    yahoo_process: TaskRunner | None = None,
) -> SourceDependencies:
    """The dependencies of sources, with one HTTP client that has the policies of every host. Opens nothing.

    Args:
        contact: Part of the User-Agent; without one Wikipedia and the SEC are not used.
        fred_key: Key of FRED's API.
        cache_dir: Folder for cookies and the last good lists of members.
        calendar: Sessions of the exchange.
        base_urls: Host (or `*` for any) -> the address that is requested instead.
        enabled: Names of the enabled sources, also as substitutes for others.
        raw_archive: Where raw responses are stored.
        observe: Gets every attempt of a request.
        parser: Runs the readers of answers; by default threads do.
        worker: Runs what takes long or much memory; by default threads do.
        yahoo_process: Where Yahoo is asked and its answers are read; by default threads do both.
    """
    urls = dict(base_urls or {})
    policies = {host: policy for spec in SPECS for host, policy in spec.policies.items()}
    return SourceDependencies(
        http=Http(
            contact=contact, base_urls=urls, policies=policies, raw_archive=raw_archive, observe=observe, parser=parser
        ),
        calendar=calendar,
        cache_dir=cache_dir,
        enabled=frozenset(enabled),
        fred_key=fred_key,
        base_urls=urls,
        raw_archive=raw_archive,
        worker=worker,
        yahoo_process=yahoo_process,
    )


def build(chosen: Collection[str], dependencies: SourceDependencies) -> dict[str, Source]:
    """The chosen sources by name, in the order of `SPECS`.

    Opens nothing before the first request.
    """
    return {spec.name: spec.build(dependencies) for spec in SPECS if spec.name in chosen}
