"""What the configuration says of fetching, for the bot and for `market update`: from whom, into which archive, how far back."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from enum import StrEnum
from types import MappingProxyType
from typing import get_args

from bot.archive.location import ArchiveLocation
from bot.calendar.clock import NEW_YORK, Calendar
from bot.settings.config import OPT_IN, Config, SourceName
from bot.settings.paths import Home
from bot.sources import factory
from bot.sources.base import Source
from bot.sources.http.raw_archive import RawArchive
from bot.sources.simulated import SimulatedSource

CALENDAR_AHEAD = timedelta(days=2 * 365)
"""A bot that is not restarted for years must not run out of sessions."""

NEEDS_CONTACT = ("edgar",)
"""Who wants to know who asks."""


class Off(StrEnum):
    """Why a source is not asked."""

    TERMS = "off: its terms forbid programs in general wording, so a person has to add it to sources.enabled"
    CONFIG = "off: it is not in sources.enabled"
    CONTACT = "off: it wants to know who asks; set sources.contact to a name and an e-mail address"


def off(config: Config) -> Mapping[str, Off]:
    """Sources that are not asked, in the order of the config, with the reason."""
    found = {}
    for name in get_args(SourceName):
        if name not in config.sources.enabled:
            found[name] = Off.TERMS if name in OPT_IN else Off.CONFIG
        elif name in NEEDS_CONTACT and config.sources.contact is None and not config.sources.simulated:
            found[name] = Off.CONTACT
    return MappingProxyType(found)


def sources(
    home: Home, config: Config, fred_key: str | None, calendar: Calendar, raw_archive: RawArchive
) -> dict[str, Source]:
    """The sources that are asked, by name, in the order in which they should be; simulated ones share one market."""
    silent = off(config)
    if config.sources.simulated:
        return dict.fromkeys((name for name in config.sources.enabled if name not in silent), SimulatedSource(calendar))
    built = factory.build(
        contact=config.sources.contact,
        fred_key=fred_key,
        base_urls=config.sources.base_urls,
        cache_dir=home.cache,
        calendar=calendar,
        enabled=config.sources.enabled,
        raw_archive=raw_archive,
    )
    return {source.name: source for source in built if source.name not in silent}


def backfill(config: Config) -> timedelta:
    """How far back the first prices and series are asked for."""
    return timedelta(days=365 * config.sources.backfill_years + 30)


def archive_location(home: Home, config: Config, now: datetime) -> ArchiveLocation:
    """The archive that is filled, one of its own for simulated figures, and its calendar."""
    today = now.astimezone(NEW_YORK).date()
    archive = home.simulated_market if config.sources.simulated else home.market
    return ArchiveLocation(archive, today - backfill(config) - timedelta(days=400), today + CALENDAR_AHEAD)
