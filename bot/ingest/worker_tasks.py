"""Tasks of the worker process for ingest: storing figures, reading what the archive has."""

from __future__ import annotations

import logging
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

from bot.archive import Archive
from bot.archive.dataset_status import newest_records
from bot.archive.location import ArchiveLocation
from bot.archive.tables import gap_tables, observed_closures
from bot.domain.doubt import StoredDoubt
from bot.domain.fetched import Fetched
from bot.domain.gap import Gap, Missing
from bot.ingest import plausibility
from bot.ingest.gaps import gaps
from bot.sources.simulated.market_frames import SOURCE

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class ArchiveInventory:
    """The newest day of each ticker and series in the archive, and its newest list of members.

    `records`: dataset -> source -> the newest day of its rows, or on which they became known.
    `doubts`: the open ones. `own`: tickers of own signals, which the archive does not know of.
    """

    tickers: Mapping[str, date]
    series: Mapping[str, date]
    members: Sequence[str]
    records: Mapping[str, Mapping[str, date]] = field(default_factory=dict)
    doubts: Sequence[StoredDoubt] = ()
    own: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class Stored:
    """The result of storing: what to fetch again, and what the archive has now.

    `refetch`: tickers whose new bars do not join the stored ones, to be fetched again as whole.
    `withheld`: the days of tickers and series whose figures are not believed. To ask at once would
    bring the same figures; they are gaps, asked again like whatever has not come.
    """

    refetch: Sequence[str]
    inventory: ArchiveInventory
    withheld: Mapping[str, frozenset[date]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ArchiveState:
    """What the archive has, the gaps in it, and the closures that its prices have shown."""

    inventory: ArchiveInventory
    gaps: Sequence[Gap] = ()
    closures: frozenset[date] = frozenset()


def store(location: ArchiveLocation, fetched: Fetched, rules_off: Collection[str] = ()) -> Stored:
    """Judge what a source gave and store what is believed, with the doubts beside it.

    A simulated market is not judged. `rules_off`: names of rules that are switched off.
    """
    with location.open() as archive:
        if fetched.source == SOURCE:
            counts = archive.store(fetched, location.calendar, live=False)
            return Stored(sorted(counts.unjoined), inventory_of(archive))
        judgement = plausibility.judge(archive, fetched, location.calendar, rules_off)
        counts = archive.store(judgement.believed, location.calendar, doubts=judgement.doubts)
        if counts.rescaled:
            log.info("the stored closes of %s follow the scale of the source's", ", ".join(sorted(counts.rescaled)))
        return Stored(sorted(counts.unjoined), inventory_of(archive), judgement.withheld)


def judge_quotes(location: ArchiveLocation, fetched: Fetched, rules_off: Collection[str] = ()) -> Fetched:
    """Prices of the running session, with the doubts about them."""
    if fetched.source == SOURCE:
        return fetched
    with location.open() as archive:
        return plausibility.judge_quotes(archive, fetched, rules_off)


def inventory(location: ArchiveLocation, own: Sequence[str] = ()) -> ArchiveInventory:
    """What the archive has."""
    with location.open() as archive:
        return inventory_of(archive, own)


def state(location: ArchiveLocation, own: Sequence[str] = ()) -> ArchiveState:
    """What the archive has, with its gaps and closures."""
    with location.open() as archive:
        return ArchiveState(
            inventory_of(archive, own), gap_tables.gaps(archive.db), observed_closures.stored(archive.db)
        )


def note_tries(
    location: ArchiveLocation, job: str, requested: Collection[Missing], now: datetime, *, answered: bool = True
) -> None:
    """Count a try of each of these gaps of a job, before they are requested.

    With `answered` False take it back: the source did not answer.
    """
    change = gaps.tried if answered else gaps.unanswered
    with location.open() as archive, archive.writing() as db:
        before = gap_tables.gaps(db, [job])
        gap_tables.replace(db, [job], [change(gap, now) if gap.missing in requested else gap for gap in before])


def inventory_of(archive: Archive, own: Sequence[str] = ()) -> ArchiveInventory:
    """What an open archive has."""
    return ArchiveInventory(
        archive.newest(), archive.newest_series(), archive.members(), newest_records(archive), archive.doubts(), own
    )
