"""`rotation-bot readings`: the reading of every signal, on the terminal or as JSON lines."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta

import click

from bot.archive import Archive
from bot.calendar.clock import Calendar
from bot.cli.common import archive_to_read, calendar_day, explained, home_option, span_of
from bot.cli.scenario_report import as_object, explanation_lines
from bot.commands.context import SIMULATED
from bot.formatting import formats
from bot.formatting.scenario import SCORES, STATES
from bot.settings.paths import Home
from signals import catalogue
from signals.core.market import Market
from signals.core.model import Axis, History, Measure, Reading
from signals.scenario.explanation import Explanation

SAME = 1e-9
"""Relative difference up to which two values count as equal."""

COLUMNS = "{signal:<38} {value:>16} {change:>15} {percentile:>6} {as_of:>10} {coverage:>10}"


@click.command("readings", short_help="Print what every signal says, today or on any date.")
@click.option(
    "--as-of",
    "days",
    type=calendar_day,
    multiple=True,
    metavar="YYYY-MM-DD",
    help="The session to describe, as known 20 minutes after its close; a day without trading means the session before "
    "it. May be given several times. [default: the newest session in the archive]",
)
@click.option("--signal", "ids", multiple=True, metavar="ID", help="Only this signal; may be given several times.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object per line, with unrounded numbers.")
@home_option
@explained
def command(days: Sequence[date], ids: Sequence[str], as_json: bool, home: Home) -> None:
    """Print the reading of every signal: value, unit, change, one-year percentile, as-of date and coverage.

    Each value is what was known then. Where figures have been corrected since, the line also says
    what it is by now.
    """
    for name in ids:
        if name not in catalogue.SIGNALS:
            raise click.BadParameter(f'No signal "{name}". {_nearest(name)}', param_hint="--signal")
    with archive_to_read(home) as archive:
        for day in _read(archive, list(days) or [_newest(archive)], list(dict.fromkeys(ids)) or None):
            if as_json:
                _print_json(day)
            else:
                _print_table(day)


Explanations = Mapping[str, Explanation]
"""By the requested ids of scenarios; empty when everything is printed."""


@dataclass(frozen=True, slots=True)
class _DayReadings:
    """One day: the readings as known then, and the newest values of those corrected since."""

    day: date
    readings: Mapping[str, Reading]
    explanations: Explanations
    revised: Mapping[str, Reading] = field(default_factory=dict)


def _read(archive: Archive, days: Sequence[date], ids: Sequence[str] | None) -> Iterator[_DayReadings]:
    """Readings of each day.

    An archive with revisions needs a market for each day; otherwise one market serves all days.
    """
    calendar = _calendar(archive, days)
    needed = None if ids is None else _with_parts(ids)
    if archive.revised() or len(days) == 1:
        for day in days:
            market = archive.market(calendar, as_of=day, tail=catalogue.TAIL)
            then = _day_readings(market, catalogue.compute(market, needed), market.last.date(), ids)
            yield _with_revisions(archive, market, then, needed)
        return
    first, last = min(days), max(days)
    between = len(calendar.between(first, last))
    market = archive.market(calendar, as_of=last, tail=catalogue.TAIL + between)
    histories = catalogue.compute(market, needed)
    for day in days:
        then = _day_readings(market, histories, calendar.at_or_before(day), ids)
        yield _with_revisions(archive, market.until(then.day), then, needed)


def _with_revisions(archive: Archive, market: Market, then: _DayReadings, needed: Sequence[str] | None) -> _DayReadings:
    """The same with the readings that have been corrected since.

    `market`: as it was known on that day.
    """
    corrected = archive.corrected(market)
    if corrected is None:
        return then
    by_now = catalogue.readings(corrected, catalogue.compute(corrected, needed), then.day)
    return replace(then, revised={id: now for id, now in by_now.items() if _differs(then.readings.get(id), now)})


def _differs(then: Reading | None, now: Reading) -> bool:
    """Whether a requested reading has another value by now, beyond rounding noise."""
    if then is None:
        return False
    if then.value is None or now.value is None:
        return then.value is not now.value
    return abs(then.value - now.value) > SAME * max(1.0, abs(then.value))


def _with_parts(ids: Sequence[str]) -> list[str]:
    """The requested signals and those that they are made of, each once."""
    return list(dict.fromkeys(name for id in ids for name in (id, *catalogue.signal(id).parts)))


def _day_readings(
    market: Market, histories: Mapping[str, History], session: date, ids: Sequence[str] | None
) -> _DayReadings:
    """The requested readings, and the explanations of scenarios that were requested by id."""
    if ids is None:
        return _DayReadings(session, catalogue.readings(market, histories, session), {})
    values = {name: history.values for name, history in histories.items()}
    axes = {id: axis for axis in Axis for id in ids if id in (SCORES[axis], STATES[axis])}
    explanations = {id: catalogue.explain(values, axis, session) for id, axis in axes.items()}
    return _DayReadings(session, catalogue.readings(market, {id: histories[id] for id in ids}, session), explanations)


def _newest(archive: Archive) -> date:
    return max(archive.newest(catalogue.tickers()).values(), default=None) or span_of(archive)[1]


def _calendar(archive: Archive, days: Sequence[date]) -> Calendar:
    first, last = span_of(archive, *days)
    return Calendar(first, max(last, *days) + timedelta(days=10))


def _nearest(name: str) -> str:
    from bot.commands.signal_search import Finder

    return Finder(catalogue.SIGNALS).suggestion(name) or "`rotation-bot readings` without --signal shows all of them."


def _print_json(day: _DayReadings) -> None:
    for name, reading in day.readings.items():
        line = _as_object(name, reading)
        now = day.revised.get(name)
        line["revised"] = None if now is None else {"value": now.value, "reason": now.reason}
        if name in day.explanations:
            line["explanation"] = as_object(day.explanations[name])
        click.echo(json.dumps(line, ensure_ascii=False, allow_nan=False))


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
        "measures": {measure.value: reading.measure(measure) for measure in Measure if measure is not Measure.VALUE},
    }


def _print_table(day: _DayReadings) -> None:
    head = COLUMNS.format(
        signal="signal", value="value", change="1 day", percentile="1y %", as_of="as of", coverage="coverage"
    )
    simulated = any(SIMULATED in reading.sources for reading in day.readings.values())
    click.echo(f"{formats.day(day.day)}{', simulated figures' if simulated else ''}\n{head}")
    for name, reading in day.readings.items():
        now = day.revised.get(name)
        click.echo(_line(name, reading) + ("" if now is None else f"; revised since, now {_by_now(name, now)}"))
        for line in explanation_lines(day.explanations[name]) if name in day.explanations else ():
            click.echo(line)


def _by_now(name: str, reading: Reading) -> str:
    signal = catalogue.SIGNALS[name]
    return "withheld" if reading.value is None else formats.number(reading.value, signal.unit, signal.decimals)


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
