"""What `/scenario`, the summary, topics and alerts say of the scenario."""

from __future__ import annotations

import math
import re
from dataclasses import replace
from datetime import UTC, date, datetime

import pandas as pd
import pytest

from bot.commands.alerts import topics
from bot.commands.alerts.texts import first_line
from bot.commands.context import Caller, Core
from bot.commands.market import scenario, signal_list, signals
from bot.commands.reply import Tone
from bot.commands.summary import summary
from bot.commands.summary.contents import summary_contents
from bot.commands.summary.crossings import crossing_words
from bot.domain.model import AlertSpec, Condition, Direction, ItemKind, OutboxItem
from bot.errors import UserError
from bot.formatting import formats
from bot.formatting.scenario_words import (
    SCORES,
    STATES,
    Turn,
    agreement_words,
    axis_state,
    axis_state_words,
    recovery_state_words,
)
from bot.readings.state import ReadingState, Snapshot
from signals.catalogue import SIGNALS
from signals.core.model import Axis, Family, Measure, State
from signals.scenario.explanation import Explanation, Party
from tests.support import sample_readings

RECOVERY, ROTATION = Axis.RECOVERY, Axis.ROTATION
NAN = math.nan
CHANGE = AlertSpec("scenario.recovery_state", Measure.CHANGE_1D, Condition.OUTSIDE, -0.5, 0.5)


def path(*points: tuple[float, float], axis: Axis = RECOVERY) -> pd.DataFrame:
    """Sessions from Monday, January 5, 2026 on, each with its score and its state."""
    days = pd.DatetimeIndex(sample_readings.calendar().between(date(2026, 1, 5), date(2026, 3, 2)))[: len(points)]
    return pd.DataFrame(points, columns=[SCORES[axis], STATES[axis]], index=days, dtype=float)


def words(*points: tuple[float, float], axis: Axis = RECOVERY) -> str:
    found = axis_state(path(*points, axis=axis), axis)
    assert found is not None
    return axis_state_words(found)


def test_the_families_that_turned_are_named_with_what_they_say_now() -> None:
    found = axis_state(path((20.0, 0), (16.6, 0)), RECOVERY)
    assert found is not None
    turns = [
        Turn(RECOVERY, Family.SIZE, "for"),
        Turn(RECOVERY, Family.RATES, "neutral"),
        Turn(ROTATION, Family.BREADTH, "against"),
        Turn(RECOVERY, Family.MEGACAP, "for"),
    ]
    assert recovery_state_words(found, turns).endswith(
        " (+16.6; bull from +33, bear from -33); small caps and Mag 7 now for it; yields now neutral"
    )


@pytest.mark.parametrize(
    ("state", "score", "changes_at"),
    [
        (0, 18.2, "bull from +33, bear from -33"),
        (1, 18.2, "bull until +10, bear from -33"),
        (-1, -23.1, "bull from +33, bear until -10"),
    ],
)
def test_a_case_that_is_held_says_how_long_it_is(state: int, score: float, changes_at: str) -> None:
    """A bull case at +18.2 stood beside "bull from +33"."""
    found = axis_state(path((score, state), (score, state)), RECOVERY)
    assert found is not None
    assert recovery_state_words(found, []).endswith(f"({score:+}; {changes_at})")
    assert axis_state_words(found).endswith(f"({changes_at})")


def party(family: Family, leaning: float | None, agrees: bool | None) -> Party:
    return Party(family, leaning, agrees, ())


def explained(*parties: Party, score: float | None = 40.0, reason: str | None = None) -> Explanation:
    known = [each for each in parties if each.leaning is not None]
    share = 100 * sum(bool(each.agrees) for each in known) / len(known)
    return Explanation(RECOVERY, score, 1, share, reason, parties)


def test_a_state_stands_with_its_first_session_and_its_score() -> None:
    assert words((10, 0), (34, 1), (30, 1), (28.2, 1)) == (
        "Tech recovery: **bull case** since Tue, Jan 6, score +28.2 on a scale of -100 to +100, "
        "-1.8 on the day (bull until +10, bear from -33)"
    )


def test_a_state_that_is_new_says_what_was_before() -> None:
    assert words((20, 1), (-33.3, -1), axis=ROTATION) == (
        "Rotation: **rotating back into big tech** since this session, rotating out of big tech before, "
        "the families' score -33.3 on a scale of -100 to +100, -53.3 on the day "
        "(above 0 they lean out of big tech, below 0 back into it)"
    )


