"""What `/since` says has changed, on readings made by hand."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import numpy as np
import pandas as pd
import pytest

from bot.commands.context import Core
from bot.commands.record import since
from bot.commands.reply import Reply
from bot.errors import UserError
from bot.readings.state import Snapshot
from signals.rotation.past import Past, PastLeg, PastTurn
from signals.rotation.yardsticks import ROTATION
from tests.support import core_without_store, sample_readings

THEN, NEWEST = "2025-12-31", sample_readings.SESSION
"""Eight sessions lie between them."""


def changed(**columns: list[float]) -> Snapshot:
    """The sample readings with the last values of some columns by hand, a double underscore for the point."""
    made = sample_readings.snapshot()
    frame = made.history.copy()
    for name, values in columns.items():
        frame.loc[frame.index[-len(values) :], name.replace("__", ".")] = values
    return replace(made, history=frame)


def field(reply: Reply, name: str) -> str:
    return next((each.value for each in reply.fields if each.name == name), "")


def with_past(snapshot: Snapshot, past: Past) -> Core:
    assert snapshot.rotation is not None
    return core_without_store(replace(snapshot, rotation=replace(snapshot.rotation, past=past)))


def test_states_say_what_they_were_what_they_are_and_when_they_turned() -> None:
    snapshot = changed(
        rotation__state=[-1.0] * 4 + [1.0] * 5,
        rotation__turning=[1.0] + [0.0] * 8,
        rotation__regime=[1.0] * 9,
        tech__state=[1.0] * 9,
        tech__turning=[0.0] * 9,
    )
    turns = tuple(PastTurn(day, 1, None, {}) for day in (date(2025, 6, 2), date(2026, 1, 7)))
    reply = since.show(with_past(snapshot, Past((), turns, ())), THEN)
    assert reply.title == "Since Wed, Dec 31, 2025 (8 sessions)"
    assert field(reply, "The answer").splitlines() == [
        "**Rotation**: was turning (last clear state rotating back into big tech), now rotating out of big tech "
        "(turned Jan 7)",
        "**Tech**: advancing, then and now",
    ]


def test_where_tech_falls_the_yardsticks_point_and_no_money_rotates() -> None:
    """In March 2009 it said "rotating back into big tech" beside "the yardsticks favor big tech" of `/rotation`."""
    snapshot = changed(rotation__state=[-1.0] * 9, rotation__turning=[0.0] * 9, rotation__regime=[3.0] * 4 + [4.0] * 5)
    reply = since.show(with_past(snapshot, Past((), (), ())), THEN)
    assert field(reply, "The answer").splitlines()[0] == (
        "**Rotation**: was rotating back into big tech, now yardsticks pointing back into big tech"
    )


def test_only_legs_that_were_confirmed_since_are_listed() -> None:
    def leg(place: int, confirmed: date) -> PastLeg:
        return PastLeg(ROTATION[place], 1, date(2025, 12, 22), confirmed, None, None, 3.27, 14)

    legs = (leg(0, date(2025, 12, 31)), leg(1, date(2026, 1, 6)))
    listed = field(since.show(with_past(changed(), Past(legs, (), ())), THEN), "Legs confirmed since")
    assert listed == f"**{ROTATION[1].short}**: out of big tech since Dec 22, 2025, confirmed Jan 6, +3.3% so far"


def test_topics_say_how_often_they_fired_since_and_when_last() -> None:
    snapshot = changed(size__russell_sp500__streak=[1.0, 8.0, 9.0, 1.0, 2.0, 3.0, 1.0, 1.0, 8.0])
    listed = field(since.show(core_without_store(snapshot), THEN), "Preset levels crossed since")
    assert "**Russell streak**, above 7: 2 times, last Jan 13" in listed.splitlines()


def test_a_topic_on_several_signals_says_which_of_them_crossed() -> None:
    metals = changed(havens__gold=[9000.0], havens__silver=[1000.0] + [20.0] * 8)
    listed = field(since.show(core_without_store(metals), THEN), "Preset levels crossed since").splitlines()
    assert [line for line in listed if "Gold or silver" in line] == [
        "**Gold or silver at a high**, Gold 1-year percentile above the 99.5th: Jan 13"
    ]


def test_moves_are_measured_against_moves_over_as_many_sessions() -> None:
    days = sample_readings.history().index
    quiet = np.where(np.arange(len(days)) % 2 == 0, 0.5, -0.5)
    frame = pd.DataFrame(dict.fromkeys(("havens.gold", "rates.real_10y"), quiet), index=days)
    # Gold has risen a little every day since; over one session that is nothing, over eight it is.
    frame.loc[days[-8:], "havens.gold"] = quiet[-8:] + np.arange(1, 9)
    made = replace(sample_readings.snapshot(), history=frame)
    moves = field(since.show(core_without_store(made), THEN), "Biggest moves vs. their own history")
    heading, first, *_ = moves.strip("`\n").splitlines()
    assert heading.split() == ["now", "8d", "1y%"]
    assert first.startswith("Gold")


def test_the_indices_are_compared_from_close_to_close() -> None:
    days = sample_readings.history().index
    closes = pd.DataFrame({"^GSPC": 100.0, "^IXIC": 50.0}, index=days)
    closes.loc[days[-1]] = [102.0, 49.5]
    made = replace(sample_readings.snapshot(), closes=closes)
    assert since.show(core_without_store(made), THEN).lines == ("S&P 500 +2.0% · Nasdaq −1.0%".replace("−", "-"),)


@pytest.mark.parametrize(
    "typed", ["2026-01-13", "2026-01-14", "2019-01-02", "", "the other day", "9999-12-31", "0001-01-01"]
)
def test_a_day_that_nothing_can_be_said_of_is_refused_with_a_sentence(typed: str) -> None:
    with pytest.raises(UserError, match=r"Type|is in the future"):
        since.show(core_without_store(), typed)
