"""The headline: which candidate is told and in which words, from closes and readings that are made up so that one can count."""

from __future__ import annotations

import inspect
import re
from collections.abc import Mapping, Sequence
from datetime import date

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.calendar.clock import Calendar
from bot.commands.alerts.texts.first_line import at_clause
from bot.commands.reply import Tone
from bot.commands.summary.contents import SummaryContents, summary_contents
from bot.commands.summary.headline import rules_market, rules_rotation
from bot.commands.summary.headline.rules_market import RECORD_FLOOR
from bot.commands.summary.headline.rules_rotation import STREAK
from bot.commands.summary.headline.select import LONGEST
from bot.commands.summary.summary import as_of
from bot.readings.superlatives import SUPERLATIVES
from signals.calendar_events import CalendarEvent, Event
from signals.catalogue import SIGNALS
from signals.families.index import INDICES
from tests.support import sample_readings

SP500, NASDAQ, RUSSELL = INDICES
ORDINARY = date(2025, 8, 20)
"""A Wednesday of an ordinary week."""
T = "\u202f"


def closes(day: date, *, count: int = 300, start: float = 5000.0, **changes: Sequence[float]) -> pd.DataFrame:
    """Closes of the indices up to a day: they alternate by 0.3% and end with the changes given, in percent, for all of them or
    for `nasdaq` and `russell` alone."""
    days = pd.DatetimeIndex(sample_readings.calendar().between(date(2020, 1, 2), day))[-count:]
    columns = {}
    for ticker, name in ((SP500, "sp500"), (NASDAQ, "nasdaq"), (RUSSELL, "russell")):
        path = np.where(np.arange(len(days)) % 2 == 0, 0.3, -0.3)
        own = changes.get(name, changes.get("all", ()))
        path[len(path) - len(own) :] = own
        columns[ticker] = start * np.cumprod(1 + path / 100)
    return pd.DataFrame(columns, index=days)


def told(
    prices: pd.DataFrame,
    values: Mapping[str, Sequence[float]] | None = None,
    *,
    decided: bool = False,
    yields_of: date | None = None,
) -> SummaryContents:
    """The contents of the last day's summary; `values`: the last ones of signals that are 0 before."""
    history = pd.DataFrame(0.0, index=prices.index, columns=["size.iwm_spy.ytd_gap", *(values or {})])
    for name, last in (values or {}).items():
        history.loc[history.index[-len(last) :], name] = last
    day = prices.index[-1].date()
    agenda = (CalendarEvent(Event.FED, day, day),) if decided else ()
    calendar = sample_readings.calendar()
    return summary_contents(SIGNALS, history, day, closes=prices, calendar=calendar, agenda=agenda, yields_of=yields_of)


def headline(prices: pd.DataFrame, values: Mapping[str, Sequence[float]] | None = None, **others: bool) -> str:
    return told(prices, values, **others).headline.replace(T, " ")


def test_a_crash_says_how_bad_and_since_when() -> None:
    made = closes(ORDINARY, all=[-4.0, *[0.3, -0.3] * 20, -3.5])
    then = made.index[-42].date()
    assert headline(made) == f"The S&P 500 sank 3.5%, its worst day since {then:%B} {then.day}."
    assert told(made).tone is Tone.ATTENTION


def test_a_fall_without_equal_is_the_worst_in_the_years_that_are_known() -> None:
    assert headline(closes(ORDINARY, count=900, all=[-7.5])) == (
        "The S&P 500 crashed 7.5%, its worst day in at least three years."
    )
    assert headline(closes(ORDINARY, count=400, all=[-7.5])) == (
        "The S&P 500 crashed 7.5%, its worst day in more than a year."
    )


def test_the_second_bad_day_is_another_one_and_a_rebound_names_the_fall_before() -> None:
    assert headline(closes(ORDINARY, all=[-3.0, -2.6])).startswith("The S&P 500 sank another 2.6%")
    assert headline(closes(ORDINARY, all=[2.7, *[0.3, -0.3] * 5, -3.0, 2.6])) == (
        "The S&P 500 surged 2.6%, a day after it sank 3.0%."
    )


