"""`rotation-bot market update`: what the timetable would fetch, now, without Discord and without a token."""

from __future__ import annotations

import asyncio
import contextlib
import signal
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

import click

from bot.app import build_ingest
from bot.calendar.clock import SystemClock
from bot.cli.common import FAILED, WRONG, stop
from bot.cli.progress import ProgressReporter
from bot.database.connection import Store
from bot.domain.ports import Clock
from bot.errors import UserError
from bot.ingest import enabled_sources
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
    """Fetch, print a line a source, and end the process with 1 when one failed. `names` empty: every enabled source."""
    chosen = _chosen(names, config)
    store, clock = _store(home.ensure()), SystemClock()
    begun = clock.now()
    outcome = asyncio.run(_update(home, config, key, chosen, store, anyway=bool(names), clock=clock))
    for name, report in outcome.reports.items():
        click.echo("\n".join(lines(name, report)))
    for name, reason in enabled_sources.off(config).items() if not names else ():
        click.echo(f"{name:<12} {reason}")
    rows = sum(sum(report.rows.values()) for report in outcome.reports.values())
    click.echo(f"{rows:,} rows in {_spoken(clock.now() - begun)}.")
    if outcome.stopped:
        stop(FAILED, STOPPED)
    if any(report.failures for report in outcome.reports.values()):
        sys.exit(FAILED)


def _chosen(names: Sequence[str], config: Config) -> list[str]:
    """The sources to ask. Ends the process with a sentence for a name that is not known or not asked."""
    known, off = factory.names(), enabled_sources.off(config)
    for name in names:
        if name not in known:
            stop(WRONG, f"There is no source {name!r}. Known are: {', '.join(known)}.")
        if name in off:
            stop(WRONG, f"{name} is {off[name]}.")
    return list(names) or [name for name in known if name not in off]


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
        for source in ingest.sources.values():
            stack.push_async_callback(source.close)
        plan = timetable(0)
        update = ManualUpdate(ingest.runner, ingest.sources, plan, await ingest.checkpoints.open(plan))
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
    """bot.db, whose lock says that nobody else fetches into this home. Raises UserError when the bot runs."""
    try:
        with process_lock.held(home.bot):
            pass
    except process_lock.InUseError as error:
        raise UserError(f"{error} A running bot fetches by its timetable; /sources shows what it has.") from None
    return Store.open(home.bot)


def lines(name: str, report: FetchReport) -> list[str]:
    """What came from a source, in words, and below it what did not."""
    head = f"{name:<12} "
    came = _came(report)
    if report.failures:
        rest = f"; {len(report.failures) - 1} more like it" if len(report.failures) > 1 else ""
        first = f"{head}FAILED: {report.failures[0].rstrip('.')}{rest}{f'; came: {came}' if came else ''}"
    elif came:
        first = f"{head}{came}"
    elif report.asked:
        first = f"{head}nothing new"
    else:
        since = f"; asked last on {report.asked_at:%Y-%m-%d at %H:%M} UTC" if report.asked_at else ""
        first = f"{head}nothing to fetch{since}"
    if not report.missing:
        return [first]
    shown = ", ".join(f"{what} ({why})" for what, why in list(report.missing.items())[:_NAMED])
    more = f" and {len(report.missing) - _NAMED:,} more" if len(report.missing) > _NAMED else ""
    return [first, f"{'':<12} without {shown}{more}"]


def _came(report: FetchReport) -> str:
    counts = {"members": report.members, "tickers": len(report.tickers), "series": len(report.series)}
    parts = [f"{count:,} {what}" for what, count in counts.items() if count]
    rows = report.rows["prices"] + report.rows["series"]
    if rows:
        parts.append(f"{rows:,} rows")
    parts += [
        f"{count:,} rows of {what}" for what, count in report.rows.items() if count and what not in ("prices", "series")
    ]
    if report.newest is not None and parts:
        parts.append(f"newest {report.newest}")
    return ", ".join(parts)


def _spoken(span: timedelta) -> str:
    seconds = round(span.total_seconds())
    return f"{seconds} s" if seconds < 60 else f"{seconds // 60} min {seconds % 60} s"
