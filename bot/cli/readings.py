"""`rotation-bot readings`: what every signal says, on the terminal or as JSON lines."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime, timedelta

import click

from bot.archive import Archive
from bot.cli.edge import DAY, explained, home_option
from bot.cli.explaining import as_object, explanation_lines
from bot.clock import Calendar, SystemClock
from bot.commands import formats
from bot.errors import UserError
from bot.home import Home
from signals import catalogue
from signals.explanation import Explanation
from signals.market import Market
from signals.reading import History, Measure, Reading
from signals.scenario import axis_of

FURTHEST = timedelta(days=366)
"""How far after the newest session a date may lie; everything is withheld there."""

COLUMNS = "{signal:<38} {value:>16} {change:>15} {percentile:>6} {as_of:>10} {coverage:>10}"


@click.command("readings", short_help="Print what every signal says, today or on any date.")
@click.option(
    "--as-of",
    "days",
    type=DAY,
    multiple=True,
    metavar="YYYY-MM-DD",
    help="The session to describe, as known 20 minutes after its close; a day without trading means the session before "
    "it. May be given several times. [default: the newest session in the archive]",
)
@click.option("--signal", "ids", multiple=True, metavar="ID", help="Only this signal; may be given several times.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object per line, with unrounded numbers.")
@home_option
@explained
def command(days: Sequence[datetime], ids: Sequence[str], as_json: bool, home: Home) -> None:
    """Print the reading of every signal: value, unit, change, one-year percentile, as-of date and coverage."""
    for name in ids:
        if name not in catalogue.SIGNALS:
            raise click.BadParameter(f'No signal "{name}". {_nearest(name)}', param_hint="--signal")
    if not home.market.exists():
        raise UserError(
            f"There are no market data in {home.path} yet: `rotation-bot market import DIR` brings some in."
        )
    with Archive.open(home.market, read_only=True) as archive:
        wanted = [day.date() for day in days] or [_newest(archive)]
        for day, readings, explanations in _read(archive, wanted, list(dict.fromkeys(ids)) or None):
            if as_json:
                _print_json(readings, explanations)
            else:
                _print_table(day, readings, explanations)


Explanations = Mapping[str, Explanation]
"""By the ids of the scenario that were asked for; empty when everything is printed."""


def _read(
    archive: Archive, days: Sequence[date], ids: Sequence[str] | None
) -> Iterator[tuple[date, Mapping[str, Reading], Explanations]]:
    """Readings of each day. What was corrected later needs a market of its own for each day; else one serves them all."""
    calendar = _calendar(archive, days)
    needed = None if ids is None else _with_parts(ids)
    if archive.revised() or len(days) == 1:
        for day in days:
            market = archive.market(calendar, as_of=day, tail=catalogue.TAIL)
            yield day, *_described(market, catalogue.compute(market, needed), market.last.date(), ids)
        return
    first, last = min(days), max(days)
    between = len(calendar.between(first, last))
    market = archive.market(calendar, as_of=last, tail=catalogue.TAIL + between)
    histories = catalogue.compute(market, needed)
    for day in days:
        yield day, *_described(market, histories, calendar.at_or_before(day), ids)


def _with_parts(ids: Sequence[str]) -> list[str]:
    """The signals asked for and those that they are made of, each once."""
    return list(dict.fromkeys(name for id in ids for name in (id, *catalogue.signal(id).parts)))


def _described(
    market: Market, histories: Mapping[str, History], session: date, ids: Sequence[str] | None
) -> tuple[Mapping[str, Reading], Explanations]:
    """The readings asked for, and why the scenario stands where it stands where that was asked for by name."""
    if ids is None:
        return catalogue.readings(market, histories, session), {}
    values = {name: history.values for name, history in histories.items()}
    axes = {id: axis for id in ids if (axis := axis_of(id)) is not None}
    explanations = {id: catalogue.explain(values, axis, session) for id, axis in axes.items()}
    return catalogue.readings(market, {id: histories[id] for id in ids}, session), explanations


def _newest(archive: Archive) -> date:
    return max(archive.newest(catalogue.tickers()).values(), default=None) or _span(archive)[1]


def _calendar(archive: Archive, days: Sequence[date]) -> Calendar:
    first, last = _span(archive)
    if min(days) < first:
        raise UserError(f"{min(days)} is before the first session of the archive, {first}.")
    known = max(last, SystemClock().now().date())
    if max(days) > known + FURTHEST:
        raise UserError(f"{max(days)} is too far ahead: the archive ends on {last}.")
    return Calendar(first, max(last, *days) + timedelta(days=10))


def _span(archive: Archive) -> tuple[date, date]:
    span = archive.span()
    if span is None:
        raise UserError("The archive holds no prices yet: `rotation-bot market import DIR` brings some in.")
    return span


def _nearest(name: str) -> str:
    from bot.commands.search import Finder

    return Finder(catalogue.SIGNALS).suggestion(name) or "`rotation-bot readings` without --signal shows all of them."


def _print_json(readings: Mapping[str, Reading], explanations: Explanations) -> None:
    for name, reading in readings.items():
        found = _as_object(name, reading)
        if name in explanations:
            found["explanation"] = as_object(explanations[name])
        click.echo(json.dumps(found, ensure_ascii=False, allow_nan=False))


def _as_object(name: str, reading: Reading) -> dict[str, object]:
    signal = catalogue.SIGNALS[name]
    return {
        "signal": name,
        "label": signal.label,
        "session": reading.session.isoformat(),
        "value": reading.value,
        "unit": signal.unit.value,
        "state": reading.state.value,
        "reason": reading.reason,
        "coverage": reading.coverage.share if reading.coverage else None,
        "known_at": reading.known_at.isoformat() if reading.known_at else None,
        "observed": reading.observed.isoformat() if reading.observed else None,
        "sources": list(reading.sources),
        "notes": list(reading.notes),
        "measures": {which.value: reading.measure(which) for which in Measure if which is not Measure.VALUE},
    }


def _print_table(day: date, readings: Mapping[str, Reading], explanations: Explanations) -> None:
    head = COLUMNS.format(
        signal="signal", value="value", change="1 day", percentile="1y %", as_of="as of", coverage="coverage"
    )
    session = next((reading.session for reading in readings.values()), day)
    click.echo(f"{formats.day(session)}\n{head}")
    for name, reading in readings.items():
        click.echo(_line(name, reading))
        for line in explanation_lines(explanations[name]) if name in explanations else ():
            click.echo(line)


def _line(name: str, reading: Reading) -> str:
    signal = catalogue.SIGNALS[name]
    if reading.value is None:
        return f"{name:<38} withheld: {reading.reason}"
    change = formats.delta(reading.measures.change_1d, signal.unit, signal.decimals, with_unit=False)
    line = COLUMNS.format(
        signal=name,
        value=formats.number(reading.value, signal.unit, signal.decimals),
        change=change,
        percentile=formats.plain(reading.measures.percentile_1y, 0),
        as_of=(reading.observed or reading.session).isoformat(),
        coverage=f"{reading.coverage.counted}/{reading.coverage.listed}" if reading.coverage else "",
    )
    return line.rstrip() + (" provisional" if reading.state.value == "provisional" else "")
