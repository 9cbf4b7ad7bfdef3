"""`rotation-bot market update`: fetches what the timetable would fetch, without Discord."""

from __future__ import annotations

import asyncio
import contextlib
import signal
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta

import click

from bot.archive import Archive
from bot.calendar.clock import SystemClock
from bot.cli.common import FAILED, WRONG, stop
from bot.cli.market.progress_bar import ProgressReporter
from bot.database import own_signals
from bot.database.connection import Store
from bot.domain.ports import Clock
from bot.errors import UserError
from bot.formatting import formats
from bot.ingest import enabled_sources
from bot.ingest.assembly import build_ingest
from bot.ingest.manual_update import FetchReport, ManualUpdate
from bot.ingest.schedule import timetable
from bot.settings import process_lock
from bot.settings.config import Config
from bot.settings.paths import Home
from bot.sources import factory
from bot.worker.process import Worker

STOPPED = "Stopped. What came is kept; the same command goes on with the rest."
_NAMED = 3


def run(home: Home, config: Config, key: str | None, names: Sequence[str]) -> None:
    """Fetch, print a line for each source, and end the process with 1 when one failed.

    `names` empty: every enabled source.
    """
    chosen = _chosen(names, config)
    store, clock = _store(home.ensure()), SystemClock()
    begun = clock.now()
    result = asyncio.run(_update(home, config, key, chosen, store, anyway=bool(names), clock=clock))
    for name, report in result.reports.items():
        click.echo("\n".join(lines(name, report)))
    for name, reason in enabled_sources.off(config).items() if not names else ():
        click.echo(f"{name:<12} {reason}")
    rows = sum(sum(report.rows.values()) for report in result.reports.values())
    click.echo(f"{rows:,} rows in {_duration(clock.now() - begun)}.")
    if count := _doubted(home):
        figures = "1 figure is" if count == 1 else f"{count:,} figures are"
        click.echo(f"{figures} not believed: `rotation-bot market doubts` says why.")
    if result.stopped:
        stop(FAILED, STOPPED)
    if any(report.failures for report in result.reports.values()):
        sys.exit(FAILED)


def _doubted(home: Home) -> int:
    """How many figures of the archive are doubted."""
    if not home.market.exists():
        return 0
    with Archive.open(home.market) as archive:
        return len(archive.doubts())


def _chosen(names: Sequence[str], config: Config) -> list[str]:
    """The sources to fetch from.

    Ends the process with a message for a name that is unknown or off.
    """
    available, off = factory.names(), enabled_sources.off(config)
    for name in names:
        if name not in available:
            stop(WRONG, f"There is no source {name!r}. Known are: {', '.join(available)}.")
        if name in off:
            stop(WRONG, f"{name} is {off[name]}.")
    return list(names) or [name for name in available if name not in off]


@dataclass(frozen=True, slots=True)
class _UpdateResult:
    reports: Mapping[str, FetchReport]
    stopped: bool


async def _update(
    home: Home, config: Config, key: str | None, names: Sequence[str], store: Store, *, anyway: bool, clock: Clock
) -> _UpdateResult:
    stopping = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stopping.set)
    async with contextlib.AsyncExitStack() as stack:
        await stack.enter_async_context(store)
        worker = Worker()
        stack.push_async_callback(worker.close)
        ingest = build_ingest(home, config, store, worker, clock, fred_key=key)
        stack.push_async_callback(ingest.close)
        for source in ingest.sources.values():
            stack.push_async_callback(source.close)
        plan = timetable(0)
        own = await store.read(own_signals.load)
        runner = replace(ingest.runner, own=lambda: own.symbols)
        update = ManualUpdate(runner, ingest.sources, plan, await ingest.checkpoints.open(plan))
        with ProgressReporter(sys.stderr, clock) as progress:
            work = asyncio.create_task(update.run(names, anyway=anyway, on_progress=progress.step))
            waiting = asyncio.create_task(stopping.wait())
            await asyncio.wait((work, waiting), return_when=asyncio.FIRST_COMPLETED)
            stopped = not work.done()
            for task in (work, waiting):
                task.cancel()
            results = await asyncio.gather(work, waiting, return_exceptions=True)
        if isinstance(results[0], Exception):
            raise results[0]
    return _UpdateResult(update.reports, stopped)


def _store(home: Home) -> Store:
    """bot.db, whose lock excludes other processes from this home.

    Raises UserError when the bot runs.
    """
    try:
        with process_lock.held(home.bot):
            pass
    except process_lock.InUseError as error:
        raise UserError(f"{error} A running bot fetches by its timetable; /sources shows what it has.") from None
    return Store.open(home.bot)


def lines(name: str, report: FetchReport) -> list[str]:
    """What a source gave, as text, and below it what is missing."""
    head = f"{name:<12} "
    counts = _counts(report)
    if report.failures:
        others = f"; {len(report.failures) - 1} more like it" if len(report.failures) > 1 else ""
        first = f"{head}FAILED: {report.failures[0].rstrip('.')}{others}{f'; came: {counts}' if counts else ''}"
    elif counts:
        first = f"{head}{counts}"
    elif report.asked:
        first = f"{head}nothing new"
    else:
        since = f"; asked last on {formats.instant(report.asked_at)}" if report.asked_at else ""
        first = f"{head}nothing to fetch{since}"
    if not report.missing:
        return [first]
    shown = ", ".join(f"{what} ({reason})" for what, reason in list(report.missing.items())[:_NAMED])
    more = f" and {len(report.missing) - _NAMED:,} more" if len(report.missing) > _NAMED else ""
    return [first, f"{'':<12} without {shown}{more}"]


def _counts(report: FetchReport) -> str:
    counts = {"members": report.members, "tickers": len(report.tickers), "series": len(report.series)}
    parts = [f"{count:,} {what}" for what, count in counts.items() if count]
    rows = report.rows["prices"] + report.rows["series"]
    if rows:
        parts.append(f"{rows:,} rows")
    parts += [
        f"{count:,} rows of {what}" for what, count in report.rows.items() if count and what not in ("prices", "series")
    ]
    if report.newest is not None and parts:
        parts.append(f"newest {formats.short_day(report.newest, year=True)}")
    return ", ".join(parts)


def _duration(span: timedelta) -> str:
    seconds = round(span.total_seconds())
    return f"{seconds} s" if seconds < 60 else f"{seconds // 60} min {seconds % 60} s"