def test_the_first_close_ten_percent_below_the_record_is_a_correction() -> None:
    made = closes(ORDINARY, all=[2.0, -4.0, -4.0, -3.0])
    top = made.index[-4].date()
    # 100 x (1 - 0.96 x 0.96 x 0.97) = 10.6
    assert headline(made) == (
        f"The S&P 500 sank another 3.0% into a correction, 10.6% below its record of {top:%B} {top.day}."
    )
    assert "correction" not in headline(closes(ORDINARY, all=[2.0, -4.0, -4.0, -3.0, -2.0]))


def test_records_are_counted_and_the_first_in_a_long_time_says_so() -> None:
    assert headline(closes(ORDINARY, all=[1.0, -0.4, 0.5])) == "The S&P 500 rose 0.5% to its second record of the year."
    made = closes(ORDINARY, all=[2.0, -1.0, *[-0.3, 0.3] * 20, 0.9])
    made.iloc[-1] = made.iloc[-43] * 1.001
    top = made.index[-43].date()
    assert f"to its first record since {top:%B} {top.day}" in headline(made)


def test_below_the_record_of_the_year_2000_nobody_knows_whether_it_is_one() -> None:
    low = closes(ORDINARY, start=RECORD_FLOOR * 0.9, all=[1.0])
    assert headline(low) == "The S&P 500 rose 1.0% to its highest close in at least one year."


def test_the_last_day_of_a_year_says_what_the_year_came_to() -> None:
    made = closes(date(2025, 12, 31), count=505, all=[-0.74])
    year = made[SP500].groupby(made.index.year).last()
    assert year.pct_change().iloc[-1] == pytest.approx(-0.0115, abs=1e-4)
    assert headline(made) == (
        "The S&P 500 fell 0.7% on the last day of 2025 and ended the year 1.1% lower, its second yearly loss in a row."
    )


def test_half_a_session_and_the_day_of_a_decision_are_named() -> None:
    assert " in a shortened session before Independence Day" in headline(closes(date(2025, 7, 3), all=[0.8]))
    assert " in the shortened session after Thanksgiving" in headline(closes(date(2025, 11, 28), all=[0.8]))
    assert headline(closes(ORDINARY, all=[1.4]), decided=True).startswith(
        "The S&P 500 rose 1.4% on the day of the Fed's decision"
    )


def test_a_new_target_of_the_fed_is_told_with_the_answer_of_the_market() -> None:
    rates = {"rates.fed_upper": [1.0, 1.0, 1.75], "rates.fed_lower": [0.75, 0.75, 1.5]}
    assert headline(closes(ORDINARY, all=[-2.9, *[0.3, -0.3] * 3, -1.2]), rates) == (
        "The S&P 500 fell 1.2% the day after the Fed raised its rate by 75 bp to 1.50–1.75%."
    )
    cut = {"rates.fed_upper": [1.25, 0.25], "rates.fed_lower": [1.0, 0.0]}
    assert "after the Fed cut its rate by a full point to 0.00–0.25%" in headline(closes(ORDINARY, all=[-5.0]), cut)


def test_small_caps_that_go_their_own_way_are_the_story() -> None:
    made = closes(ORDINARY, sp500=[-0.9], nasdaq=[-0.9], russell=[3.6])
    values = {"megacap.down_2pct": [7.0]}
    assert headline(made, values) == (
        "The Russell 2000 surged 3.6% while the S&P 500 fell 0.9%, small caps' widest lead in more than a year, "
        "and all the Magnificent Seven fell 2% or more."
    )


def test_a_breadth_thrust_says_what_it_is_of() -> None:
    values = {"breadth.sp500.thrust_signal": [0.0] * 40 + [1.0]}
    assert headline(closes(ORDINARY, all=[-5.0, *[0.3, -0.3] * 20, 0.4]), values) == (
        "Breadth thrust in the S&P 500: advancers' 10-day average share went from under 40% to over 61.5% in ten days, "
        "the first in more than a year."
    )


def test_an_index_that_rises_while_most_of_its_stocks_fall_is_caught() -> None:
    # 0.5 rising for each falling: two in three fell.
    values = {"breadth.sp500.advance_decline": [0.5], "weighting.rsp_spy.spread_1d": [-0.5] * 30}
    assert headline(closes(ORDINARY, all=[0.4, -0.2, 0.4]), values) == (
        "The S&P 500 rose 0.4% though 67% of its stocks fell, and equal weight trailed the index by 0.5 points."
    )


