"""The daily summary on sessions that people remember: headlines as they stand, and its length on a phone.

The moves were checked against the closes of the pack by hand: 12.0 % on March 16, 2020 is 2,386.13 after 2,711.02.
"""

from __future__ import annotations

import math
from datetime import date

import pandas as pd
import pytest

from bot.alerts.topics import TOPICS
from bot.calendar.clock import Calendar
from bot.commands.summary.contents import SummaryContents, summary_contents
from bot.commands.summary.summary import as_of, fields_of, index_moves_lines, title_of
from signals.calendar_events import upcoming_events
from signals.catalogue import SIGNALS
from signals.core.market import Market
from signals.core.model import History
from signals.core.panel import Panel
from signals.families.index import INDICES

pytestmark = pytest.mark.slow

WIDTH, LINES = 40, 45
"""A phone's screen and a half beside the picture."""

REMEMBERED = {
    "2008-10-15": "The S&P 500 crashed 9.0%, its worst day in at least three years, and energy lost 14.4%.",
    "2009-03-23": "The S&P 500 soared 7.1%, its best day since October 28, and financials gained 16.5%.",
    "2017-07-18": "The S&P 500 edged up 0.1% to its 26th record of the year, and the Magnificent Seven beat it by 1.2 points.",
    "2019-07-03": "The S&P 500 rose 0.8% in a shortened session before Independence Day to its eighth record of the year, "
    "but small caps lagged for a third day running.",
    "2020-03-16": "The S&P 500 crashed 12.0% the day after the Fed cut its rate by a full point to 0.00–0.25%, its worst day "
    "in at least 15 years.",
    "2020-03-24": "The S&P 500 soared 9.4%, its best day since October 28, 2008, and equal weight beat the index by 1.6 points.",
    "2022-06-15": "The S&P 500 rose 1.5% on the day of the Fed's decision, ending a run of five falls, but equal weight "
    "trailed the index by 0.5 points.",
    "2024-07-11": "The Russell 2000 surged 3.6% while the S&P 500 fell 0.9%, small caps' widest lead since March 19, 2020, "
    "and equal weight beat the index by 2.1 points.",
    "2024-11-29": "The S&P 500 rose 0.6% in the shortened session after Thanksgiving to end the month 5.7% higher, "
    "its best month since November 2023.",
    "2025-04-04": "The S&P 500 plunged another 6.0%, its worst day since March 16, 2020, and the VIX jumped to 45.3.",
    "2025-04-09": "The S&P 500 soared 9.5%, its best day since October 28, 2008, and the Nasdaq gained 12.2%.",
    "2025-12-31": "The S&P 500 fell 0.7% on the last day of 2025 and ended the year 16.4% higher, "
    "its third yearly gain in a row.",
}


ANSWER = [
    "**Is money rotating out of big tech?** Turning: last clear state back into big tech, since Thu, Oct 9 (21 sessions). "
    "2 of 4 yardsticks point out of big tech.",
    "**Is tech itself advancing?** Turning: last clear state advancing, since Wed, Apr 9 (183 sessions).",
]
"""The longest answer that a summary has."""


@pytest.fixture(scope="module")
def calendar() -> Calendar:
    return Calendar(date(2004, 12, 1), date(2026, 12, 31))


@pytest.fixture(scope="module")
def table(pack: Market, pack_histories: dict[str, History]) -> pd.DataFrame:
    return pd.DataFrame({name: history.values for name, history in pack_histories.items()}).reindex(pack.days)


@pytest.fixture(scope="module")
def panel(pack: Market) -> Panel:
    return Panel(pack)


def made(panel: Panel, table: pd.DataFrame, calendar: Calendar, day: pd.Timestamp) -> SummaryContents:
    """The contents of a session's summary with what the bot has in memory then: five years of readings and all closes."""
    position = int(panel.days.get_loc(day))
    return summary_contents(
        SIGNALS,
        table.iloc[max(0, position - 1259) : position + 1],
        day.date(),
        topics={topic.key: topic.specs for topic in TOPICS},
        closes=panel.market.close[list(INDICES)],
        calendar=calendar,
        agenda=upcoming_events(panel, position),
    )


def height(found: SummaryContents, calendar: Calendar) -> int:
    """Lines of a phone that the summary takes when each wraps at its width."""
    lines = [title_of(found.session), found.headline, *index_moves_lines(found), " · ".join(as_of(found))]
    for field in fields_of(found, calendar, ANSWER):
        lines += [field.name, *field.value.replace("```\n", "").replace("\n```", "").replace("**", "").splitlines()]
    return sum(math.ceil(len(line) / WIDTH) for line in lines)


def test_sessions_that_people_remember_have_headlines_that_people_would_write_and_all_fit_a_screen_and_a_half(
    panel: Panel, table: pd.DataFrame, calendar: Calendar
) -> None:
    found = {day: made(panel, table, calendar, pd.Timestamp(day)).headline for day in REMEMBERED}
    assert {day: text.replace("\u202f", " ") for day, text in found.items()} == REMEMBERED

    # The headline changes from day to day.
    days = [*panel.days[300::211], *panel.days[-20:]]
    told = [made(panel, table, calendar, day) for day in days]
    assert max(height(each, calendar) for each in told) <= LINES
    newest = [each.headline for each in told[-20:]]
    assert len(set(newest)) == len(newest)
    assert len({headline.split("%")[0].split("by")[0].rstrip(" 0123456789.\u202f") for headline in newest}) >= 8
    assert max(len(each.headline) for each in told) <= 150
