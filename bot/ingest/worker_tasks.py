"""Tasks of the worker process for ingest: storing figures, reading what the archive has."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from bot.archive import Archive
from bot.archive.dataset_status import newest_records
from bot.archive.location import ArchiveLocation
from bot.domain.fetched import Fetched
from bot.sources.simulated.market import SOURCE


@dataclass(frozen=True, slots=True)
class ArchiveInventory:
    """The newest day of each ticker and series in the archive, and its newest list of members.

    `records`: dataset -> source -> the newest day of its rows, or on which they became known.
    """

    tickers: Mapping[str, date]
    series: Mapping[str, date]
    members: Sequence[str]
    records: Mapping[str, Mapping[str, date]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Stored:
    """The result of storing: the tickers to fetch again as whole, and what the archive has now.

    These are tickers whose new bars do not join the stored ones, and tickers with a suspicious bar
    that has to be confirmed.
    """

    refetch: Sequence[str]
    inventory: ArchiveInventory


def store(location: ArchiveLocation, fetched: Fetched) -> Stored:
    """Store what a source gave."""
    with location.open() as archive:
        counts = archive.store(fetched, location.calendar, live=fetched.source != SOURCE)
        return Stored(sorted({*counts.unjoined, *counts.suspicious}), _inventory(archive))


def inventory(location: ArchiveLocation) -> ArchiveInventory:
    """What the archive has."""
    with location.open() as archive:
        return _inventory(archive)


def _inventory(archive: Archive) -> ArchiveInventory:
    return ArchiveInventory(archive.newest(), archive.newest_series(), archive.members(), newest_records(archive))
