"""Fetching as configured: from which sources, into which archive, how far back."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from enum import StrEnum
from types import MappingProxyType

from bot.archive.location import ArchiveLocation
from bot.calendar.clock import Calendar, new_york_date
from bot.domain.ports import TaskRunner
from bot.settings.config import Config
from bot.settings.paths import Home
from bot.sources import factory
from bot.sources.base import Source
from bot.sources.factory import SPECS
from bot.sources.http.raw_archive import RawArchive
from bot.sources.simulated import SIMULATED_MARKET

CALENDAR_AHEAD = timedelta(days=2 * 365)
"""A bot that is not restarted for years must not run out of sessions."""


class Off(StrEnum):
    """Why a source is off."""

    TERMS = "off: its terms forbid programs in general wording, so a person has to add it to sources.enabled"
    CONFIG = "off: it is not in sources.enabled"
    CONTACT = "off: it wants to know who asks; set sources.contact to a name and an e-mail address"


def enabled(config: Config) -> tuple[str, ...]:
    """Names of the sources that the config enables.

    Where it names none, all that need no choice of a person.
    """
    if config.sources.enabled is None:
        return tuple(spec.name for spec in SPECS if not spec.opt_in)
    return config.sources.enabled


def off(config: Config) -> Mapping[str, Off]:
    """Sources that are off, in the order of `SPECS`, with the reason."""
    reasons = {}
    names = enabled(config)
    for spec in SPECS:
        if spec.name not in names:
            reasons[spec.name] = Off.TERMS if spec.opt_in else Off.CONFIG
        elif spec.needs_contact and config.sources.contact is None and not config.sources.simulated:
            reasons[spec.name] = Off.CONTACT
    return MappingProxyType(reasons)


def sources(
    home: Home,
    config: Config,
    fred_key: str | None,
    calendar: Calendar,
    raw_archive: RawArchive,
    parser: TaskRunner | None = None,
    worker: TaskRunner | None = None,
    yahoo_process: TaskRunner | None = None,
) -> dict[str, Source]:
    """The sources that are on, by name, in the order in which they are fetched.

    Simulated ones share one market.
    """
    switched_off, names = off(config), enabled(config)
    active = [name for name in names if name not in switched_off]
    dependencies = factory.make_dependencies(
        contact=config.sources.contact,
        fred_key=fred_key,
        cache_dir=home.cache,
        calendar=calendar,
        base_urls=config.sources.base_urls,
        enabled=names,
        raw_archive=raw_archive,
        parser=parser,
        worker=worker,
        yahoo_process=yahoo_process,
    )
    if config.sources.simulated:
        return dict.fromkeys(active, SIMULATED_MARKET.build(dependencies))
    return factory.build(active, dependencies)


def backfill(config: Config) -> timedelta:
    """How far back prices and series are requested the first time."""
    return timedelta(days=365 * config.sources.backfill_years + 30)


def archive_location(home: Home, config: Config, now: datetime) -> ArchiveLocation:
    """The archive that is filled (a separate one for simulated figures) and its calendar."""
    today = new_york_date(now)
    archive = home.simulated_market if config.sources.simulated else home.market
    first, last = today - backfill(config) - timedelta(days=400), today + CALENDAR_AHEAD
    return ArchiveLocation(archive, first, last, frozenset(config.calendar.closures))
