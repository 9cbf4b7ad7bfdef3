"""`rotation-bot study`: what followed a signal's level in the past, compared with any session."""

from __future__ import annotations

import json
import math
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import click

from bot.calendar.clock import Calendar
from bot.cli.common import archive_to_read, calendar_day, configuration, explained, home_option, span_of
from bot.cli.study_table import table
from bot.commands.signal_search import Finder
from bot.event_study.worker_tasks import studied
from bot.formatting.quoting import quoted
from bot.settings.paths import Home
from signals import catalogue
from signals.core.measure_kinds import PLAIN_MEASURES
from signals.core.measures import measure_of
from signals.core.model import Measure, Signal
from signals.core.panel import Panel
from signals.event_study import Interval, LevelCondition, Outcome, Result, StudyPlan, run_study

LONGEST = 1260
"""Sessions of the longest horizon: five years."""


@dataclass(frozen=True, slots=True)
class StudyArguments:
    """The arguments of the command."""

    signal: Signal
    measure: Measure
    words: str
    plan: StudyPlan
    outcome: str
    versus: str | None


def _level(text: str) -> float:
    """A finite number. Raises click.BadParameter."""
    try:
        level = float(text)
    except ValueError:
        level = math.nan
    if not math.isfinite(level):
        raise click.BadParameter(f"{text!r} is not a number.")
    return level


def _levels(text: str) -> tuple[float, ...]:
    """Finite numbers separated by commas. Raises click.BadParameter."""
    return tuple(_level(part) for part in text.split(","))


def _sessions(text: str) -> tuple[int, ...]:
    """Whole numbers separated by commas, each once. Raises click.BadParameter."""
    try:
        return tuple(dict.fromkeys(int(part) for part in text.split(",")))
    except ValueError:
        raise click.BadParameter(f"{text!r} are not whole numbers separated by commas.") from None


@click.command("study", short_help="Print what followed a signal's level in the past.")
@click.argument("name", metavar="SIGNAL")
@click.option("--above", type=_level, metavar="LEVEL", help="The value is above the level.")
@click.option("--below", type=_level, metavar="LEVEL", help="The value is below the level.")
@click.option("--outside", type=_levels, metavar="LOW,HIGH", help="The value is below LOW or above HIGH.")
@click.option("--crosses", type=_level, metavar="LEVEL", help="The value goes from one side of the level to the other.")
@click.option(
    "--measure",
    "which",
    type=click.Choice([measure.value for measure in PLAIN_MEASURES]),
    default=Measure.VALUE.value,
    show_default=True,
    help="What the level is compared with.",
)
@click.option(
    "--outcome",
    metavar="TICKER",
    default="^IXIC",
    show_default=True,
    help="What is looked at afterwards: a ticker, or one minus another (RSP-SPY).",
)
@click.option("--vs", "versus", metavar="TICKER", help="Take the return of this ticker off the outcome.")
@click.option(
    "--horizon",
    "horizons",
    type=_sessions,
    metavar="SESSIONS",
    default="1,5,21,63",
    show_default=True,
    help="Over how many sessions; several with commas between them.",
)
@click.option("--since", type=calendar_day, metavar="YYYY-MM-DD", help="Only events from this day on.")
@click.option(
    "--until", type=calendar_day, metavar="YYYY-MM-DD", help="Only events up to this day; outcomes may end later."
)
@click.option("--days", "each_day", is_flag=True, help="Count every session on which it holds, not only first ones.")
@click.option("--next-close", is_flag=True, help="Count outcomes from the close after the event.")
@click.option("--json", "as_json", is_flag=True, help="One list with an object per horizon, with unrounded numbers.")
@home_option
@explained
def command(
    name: str,
    above: float | None,
    below: float | None,
    outside: tuple[float, ...] | None,
    crosses: float | None,
    which: str,
    outcome: str,
    versus: str | None,
    horizons: tuple[int, ...],
    since: date | None,
    until: date | None,
    each_day: bool,
    next_close: bool,
    as_json: bool,
    home: Home,
) -> None:
    """Count what followed a signal's level: how often the outcome was positive, how sure that is, and against all days.

    An event is the first session of an episode: the condition turns on, and firings less than the
    horizon after the beginning of an episode belong to it. The outcome is the return from the
    event's close over so many sessions.

    \b
    rotation-bot study weighting.rsp_spy.spread_1d --above 0.947 --days
    """
    signal = _signal(name)
    for horizon in horizons:
        if not 1 <= horizon <= LONGEST:
            raise click.BadParameter(
                f"{horizon} is no horizon; wanted: 1 to {LONGEST} sessions.", param_hint="--horizon"
            )
    if since is not None and until is not None and since > until:
        raise click.BadParameter(f"{since} is after {until}.", param_hint="--since")
    words, condition = _condition(above, below, outside, crosses)
    plan = StudyPlan(condition, horizons, since, until, each_day=each_day, next_close=next_close)
    arguments = StudyArguments(signal, Measure(which), words, plan, outcome, versus)
    studied_outcome, results = answer(home, arguments)
    if as_json:
        objects = [as_object(arguments, studied_outcome, result) for result in results]
        click.echo(json.dumps(objects, allow_nan=False, indent=2))
        return
    for line in table(signal, arguments.measure, words, studied_outcome, plan, results):
        click.echo(line)
    if configuration(None, home).sources.simulated:
        click.echo("Simulated figures.")


