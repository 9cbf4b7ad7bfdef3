"""The texts of one evening never contradict each other, on sessions of 18 real years."""

from __future__ import annotations

import pandas as pd
import pytest

from bot.charts.layout.rotation_title import ROTATION_TITLE, rotation_title
from bot.formatting.rotation_words import headline, only_relative, rotation_words
from bot.formatting.scenario_words import axis_state, axis_state_words, turn_words
from signals.catalogue import SIGNALS
from signals.core.market import Market
from signals.core.model import Axis, History
from signals.core.panel import Panel
from signals.rotation import answer

pytestmark = pytest.mark.thorough


def test_the_answer_its_headline_the_picture_the_scenario_and_the_alert_name_one_direction(
    pack: Market, pack_histories: dict[str, History]
) -> None:
    """Money is said to move by all of them or by none; what is turning is said to turn by all."""
    panel, names = Panel(pack), (*ROTATION_TITLE, "scenario.rotation_support")
    table = pd.DataFrame({name: pack_histories[name].values for name in names}).reindex(pack.days)
    turned = table["rotation.state"].diff().fillna(0) != 0
    days = [day for at, day in enumerate(pack.days) if day.year >= 2008 and (at % 7 == 0 or turned[day])]
    wrong, moves = [], 0
    for day in days:
        reading = answer.read(panel, day.date())
        if reading.regime is None:
            continue
        words, first, title = rotation_words(reading), headline(reading), rotation_title(table.loc[day])
        state = axis_state(table.loc[:day], Axis.ROTATION)
        scenario = "" if state is None else axis_state_words(state).partition("score")[0]
        said = {
            "answer": words.startswith(("Yes", "No: money")),
            "headline": first.startswith("Money is rotating"),
        }
        falling = reading.regime in (2, 4)
        if not falling:
            # A picture and an alert know the regime but not whether equal weight gains in a fall of tech.
            said["picture"] = title.startswith("Rotating")
            said["scenario"] = "**rotating" in scenario
        elif only_relative(reading):
            said["picture"] = title.startswith("Rotating")
            said["scenario"] = "**rotating" in scenario
            said["alert"] = turn_words(SIGNALS["rotation.state"], 1.0, 2.0, reading.regime).startswith("Money")
        moves += said["answer"]
        turning = [words.startswith("Turning"), first.startswith("The rotation is turning"), "turning" in title]
        turning.append("**turning**" in scenario)
        if len(set(said.values())) > 1 or len(set(turning)) > 1:
            wrong.append(f"{day.date()}: {said} {turning} {words} | {first} | {title} | {scenario}")
    assert len(days) > 600
    assert 300 < moves < len(days)
    assert not wrong, "\n".join(wrong[:10])


def test_what_a_relative_rotation_says_of_equal_weight_holds_against_the_closes(pack: Market) -> None:
    """RSP stands below its level of the day that is named; the sentence before this one was wrong on a fifth of such days."""
    panel, closes = Panel(pack), pack.adj_close["RSP"]
    found = 0
    for day in pack.days[pack.days >= "2008-01-02"][::7]:
        reading = answer.read(panel, day.date())
        if reading.rotation.turning or reading.regime != 2 or reading.equal_weight_gains:
            continue
        found += 1
        leg = next(leg for leg in reading.rotation.legs if leg.yardstick.name == "equal_weight")
        if leg.direction > 0:
            assert "is below its level of" in rotation_words(reading)
            assert closes[day] <= closes[pd.Timestamp(leg.start)]
        else:
            assert "does not lead the S&P 500" in rotation_words(reading)
            ratio = closes / pack.adj_close["SPY"]
            assert ratio[day] < ratio[pd.Timestamp(leg.start)]
    assert found >= 10
