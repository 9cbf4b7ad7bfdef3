"""`/rotation`: is money rotating out of big tech, since when, by which yardsticks, and what such turns were worth."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from types import MappingProxyType

from bot.commands.context import ADVICE, Core, loading, no_data, source_problem
from bot.commands.market import chart
from bot.commands.reply import Button, Field, Pages, Reply, Tone, page_of
from bot.domain.chart_request import ChartKind
from bot.formatting import formats
from bot.formatting.rotation_words import (
    ROTATION_QUESTION,
    TECH_QUESTION,
    ending_words,
    evidence_lines,
    headline,
    leg_table,
    rotation_words,
    tech_words,
    votes_words,
)
from bot.formatting.scenario_words import recovery_sides, recovery_words
from bot.formatting.signal_values import state_words
from bot.readings.state import RotationAnswer, Snapshot
from signals.core.model import Axis, State
from signals.rotation.answer import RotationReading
from signals.rotation.definitions import STATE_NAMES, TECH_NAMES
from signals.rotation.past import HORIZONS, PastTurn
from signals.scenario.score import ROTATION_STATE

HISTORY = "rotation-history"
"""The view of past turns; its pages are asked for by this name."""

_PER_PAGE = 15
_RECOVERY_STATE = "scenario.recovery_state"
_TONES: Mapping[int, Tone] = MappingProxyType({1: Tone.BROADENING, -1: Tone.CONCENTRATING})


def show(core: Core) -> Reply:
    """The answer of the newest session: both questions, the recovery, the yardsticks, and the record.

    Raises UserError before the first check.
    """
    snapshot, answer = _answer(core)
    reading, today = answer.reading, core.today()
    running = any(value.state is State.PROVISIONAL for value in snapshot.readings.values())
    fields = [
        Field(ROTATION_QUESTION, "\n".join(_rotation_lines(answer))),
        Field(TECH_QUESTION, "\n".join([f"**{tech_words(reading)}**", *_tech_lines(answer), recovery_line(snapshot)])),
        Field("What past turns were worth", "\n".join(evidence_lines(answer.evidence, reading.rotation.state))),
        Field("The yardsticks", f"```\n{leg_table([reading.rotation, reading.tech])}\n```"),
    ]
    remarks = (loading(core), source_problem(core))
    return Reply(
        title=headline(reading),
        lines=tuple(remark for remark in remarks if remark),
        fields=tuple(field for field in fields if field.value),
        buttons=(
            Button("past", "Past turns"),
            *(
                Button("set", f"Alert on {label}", (id,))
                for id, label in ((ROTATION_STATE, "the rotation"), ("tech.state", "tech"))
                if id in core.signals
            ),
        ),
        footer=core.footer(
            state_words(State.PROVISIONAL if running else State.FINAL, snapshot.session, today),
            "age: sessions since the leg began · back: given back / what turns it, in %",
            ADVICE,
        ),
        tone=Tone.NEUTRAL if reading.rotation.turning else _TONES.get(reading.rotation.state or 0, Tone.ATTENTION),
        picture=chart.of_family(core, ChartKind.DASHBOARD),
    )


def brief(snapshot: Snapshot | None, session: date | None = None) -> list[str]:
    """Both questions with their answers, for the summary of a session and (the newest one) for `/help`.

    Empty for a session whose answer is not in memory.
    """
    reading = reading_of(snapshot, session)
    if reading is None:
        return []
    clock = reading.rotation
    count = (
        f" {clock.up} of {clock.known} yardsticks {'points' if clock.up == 1 else 'point'} out of big tech."
        if clock.known
        else ""
    )
    return [f"**{ROTATION_QUESTION}** {rotation_words(reading)}.{count}", f"**{TECH_QUESTION}** {tech_words(reading)}."]


def with_legs(snapshot: Snapshot | None, session: date) -> list[str]:
    """Both questions of a session with their answers, and the yardsticks behind each with the legs that they are in."""
    reading = reading_of(snapshot, session)
    if reading is None:
        return []
    votes = votes_words(reading.rotation, session)
    # The votes say how many yardsticks there are on each side.
    rotation_answer = (
        brief(snapshot, session)[0] if not votes else f"**{ROTATION_QUESTION}** {rotation_words(reading)}."
    )
    return [
        rotation_answer,
        *votes,
        f"**{TECH_QUESTION}** {tech_words(reading)}.",
        *votes_words(reading.tech, session),
    ]


def regime_words(snapshot: Snapshot | None, session: date) -> str:
    """The regime of a session in one sentence; empty where it is not in memory."""
    reading = reading_of(snapshot, session)
    return "" if reading is None else headline(reading)


def reading_of(snapshot: Snapshot | None, session: date | None) -> RotationReading | None:
    """The answer of a session, None for the newest one; None where it is not in memory."""
    answer = None if snapshot is None else snapshot.rotation
    if answer is None:
        return None
    newest = session is None or session == answer.reading.session
    return answer.reading if newest else answer.recent.get(session or answer.reading.session)


def evidence_of_turn(snapshot: Snapshot | None, session: date) -> list[str]:
    """The yardsticks behind a turn on a session and what past turns like it were worth.

    The record is that of the newest session; it is left out for an older one, which knew less.
    """
    answer = None if snapshot is None else snapshot.rotation
    if answer is None or answer.reading.session != session or answer.reading.rotation.state is None:
        return []
    clock = answer.reading.rotation
    return [*votes_words(clock, session), *evidence_lines(answer.evidence, clock.state)]


def history(core: Core, page: int = 1) -> Reply:
    """Past turns of the rotation and of tech, newest first, with what followed each.

    Raises UserError before the first check.
    """
    _, answer = _answer(core)
    turns = sorted(
        (
            *((turn, STATE_NAMES[turn.state]) for turn in answer.past.rotation_turns),
            *((turn, f"tech {TECH_NAMES[turn.state]}") for turn in answer.past.tech_turns),
        ),
        key=lambda entry: entry[0].session,
        reverse=True,
    )
    shown, number, count = page_of(turns, page, _PER_PAGE)
    return Reply(
        title=f"{formats.counted(len(turns), 'turn')} of the rotation and of tech, newest first",
        lines=(
            f"What followed over {HORIZONS[0]} and {HORIZONS[1]} sessions: RSP minus SPY in percentage points (pp) "
            "after a turn of the rotation, QQQ in % after one of tech.",
        ),
        table="\n".join(_turn_lines(shown)),
        pages=Pages(HISTORY, (), number, count),
        footer=core.footer("Each turn is dated by the session that confirmed it", ADVICE),
    )


def recovery_line(snapshot: Snapshot) -> str:
    """The recovery's case with score and thresholds, who is for it and who against; empty without votes."""
    explanation, reading = snapshot.explanations.get(Axis.RECOVERY), snapshot.readings.get(_RECOVERY_STATE)
    if explanation is None:
        return ""
    return recovery_words(explanation, None if reading is None else reading.value)


