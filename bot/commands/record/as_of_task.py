"""Reading a past session as it was known on its evening: the task of the process for people."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime

from bot.archive.location import ArchiveLocation
from bot.calendar.clock import Calendar
from bot.commands.market import rotation
from bot.commands.record.as_of_model import TODAY, AsOfAnswer, Difference
from bot.commands.summary.contents import SummaryContents
from bot.commands.summary.summary import as_of, contents_from, fields_of, index_moves_lines
from bot.database.readings import ShownReading
from bot.domain.ports import Clock, TaskRunner
from bot.errors import UserError
from bot.readings.past_snapshot import snapshot_as_of
from bot.readings.shown_then import ShownThen, compare, same
from bot.readings.state import Snapshot
from signals import catalogue
from signals.core.model import Reading
from signals.scenario.score import ROTATION_STATE

ANSWER = frozenset({ROTATION_STATE, "rotation.yardsticks", "tech.state", "tech.yardsticks"})
"""The signals of the answer, which stand for it beside those that the summary shows."""

Comparer = Callable[[Mapping[str, Reading]], Mapping[str, ShownThen]]


def answer_of(
    snapshot: Snapshot, calendar: Calendar, session: date, *, comparing: Comparer, today: Mapping[str, float]
) -> AsOfAnswer:
    """The answer from the snapshot of that evening; `comparing` gives what people were shown of some readings."""
    contents = contents_from(catalogue.SIGNALS, snapshot, calendar, session)
    names = sorted((contents.shown | ANSWER) & snapshot.readings.keys())
    readings = {name: snapshot.readings[name] for name in names}
    shown = comparing(readings)
    return AsOfAnswer(
        session=session,
        headline=contents.headline or "Nothing moved much.",
        lines=index_moves_lines(contents),
        fields=fields_of(contents, calendar, rotation.brief(snapshot)),
        footer=_footer(contents),
        tone=contents.tone,
        differences=_differences(readings, shown, today),
        shown_count=len(shown),
    )


def _footer(contents: SummaryContents) -> tuple[str, ...]:
    return as_of(contents)


def _differences(
    readings: Mapping[str, Reading], shown: Mapping[str, ShownThen], today: Mapping[str, float]
) -> tuple[Difference, ...]:
    differences = []
    for name, reading in readings.items():
        then = shown.get(name)
        if then is not None and then.reason is not None:
            differences.append(Difference(name, reading.value, then.value, shown=True, reason=then.reason))
        if name in today and not same(reading.value, today[name]):
            differences.append(Difference(name, reading.value, today[name], shown=False, reason=TODAY))
    return tuple(differences)


def read(
    location: ArchiveLocation,
    session: date,
    shown: Mapping[str, ShownReading],
    today: Mapping[str, float],
    now: datetime,
) -> AsOfAnswer:
    """The task of the worker process; see `bot.commands.record.as_of_model.AsOfReader`."""
    with location.open() as archive:
        newest = archive.newest(catalogue.tickers())
        if not newest:
            raise UserError("There are no prices yet. The first download takes a few minutes.")
        calendar = location.calendar.without(archive.closures())
        market, snapshot = snapshot_as_of(archive, calendar, min(session, max(newest.values())), now=now)

        def comparing(readings: Mapping[str, Reading]) -> Mapping[str, ShownThen]:
            return compare(archive, market, shown, readings)

        return answer_of(snapshot, calendar, market.last.date(), comparing=comparing, today=today)


@dataclass(frozen=True)
class ArchiveAsOf:
    """The `AsOfReader` over the archive, in the worker process for people."""

    worker: TaskRunner
    location: ArchiveLocation
    clock: Clock

    async def read(self, session: date, shown: Mapping[str, ShownReading], today: Mapping[str, float]) -> AsOfAnswer:
        """See `bot.commands.record.as_of_model.AsOfReader`."""
        return await self.worker.run(read, self.location, session, shown, today, self.clock.now())
