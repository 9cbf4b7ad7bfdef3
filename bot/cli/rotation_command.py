"""`rotation-bot rotation`: is money rotating out of big tech? The answer of a session, and every turn before it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import date, timedelta

import click

from bot.archive import Archive
from bot.calendar.clock import Calendar
from bot.cli.common import archive_to_read, calendar_day, explained, home_option, span_of
from bot.formatting import formats
from bot.formatting.rotation_words import (
    ROTATION_QUESTION,
    TECH_QUESTION,
    ending_words,
    evidence_lines,
    headline,
    rotation_words,
    tech_words,
)
from bot.formatting.scenario_words import recovery_words
from bot.settings.paths import Home
from signals import catalogue
from signals.core.market import Market
from signals.core.model import Axis
from signals.core.panel import Panel
from signals.rotation import answer
from signals.rotation.answer import ClockReading, LegReading, RotationReading
from signals.rotation.definitions import LEG_NAMES, STATE_NAMES, TECH_LEG_NAMES, TECH_NAMES
from signals.rotation.evidence import Evidence, evidence
from signals.rotation.past import HORIZONS, Past, PastLeg, PastTurn, past
from signals.rotation.yardsticks import ROTATION
from signals.scenario.explanation import Explanation

_RECOVERY = ("scenario.recovery", "scenario.recovery_state")
_LEG = "  {0:<50} {1:<20} {2:>12} {3:>12} {4:>8} {5:>5} {6:>10} {7:>8}"
_TURN = "  {0:>12}  {1:<28} {2:>8} {3:>12} {4:>12}"


@click.command("rotation", short_help="Is money rotating out of big tech? Since when, by which yardsticks.")
@click.option(
    "--as-of",
    "day",
    type=calendar_day,
    metavar="YYYY-MM-DD",
    help="The session to describe, as known 20 minutes after its close; a day without trading means the session before "
    "it. [default: the newest session in the archive]",
)
@click.option("--history", "with_past", is_flag=True, help="Also every past leg and turn, with what followed.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object, with unrounded numbers.")
@home_option
@explained
def command(day: date | None, with_past: bool, as_json: bool, home: Home) -> None:
    """Say whether money is rotating out of big tech, and whether tech itself is advancing.

    Each yardstick turns once it stands a fixed distance from its extreme; two thirds of them name
    the state. Every turn is dated by the session that confirmed it.
    """
    with archive_to_read(home) as archive:
        market = _market(archive, day)
    panel = Panel(market)
    reading = answer.read(panel, market.last.date())
    explanation, state = _recovery(market)
    clock_past = past(panel) if with_past else None
    if as_json:
        click.echo(json.dumps(_as_object(reading, explanation, state, clock_past), ensure_ascii=False, allow_nan=False))
        return
    for line in _lines(reading, evidence(panel, reading), explanation, state):
        click.echo(line)
    for line in _past_lines(clock_past) if clock_past is not None else ():
        click.echo(line)


def _market(archive: Archive, day: date | None) -> Market:
    described = day or max(archive.newest(catalogue.tickers()).values(), default=None) or span_of(archive)[1]
    first, last = span_of(archive, described)
    return archive.market(
        Calendar(first, max(last, described) + timedelta(days=10)), as_of=described, tail=catalogue.TAIL
    )


def _recovery(market: Market) -> tuple[Explanation, int | None]:
    """The votes on a recovery and its named state, None where it is withheld."""
    histories = catalogue.compute(market, (*_RECOVERY, *catalogue.voters(Axis.RECOVERY)))
    values = {id: history.values for id, history in histories.items()}
    state = float(values[_RECOVERY[1]].iloc[-1])
    explanation = catalogue.explain(values, Axis.RECOVERY, market.last.date())
    return explanation, None if state != state else round(state)


def _lines(reading: RotationReading, record: Evidence, explanation: Explanation, state: int | None) -> Iterator[str]:
    today = reading.session
    yield f"{formats.day(today)}: {headline(reading)}."
    for question, words, clock in (
        (ROTATION_QUESTION, rotation_words(reading), reading.rotation),
        (TECH_QUESTION, tech_words(reading), reading.tech),
    ):
        yield f"{question}  {words}."
        yield from _leg_lines(clock)
        if ending := ending_words(clock):
            yield f"  {ending}."
    yield from (f"{line}." for line in evidence_lines(record, reading.rotation.state))
    yield f"{recovery_words(explanation, state)}."


def _leg_lines(clock: ClockReading) -> Iterator[str]:
    if clock.legs:
        yield _LEG.format("yardstick", "leg", "since", "confirmed", "move", "age", "given back", "turns at")
    for leg in clock.legs:
        names = LEG_NAMES if leg.yardstick in ROTATION else TECH_LEG_NAMES
        yield _LEG.format(
            leg.yardstick.label,
            names[leg.direction],
            _day(leg.start),
            _day(leg.confirmed),
            _percent(leg.move, signed=True),
            formats.NOTHING if leg.age is None else leg.age,
            _percent(leg.given_back),
            _percent(leg.yardstick.threshold),
        ).rstrip()


def _day(day: date | None) -> str:
    return formats.NOTHING if day is None else formats.short_day(day, year=True)


def _percent(value: float | None, *, signed: bool = False) -> str:
    return formats.NOTHING if value is None else f"{formats.plain(value, 2, signed=signed)}%"


def _past_lines(known: Past) -> Iterator[str]:
    for title, turns, names, outcome in (
        ("Turns of the rotation", known.rotation_turns, STATE_NAMES, "RSP vs. SPY"),
        ("Turns of tech", known.tech_turns, TECH_NAMES, "QQQ"),
    ):
        yield ""
        yield f"{title}, with {outcome} over the {HORIZONS[0]} and {HORIZONS[1]} sessions after it"
        yield _TURN.format("session", "state", "lasted", *(f"{sessions} sessions" for sessions in HORIZONS))
        for turn in turns:
            followed = (_percent(turn.followed[sessions], signed=True) for sessions in HORIZONS)
            lasted = formats.NOTHING if turn.lasted is None else turn.lasted
            yield _TURN.format(_day(turn.session), names[turn.state], lasted, *followed)
    yield ""
    yield "Legs"
    for leg in known.legs:
        yield _past_leg_line(leg)


def _past_leg_line(leg: PastLeg) -> str:
    names = LEG_NAMES if leg.yardstick in ROTATION else TECH_LEG_NAMES
    until = "so far" if leg.end is None else f"to {_day(leg.end)}"
    return (
        f"  {leg.yardstick.label:<50} {names[leg.direction]:<20} {_day(leg.start):>12} {until:<15} "
        f"confirmed {_day(leg.confirmed):<12} {_percent(leg.move, signed=True):>9} in {formats.counted(leg.sessions, 'session')}"
    )


def _as_object(
    reading: RotationReading, explanation: Explanation, state: int | None, known: Past | None
) -> dict[str, object]:
    result: dict[str, object] = {
        "session": reading.session.isoformat(),
        "regime": reading.regime,
        **_clock_object(reading.rotation),
        "tech": _clock_object(reading.tech),
        "recovery": {
            "score": explanation.score,
            "state": state,
            "agreement": explanation.agreement,
            "dissenters": [party.family.value for party in explanation.dissenters],
        },
    }
    if known is not None:
        result["history"] = {
            "legs": [_past_leg_object(leg) for leg in known.legs],
            "turns": [_turn_object(turn) for turn in known.rotation_turns],
            "tech_turns": [_turn_object(turn) for turn in known.tech_turns],
        }
    return result


def _clock_object(clock: ClockReading) -> dict[str, object]:
    return {
        "state": clock.state,
        "turning": None if clock.turning is None else int(clock.turning),
        "since": _text(clock.since),
        "age": clock.age,
        "yardsticks": clock.up if clock.known else None,
        "known": clock.known,
        "legs": [_leg_object(leg) for leg in clock.legs],
    }


def _leg_object(leg: LegReading) -> dict[str, object]:
    return {
        "yardstick": leg.yardstick.name,
        "direction": leg.direction,
        "leg_start": _text(leg.start),
        "confirmed": _text(leg.confirmed),
        "move": leg.move,
        "age": leg.age,
        "given_back": leg.given_back,
        "threshold": leg.yardstick.threshold,
    }


def _past_leg_object(leg: PastLeg) -> dict[str, object]:
    return {
        "yardstick": leg.yardstick.name,
        "direction": leg.direction,
        "leg_start": leg.start.isoformat(),
        "confirmed": leg.confirmed.isoformat(),
        "leg_end": _text(leg.end),
        "turned": _text(leg.turned),
        "move": leg.move,
        "sessions": leg.sessions,
    }


def _turn_object(turn: PastTurn) -> dict[str, object]:
    return {
        "session": turn.session.isoformat(),
        "state": turn.state,
        "lasted": turn.lasted,
        "followed": {str(sessions): value for sessions, value in turn.followed.items()},
    }


def _text(day: date | None) -> str | None:
    return None if day is None else day.isoformat()