def recovery_of(snapshot: Snapshot | None, session: date) -> list[str]:
    """Who is for the recovery on a session and who against it; empty for any but the newest session.

    Its case and score stand in the first line of the alert.
    """
    if snapshot is None or snapshot.session != session:
        return []
    explanation = snapshot.explanations.get(Axis.RECOVERY)
    sides = "" if explanation is None else recovery_sides(explanation)
    return [formats.capitalised(sides)] if sides else []


def _answer(core: Core) -> tuple[Snapshot, RotationAnswer]:
    snapshot = core.readings.snapshot
    if snapshot is None or snapshot.rotation is None:
        raise no_data(core)
    return snapshot, snapshot.rotation


def _rotation_lines(answer: RotationAnswer) -> list[str]:
    clock, session = answer.reading.rotation, answer.reading.session
    lines = [f"**{rotation_words(answer.reading)}**", *votes_words(clock, session), ending_words(clock)]
    return [line for line in lines if line]


def _tech_lines(answer: RotationAnswer) -> list[str]:
    clock, session = answer.reading.tech, answer.reading.session
    return [line for line in (*votes_words(clock, session), ending_words(clock)) if line]


def _turn_lines(turns: Sequence[tuple[PastTurn, str]]) -> list[str]:
    lines = []
    for turn, name in turns:
        followed = " ".join(f"{formats.plain(turn.followed[sessions], 1, signed=True):>6}" for sessions in HORIZONS)
        lines.append(f"{formats.short_day(turn.session, year=True):<13}{_SHORT.get(name, name):<14}{followed}")
    return lines


_SHORT: Mapping[str, str] = MappingProxyType({STATE_NAMES[1]: "out", STATE_NAMES[-1]: "back into"})
