"""`rotation-bot readings`: the reading of every signal, on the terminal or as JSON lines."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from pathlib import Path

import click

from bot.archive import Archive
from bot.calendar.clock import Calendar
from bot.cli.common import archive_to_read, calendar_day, explained, home_option, span_of
from bot.cli.scenario_report import as_object, explanation_lines
from bot.commands.context import SIMULATED
from bot.database.connection import read_only
from bot.database.readings import ShownReading, shown
from bot.formatting import formats
from bot.formatting.quoting import quoted
from bot.formatting.scenario_words import SCORES, STATES
from bot.formatting.signal_values import SURVIVORSHIP, survivorship
from bot.readings.shown_then import ShownThen, compare, same
from bot.settings.paths import Home
from signals import catalogue
from signals.asof.series import TODAYS_REVISION
from signals.core.market import Market
from signals.core.measure_kinds import PLAIN_MEASURES
from signals.core.model import Axis, Cadence, History, Measure, Reading
from signals.scenario.explanation import Explanation

COLUMNS = "{signal:<38} {value:>16} {change:>15} {percentile:>6} {as_of:>12} {coverage:>10}"


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
    what it is by now; where an alert fired on it or a summary showed it, whether that was the same
    value, and if not, why.
    """
    for name in ids:
        if name not in catalogue.SIGNALS:
            raise click.BadParameter(f"No signal {quoted(name)}. {_nearest(name)}", param_hint="--signal")
    with archive_to_read(home) as archive:
        for day in _read(archive, list(days) or [_newest(archive)], list(dict.fromkeys(ids)) or None, home.bot):
            if as_json:
                _print_json(day)
            else:
                _print_table(day)


Explanations = Mapping[str, Explanation]
"""By the requested ids of scenarios; empty when everything is printed."""


@dataclass(frozen=True, slots=True)
class _DayReadings:
    """One day: the readings as known then, the newest values of those corrected since, and the
    values that people were shown.
    """

    day: date
    readings: Mapping[str, Reading]
    explanations: Explanations
    revised: Mapping[str, Reading] = field(default_factory=dict)
    shown: Mapping[str, ShownThen] = field(default_factory=dict)
    past: bool = False


def _read(archive: Archive, days: Sequence[date], ids: Sequence[str] | None, bot_db: Path) -> Iterator[_DayReadings]:
    """Readings of each day, each from the market of that day alone.

    A market that goes on after a day would give its reasons with what was not known yet.
    """
    calendar = _calendar(archive, days)
    needed = None if ids is None else _with_parts(ids)
    newest = _newest(archive)
    for day in days:
        market = archive.market(calendar, as_of=day, tail=catalogue.TAIL)
        then = _day_readings(market, catalogue.compute(market, needed), market.last.date(), ids)
        then = replace(
            then,
            shown=compare(archive, market, _shown(bot_db, then.day), then.readings),
            past=then.day < newest,
        )
        yield _with_revisions(archive, market, then, needed)


def _shown(bot_db: Path, day: date) -> Mapping[str, ShownReading]:
    """What people were shown of a session; empty where no bot has run in this home."""
    if not bot_db.is_file():
        return {}
    with read_only(bot_db, any_version=True) as db:
        return shown(db, day)


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
    return then is not None and not same(then.value, now.value)


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
    return Calendar(first, max(last, *days) + timedelta(days=10), archive.closures())


def _nearest(name: str) -> str:
    from bot.commands.signal_search import Finder

    return Finder(catalogue.SIGNALS).suggestion(name) or "`rotation-bot readings` without --signal shows all of them."


def _print_json(day: _DayReadings) -> None:
    for name, reading in day.readings.items():
        line = _as_object(name, reading)
        now, then = day.revised.get(name), day.shown.get(name)
        line["notes"] = _notes(day, name, reading)
        line["revised"] = None if now is None else {"value": now.value, "reason": now.reason}
        line["shown"] = None if then is None else _shown_object(then)
        if name in day.explanations:
            line["explanation"] = as_object(day.explanations[name])
        click.echo(json.dumps(line, ensure_ascii=False, allow_nan=False))


def _notes(day: _DayReadings, name: str, reading: Reading) -> list[str]:
    """The remarks of a reading; of a past session today's members come with the size of their bias."""
    size = survivorship(name) if day.past else ""
    return [f"{note}: {size}" if note == catalogue.TODAYS_MEMBERS and size else note for note in reading.notes]


def _shown_object(then: ShownThen) -> dict[str, object]:
    return {"value": then.value, "recorded_at": then.recorded_at.isoformat(), "reason": then.reason}


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
        "known_at_estimated": reading.known_at_estimated,
        "observed": reading.observed.isoformat() if reading.observed else None,
        "sources": list(reading.sources),
        "measures": {
            measure.value: reading.measure(measure) for measure in PLAIN_MEASURES if measure is not Measure.VALUE
        },
    }


def _print_table(day: _DayReadings) -> None:
    head = COLUMNS.format(
        signal="signal", value="value", change="1 day", percentile="1y %", as_of="as of", coverage="coverage"
    )
    simulated = any(SIMULATED in reading.sources for reading in day.readings.values())
    click.echo(f"{formats.day(day.day)}{', simulated figures' if simulated else ''}\n{head}")
    for name, reading in day.readings.items():
        now = day.revised.get(name)
        revised = "" if now is None else f"; revised since, now {_by_now(name, now)}"
        click.echo(_line(name, reading) + _dating(name, reading) + revised + _shown_words(day, name))
        for line in explanation_lines(day.explanations[name]) if name in day.explanations else ():
            click.echo(line)

    if day.past and any(catalogue.TODAYS_MEMBERS in reading.notes for reading in day.readings.values()):
        click.echo(f"The past has today's members alone: {SURVIVORSHIP}.")


def _dating(name: str, reading: Reading) -> str:
    """How sure the date and the vintage of a monthly figure are; empty for others."""
    if catalogue.SIGNALS[name].cadence is not Cadence.MONTHLY or reading.value is None:
        return ""
    parts = ["release date estimated"] if reading.known_at_estimated else []
    parts += [note for note in reading.notes if note.endswith(TODAYS_REVISION)]
    return "".join(f"; {part}" for part in parts)


def _shown_words(day: _DayReadings, name: str) -> str:
    then = day.shown.get(name)
    if then is None:
        return ""
    if then.reason is None:
        return "; as shown then"
    signal = catalogue.SIGNALS[name]
    return f"; shown then: {formats.number(then.value, signal.unit, signal.decimals)} ({then.reason})"


def _by_now(name: str, reading: Reading) -> str:
    signal = catalogue.SIGNALS[name]
    return "withheld" if reading.value is None else formats.number(reading.value, signal.unit, signal.decimals)


def _line(name: str, reading: Reading) -> str:
    signal = catalogue.SIGNALS[name]
    if reading.value is None:
        return f"{name:<38} withheld: {reading.reason}"
    change = formats.change(reading.measures.change_1d, signal, with_unit=False)
    line = COLUMNS.format(
        signal=name,
        value=formats.number(reading.value, signal.unit, signal.decimals),
        change=change,
        percentile=formats.plain(reading.measures.percentile_1y, 0),
        as_of=formats.short_day(reading.observed or reading.session, year=True),
        coverage=f"{reading.coverage.counted}/{reading.coverage.listed}" if reading.coverage else "",
    )
    return line.rstrip() + (" provisional" if reading.state.value == "provisional" else "")