def test_a_sentence_that_has_turned_once_does_not_turn_again() -> None:
    """On December 15, 2025: "slipped 0.2% though 59% of its stocks rose, but the major indexes fell a second day running"."""
    values = {"breadth.sp500.advance_decline": [2.0], "index.all_down_streak": [3.0]}
    assert headline(closes(ORDINARY, all=[0.4, -0.4, -0.4, -0.2]), values) == (
        "The S&P 500 slipped 0.2% though 67% of its stocks rose; the major indexes fell a third day running."
    )


def test_a_turn_of_the_rotation_comes_before_all_but_a_crash_and_before_a_turn_of_the_recovery() -> None:
    """On July 17, 2024 the headline was the Nasdaq's worst day since 2022, and the turn stood only among the levels."""
    turn = {
        "rotation.state": [*[-1.0] * 299, 1.0],
        "scenario.rotation_support": [10.0] * 300,
        "rotation.regime": [1.0] * 300,
    }
    recovery = {"scenario.recovery_state": [*[-1.0] * 299, 0.0], "scenario.recovery": [5.0] * 300}
    fall = closes(ORDINARY, sp500=[-2.0, 2.0, -1.4], nasdaq=[-2.0, 2.0, -2.8], russell=[-2.0, 2.0, -1.4])
    said = "Money began to rotate out of big tech as the S&P 500 lost 1.4%."
    assert headline(fall, turn) == said
    assert headline(fall, {**recovery, **turn}) == said
    tech_falls = {**turn, "rotation.regime": [2.0] * 300}
    assert headline(fall, tech_falls).startswith("Two thirds of the yardsticks turned out of big tech")
    assert headline(closes(ORDINARY, all=[-9.0]), turn).startswith("The S&P 500 crashed 9.0%")


def test_what_follows_a_clause_in_commas_is_set_off_by_one() -> None:
    values = {"weighting.rsp_spy.spread_1d": [-0.6] * 30}
    assert headline(closes(ORDINARY, all=[-0.4, 0.2, -0.4]), values).startswith(
        "Equal weight trailed the S&P 500 again, by 0.6 points, as the index lost 0.4%"
    )


def test_a_run_is_told_at_its_milestones_and_when_it_ends() -> None:
    assert headline(closes(ORDINARY, all=[0.9, -0.4, *[0.2] * 8])).endswith("its eighth gain in a row.")
    assert "ending a run of eight gains" in headline(closes(ORDINARY, all=[0.9, -0.4, *[0.2] * 8, -0.6]))


def test_what_goes_against_the_first_half_follows_with_but() -> None:
    made = closes(ORDINARY, sp500=[0.2, 2.0, -0.4, 1.2], nasdaq=[0.2, 2.0, -0.4, 1.2], russell=[-1.5, 2.0, -0.4, 0.1])
    assert headline(made) == (
        "The S&P 500 rose 1.2% to its second record of the year, but small caps gained only 0.1%."
    )
    same = closes(ORDINARY, sp500=[*[0.3, -0.3] * 3, -1.4], nasdaq=[-3.1], russell=[-1.4])
    assert headline(same) == "The S&P 500 fell 1.4%, its worst day in more than a year, and the Nasdaq lost 3.1%."


def test_the_longest_streak_is_told_since_the_year_that_the_archive_knows() -> None:
    made = closes(ORDINARY, count=1260, sp500=[0.1, -0.1, 0.1], nasdaq=[0.1, -0.1, 0.1], russell=[0.6])
    history = pd.DataFrame({STREAK: 1.0}, index=made.index)
    history.iloc[-8:, 0] = np.arange(1.0, 9.0)
    days = pd.DatetimeIndex(Calendar(date(2008, 1, 2), date(2025, 12, 31)).between(date(2008, 1, 2), ORDINARY))
    years = pd.DataFrame({STREAK: 1.0}, index=days)
    years.loc[history.index, STREAK] = history[STREAK]
    years.loc["2008-06-06", STREAK] = 13.0
    others = {"closes": made, "calendar": sample_readings.calendar()}
    five = summary_contents(SIGNALS, history, ORDINARY, **others)  # type: ignore[arg-type]
    whole = summary_contents(SIGNALS, history, ORDINARY, all_years=years, **others)  # type: ignore[arg-type]
    lead = "Small caps beat the S&P 500 for an eighth day running, their longest winning streak"
    assert five.headline.startswith(f"{lead} in at least four years")
    assert whole.headline.startswith(f"{lead} since June 6, 2008")
    assert STREAK in whole.shown


