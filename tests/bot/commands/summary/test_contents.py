"""What one session was like: sentences made from facts by rules, worked out by hand."""

from __future__ import annotations

from datetime import date

import numpy as np
import pandas as pd
import pytest

from bot.commands.reply import Tone
from bot.commands.summary.contents import movers_table, summary_contents
from bot.commands.summary.headline.rules_rotation import ALL_DOWN, SEVEN_DOWN, SPREAD
from bot.commands.summary.headline.rules_rotation import STREAK as RUSSELL
from bot.domain.model import AlertSpec, Condition
from signals.catalogue import SIGNALS
from signals.core.model import Measure
from tests.support import sample_readings


def frame(**last: list[float]) -> pd.DataFrame:
    """Three hundred calm sessions whose last values are the ones given."""
    days = pd.DatetimeIndex(sample_readings.calendar().between(date(2024, 10, 1), sample_readings.SESSION))[-300:]
    names = {"spread": SPREAD, "streak": RUSSELL, "seven": SEVEN_DOWN, "down": ALL_DOWN}
    made = pd.DataFrame(0.0, index=days, columns=list(names.values()))
    for key, values in last.items():
        made.loc[days[-len(values) :], names[key]] = values
    return made


def headline(made: pd.DataFrame) -> str:
    return summary_contents(SIGNALS, made, made.index[-1].date()).headline


def test_the_headline_of_the_house_style() -> None:
    made = frame(spread=[1.2, *[0.1] * 33, 0.2, 0.91], streak=[8.0, 9.0])
    day = made.index[-36].date()
    assert headline(made) == (
        "Equal weight beat the S&P 500 by 0.9 points, its widest lead since "
        f"{day:%B} {day.day}, and small caps led for a ninth day running."
    )


def test_a_day_that_goes_on_says_again_and_one_that_turns_does_not() -> None:
    assert headline(frame(spread=[0.6, -0.1, 0.5])) == "Equal weight beat the S&P 500 by 0.5 points."
    assert headline(frame(spread=[0.6, 0.5])) == "Equal weight beat the S&P 500 again, by 0.5 points."


def test_the_other_way_round_is_concentrating() -> None:
    made = frame(spread=[-0.9, 0.3, -0.7], streak=[-9.0])
    found = summary_contents(SIGNALS, made, made.index[-1].date())
    assert (
        found.headline
        == "Equal weight trailed the S&P 500 by 0.7 points and small caps lagged for a ninth day running."
    )
    assert found.tone is Tone.CONCENTRATING


def test_a_quiet_day_is_called_quiet_and_neutral() -> None:
    made = frame(spread=[0.3, -0.1], down=[2.0])
    found = summary_contents(SIGNALS, made, made.index[-1].date())
    assert found.headline == (
        "The Magnificent Seven and the rest moved together: equal weight ended 0.1 points behind the index, "
        "and the major indexes fell a second day running."
    )
    assert found.tone is Tone.NEUTRAL


def test_falling_mag_7_stocks_are_counted_when_there_is_no_streak() -> None:
    assert headline(frame(spread=[0.6, -0.1, 0.5], seven=[5.0])) == (
        "Five of the Magnificent Seven fell 2% or more and equal weight beat the index by 0.5 points."
    )


def test_a_digest_describes_its_session_whatever_came_later() -> None:
    made = sample_readings.history()
    day = made.index[-5].date()
    cut = summary_contents(SIGNALS, made.iloc[:-4], day)
    assert summary_contents(SIGNALS, made, day) == cut


def test_a_session_that_is_not_in_memory_has_no_numbers() -> None:
    found = summary_contents(SIGNALS, sample_readings.history(), date(2019, 5, 6))
    assert (found.headline, found.movers, found.crossings, found.reading_count) == ("", (), (), 0)


def by_name(*families: str) -> list[str]:
    return [name for name, signal in SIGNALS.items() if signal.family.value in families]


def test_movers_are_those_that_changed_most_for_what_is_usual_at_most_two_of_a_family() -> None:
    chance = np.random.default_rng(3)
    made = pd.DataFrame({name: np.cumsum(chance.normal(0, 1, 300)) for name in by_name("breadth", "weighting", "size")})
    made.index = frame().index
    calm = ["weighting.rsp_spy.z_252d", "weighting.qqqe_qqq.z_252d", "weighting.rspt_xlk.z_252d"]
    for rank, name in enumerate(calm):
        made.loc[made.index[-1], name] = made[name].iloc[-2] + 30 - rank
    found = summary_contents(SIGNALS, made, made.index[-1].date()).movers
    assert len({mover.signal.id for mover in found} & set(calm)) == 2
    assert {mover.signal.id for mover in found[:2]} < set(calm)
    assert found[0].change == pytest.approx(30, abs=2)
    assert len(found) == 5


