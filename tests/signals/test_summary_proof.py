"""Summaries of 21 real years, each claim held against the closes by an oracle that knows no formula of the program."""

from __future__ import annotations

import random
import sys
from datetime import date
from pathlib import Path

import pandas as pd
import pytest

from bot.alerts.topics import TOPICS
from bot.calendar.clock import Calendar
from bot.commands.summary.contents import summary_contents
from bot.commands.summary.summary import index_moves_lines
from signals.calendar_events import upcoming_events
from signals.catalogue import SIGNALS
from signals.core.market import Market
from signals.core.model import History
from signals.core.panel import Panel
from signals.families.index import INDICES
from tests.signals.summary_oracle import Oracle, claims, index_claims, mover_claims
from tests.signals.summary_states_oracle import (
    HEADLINE,
    level_claims,
    percentile_claim,
    recovery_claim,
    recovery_pattern,
    state_claims,
)

pytestmark = pytest.mark.thorough


def say(line: str) -> None:
    """A line of the report, which `pytest -s` shows."""
    sys.stdout.write(f"{line}\n")


SEED = 20261128
CHOSEN = (
    "2008-09-29", "2008-10-15", "2009-03-23", "2011-08-08", "2012-04-09", "2012-10-31", "2017-07-18",
    "2018-02-05", "2019-07-03", "2020-03-16", "2020-03-24", "2020-11-09",
    "2021-01-27", "2022-06-15", "2023-11-14", "2024-07-11", "2024-08-05",
    "2024-11-29", "2025-01-27", "2025-04-04", "2025-04-09", "2025-12-31",
)  # fmt: skip


WEEKS = (
    ("2008-10-06", 5), ("2018-12-17", 6), ("2020-03-09", 8), ("2022-06-10", 5), ("2024-08-01", 5),
    ("2025-04-02", 8), ("2025-12-01", 22),
)  # fmt: skip
"""Six weeks of crashes, and a month, from their first session on."""


def days_of(what: str, pack: Market) -> list[pd.Timestamp]:
    """The chosen sessions, ten drawn ones, or those from a week's first session on."""
    if what == "chosen":
        return [*map(pd.Timestamp, CHOSEN)]
    if what == "drawn":
        return sorted(random.Random(SEED).sample([day for day in pack.days if day.year >= 2007], 10))
    return list(pack.days[pack.days >= what][: dict(WEEKS)[what]])


@pytest.mark.parametrize("what", ["chosen", "drawn", *dict(WEEKS)])
def test_every_claim_of_ninety_one_summaries_holds_against_the_closes(
    us_pack: Path, pack: Market, pack_histories: dict[str, History], what: str
) -> None:
    table = pd.DataFrame({name: history.values for name, history in pack_histories.items()}).reindex(pack.days)
    panel, calendar, oracle = Panel(pack), Calendar(date(2004, 12, 1), date(2026, 12, 31)), Oracle(us_pack)
    yields = pack_histories["rates.nominal_10y"].observed
    assert yields is not None
    wrong, count = [], 0
    for day in days_of(what, pack):
        position = int(panel.days.get_loc(day))
        found = summary_contents(
            SIGNALS,
            table.iloc[max(0, position - 1259) : position + 1],
            day.date(),
            topics={topic.key: topic.specs for topic in TOPICS},
            closes=pack.close[list(INDICES)],
            all_years=table,
            calendar=calendar,
            agenda=upcoming_events(panel, position),
            yields_of=yields[day].date(),
        )
        (line,) = index_moves_lines(found)
        oracle.at(day)
        checked = [
            *claims(oracle, found.headline, (*HEADLINE, recovery_pattern(table["scenario.recovery"].loc[:day]))),
            *index_claims(oracle, line),
        ]
        for mover in found.movers:
            checked += mover_claims(oracle, mover.signal.id, mover.value, mover.change)
            checked += percentile_claim(oracle, mover.signal.id, mover.percentile)
        checked += level_claims(oracle, {crossing.topic for crossing in found.crossings})
        scores, cases = (table[name].loc[:day] for name in ("scenario.recovery", "scenario.recovery_state"))
        checked.append(recovery_claim(scores, cases))
        checked += state_claims(oracle, {name: table[name].iloc[: position + 1] for name in table})
        assert len(checked) >= 20
        say(f"\n{day.date()}  {found.headline}\n            {line}")
        for claim in checked:
            say(f"    {'ok   ' if claim.holds else 'WRONG'} {claim.text}  |  from closes: {claim.computed}")
        wrong += [f"{day.date()}: {claim}" for claim in checked if not claim.holds]
        count += len(checked)
    say(f"\n{count} claims, {len(wrong)} of them wrong.")
    assert not wrong, "\n".join(wrong)
