"""`rotation-bot market`: fetching, importing, exporting and listing the archive."""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from dataclasses import asdict
from datetime import date, timedelta
from pathlib import Path

import click

from bot.archive import Archive, dataset_status
from bot.archive.archive_status import SeriesStatus, grouped, series_status
from bot.archive.dataset_status import RecordStatus
from bot.calendar.clock import Calendar, SystemClock
from bot.cli.common import archive_to_read, config_option, configuration, explained, home_option
from bot.cli.market import market_doubts
from bot.domain.doubt import DoubtState
from bot.errors import UserError
from bot.formatting import formats
from bot.market_pack import export_pack, import_pack
from bot.ops import log_setup
from bot.settings import process_lock
from bot.settings.paths import Home
from bot.settings.secrets import fred_key

DATASET_LINE = "{name:<20} {source:<22} {first:>12} {last:>12} {rows:>9} {keys:>7}  {known}"
LINE = "{name:<20} {source:<22} {first:>12} {last:>12} {rows:>9} {age:>5}  {health}"


@click.group("market", short_help="Fetch market data, bring them in, see what there is.")
def command() -> None:
    """Fetch market data, bring them in, write them out, and see what there is."""


@command.command("update", short_help="Fetch what is due, now.")
@click.option(
    "--source", "names", multiple=True, metavar="NAME", help="Only this source, also when nothing is due; repeatable."
)
@config_option
@home_option
@explained
def update(names: tuple[str, ...], file: Path | None, home: Home) -> None:
    """Ask every enabled source for what the timetable would fetch now, and say what came.

    A first update fetches ten years and takes some minutes to an hour, because every source is
    asked at its own slow pace. It may be stopped or killed at any time: the same command goes on
    where it was. While `run` uses the same home, which fetches by itself, nothing is done.

    Exits with 1 when a source failed.
    """
    config, key = configuration(file, home), fred_key(os.environ, home.secrets)
    # Warnings of sources are hidden: the lines at the end show the failures.
    log_setup.set_up(level="error", form=config.log.form, secrets=[key] if key else [])
    from bot.cli.market.market_update import run

    run(home, config, key, names)


@command.command("import", short_help="Take in a market pack.")
@click.argument("directory", type=click.Path(path_type=Path, file_okay=False, exists=True))
@home_option
@explained
def import_(directory: Path, home: Home) -> None:
    """Take in the market pack in DIRECTORY (docs/market-pack.md describes the files).

    The pack is checked as a whole first: a bad one is refused with every problem, and nothing of it
    is taken. Importing the same pack again changes nothing. While `run` uses the same home, nothing
    is imported: stop it first.
    """
    with process_lock.held(home.ensure().bot), Archive.open(home.market) as archive:
        report = import_pack(archive, directory, now=SystemClock().now())
    for warning in report.warnings:
        click.echo(f"warning: {warning}", err=True)
    click.echo(
        f"{report.rows:,} values read in {report.seconds:.1f} s, {report.counts.bars + report.counts.observations:,} of them new."
    )


@command.command("export", short_help="Write the archive as a market pack.")
@click.argument("directory", type=click.Path(path_type=Path, file_okay=False))
@home_option
@explained
def export(directory: Path, home: Home) -> None:
    """Write the archive as a market pack into DIRECTORY; importing that gives the same archive again."""
    with archive_to_read(home) as archive:
        files = export_pack(archive, directory)
    click.echo(f"{len(files)} files written to {directory}.")


@command.command("status", short_help="Show what there is, from where and how old.")
@click.option("--all", "every", is_flag=True, help="One line for each member of an index as well.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object per series and dataset.")
@home_option
@explained
def status_(every: bool, as_json: bool, home: Home) -> None:
    """Show source, first and last day, rows, age in sessions and health of every series, then the datasets of records.

    Of a dataset that shows only the present, such as estimates, it says since when it is stored.
    """
    now = SystemClock().now()
    with archive_to_read(home) as archive:
        span, datasets = archive.span(), dataset_status.status(archive)
        if span is None and not datasets:
            raise UserError("The archive is empty: `rotation-bot market update` or `market import DIR` fills it.")
        first, last = span or (now.date() - timedelta(days=10), now.date())
        calendar = Calendar(first, max(last, now.date()) + timedelta(days=10), archive.closures())
        lines = series_status(archive, calendar, now)
        lines = lines if every or as_json else grouped(archive, lines)
    if as_json:
        for status in (*map(asdict, lines), *map(asdict, datasets)):
            click.echo(json.dumps(status, default=str))
        return
    _print(lines)
    _print_datasets(datasets)


@command.command("doubts", short_help="Show figures that are not believed; accept or reject one.")
@click.option("--all", "every", is_flag=True, help="Also those that are decided.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object per doubt.")
@click.option("--accept", type=int, metavar="NUMBER", help="Believe the figure of this doubt.")
@click.option("--reject", type=int, metavar="NUMBER", help="Never believe the figure of this doubt.")
@home_option
@explained
def doubts(every: bool, as_json: bool, accept: int | None, reject: int | None, home: Home) -> None:
    """Show the figures that a source gave and that are withheld or replaced, each with the reason.

    A doubt resolves by itself when evidence comes: another source, a twin, the next session, or
    another figure of the same source. --accept and --reject decide one by hand, also for whenever
    the source gives the same figure again. Stop `run` on the same home before.
    """
    if accept is not None and reject is not None:
        raise click.UsageError("--accept and --reject exclude each other.")
    if accept is not None:
        market_doubts.settle(home, accept, DoubtState.ACCEPTED)
    elif reject is not None:
        market_doubts.settle(home, reject, DoubtState.REJECTED)
    else:
        market_doubts.show(home, every=every, as_json=as_json)


def _print(lines: Sequence[SeriesStatus]) -> None:
    heads = {name: name for name in ("name", "source", "first", "last", "rows", "age", "health")}
    for line in ({**heads, "name": "ticker or series"}, *map(asdict, lines)) if lines else ():
        shown = {key: _cell(line[key]) for key in heads}
        click.echo(LINE.format(**{**shown, "source": shown["source"][:22], "name": shown["name"][:20]}))


def _cell(value: object) -> str:
    if value is None:
        return "-"
    return formats.short_day(value, year=True) if isinstance(value, date) else str(value)


def _print_datasets(datasets: Sequence[RecordStatus]) -> None:
    heads = {name: name for name in ("name", "source", "first", "last", "rows", "keys")}
    for line in ({**heads, "name": "dataset", "known": "newest known"}, *map(_shown, datasets)) if datasets else ():
        click.echo(DATASET_LINE.format(**line))


def _shown(line: RecordStatus) -> dict[str, str]:
    known_at = formats.instant(line.known_at) if line.known_at else "-"
    return {
        **{key: _cell(value) for key, value in asdict(line).items()},
        "source": line.source[:22],
        "known": f"{known_at}, stored since {_cell(line.since)}" if line.since else known_at,
    }