def test_a_change_of_a_change_and_a_year_begun_anew_are_no_movers() -> None:
    chance = np.random.default_rng(3)
    names = ["index.sp500.return_1d", "sectors.xle.return_21d", "size.iwm_spy.ytd_gap", "options.vix", "havens.gold"]
    days = pd.bdate_range(end="2026-01-01", periods=300)
    made = pd.DataFrame({name: np.cumsum(chance.normal(0, 1, 300)) for name in names}, index=days)
    made.iloc[-1] += 40
    found = {mover.signal.id for mover in summary_contents(SIGNALS, made, date(2026, 1, 1)).movers}
    assert found == {"options.vix", "havens.gold"}
    made.index = pd.bdate_range(end="2026-01-09", periods=300)
    assert "size.iwm_spy.ytd_gap" in {
        mover.signal.id for mover in summary_contents(SIGNALS, made, date(2026, 1, 9)).movers
    }


def test_the_jump_at_new_year_makes_no_later_move_small() -> None:
    """A return since New Year falls by 40 points on January 2; a move of 3 is large beside daily ones of 1 all the same."""
    chance = np.random.default_rng(3)
    days = pd.bdate_range(end="2026-06-30", periods=300)
    made = pd.DataFrame(np.cumsum(chance.normal(0, 1, (300, 2)), axis=0), index=days)
    made.columns = pd.Index(["sectors.xlp.return_ytd", "rates.real_10y"])
    made.loc[made.index >= "2026-01-01", "sectors.xlp.return_ytd"] -= 40
    made.iloc[-1] = made.iloc[-2] + [3.0, 2.5]
    movers = summary_contents(SIGNALS, made, date(2026, 6, 30)).movers
    assert [mover.signal.id for mover in movers] == ["sectors.xlp.return_ytd", "rates.real_10y"]


def test_what_moved_in_dollars_and_in_per_cent_is_told_once() -> None:
    chance = np.random.default_rng(3)
    names = ["flows.tech_4w", "flows.tech_4w_usd", *by_name("breadth", "weighting")[:20]]
    made = pd.DataFrame({name: np.cumsum(chance.normal(0, 1, 300)) for name in names}, index=frame().index)
    for rank, name in enumerate(names[:2]):
        made.loc[made.index[-1], name] = made[name].iloc[-2] + 30 - rank
    found = [mover.signal.id for mover in summary_contents(SIGNALS, made, made.index[-1].date()).movers]
    assert len({"flows.tech_4w", "flows.tech_4w_usd"} & set(found)) == 1


def test_a_largest_move_of_what_starts_anew_has_no_place_in_a_year() -> None:
    steady = np.linspace(0.0, 1.0, 300) + 0.01 * np.sin(np.arange(300))
    made = pd.DataFrame({"sectors.xlp.return_ytd": steady, "rates.real_10y": steady}, index=frame().index)
    made.iloc[-1] += 1.0
    movers = summary_contents(SIGNALS, made, made.index[-1].date()).movers
    # The highest of 252 is above 251.5 of them.
    assert {mover.signal.id: mover.percentile for mover in movers} == {
        "sectors.xlp.return_ytd": None,
        "rates.real_10y": pytest.approx(100 * 251.5 / 252),
    }


def test_a_crossing_is_named_on_the_day_it_happens_and_not_the_day_after() -> None:
    spec = AlertSpec(RUSSELL, Measure.VALUE, Condition.ABOVE, 7)
    made = frame(streak=[7.0, 8.0, 9.0])
    days = [stamp.date() for stamp in made.index[-3:]]
    crossed = [summary_contents(SIGNALS, made, day, topics={"russell-streak": (spec,)}).crossings for day in days]
    assert [len(each) for each in crossed] == [0, 1, 0]
    assert crossed[1][0].value == 8.0


def test_signals_that_no_rule_knows_leave_the_headline_to_the_largest_move() -> None:
    made = sample_readings.history()[["macro.core_cpi_3m", "capex.smh_spy.z_252d"]]
    assert headline(made).startswith("The largest move was ")


def test_the_table_of_movers_fits_a_phone() -> None:
    found = summary_contents(SIGNALS, sample_readings.history(), sample_readings.SESSION)
    assert all(len(line) <= 40 for line in movers_table(found.movers).splitlines())
