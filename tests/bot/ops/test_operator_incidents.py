"""What whoever runs the installation is told: which states are incidents, and in what words."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest

from bot.commands.context import Core
from bot.domain.fetched import Health, HealthState
from bot.ingest.status import GapSummary, IngestStatus, SourceStatus
from bot.ops.duties import FailingDuty
from bot.ops.operator_incidents import ENOUGH_BYTES, FEW_BYTES, LATE, InstallationState, incidents
from bot.readings.pipeline import UnfinishedCheck
from tests.support import core_without_store

GOOD = InstallationState(free_bytes=ENOUGH_BYTES)
TUESDAY, FRIDAY, MONDAY_BEFORE = date(2026, 1, 13), date(2026, 1, 9), date(2026, 1, 5)
DOWN = Health(HealthState.FAILING, failures=3, reason="Yahoo did not answer in time")
NOTHING: frozenset[str] = frozenset()


@pytest.fixture(scope="module")
def core() -> Core:
    return core_without_store()


def told(
    core: Core, condition: InstallationState = GOOD, *sources: SourceStatus, known: frozenset[str] = NOTHING
) -> dict[str, str]:
    present = incidents(replace(core, ingest=IngestStatus(sources=sources)), condition, known)
    return {incident.key: incident.begun for incident in present}


def test_a_good_installation_has_no_incident(core: Core) -> None:
    assert told(core, GOOD, SourceStatus("yahoo", Health(HealthState.OK), TUESDAY, TUESDAY)) == {}


def test_a_source_is_an_incident_when_it_gave_nothing_for_a_whole_session(core: Core) -> None:
    """On Tuesday evening Friday's prices lack Monday and Tuesday; Monday's lack only what may still come."""
    late = SourceStatus("yahoo", DOWN, date(2026, 1, 12), TUESDAY)
    assert told(core, GOOD, late) == {}
    assert told(core, GOOD, replace(late, newest=FRIDAY)) == {
        "source:yahoo": "Yahoo: no prices since Fri, Jan 9 (2 sessions). Its last answer: Yahoo did not answer in time. "
        "Signals that need them are withheld."
    }
    silent = replace(late, newest=FRIDAY, health=Health(HealthState.OK))
    assert told(core, GOOD, silent) == {
        "source:yahoo": "Yahoo: no prices since Fri, Jan 9 (2 sessions). Signals that need them are withheld."
    }
    assert told(core, replace(GOOD, importing=True), silent) == {}


def test_figures_that_are_missing_for_more_than_five_sessions_are_an_incident(core: Core) -> None:
    gaps = GapSummary(count=3, names=("DGS10",), oldest=date(2026, 1, 6))
    source = SourceStatus("fred", Health(HealthState.OK), TUESDAY, TUESDAY, gaps=gaps)
    assert told(core, GOOD, source) == {
        "gaps:fred": "FRED: 3 figures are still missing after 5 sessions. /sources names them."
    }
    assert told(core, GOOD, replace(source, gaps=replace(gaps, oldest=date(2026, 1, 7)))) == {}


@pytest.mark.parametrize(
    ("free", "before", "expected"),
    [
        (FEW_BYTES, False, False),
        (FEW_BYTES - 1, False, True),
        (ENOUGH_BYTES - 1, True, True),
        (ENOUGH_BYTES, True, False),
    ],
)
def test_a_disk_fills_up_below_one_limit_until_it_has_a_higher_one(
    core: Core, free: int, before: bool, expected: bool
) -> None:
    known = frozenset({"disk"}) if before else NOTHING
    assert ("disk" in told(core, InstallationState(free_bytes=free), known=known)) is expected


def test_a_wrong_clock_a_failed_copy_and_refused_messages_are_incidents(core: Core) -> None:
    wrong = replace(core, clock_ahead=lambda: timedelta(minutes=-7))
    assert told(wrong)["clock"] == (
        "The clock of the bot's machine is 7 minutes behind Discord's. Nothing is fetched, judged or summarized until it is "
        "right."
    )
    assert told(core, replace(GOOD, backup="the disk is full", dead=2)) == {
        "backup": "No copy of bot.db was made today: the disk is full. Older copies stay.",
        "dead-letters": "Discord refused 2 messages. `rotation-bot outbox list` gives the reasons, `retry` sends again, "
        "`discard` gives up.",
    }


def test_a_check_that_fails_or_hangs_for_a_quarter_of_an_hour_is_an_incident(core: Core) -> None:
    now, waits = core.now(), "Alerts, summaries and boards wait. The log says more."
    assert told(core, replace(GOOD, check=UnfinishedCheck(now - LATE))) == {}
    since = now - LATE - timedelta(seconds=1)
    assert told(core, replace(GOOD, check=UnfinishedCheck(since))) == {
        "check": f"The check of Tue, Jan 13, 4:14 p.m. ET is still running. {waits}"
    }
    assert told(core, replace(GOOD, check=UnfinishedCheck(since, "market.db was damaged."))) == {
        "check": f"Every check since Tue, Jan 13, 4:14 p.m. ET has failed: market.db was damaged. {waits}"
    }


def test_a_duty_that_fails_for_a_quarter_of_an_hour_is_an_incident(core: Core) -> None:
    since = core.now() - LATE
    assert told(core, replace(GOOD, failing=[FailingDuty("fetch figures", since, "no")])) == {}
    late = FailingDuty("fetch figures", since - timedelta(seconds=1), "the timetable is empty.")
    assert told(core, replace(GOOD, failing=[late])) == {
        "duty:fetch figures": "Every attempt to fetch figures since Tue, Jan 13, 4:14 p.m. ET has failed: the timetable is "
        "empty. The log says more."
    }
