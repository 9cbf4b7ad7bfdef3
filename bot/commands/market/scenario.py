"""`/scenario`: both axes of the scenario with the votes of the families, from memory."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from bot.commands.context import ADVICE, Core, loading, no_data, source_problem
from bot.commands.market import chart
from bot.commands.reply import Button, Reply, Tone
from bot.domain.chart_request import ChartKind
from bot.formatting import formats
from bot.formatting.scenario_words import (
    FAMILY_NAMES,
    ROTATION_REGIME,
    ROTATION_TURNING,
    SCORES,
    STATES,
    SUBJECTS,
    AxisState,
    agreement_words,
    axis_state,
    axis_state_words,
    side_word,
)
from bot.formatting.signal_values import state_words
from bot.readings.state import Snapshot
from signals.core.model import Axis, Family, State
from signals.scenario.explanation import Explanation, Party

_NAME, _CELL = 13, 14


def show(core: Core) -> Reply:
    """Score, named state and its age, agreement, and the vote of each family.

    Raises UserError before the first check.
    """
    snapshot = core.readings.snapshot
    if snapshot is None:
        raise no_data(core)
    states = _axis_states(snapshot)
    lines = [line for axis in Axis for line in _axis_lines(axis, states[axis], snapshot)]
    running = any(reading.state is State.PROVISIONAL for reading in snapshot.readings.values())
    state = State.PROVISIONAL if running else State.FINAL
    return Reply(
        title="Is big tech recovering, and is money rotating out of it?",
        lines=(*lines, *(remark for remark in (loading(core), source_problem(core)) if remark)),
        table=families_table(snapshot.explanations),
        tone=_tone(states),
        buttons=tuple(
            Button("set", f"Set an alert on {axis}", (SCORES[axis],)) for axis in Axis if SCORES[axis] in core.signals
        ),
        footer=core.footer(
            state_words(state, snapshot.session, core.today()),
            "What the signals say now, not a forecast; for the recovery a family of under three votes counts half, "
            "tech trends in full",
            ADVICE,
        ),
        picture=chart.of_family(core, ChartKind.FAMILIES),
    )


def axis_lines(snapshot: Snapshot) -> list[str]:
    """A line for each axis: its state, or why it is withheld; empty without a scenario."""
    if not snapshot.explanations:
        return []
    return [_axis_lines(axis, state, snapshot)[0] for axis, state in _axis_states(snapshot).items()]


def _axis_states(snapshot: Snapshot) -> dict[Axis, AxisState | None]:
    values = _with_newest(snapshot)
    return {axis: axis_state(values, axis) for axis in Axis}


def _with_newest(snapshot: Snapshot) -> Mapping[str, pd.Series]:
    """The scenario's final readings, followed by the newest ones while a session is running."""
    at = pd.Timestamp(snapshot.session)
    series_by_id = {}
    for axis in Axis:
        for name in (SCORES[axis], STATES[axis], ROTATION_TURNING, ROTATION_REGIME):
            reading = snapshot.readings.get(name)
            if reading is not None and name in snapshot.history:
                newest = pd.Series([float("nan") if reading.value is None else reading.value], index=[at])
                past = snapshot.history[name]
                series_by_id[name] = pd.concat([past[past.index < at], newest])
    return series_by_id


def _axis_lines(axis: Axis, state: AxisState | None, snapshot: Snapshot) -> list[str]:
    explanation = snapshot.explanations.get(axis)
    words = agreement_words(explanation) if explanation is not None else "withheld"
    return [f"**{SUBJECTS[axis]}: {words}**"] if state is None else [axis_state_words(state), words]


def _tone(states: Mapping[Axis, AxisState | None]) -> Tone:
    """The colour of the rotation, or of the recovery where the rotation is withheld."""
    if all(state is None for state in states.values()):
        return Tone.ATTENTION
    for axis in (Axis.ROTATION, Axis.RECOVERY):
        state = states[axis]
        if state is not None and state.state:
            return Tone.BROADENING if state.state > 0 else Tone.CONCENTRATING
    return Tone.NEUTRAL


def families_table(explanations: Mapping[Axis, Explanation]) -> str:
    """A line for each family: its vote on each axis and the mean of its signals' states.

    At most 40 columns; empty without explanations.
    """
    parties = {
        (axis, party.family): party for axis, explanation in explanations.items() for party in explanation.parties
    }
    named = {family for _, family in parties}
    if not parties:
        return ""
    head = f"{'':<{_NAME}}" + "".join(f"{axis.value.upper():<{_CELL}}" for axis in Axis)
    rows = (
        f"{_row_name(family):<{_NAME}}" + "".join(f"{_cell(parties.get((axis, family))):<{_CELL}}" for axis in Axis)
        for family in Family
        if family in named
    )
    return "\n".join(line.rstrip() for line in (head, *rows))


def _row_name(family: Family) -> str:
    return FAMILY_NAMES[family].replace("tech's own trends", "tech trends")


def _cell(party: Party | None) -> str:
    if party is None:
        return formats.NOTHING
    if party.leaning is None:
        return side_word(party)
    return f"{side_word(party)} {formats.plain(party.leaning, 2, signed=True)}"
