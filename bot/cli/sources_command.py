"""`rotation-bot sources`: whether the addresses and formats of all sources still hold."""

from __future__ import annotations

import asyncio
import os
import sys
import tempfile
from collections import defaultdict
from collections.abc import Iterator, Sequence
from contextlib import AsyncExitStack
from datetime import date, timedelta
from pathlib import Path

import click

from bot.calendar.clock import Calendar, SystemClock
from bot.cli.common import FAILED, config_option, configuration, explained, home_option
from bot.domain.ports import Clock
from bot.errors import UserError
from bot.formatting import formats
from bot.ingest import enabled_sources
from bot.ops import log_setup
from bot.settings.config import Config
from bot.settings.paths import Home
from bot.settings.secrets import fred_key
from bot.sources import factory
from bot.sources.check import AddressLine, SourceCheck, Watch, check
from bot.sources.http.raw_archive import RawArchive
from bot.sources.source_spec import SourceSpec

LINE = "{source:<12} {where:<58} {answer:<17} {newest:<12} {seconds:>7}  {verdict}"
LONGEST_ADDRESS = 58

_LIBRARYS_HOSTS = "the hosts of a library"
"""Sources without policies of hosts are those of one library, which asks its hosts by itself."""


@click.group("sources", short_help="See whether the sources still answer as they should.")
def command() -> None:
    """See whether the sources still answer as they should."""


@command.command("check", short_help="Ask each source one small thing, now.")
@click.option(
    "--record",
    "record",
    type=click.Path(path_type=Path, file_okay=False),
    help="Keep every answer as it came in this folder, without keys.",
)
@config_option
@home_option
@explained
def check_(record: Path | None, file: Path | None, home: Home) -> None:
    """Ask each enabled source one small thing and print a table: what each address did, the newest day that
    came, the seconds that it took, and whether the source works.

    Nothing is stored but what `--record` names, so it may run beside the bot. It takes up to a minute, because some
    hosts are asked slowly.

    Exits with 1 when a source gives nothing.
    """
    config = configuration(file, home)
    if config.sources.simulated:
        raise UserError("The config has sources.simulated, so no source is asked for anything.")
    if record is not None:
        # What cannot be kept would only be logged, an answer after the other.
        record.mkdir(parents=True, exist_ok=True)
    key = fred_key(os.environ, home.secrets)
    # What a source lacks stands in its line of the table.
    log_setup.set_up(level="error", form=config.log.form, secrets=[key] if key else [])
    checks = asyncio.run(_check(config, key, record, SystemClock()))
    for name, reason in enabled_sources.off(config).items():
        _print(name, "-", "not asked", reason)
    for sentence in ending(checks):
        click.echo(sentence)
    if any(source_check.problem is not None for source_check in checks):
        sys.exit(FAILED)


def ending(checks: Sequence[SourceCheck]) -> Iterator[str]:
    """What stands below the table: how many sources work, and where nobody answers what to look at."""
    failed = [source_check.name for source_check in checks if source_check.problem is not None]
    count = len(checks)
    yield f"{count - len(failed)} of {count} sources work" + (f"; not {', '.join(failed)}." if failed else ".")
    if checks and not any(source_check.was_answered for source_check in checks):
        yield "Nobody has answered: look whether this machine reaches the internet and resolves names."


async def _check(config: Config, key: str | None, record: Path | None, clock: Clock) -> list[SourceCheck]:
    """Check the enabled sources at the same time, those with a host in common one after the other.

    Their lines are printed in the order of the list, each as soon as it is known.
    """
    today = clock.now().date()
    calendar = Calendar(today - timedelta(days=60), today + timedelta(days=30))
    archive = RawArchive(record, secrets=(config.sources.contact, key)) if record is not None else None
    switched_off, names = enabled_sources.off(config), enabled_sources.enabled(config)
    chosen = [spec for spec in factory.SPECS if spec.name in names and spec.name not in switched_off]
    turns: dict[str, asyncio.Lock] = defaultdict(asyncio.Lock)

    async def asked(spec: SourceSpec, cache: Path) -> SourceCheck:
        watch = Watch(archive)
        dependencies = factory.make_dependencies(
            contact=config.sources.contact,
            fred_key=key,
            cache_dir=cache,
            calendar=calendar,
            base_urls=config.sources.base_urls,
            enabled=names,
            raw_archive=watch,
            observe=watch.observe,
        )
        async with AsyncExitStack() as stack:
            # In one order for all, so that no two of them wait for each other.
            for host in sorted(spec.policies) or [_LIBRARYS_HOSTS]:
                await stack.enter_async_context(turns[host])
            now = clock.now()
            session = calendar.running(now) or calendar.last_final(now)
            return await check(spec.build(dependencies), spec.samples(session), watch, now)

    _print_heads()
    checks: list[SourceCheck] = []
    with tempfile.TemporaryDirectory() as cache:
        tasks = [asyncio.create_task(asked(spec, Path(cache))) for spec in chosen]
        try:
            for task in tasks:
                checks.append(await task)
                _print_check(checks[-1])
        finally:
            # What one of them raises is raised as it is: a group of errors would have no sentence for people.
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
    return checks


def _print_heads() -> None:
    click.echo(
        LINE.format(
            source="source", where="address", answer="answer", newest="newest", seconds="seconds", verdict="verdict"
        )
    )


def _print_check(source_check: SourceCheck) -> None:
    lines: Sequence[AddressLine | None] = source_check.addresses or (None,)
    for at, line in enumerate(lines):
        last = at == len(lines) - 1
        _print(
            source_check.name,
            "-" if line is None else line.where,
            "-" if line is None else line.answer,
            source_check.verdict if last else "",
            newest=source_check.newest if last else None,
            seconds=source_check.seconds if last or line is None else line.seconds,
        )


def _print(
    source: str, where: str, answer: str, verdict: str, *, newest: date | None = None, seconds: float | None = None
) -> None:
    shown = where if len(where) <= LONGEST_ADDRESS else f"{where[:20]}...{where[-LONGEST_ADDRESS + 23 :]}"
    line = LINE.format(
        source=source,
        where=shown,
        answer=answer,
        newest="-" if newest is None else formats.short_day(newest, year=True),
        seconds="-" if seconds is None else f"{seconds:.1f}",
        verdict=verdict,
    )
    click.echo(line.rstrip())