def test_every_signal_that_a_rule_compares_with_its_past_is_known_over_all_years() -> None:
    compared = {
        getattr(module, constant)
        for module in (rules_market, rules_rotation)
        for constant in re.findall(r"facts\.(?:since|values)\(([A-Z_0-9]+)", inspect.getsource(module))
    }
    assert len(compared) >= 6
    assert compared <= set(SUPERLATIVES)


def test_a_headline_names_the_signals_that_it_is_made_of() -> None:
    made = closes(ORDINARY, sp500=[-0.9], nasdaq=[-0.9], russell=[3.6])
    found = told(made, {"megacap.down_2pct": [7.0], "index.all_down_streak": [0.0]})
    assert "all the Magnificent Seven" in found.headline
    assert "megacap.down_2pct" in found.shown
    assert "index.all_down_streak" not in found.shown


def test_a_day_on_which_nothing_happens_is_called_quiet() -> None:
    values = {"weighting.rsp_spy.spread_1d": [0.1], "options.vix": [*[9.7, 9.9] * 150][:300]}
    assert headline(closes(ORDINARY, all=[0.1, -0.1, 0.1]), values).startswith(
        "A quiet day: the S&P 500 edged up 0.1%, with the VIX at 9.9"
    )


def test_yesterdays_jump_of_yields_is_told_with_its_day() -> None:
    values = {"rates.nominal_10y": [4.5, 4.5, 4.31], "weighting.rsp_spy.spread_1d": [0.1]}
    assert headline(closes(ORDINARY, all=[0.1, -0.1, 0.1]), values).startswith(
        "The 10-year yield sank 19 bp to 4.31% on Tuesday; the S&P 500 gained 0.1% on Wednesday."
    )


@pytest.mark.parametrize(
    ("yields_of", "when"), [(None, "on Tuesday"), (date(2025, 8, 19), "on Tuesday"), (date(2025, 8, 18), "by Monday")]
)
def test_a_jump_of_yields_on_a_day_without_a_session_is_told_by_that_day(yields_of: date | None, when: str) -> None:
    """On Good Friday of 2012 yields sank 12 bp, 18 with Thursday: "had sank 18 bp to 2.07% on Thursday"."""
    values = {"rates.nominal_10y": [4.5, 4.5, 4.31], "weighting.rsp_spy.spread_1d": [0.1]}
    found = told(closes(ORDINARY, all=[0.1, -0.1, 0.1]), values, yields_of=yields_of)
    assert found.headline.startswith(f"The 10-year yield sank 19 bp to 4.31% {when}; the S&P")
    assert (found.yields_of is None) == (when == "on Tuesday")
    fallen = told(closes(ORDINARY, all=[0.1, -0.1, -2.1]), values, yields_of=yields_of)
    assert fallen.headline.endswith(f"the 10-year yield had sunk 19 bp to 4.31% {when}.")


def test_the_footer_dates_yields_that_are_not_of_the_session_before() -> None:
    made, values = closes(ORDINARY, all=[0.1]), {"rates.nominal_10y": [4.5, 4.5]}
    before = "As of the close of Wed, Aug 20, 2025, yields of the session before"
    assert as_of(told(made, values, yields_of=date(2025, 8, 19)))[0] == before
    assert as_of(told(made, values, yields_of=date(2025, 8, 15)))[0].endswith(", yields of Fri, Aug 15")


def test_a_quiet_day_says_with_once() -> None:
    values = {"weighting.rsp_spy.spread_1d": [0.0], "options.vix": [*[9.7, 9.9] * 150][:300]}
    assert headline(closes(ORDINARY, all=[0.1, -0.1, 0.1]), values).startswith(
        "A quiet day: the S&P 500 edged up 0.1%, with the VIX at 9.9 and the Magnificent Seven and the rest moving together."
    )