def test_withheld_sessions_in_between_neither_begin_nor_end_a_state() -> None:
    assert "since Mon, Jan 5 or longer, score +30.0 on a scale of" in words((40, 1), (NAN, NAN), (30, 1))
    assert "since Wed, Jan 7, score" in words((0, 0), (NAN, NAN), (40, 1), (40, 1))


def test_a_withheld_scenario_has_no_standing() -> None:
    assert axis_state(path((40, 1), (NAN, NAN)), RECOVERY) is None
    assert axis_state(pd.DataFrame(), RECOVERY) is None


def test_dissenters_are_named_with_what_they_say() -> None:
    found = explained(
        party(Family.BREADTH, 1, True),
        party(Family.RATES, -0.5, False),
        party(Family.OPTIONS, 0, False),
        party(Family.CAPEX, 1, True),
        party(Family.HAVENS, None, None),
    )
    assert (
        agreement_words(found)
        == "2 of 4 families have the score's sign (50%); the others: yields against, options neutral"
    )
    alone = explained(party(Family.BREADTH, 1, True))
    assert agreement_words(alone) == "1 of 1 families has the score's sign (100%)"


async def test_the_command_shows_both_axes_and_every_family_on_a_phone(core: Core) -> None:
    reply = scenario.show(core)
    assert [line.partition(":")[0] for line in reply.lines[::2]] == ["Tech recovery", "Rotation"]
    assert [re.search(r" of (\d+) families", line)[1] for line in reply.lines[1::2]] == ["10", "9"]
    rows = reply.table.splitlines()
    assert all(len(row) <= 40 for row in rows)
    assert [row[:13].rstrip() for row in rows[1:]] == [
        *(
            "tech trends",
            "breadth",
            "equal weight",
            "small caps",
            "Mag 7",
            "sectors",
            "yields",
            "options",
            "cloud capex",
            "safe havens",
            "fund flows",
            "earnings",
        )
    ]
    assert next(row for row in rows if row.startswith("small caps")).split()[2] == formats.NOTHING
    assert "final, Tue, Jan 13" in reply.footer
    assert "not a forecast" in reply.footer


async def test_the_table_says_in_words_what_the_states_say(core: Core) -> None:
    parties = {
        RECOVERY: explained(party(Family.BREADTH, -2 / 3, True), party(Family.RATES, None, None)),
        ROTATION: explained(party(Family.BREADTH, 0.0, True), party(Family.SIZE, 1.0, True)),
    }
    assert scenario.families_table(parties).splitlines() == [
        "             RECOVERY      ROTATION",
        "breadth      against -0.67 neutral 0.00",
        f"small caps   {formats.NOTHING}             for +1.00",
        f"yields       no state      {formats.NOTHING}",
    ]
    assert scenario.families_table({}) == ""


def stand(core: Core, **states: float) -> Core:
    """The core with the last two sessions in these named states, by axis."""
    frame = sample_readings.history().copy()
    readings = dict(sample_readings.snapshot().readings)
    for axis, state in states.items():
        name = STATES[Axis(axis)]
        frame.loc[frame.index[-2:], name] = state
        readings[name] = replace(readings[name], value=state)
    state = ReadingState()
    state.put(replace(sample_readings.snapshot(), history=frame, readings=readings))
    return replace(core, readings=state)


@pytest.mark.parametrize(
    ("recovery", "rotation", "tone"),
    [
        (-1, 1, Tone.BROADENING),
        (1, -1, Tone.CONCENTRATING),
        (-1, NAN, Tone.CONCENTRATING),
        (1, NAN, Tone.BROADENING),
        (0, NAN, Tone.NEUTRAL),
    ],
)
async def test_the_colour_is_that_of_the_rotation_or_else_of_the_recovery(
    core: Core, recovery: float, rotation: float, tone: Tone
) -> None:
    assert scenario.show(stand(core, recovery=recovery, rotation=rotation)).tone is tone


async def test_a_withheld_scenario_says_why(core: Core) -> None:
    full = sample_readings.snapshot()
    reason = "not enough data: only 3 families have a state"
    readings = dict(full.readings)
    for axis in Axis:
        for name in (SCORES[axis], STATES[axis]):
            readings[name] = replace(readings[name], value=None, state=State.WITHHELD, reason=reason)
    none = {axis: Explanation(axis, None, None, None, reason, ()) for axis in Axis}
    state = ReadingState()
    state.put(replace(full, readings=readings, explanations=none))
    reply = scenario.show(replace(core, readings=state))
    assert reply.lines == (
        f"**Tech recovery: withheld, {reason}**",
        f"**Rotation: withheld, {reason}**",
    )
    assert reply.tone is Tone.ATTENTION


