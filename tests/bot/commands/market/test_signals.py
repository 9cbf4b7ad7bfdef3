"""What the market commands, topics, setup, summary, status, help and privacy answer."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date, timedelta

import numpy as np
import pytest

from bot.alerts.topics import TOPICS
from bot.commands.alerts import parse, topics
from bot.commands.alerts.texts import describe
from bot.commands.context import Caller, Core, loading, source_problem
from bot.commands.market import chart, signal_list, signals
from bot.commands.market.family_layouts import FAMILY_LAYOUTS
from bot.commands.market.signal_history import typed_id
from bot.commands.quotas import Quotas
from bot.commands.reply import Tone
from bot.commands.server import help_privacy, setup, setup_list, status
from bot.commands.summary import summary
from bot.database.places import destinations, guilds
from bot.domain.chart_request import ChartKind, ChartRequest
from bot.domain.fetched import Health, HealthState
from bot.errors import UserError
from bot.ingest.status import BackfillProgress, SourceStatus
from bot.readings.state import ReadingState
from signals.catalogue import SIGNALS
from signals.core.model import Axis
from signals.expressions import own_signal
from tests.support import ManualClock, sample_readings


def source(name: str, state: HealthState, newest: date = sample_readings.SESSION) -> SourceStatus:
    health = Health(
        state,
        last_success=sample_readings.NOW - timedelta(hours=5),
        next_try=sample_readings.NOW + timedelta(minutes=9),
    )
    return SourceStatus(name, health, newest, sample_readings.SESSION)


def test_a_named_state_has_no_figures_but_what_it_was(core: Core) -> None:
    """Beside it stood changes of 0 and a normal range of -1 to 1."""
    snapshot = core.readings.snapshot
    assert snapshot is not None
    history = snapshot.history.copy()
    history.loc[history.index[-7:-1], "rotation.state"] = 1.0
    history["rotation.regime"] = np.where(history["rotation.state"] > 0, 1.0, 3.0)
    core.readings.put(replace(snapshot, history=history))
    fields = {field.name: field.value for field in signals.detail(core, "rotation.state").fields}
    assert list(fields) == ["1 day before", "5 days before", "21 days before", "How unusual"]
    assert [fields[name] for name in list(fields)[:3]] == [
        "rotating out of big tech",
        "rotating out of big tech",
        "rotating back into big tech",
    ]


def test_where_tech_falls_a_signal_and_a_topic_say_what_the_yardsticks_do(core: Core) -> None:
    snapshot = core.readings.snapshot
    assert snapshot is not None
    named = {"rotation.state": -1.0, "rotation.turning": 0.0, "rotation.regime": 4.0}
    readings = {name: replace(snapshot.readings[name], value=value) for name, value in named.items()}
    core.readings.put(replace(snapshot, readings={**snapshot.readings, **readings}))
    assert signals.detail(core, "rotation.state").lines[0] == "## yardsticks pointing back into big tech"
    before = {"rotation.turning": [1.0, 0.0, 0.0], "rotation.regime": [3.0, 3.0, 4.0], "rotation.state": [-1.0] * 3}
    history = snapshot.history.copy()
    for name, values in before.items():
        history.loc[history.index[[-22, -6, -2]], name] = values
    core.readings.put(replace(snapshot, history=history, readings={**snapshot.readings, **readings}))
    assert [field.value for field in signals.detail(core, "rotation.state").fields[:3]] == [
        "yardsticks pointing back into big tech",
        "rotating back into big tech",
        "turning (last clear state rotating back into big tech)",
    ]


def test_a_monthly_figure_has_its_month_and_no_day(core: Core) -> None:
    """It said "observed Mon, Aug 1" of the prices of August."""
    assert "observed" not in signals.detail(core, "macro.cpi_yoy").lines[1]
    monthly = replace(sample_readings.snapshot().readings["macro.cpi_yoy"], observed=date(2025, 12, 1))
    readings = {**sample_readings.snapshot().readings, "macro.cpi_yoy": monthly}
    core.readings.put(replace(sample_readings.snapshot(), readings=readings))
    assert " · for December 2025" in signals.detail(core, "macro.cpi_yoy").lines[1]


def test_a_chart_says_of_which_day_a_yield_is(core: Core) -> None:
    """Its picture said when the yield was known, and its message named the session alone."""
    name = "rates.real_10y"
    assert chart.chart(core, name).lines[0].endswith("%** final, Tue, Jan 13")
    yields = replace(sample_readings.snapshot().readings[name], observed=date(2026, 1, 12))
    readings = {**sample_readings.snapshot().readings, name: yields}
    core.readings.put(replace(sample_readings.snapshot(), readings=readings))
    assert chart.chart(core, name).lines[0].endswith("%** final, Tue, Jan 13 · observed Mon, Jan 12")


@pytest.mark.parametrize(
    ("first", "period", "ranked"),
    [
        ("2025-06-02", "7 months", []),
        ("2024-10-22", "1 year", ["the past year"]),
        ("2023-01-03", "3 years", ["the past year", "the past 3 years"]),
    ],
)
def test_a_signal_is_ranked_among_its_own_past_and_in_no_years_before_it(
    core: Core, first: str, period: str, ranked: list[str]
) -> None:
    """A fund of thirteen months stood "higher than 67% of the past 5 years"."""
    snapshot = core.readings.snapshot
    assert snapshot is not None
    history = snapshot.history.copy()
    history.loc[:first, sample_readings.SILVER] = np.nan
    reading = snapshot.readings[sample_readings.SILVER]
    known = len(history[sample_readings.SILVER].dropna())
    measures = replace(reading.measures, percentile_1y=50.0 if known >= 200 else None)
    readings = {**snapshot.readings, sample_readings.SILVER: replace(reading, measures=measures)}
    core.readings.put(replace(snapshot, history=history, readings=readings))
    fields = {field.name: field.value for field in signals.detail(core, sample_readings.SILVER).fields}
    lines = fields.get("How unusual", "").splitlines()
    assert [line[line.index("the past") :] for line in lines if "the past" in line] == ranked
    assert fields["Normal range"].endswith(f"nine of ten sessions in {period}")


def test_the_chart_of_a_named_state_says_what_it_was_and_whether_it_is_only_held(core: Core) -> None:
    """Under "rotating out of big tech" stood "Day before 1, normal range -1 to 1"; of a clock that turns, the state."""
    snapshot = core.readings.snapshot
    assert snapshot is not None
    history = snapshot.history.copy()
    history.loc[history.index[-2], ["rotation.state", "rotation.regime", "rotation.turning"]] = (1.0, 3.0, 0.0)
    history.loc[history.index[-1], "rotation.state"] = -1.0
    turning = replace(snapshot.readings["rotation.turning"], value=1.0)
    core.readings.put(replace(snapshot, history=history, readings={**snapshot.readings, "rotation.turning": turning}))
    lines = chart.chart(core, "rotation.state").lines
    assert lines[0].startswith("**turning (last clear state rotating back into big tech)**")
    assert lines[1].startswith("Day before rotating out of big tech")
    assert "range" not in lines[1]
    history.loc[history.index[-2], "rotation.turning"] = 1.0
    core.readings.put(replace(snapshot, history=history))
    assert chart.chart(core, "rotation.state").lines[1].startswith("Day before turning (last clear state rotating out")


def test_a_change_that_there_is_not_is_left_out(core: Core) -> None:
    """The move of a leg starts afresh at its turn and has no change across it; dashes stood where it would be."""
    snapshot = core.readings.snapshot
    assert snapshot is not None
    move = "rotation.equal_weight.move"
    measures = replace(snapshot.readings[move].measures, change_1d=None, change_5d=None, change_21d=2.0)
    reading = replace(snapshot.readings[move], measures=measures)
    core.readings.put(replace(snapshot, readings={**snapshot.readings, move: reading}))
    fields = signals.detail(core, move).fields
    assert [field.name for field in fields if field.narrow] == ["21 days"]


async def test_a_page_that_was_shown_before_still_tells_of_trouble_of_loading_and_of_the_day(core: Core) -> None:
    shown = signals.detail(core, sample_readings.SILVER)
    assert signals.detail(core, sample_readings.SILVER) is shown
    core.ingest.sources = (source("yahoo", HealthState.FAILING),)
    assert any("Yahoo has not answered since" in line for line in signals.detail(core, sample_readings.SILVER).lines)
    core.ingest.sources, core.ingest.progress = (), (BackfillProgress("members", 3, 9),)
    assert any("3 of 9 members" in line for line in signals.detail(core, sample_readings.SILVER).lines)
    core.ingest.progress = ()
    later = replace(core, clock=ManualClock(sample_readings.NOW + timedelta(days=365)))
    assert "2026" in signals.detail(later, sample_readings.SILVER).lines[1]
    assert signals.detail(core, sample_readings.SILVER) == shown
    other = replace(sample_readings.snapshot().readings[sample_readings.SILVER], value=-77.25)
    core.readings.put(
        replace(
            sample_readings.snapshot(), readings={**sample_readings.snapshot().readings, sample_readings.SILVER: other}
        )
    )
    assert "77.25" in signals.detail(core, sample_readings.SILVER).lines[0]


async def test_every_family_fits_a_phone_and_has_one_line_a_signal(core: Core) -> None:
    for family, found in signal_list.families(core).items():
        seen: list[str] = []
        pages = signal_list.overview(core, family).pages
        assert pages is not None
        for page in range(1, pages.count + 1):
            lines = signal_list.overview(core, family, page).table.splitlines()
            assert all(len(line) <= 40 for line in lines)
            seen += [line for line in lines[1:] if not line.startswith("MORE")]
        assert len(seen) == len(found) == len(set(seen))


async def test_twins_stand_last_under_more_and_states_have_words(core: Core) -> None:
    lines = signal_list.overview(core, "size").table.splitlines()
    more = lines.index("MORE, EACH MOVES WITH ONE ABOVE")
    assert [line.split("  ")[0] for line in lines[more + 1 :]] == ["Small-cap streak", "Russell vs. S&P YTD"]
    assert lines[1].startswith("Russell streak    8 sessions")
    assert "\nRotation       rotating back\n" in signal_list.overview(core, "rotation").table


async def test_a_dark_signal_is_said_once_and_not_listed(core: Core) -> None:
    core.readings.put(sample_readings.withheld(sample_readings.SILVER, "the source is off"))
    reply = signal_list.overview(core, "havens")
    assert reply.lines[1:] == ("No reading of 1:", "**Silver**: the source is off")
    assert "Silver" not in reply.table.replace("Gold/silver", "")
    assert (
        f"{len(core.signals) - 1} of {len(core.signals)} signals have a reading."
        in signal_list.overview(core).lines[-1]
    )


async def test_the_overview_has_two_signals_of_each_family_and_a_menu_of_them(core: Core) -> None:
    reply = signal_list.overview(core)
    known = signal_list.families(core)
    assert reply.menu is not None
    assert [option.value for option in reply.menu.options] == list(known)
    assert len(reply.table.splitlines()) == 1 + sum(1 + min(2, len(found)) for found in known.values())


async def test_an_unknown_family_is_answered_with_the_nearest(core: Core) -> None:
    with pytest.raises(UserError, match=r"No family “breath”. Did you mean breadth?"):
        signal_list.overview(core, "breath")


async def test_a_signal_in_full(core: Core) -> None:
    reply = signals.detail(core, sample_readings.STREAK)
    assert reply.title == core.signals[sample_readings.STREAK].label
    assert reply.lines[0] == "## 8 sessions"
    assert "final, Tue, Jan 13" in reply.lines[1]
    fields = {field.name: field.value for field in reply.fields}
    assert fields["1 day"] == "+1 session"
    assert "the highest of the past 5 years" in fields["How unusual"]
    assert fields["Normal range"] == "-1 to 2, nine of ten sessions in 5 years"
    assert "^RUT and ^GSPC, Yahoo" in reply.footer
    assert "not investment advice" in reply.footer


async def test_a_signal_is_said_to_vote_only_as_it_does(core: Core) -> None:
    """Between its borders a value votes neither way, however far it is from its mean."""
    sides = {-1: "votes against", 0: "", 1: "votes for"}
    explanations = sample_readings.snapshot().explanations
    states = {
        (axis, ballot.signal): (ballot.state or 0) * ballot.sign
        for axis, explanation in explanations.items()
        for party in explanation.parties
        for ballot in party.ballots
    }
    seen = set()
    for name in sample_readings.snapshot().readings:
        status = signals.detail(core, name).lines[1]
        votes = [states.get((axis, name), 0) for axis in (Axis.ROTATION, Axis.RECOVERY)]
        vote = next(filter(None, votes), 0)
        seen.add(vote)
        assert (sides[vote] in status) if vote else ("votes" not in status), name
    assert seen == {-1, 0, 1}


async def test_coverage_stands_beside_a_value_of_members(core: Core) -> None:
    assert "497 of 503 members" in signals.detail(core, sample_readings.BREADTH).lines[1]


async def test_a_withheld_signal_says_why_and_what_was_last_known(core: Core) -> None:
    state = ReadingState()
    state.put(sample_readings.withheld(sample_readings.SILVER, "prices jumped by a factor of 100."))
    reply = signals.detail(replace(core, readings=state), sample_readings.SILVER)
    assert reply.tone is Tone.ATTENTION
    assert "prices jumped by a factor of 100." in reply.lines[0]
    assert reply.lines[1] == "Last known: $85.88 on Tue, Jan 13."


async def test_without_data_every_market_command_says_what_is_still_loading(empty_core: Core) -> None:
    empty_core.ingest.progress = (BackfillProgress("members", 120, 606),)
    for ask in (
        lambda: signal_list.overview(empty_core),
        lambda: signals.detail(empty_core, sample_readings.SILVER),
        lambda: summary.newest(empty_core),
    ):
        with pytest.raises(UserError, match="120 of 606 members"):
            ask()
    empty_core.ingest.progress = ()
    assert loading(empty_core) == "The first check is still running."


async def test_a_source_that_does_not_answer_is_named_where_it_matters(core: Core) -> None:
    core.ingest.sources = (source("yahoo", HealthState.FAILING, date(2026, 1, 9)),)
    told = f"Yahoo has not answered since <t:{int((sample_readings.NOW - timedelta(hours=5)).timestamp())}:f>."
    assert source_problem(core) == f"{told} Its newest day is Friday, January 9. Alerts on it wait until it does."
    assert source_problem(core, ["fred"]) is None
    assert told in " ".join(signals.detail(core, sample_readings.SILVER).lines)


async def test_simulated_numbers_are_marked_everywhere(core: Core, ann: Caller) -> None:
    core = replace(core, simulated=True)
    replies = [
        signal_list.overview(core),
        signals.detail(core, sample_readings.SILVER),
        summary.newest(core),
        await status.status(core),
        await topics.listing(core, ann),
    ]
    assert all("simulated" in reply.footer for reply in replies)


async def test_topics_tell_where_they_stand_and_which_one_hears_of(core: Core, ann: Caller) -> None:
    await topics.subscribe(core, ann, "Russell streak")
    reply = await topics.listing(core, ann)
    fields = {field.name: field.value for field in reply.fields}
    assert fields["✓ Russell streak"].endswith("\nNow: 8 sessions, **past its level**")
    assert len(fields) == len(TOPICS)
    await topics.toggle(core, ann, "russell-streak")
    assert not any(field.name.startswith("✓") for field in (await topics.listing(core, ann)).fields)


async def test_all_topics_at_once_and_none_twice(core: Core, ann: Caller) -> None:
    await topics.subscribe(core, ann, "all")
    await topics.subscribe(core, ann, "all")
    held = await help_privacy.export(core, ann)
    assert held.file is not None
    assert len(json.loads(held.file.content)["subscriptions"]) == sum(len(topic.specs) for topic in TOPICS)
    await topics.unsubscribe(core, ann, "ALL")
    with pytest.raises(UserError, match="You are not subscribed"):
        await topics.unsubscribe(core, ann, "stress")


async def test_an_unknown_topic_is_answered_with_the_nearest(core: Core, ann: Caller) -> None:
    with pytest.raises(UserError, match=r"No topic “russel streek”. Did you mean russell-streak \(Russell streak\)"):
        await topics.subscribe(core, ann, "russel streek")


async def test_setting_up_needs_manage_server_in_a_server(core: Core, ann: Caller, boss: Caller) -> None:
    for attempt in (
        setup.set_summary(core, ann, 100, None, None),
        setup.end_summary(core, ann, 100),
        setup.set_topics(core, ann, 100, "all", None),
        setup.end_topics(core, ann, 100, "all"),
        setup_list.show(core, ann),
    ):
        with pytest.raises(UserError, match="You need the Manage Server permission"):
            await attempt
    with pytest.raises(UserError, match="works only in a server"):
        await setup_list.show(core, replace(boss, guild_id=None))


async def test_what_is_set_up_is_shown_and_ends_again(core: Core, boss: Caller) -> None:
    await setup.set_summary(core, boss, 100, "9:30", "europe/berlin")
    await setup.set_topics(core, boss, 100, "stress", 77)
    [field] = (await setup_list.show(core, boss)).fields
    assert (
        field.value
        == "<#100>\nDaily summary at 9:30 a.m. Central European Time\nTopics: Stress in options\nMentions <@&77>"
    )
    await setup.end_summary(core, boss, 100)
    await setup.end_topics(core, boss, 100, "stress")
    assert "Nothing is set up" in (await setup_list.show(core, boss)).lines[0]
    with pytest.raises(UserError, match="has no summary"):
        await setup.end_summary(core, boss, 100)


async def test_a_channel_of_another_server_cannot_be_ended(core: Core, boss: Caller) -> None:
    await setup.set_summary(core, boss, 100, None, None)
    with pytest.raises(UserError, match="has no summary"):
        await setup.end_summary(core, replace(boss, guild_id=2), 100)


async def test_a_server_has_a_quota_of_channels(core: Core, boss: Caller) -> None:
    core = replace(core, quotas=Quotas(channels_per_server=1))
    await setup.set_summary(core, boss, 100, None, None)
    await setup.set_summary(core, boss, 100, "18:00", None)
    with pytest.raises(UserError, match="1 channels set up"):
        await setup.set_summary(core, boss, 101, None, None)


async def test_a_deleted_channel_takes_up_no_room(core: Core, boss: Caller) -> None:
    """Nobody can end what is set up there: Discord offers it to no command any more."""
    core = replace(core, quotas=Quotas(channels_per_server=1))
    await setup.set_summary(core, boss, 100, None, None)
    place = await core.store.read(destinations.find_channel, 100)
    assert place is not None
    await core.store.run(destinations.park, place.id, "Unknown Channel", now=core.now())
    await setup.set_summary(core, boss, 101, None, None)
    with pytest.raises(UserError, match="1 channels set up"):
        await setup.set_summary(core, boss, 102, None, None)


async def test_a_server_that_was_left_shows_its_channels_as_stopped(core: Core, boss: Caller) -> None:
    await setup.set_summary(core, boss, 100, None, None)
    await core.store.run(guilds.left, 1, now=core.now())
    [field] = (await setup_list.show(core, boss)).fields
    assert "**Stopped:**" in field.value


@pytest.mark.parametrize(
    ("typed", "shown"),
    [
        ("17:00", "17:00"),
        ("9:05", "09:05"),
        ("930", "09:30"),
        ("17", "17:00"),
        ("9h30", "09:30"),
        ("5:00 p.m. ET", "17:00"),
        ("12 am", "00:00"),
        ("8pm", "20:00"),
    ],
)
def test_times_are_read_as_people_write_them(typed: str, shown: str) -> None:
    assert f"{setup.parse_time(typed):%H:%M}" == shown


@pytest.mark.parametrize("typed", ["25:00", "12:60", "🚀", "", "noon", "13 pm", "0 am", "١٧:٠٠", "-1:00"])
def test_what_is_no_time_is_refused(typed: str) -> None:
    with pytest.raises(UserError, match=r"is not a time of day\. Type a time such as 17:00"):
        setup.parse_time(typed)


def test_zones_are_found_by_city_and_refused_with_the_nearest() -> None:
    assert setup.parse_zone("america/new york") == "America/New_York"
    assert setup.find_zones("lord")[0] == "Australia/Lord_Howe"
    assert setup.find_zones("berl")[0] == "Europe/Berlin"
    with pytest.raises(UserError, match=r"No time zone “Europe/Berlni”. Did you mean Europe/Berlin?"):
        setup.parse_zone("Europe/Berlni")
    with pytest.raises(UserError, match="No time zone"):
        setup.parse_zone("../../etc/passwd")
    for offset in ("UTC+5:30", "GMT-5", "+05:45", "Etc/GMT+5", "UTC−3"):
        with pytest.raises(UserError, match=r"is an offset, which changes with the clocks\. Type a place"):
            setup.parse_zone(offset)


async def test_the_summary_names_the_day_its_movers_and_what_was_crossed(core: Core) -> None:
    reply = summary.newest(core)
    assert reply.title == "Market summary, Tue, Jan 13, 2026"
    assert reply.lines[0] == (
        "**Equal weight beat the S&P 500 by 0.9 points, its widest lead in at least five years, "
        "and small caps led for an eighth day running.**"
    )
    assert reply.picture == ChartRequest(ChartKind.DASHBOARD, sample_readings.SESSION)
    crossed = next(field.value for field in reply.fields if field.name == "Levels crossed today")
    assert (
        f"**Equal-weight day** · {core.signals[sample_readings.SPREAD].label}: +0.91 points, above +0.8 points"
        in crossed
    )
    assert f"**Russell streak** · {core.signals[sample_readings.STREAK].label}: 8 sessions, above 7" in crossed
    assert reply.tone is Tone.BROADENING


async def test_a_summary_of_a_session_that_is_not_in_memory_shows_no_other_day(core: Core) -> None:
    reply = summary.of_session(core, date(2019, 3, 4))
    assert "not in memory" in reply.lines[0]
    assert reply.fields == ()


async def test_status_says_in_words_first_whether_all_is_well(core: Core) -> None:
    core.ingest.sources = (source("yahoo", HealthState.OK), source("fred", HealthState.OK))
    reply = await status.status(core)
    assert (reply.title, reply.tone) == ("Everything is up to date", Tone.BROADENING)
    assert "**Yahoo** fresh · to Tue, Jan 13 · asked 5 h ago" in reply.fields[0].value
    assert "0 alerts stored · 0 messages waiting" in reply.fields[2].value
    assert "Version 1.2.3" in reply.footer


async def test_status_is_amber_for_late_data_and_red_when_nothing_answers(core: Core) -> None:
    core.ingest.sources = (source("yahoo", HealthState.OK), source("fred", HealthState.OK, date(2026, 1, 8)))
    late = await status.status(core)
    assert (late.title, late.tone) == ("Yields and macro figures 3 sessions old", Tone.ATTENTION)
    assert late.lines[0].startswith("**Yields and macro figures** 3 sessions old: FRED answers and has nothing newer")
    core.ingest.sources = (source("yahoo", HealthState.RESTING),)
    dead = await status.status(core)
    assert (dead.title, dead.tone) == ("Yahoo does not answer", Tone.CONCENTRATING)
    assert dead.lines[0].endswith("next try in 9 min.")


async def test_status_shows_how_far_loading_is(empty_core: Core) -> None:
    empty_core.ingest.progress = (BackfillProgress("members", 120, 606),)
    reply = await status.status(empty_core)
    assert reply.title == "Still loading history"
    assert reply.lines[1] == "`██░░░░░░░░` 120 of 606 members"


async def test_privacy_shows_everything_and_deletes_it(core: Core, ann: Caller) -> None:
    await topics.subscribe(core, ann, "stress")
    shown = await help_privacy.export(core, ann)
    assert shown.private
    assert shown.file is not None
    assert len(json.loads(shown.file.content)["subscriptions"]) == 1
    await help_privacy.delete(core, ann)
    empty = await help_privacy.export(core, ann)
    assert empty.file is not None
    assert not any(json.loads(empty.file.content).values())


async def test_help_names_every_group_of_commands(core: Core) -> None:
    text = "\n".join(field.value for field in help_privacy.help_page(core).fields)
    for name in (
        "/signals",
        "/signal",
        "/alert add",
        "/topics",
        "/subscribe",
        "/scenario",
        *(f"/{name}" for name in FAMILY_LAYOUTS),
        "/sources",
        "/summary",
        "/setup",
        "/status",
        "/privacy",
    ):
        assert name in text


async def test_topics_can_be_subscribed_to_before_the_first_check(empty_core: Core, ann: Caller) -> None:
    await topics.subscribe(empty_core, ann, "stress")
    fields = {field.name: field.value for field in (await topics.listing(empty_core, ann)).fields}
    assert fields["✓ Stress in options"].endswith("No data yet")


def test_the_foot_names_the_id_that_people_type() -> None:
    assert typed_id(own_signal("own.SMH/IGV")) == ""
    assert typed_id(SIGNALS["havens.gold"]) == "havens.gold"


@pytest.mark.parametrize(
    ("turning", "shown", "cell"),
    [(1.0, "turning (last clear state advancing)", "turning"), (0.0, "advancing", "advancing")],
)
async def test_a_clock_that_is_turning_is_called_so_wherever_its_state_is_shown(
    core: Core, ann: Caller, turning: float, shown: str, cell: str
) -> None:
    """/rotation says "Turning: last clear state advancing"; a state that is only held is not news."""
    full = sample_readings.snapshot()
    flag = replace(full.readings["tech.turning"], value=turning)
    state = replace(full.readings["tech.state"], value=1.0)
    core.readings.put(replace(full, readings={**full.readings, "tech.turning": flag, "tech.state": state}))
    assert signals.detail(core, "tech.state").lines[0] == f"## {shown}"
    [turn] = [field for field in (await topics.listing(core, ann)).fields if "Tech turn" in field.name]
    assert f"Now: {shown}\n" in f"{turn.value}\n"
    [row] = [line for line in signal_list.overview(core, "tech").table.splitlines() if line.startswith("Tech  ")]
    assert row.split()[1] == cell
    preview = parse.draft(core, parse.AlertRequest(signal="tech.state", condition="turns"), caller=ann)
    assert describe.current_words(core, preview.spec, 0.0, sample_readings.SESSION)[0].startswith(f"Now **{shown}** ")


async def test_the_code_of_a_named_state_is_no_amount(core: Core) -> None:
    names = [field.name for field in signals.detail(core, "rotation.state").fields]
    assert {"1 day", "5 days", "21 days", "Normal range"} & set(names) == set()
    assert {"1 day", "Normal range"} <= {field.name for field in signals.detail(core, sample_readings.SILVER).fields}
