"""What `/sources` says of each source: fresh or old, why, and when it is asked again."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta

import pytest

from bot.commands.context import Core
from bot.commands.market.family import withheld_lines
from bot.commands.reply import Tone
from bot.commands.server import sources, status
from bot.domain.doubt import Doubt, DoubtKind, DoubtRule, StoredDoubt
from bot.domain.fetched import Health, HealthState
from bot.domain.foreign_text import ForeignText
from bot.ingest.enabled_sources import Off
from bot.ingest.status import BackfillProgress, GapSummary, IngestStatus, SourceStatus
from bot.readings.state import ReadingState
from tests.support import sample_readings

NEXT = sample_readings.NOW + timedelta(minutes=52)
LAST = sample_readings.NOW - timedelta(hours=5)


def stamp(instant: datetime, style: str = "t") -> str:
    return f"<t:{int(instant.timestamp())}:{style}>"


def source(
    name: str,
    state: HealthState = HealthState.OK,
    newest: date | None = sample_readings.SESSION,
    *,
    expected: date | None = sample_readings.SESSION,
    next_run: datetime | None = NEXT,
    reason: str | None = None,
    next_try: datetime | None = None,
    last: datetime | None = LAST,
) -> SourceStatus:
    return SourceStatus(
        name, Health(state, last_success=last, next_try=next_try, reason=reason), newest, expected, next_run
    )


def line(core: Core, found: SourceStatus) -> str:
    core.ingest.sources = (found,)
    [only] = sources.show(core).lines
    return only


async def test_a_fresh_source_says_what_it_gave_and_when_it_is_asked_next(core: Core) -> None:
    assert line(core, source("yahoo")) == f"**Yahoo**: fresh, prices of Tue, Jan 13, next {stamp(NEXT)}"


async def test_a_source_that_is_asked_another_day_says_which(core: Core) -> None:
    sunday = sample_readings.NOW + timedelta(days=5)
    found = source("universe", newest=None, expected=None, next_run=sunday)
    assert line(core, found) == f"**List of members**: fresh, next {stamp(sunday, 'f')}"


async def test_what_is_missing_is_counted_named_and_says_when_it_is_asked_next(core: Core) -> None:
    soon = sample_readings.NOW + timedelta(minutes=4)
    one = GapSummary(1, ("SPY",), date(2026, 1, 6), soon)
    assert line(core, replace(source("yahoo"), gaps=one)) == (
        "**Yahoo**: fresh, prices of Tue, Jan 13, 1 figure missing since Tue, Jan 6 (SPY; next try in 4 min), "
        f"next {stamp(NEXT)}"
    )
    names = ("IWM", "MAGS", "QQQ", "SMH", "SPY", "XLB")
    many = GapSummary(9, names, date(2026, 1, 6), sample_readings.NOW)
    assert "9 figures missing since Tue, Jan 6 (IWM, MAGS, QQQ, SMH and 2 more; next try in a moment)" in line(
        core, replace(source("yahoo"), gaps=many)
    )


async def test_the_status_counts_what_is_missing_and_names_a_closure_it_has_learned(core: Core) -> None:
    gaps = GapSummary(9, ("SPY",), date(2026, 1, 6), NEXT)
    core.ingest.sources = (replace(source("yahoo"), gaps=gaps), replace(source("cboe"), gaps=replace(gaps, count=2)))
    core.ingest.closures = (date(2025, 10, 15), date(2026, 1, 9))
    fields = {field.name: field.value for field in (await status.status(core)).fields}
    assert fields["Missing"] == (
        "11 expected figures are missing and requested again; /sources tells.\n"
        "Fri, Jan 9 counts as a day without trading: there is no price of it. The calendar has it as a session."
    )
    core.ingest.sources, core.ingest.closures = (replace(source("yahoo"), gaps=replace(gaps, count=1)),), ()
    fields = {field.name: field.value for field in (await status.status(core)).fields}
    assert fields["Missing"] == "1 expected figure is missing and requested again; /sources tells."
    core.ingest.sources = (source("yahoo"),)
    assert "Missing" not in {field.name for field in (await status.status(core)).fields}


@pytest.mark.parametrize(
    ("ahead", "words"),
    [(timedelta(days=1), "1,440 minutes ahead of Discord's"), (timedelta(minutes=-3), "3 minutes behind Discord's")],
)
async def test_the_status_says_that_the_clock_is_wrong(core: Core, ahead: timedelta, words: str) -> None:
    reply = await status.status(replace(core, clock_ahead=lambda: ahead))
    assert reply.title == "The clock of this machine is wrong"
    assert words in reply.lines[0]
    right = await status.status(replace(core, clock_ahead=lambda: timedelta(minutes=2)))
    assert right.title != reply.title


async def test_a_failing_source_says_since_when_why_and_when_it_is_tried(core: Core) -> None:
    found = source(
        "fred",
        HealthState.FAILING,
        date(2026, 1, 6),
        reason="FRED did not answer in 20 s.",
        next_run=sample_readings.NOW + timedelta(minutes=4),
    )
    assert line(core, found) == (
        f"**FRED**: failing, no answer since {stamp(LAST)} ({ForeignText('FRED did not answer in 20 s')}), "
        "newest yields and macro figures of Tue, Jan 6, 5 sessions old, next try in 4 min"
    )
    reply = sources.show(core)
    assert (reply.title, reply.tone) == ("Yields and macro figures 5 sessions old", Tone.CONCENTRATING)


async def test_a_resting_source_waits_for_the_later_of_its_pauses(core: Core) -> None:
    found = source(
        "yahoo",
        HealthState.RESTING,
        next_run=sample_readings.NOW + timedelta(minutes=2),
        next_try=sample_readings.NOW + timedelta(minutes=30),
        last=None,
    )
    assert line(core, found) == "**Yahoo**: resting, newest prices of Tue, Jan 13, next try in 30 min"


async def test_a_source_that_answers_with_old_figures_is_behind(core: Core) -> None:
    found = source("yahoo", newest=date(2026, 1, 8))
    assert line(core, found).startswith(
        "**Yahoo**: answers, but is behind, newest prices of Thu, Jan 8, 3 sessions old, next"
    )
    assert sources.show(core).title == "Prices 3 sessions old"


async def test_the_verdict_names_all_that_is_wrong_the_oldest_first(core: Core) -> None:
    late = [source(name, newest=date(2026, 1, 9)) for name in ("cboe", "treasury")]
    core.ingest.sources = (source("yahoo"), *late)
    assert sources.show(core).title == "Volatility indexes 2 sessions old; yields 2 sessions old"
    core.ingest.sources = (
        source("yahoo"),
        source("fred", HealthState.FAILING),
        late[0],
        source("estimates", newest=None),
    )
    assert sources.show(core).title == "Volatility indexes 2 sessions old; FRED does not answer"
    core.ingest.sources = tuple(source(name, HealthState.FAILING, None) for name in ("yahoo", "fred", "cboe", "edgar"))
    assert sources.show(core).title == "4 sources do not answer"
    core.ingest.sources = tuple(source(name, newest=date(2026, 1, 9)) for name in ("statestreet", "ishares"))
    assert sources.show(core).title == "Fund flows 2 sessions old"


async def test_the_status_says_what_is_old_why_and_when_it_is_tried_again(core: Core) -> None:
    issuer = source(
        "statestreet",
        HealthState.FAILING,
        date(2026, 1, 8),
        reason="www.ssga.com answered 503.",
        next_run=sample_readings.NOW + timedelta(minutes=40),
    )
    stopped = replace(source("cboe", newest=date(2026, 1, 12)), lacking=("SKEW",))
    silent = source("edgar", HealthState.FAILING, None, expected=None, last=None, next_run=None)
    waiting = source("treasury", HealthState.UNKNOWN, date(2026, 1, 12), next_run=sample_readings.NOW)
    core.ingest.sources = (source("yahoo"), stopped, silent, issuer, waiting)
    reply = await status.status(core)
    assert (
        reply.title == "Fund flows 3 sessions old; volatility indexes 1 session old; yields 1 session old; and 1 more"
    )
    assert reply.lines == (
        f"**Fund flows** 3 sessions old: State Street has not answered since {stamp(LAST)} "
        f"({ForeignText('www.ssga.com answered 503')}), "
        "next try in 40 min.",
        f"**Volatility indexes** 1 session old (SKEW): Cboe answers and has nothing newer, next {stamp(NEXT)}.",
        "**Yields** 1 session old: US Treasury has not been asked since the start, being asked now.",
        "SEC filings has not answered yet.",
    )


async def test_the_status_stays_short_when_everything_fails(core: Core) -> None:
    names = ("yahoo", "fred", "cboe", "edgar", "treasury", "estimates", "statestreet")
    core.ingest.sources = tuple(source(name, HealthState.FAILING, reason="x" * 300) for name in names)
    lines = (await status.status(core)).lines
    assert len(lines) == 6
    assert lines[-1] == "And 2 other sources: /sources tells."


async def test_a_source_that_is_off_says_what_would_switch_it_on_and_is_no_trouble(core: Core) -> None:
    core.ingest.sources = (source("yahoo"),)
    core.ingest.off = {"edgar": Off.CONTACT, "invesco": Off.TERMS}
    reply = sources.show(core)
    assert reply.title == "Everything is up to date"
    assert reply.lines[1:] == (
        "**SEC filings**: off: it wants to know who asks; set sources.contact to a name and an e-mail address",
        "**Invesco**: off: its terms forbid programs in general wording, so a person has to add it to sources.enabled",
    )
    shown = await status.status(core)
    assert shown.fields[0].value.endswith("Off: SEC filings and Invesco; /sources says why.")


async def test_after_a_restart_a_source_has_not_been_asked_yet(core: Core) -> None:
    unknown = source("treasury", HealthState.UNKNOWN, newest=None, next_run=sample_readings.NOW, last=None)
    assert line(core, unknown) == "**US Treasury**: not asked since the start, being asked now"
    assert sources.show(core).title == "No source has been asked yet"
    known = source("treasury", HealthState.UNKNOWN, next_run=None)
    assert line(core, known) == "**US Treasury**: not asked since the start, newest yields of Tue, Jan 13"


def doubt(
    subject: str, reason: str, rule: DoubtRule = DoubtRule.UNIT, day: date = sample_readings.SESSION
) -> StoredDoubt:
    figure = Doubt(DoubtKind.PRICE, subject, day, rule, 1.0, reason, "yahoo")
    return StoredDoubt(1, figure, sample_readings.NOW, sample_readings.NOW, 3)


async def test_what_is_doubted_is_named_with_its_source_and_the_reason(core: Core) -> None:
    core.ingest.sources = (source("yahoo"),)
    core.ingest.doubts = (doubt("SPY", "its close went from 680 to 68,000"),)
    words = "**SPY** of Tue, Jan 13 (Yahoo): its close went from 680 to 68,000."
    shown, short = sources.show(core), await status.status(core)
    assert [field.value for field in shown.fields if field.name == "Not believed"] == [words]
    assert words in short.lines
    for reply in (shown, short):
        assert (reply.title, reply.tone) == ("All sources are up to date; 1 figure doubted (SPY)", Tone.ATTENTION)


async def test_a_whole_answer_that_is_stale_is_one_line(core: Core) -> None:
    reason = "its close of Jan 13, 2026 repeats that of Jan 12, 2026"
    tickers = ("RSP", "SPY", "QQQ", "IWM", "DIA", "XLE")
    core.ingest.doubts = tuple(doubt(ticker, reason, DoubtRule.NO_ANSWER) for ticker in tickers)
    [field] = [field for field in sources.show(core).fields if field.name == "Not believed"]
    assert field.value == f"**RSP, SPY, QQQ, IWM and 2 others** of Tue, Jan 13 (Yahoo): for one, {reason}."


async def test_of_many_reasons_the_newest_four_are_told(core: Core) -> None:
    core.ingest.doubts = tuple(doubt("SPY", "it jumped", day=date(2026, 1, day)) for day in range(5, 11))
    [field] = [field for field in sources.show(core).fields if field.name == "Not believed"]
    lines = field.value.splitlines()
    assert len(lines) == 5
    assert lines[0].startswith("**SPY** of Sat, Jan 10")
    assert lines[-1] == "And 2 more; the operator sees all."


async def test_an_unnamed_source_is_called_by_its_own_name(core: Core) -> None:
    assert line(core, source("mint", next_run=None)) == "**Mint**: fresh, figures of Tue, Jan 13"


async def test_a_market_that_is_not_fetched_says_so(core: Core) -> None:
    reply = sources.show(core)
    assert reply.title == "Stored figures only: no source is asked"
    assert reply.lines == (f"**Yahoo**: {len(core.signals)} signals of Tue, Jan 13, nothing to fetch",)
    core = replace(core, simulated=True)
    shown = sources.show(core)
    assert shown.title == "Simulated market: no source is asked"
    known = await status.status(core)
    assert (known.title, known.fields[0].value) == (shown.title, "\n".join(shown.lines))
    assert shown.footer.endswith("simulated")


async def test_what_is_old_or_withheld_is_named_with_its_reason(core: Core) -> None:
    full = sample_readings.withheld(sample_readings.SILVER, "SI=F has no close on 2026-01-13")
    older = replace(full.readings[sample_readings.REAL], observed=date(2026, 1, 12))
    core = replace(core, ingest=IngestStatus(sources=(source("yahoo"),)))
    state = ReadingState()
    state.put(replace(full, readings={**full.readings, sample_readings.REAL: older}))
    fields = {field.name: field.value for field in sources.show(replace(core, readings=state)).fields}
    assert fields == {
        "Figures of an earlier day": "**Mon, Jan 12**: 10-year real yield",
        "Withheld: 1 signal": "**Silver**: SI=F has no close on Jan 13, 2026",
    }


def test_names_with_commas_have_semicolons_between_them() -> None:
    names = {
        "flows.tech_4w": "Tech fund flows, 4 weeks",
        "flows.tech_8w": "Tech fund flows, 8 weeks",
        "havens.gold": "Gold",
    }
    assert withheld_lines(names, {}, 2) == [
        "**Tech fund flows, 4 weeks; Tech fund flows, 8 weeks and 1 more**: the next check will bring it"
    ]
    assert withheld_lines({"havens.gold": "Gold", "havens.silver": "Silver"}, {}) == [
        "**Gold, Silver**: the next check will bring it"
    ]


async def test_before_anything_is_known_it_says_what_is_loading(empty_core: Core) -> None:
    assert sources.show(empty_core).lines == ("No source is set up.",)
    empty_core.ingest.sources = (source("yahoo", HealthState.UNKNOWN, newest=None, last=None),)
    empty_core.ingest.progress = (BackfillProgress("members", 120, 606),)
    reply = sources.show(empty_core)
    assert reply.title == "Still loading history"
    assert "120 of 606 members" in reply.lines[1]