def _signal(name: str) -> Signal:
    if name not in catalogue.SIGNALS:
        near = Finder(catalogue.SIGNALS).suggestion(name) or "`rotation-bot readings` shows all of them."
        raise click.BadParameter(f"No signal {quoted(name)}. {near}", param_hint="SIGNAL")
    return catalogue.SIGNALS[name]


def _condition(
    above: float | None, below: float | None, outside: Sequence[float] | None, crosses: float | None
) -> tuple[str, LevelCondition]:
    """The condition as text and as such.

    Raises click.UsageError unless exactly one was given and makes sense.
    """
    conditions: list[tuple[str, LevelCondition]] = []
    if above is not None:
        conditions.append((f"above {above:g}", LevelCondition(above=above)))
    if below is not None:
        conditions.append((f"below {below:g}", LevelCondition(below=below)))
    if crosses is not None:
        conditions.append((f"crosses {crosses:g}", LevelCondition.crosses(crosses)))
    if outside is not None:
        if len(outside) != 2 or not outside[0] < outside[1]:
            raise click.BadParameter("Give a lower and a higher level: --outside -2,2", param_hint="--outside")
        conditions.append((f"outside {outside[0]:g} to {outside[1]:g}", LevelCondition.outside(outside[0], outside[1])))
    if len(conditions) != 1:
        raise click.UsageError("Give one of --above, --below, --outside and --crosses.")
    return conditions[0]


def answer(home: Home, arguments: StudyArguments) -> tuple[Outcome, tuple[Result, ...]]:
    """The outcome and the results of the study. Raises UserError and click.BadParameter."""
    with archive_to_read(home) as archive:
        first, last = span_of(archive)
        outcome = _outcome(arguments, archive.newest().keys())
        calendar = Calendar(first, last + timedelta(days=10), archive.closures())
        market, histories = studied(archive, calendar, arguments.signal.id, outcome)
    measured = measure_of(arguments.signal, histories[arguments.signal.id], arguments.measure)
    return outcome, run_study(measured, outcome.prices(Panel(market)), arguments.plan)


def _outcome(arguments: StudyArguments, tickers: Collection[str]) -> Outcome:
    try:
        outcome = Outcome.parse(arguments.outcome, tickers)
        return outcome if arguments.versus is None else outcome.less(Outcome.parse(arguments.versus, tickers))
    except KeyError as error:
        raise click.BadParameter(
            f"The archive has no prices of {error.args[0]}.", param_hint="--outcome or --vs"
        ) from None
    except ValueError as error:
        raise click.BadParameter(str(error), param_hint="--outcome or --vs") from None


def as_object(arguments: StudyArguments, outcome: Outcome, result: Result) -> dict[str, object]:
    """One horizon as JSON: rates 0-1, outcomes in `unit`, null where there are too few episodes."""
    return {
        "signal": arguments.signal.id,
        "measure": arguments.measure.value,
        "condition": arguments.words,
        "outcome": outcome.name,
        "unit": outcome.unit,
        "horizon": result.horizon,
        "first": _day(result.first),
        "last": _day(result.last),
        "counted": "days" if arguments.plan.each_day else "episodes",
        "n_days": result.n_days,
        "n_episodes": result.n_episodes,
        "n": result.n,
        "hits": result.hits,
        **_interval(result.rate, "hit_rate", "low", "high"),
        "base_rate": result.base_rate,
        "base_n": result.base_n,
        **_interval(result.difference, "difference", "difference_low", "difference_high"),
        "p": result.p,
        "q": result.q,
        "independent": result.independent,
        "detectable": result.detectable,
        **_interval(result.mean, "mean", "mean_low", "mean_high"),
        **_interval(result.median, "median", "median_low", "median_high"),
        "worst": result.worst,
        "worst_on": _day(result.worst_on),
        "sample": result.sample,
        "tests": len(arguments.plan.horizons),
        "eras": [
            {
                "era": era.name,
                "n": era.n,
                **_interval(era.rate, "hit_rate", "low", "high"),
                "base_rate": era.base_rate,
                "base_n": era.base_n,
            }
            for era in result.eras
        ],
    }


def _interval(interval: Interval | None, *keys: str) -> dict[str, float | None]:
    values = (None,) * 3 if interval is None else (interval.value, interval.low, interval.high)
    return dict(zip(keys, values, strict=True))


def _day(day: date | None) -> str | None:
    return day.isoformat() if day else None