async def test_a_running_session_counts_and_is_called_provisional(core: Core) -> None:
    """Finals end on Monday in base; on Tuesday the running session is bull."""
    full = sample_readings.snapshot()
    name = "scenario.recovery_state"
    frame = full.history.iloc[:-1].copy()
    frame.loc[frame.index[-2:], name] = 0.0
    now = replace(full.readings[name], value=1.0, state=State.PROVISIONAL)
    state = ReadingState()
    state.put(Snapshot(sample_readings.SESSION, {**full.readings, name: now}, frame, full.made_at, full.explanations))
    reply = scenario.show(replace(core, readings=state))
    assert "**bull case** since this session, base before" in reply.lines[0]
    assert "provisional, Tue, Jan 13" in reply.footer


async def test_before_the_first_check_there_is_no_scenario(empty_core: Core) -> None:
    with pytest.raises(UserError, match="No data yet"):
        scenario.show(empty_core)


async def test_the_summary_says_where_the_recovery_stands_between_its_thresholds(core: Core) -> None:
    answer = next(field.value for field in summary.newest(core).fields if field.name == "The answer")
    last = answer.splitlines()[-1]
    assert re.match(
        r"\*\*Tech recovery:\*\* (bull|base|bear) case since .+ \([+-]\d+\.\d; bull (from|until) \+\d+, bear (from|until) -\d+\)",
        last,
    )


async def test_nothing_that_is_said_of_the_scenario_speaks_of_odds(core: Core) -> None:
    replies = [scenario.show(core), summary.newest(core), signal_list.overview(core, "scenario")]
    replies += [signals.detail(core, id) for id in SIGNALS if id.startswith("scenario.")]
    for reply in replies:
        text = "\n".join([reply.title, *reply.lines, reply.table, reply.footer, *(each.value for each in reply.fields)])
        assert not any(word in text.casefold() for word in ("probab", "likel", "chance", "odds"))


def test_the_summary_tells_a_turn_once_and_in_words() -> None:
    frame = path((10, 0), (40, 1), (40, 1), (20, 0), (-40, -1), (-40, -1))
    told = []
    for day in frame.index:
        found = summary_contents(SIGNALS, frame, day.date(), topics={"recovery-change": (CHANGE,)})
        told.append([crossing_words(each) for each in found.crossings])
    assert told == [
        [],
        [],  # The first change of all has nothing to be compared with.
        [],
        ["Tech recovery has moved from the bull to the base case"],
        [],  # Still under -0.5: a second step on the next day is the same move.
        [],
    ]


def test_a_scenario_is_no_mover_because_it_is_made_of_the_others() -> None:
    frame = sample_readings.history().copy()
    frame.loc[frame.index[-1], "scenario.recovery"] = -100.0
    movers = summary_contents(SIGNALS, frame, sample_readings.SESSION).movers
    assert "scenario.recovery" not in [mover.signal.id for mover in movers]


def item(change: float, now: float | None, *, signal: str = "rotation.state") -> OutboxItem:
    side = Direction.ABOVE if change > 0 else Direction.BELOW
    return OutboxItem(
        id=1,
        key="k",
        kind=ItemKind.ALERT,
        destination_id=1,
        session=sample_readings.SESSION,
        created_at=datetime(2026, 1, 13, 21, 30, tzinfo=UTC),
        topic="rotation-turn",
        signal=signal,
        measure=Measure.CHANGE_1D,
        direction=side,
        level=math.copysign(0.5, change),
        value=change,
        reading={"value": now},
    )


def test_an_alert_tells_from_what_to_what() -> None:
    rotation = SIGNALS["rotation.state"]
    assert first_line.event_line(item(2, 1), rotation, regime=1) == "Money has begun to rotate out of big tech"
    assert first_line.event_line(item(-2, -1), rotation, regime=1) == "Money has begun to rotate back into big tech"
    assert first_line.short_name(item(2, 1), rotation, 1) == "Money has begun to rotate out of big tech"
    assert first_line.event_line(item(1, None), rotation) == "1-day change of Rotation is +1, above +0.5"


async def test_topics_show_the_states_by_name(core: Core, ann: Caller) -> None:
    listed = await topics.listing(stand(core, recovery=-1, rotation=1), ann)
    fields = {field.name: field.value for field in listed.fields}
    assert fields["Tech recovery turn"].endswith("\nNow: bear")
    # Tech falls in the sample: what falls less attracts no money.
    assert fields["Rotation turn"].endswith("\nNow: yardsticks pointing out of big tech")