def test_the_index_is_named_beside_the_major_indexes() -> None:
    values = {"index.all_down_streak": [3.0, 4.0]}
    found = headline(closes(ORDINARY, sp500=[-0.2], nasdaq=[-0.2], russell=[-0.2]), values)
    assert found == "The major indexes fell a fourth day running as the S&P 500 lost 0.2%."


numbers = st.one_of(
    st.floats(-12, 12),
    st.floats(-1e6, 1e6),
    st.sampled_from([0.0, -0.0, 1.0, 7.0, 45.0, float("nan"), float("inf"), float("-inf")]),
)
STATE = ("scenario.rotation", "scenario.rotation_state")
NAMES = sorted(
    {name for name in SIGNALS if name.endswith((".return_1d", ".spread_1d", ".streak", "down_2pct", "advance_decline"))}
    | {"options.vix", "rates.fed_upper", "rates.fed_lower", "rates.nominal_10y", "index.all_down_streak"}
    | {"breadth.sp500.new_lows", "breadth.sp500.new_highs", "breadth.sp500.above_50dma", "breadth.sp500.thrust_signal"}
)
NAMES += STATE


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore::RuntimeWarning")
@settings(max_examples=30)
@given(
    seed=st.integers(0, 2**32 - 1),
    length=st.sampled_from([1, 2, 5, 30, 270]),
    wild=st.lists(st.tuples(st.sampled_from(NAMES[:-2]), numbers), max_size=12),
    last=st.lists(st.floats(-20, 20), min_size=3, max_size=3),
    gap=st.booleans(),
    day=st.sampled_from([ORDINARY, date(2025, 12, 31), date(2025, 7, 3), date(2025, 1, 2), date(2025, 10, 31)]),
)
def test_whatever_the_figures_it_is_one_whole_sentence_that_knows_nothing_of_tomorrow(
    seed: int, length: int, wild: list[tuple[str, float]], last: list[float], gap: bool, day: date
) -> None:
    chance = np.random.default_rng(seed)
    days = pd.DatetimeIndex(sample_readings.calendar().between(date(2020, 1, 2), date(2026, 1, 8)))
    end = int(days.searchsorted(pd.Timestamp(day))) + 1
    index = days[max(0, end - length) : end + 4]
    values = pd.DataFrame(chance.normal(0, 2, (len(index), len(NAMES))), index=index, columns=NAMES)
    values["scenario.rotation_state"] = chance.integers(-1, 2, len(index)).astype(float)
    prices = pd.DataFrame(
        3000 * np.exp(np.cumsum(chance.normal(0, 0.01, (len(index), 3)), axis=0)), index, list(INDICES)
    )
    today = index[min(length, len(index) - 4) - 1]
    for name, value in wild:
        values.loc[today, name] = value
    prices.loc[today] *= 1 + np.array(last) / 100
    if gap:
        prices.loc[today, RUSSELL] = np.nan
    topics = {"calendar": sample_readings.calendar()}

    found = summary_contents(SIGNALS, values, today.date(), closes=prices, **topics)  # type: ignore[arg-type]

    text = found.headline
    assert (
        summary_contents(SIGNALS, values.loc[:today], today.date(), closes=prices.loc[:today], **topics).headline
        == text
    )  # type: ignore[arg-type]
    if text:
        assert text.endswith(".")
        assert text[0].isupper() or text[0].isdigit()
        assert ". " not in text
        assert "  " not in text
        assert not re.search(r"\b(nan|None|inf)\b|[{}]|–[ \u202f]", text)
        assert len(text) <= LONGEST
        assert len(at_clause(text)) <= 120


@pytest.mark.parametrize("length", [0, 1])
def test_without_closes_or_with_one_day_of_them_other_stories_are_told(length: int) -> None:
    made = closes(ORDINARY)
    history = pd.DataFrame({"weighting.rsp_spy.spread_1d": 0.0}, index=made.index)
    history.iloc[-1] = 0.9
    found = summary_contents(SIGNALS, history, ORDINARY, closes=made.iloc[:0] if not length else made.iloc[-1:])
    assert found.headline.startswith("Equal weight beat the S&P 500 by 0.9 points")
    assert not found.moves
