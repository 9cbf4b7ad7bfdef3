"""What people read, compared byte for byte with the approved texts in `tests/approved`; `make approve` renews them."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import click
import numpy as np
import pandas as pd
import pytest
from discord import app_commands

from bot.__main__ import main
from bot.alerts.topics import TOPICS
from bot.charts.inputs import ChartInputs
from bot.charts.render import lay_out
from bot.commands.context import Core
from bot.commands.market import release_line
from bot.commands.market.family_layouts import SECTOR_NAMES
from bot.commands.summary.headline.index_moves import NAMES
from bot.database import Database
from bot.database.readings import facts_of
from bot.discord_app.delivery import message_minus
from bot.discord_app.delivery.messages import payloads
from bot.domain.chart_request import ChartKind, ChartRequest
from bot.domain.fetched import Health
from bot.domain.model import (
    ConditionKey,
    Destination,
    DestinationKind,
    DestinationState,
    Direction,
    ItemEvent,
    ItemKind,
    Loudness,
    OutboxItem,
)
from bot.domain.occasion import Occasion, OccasionKind
from bot.domain.own_signal import OwnSignal, OwnSignals
from bot.event_study.model import TrackRecord
from bot.ingest.status import IngestStatus, SourceStatus
from bot.ops.operator_incidents import InstallationState, incidents
from signals.core.model import Measure, State
from signals.event_study import OutcomeCounts
from tests.support import (
    SimulatedDiscord,
    core_with_readings,
    core_without_store,
    sample_as_of,
    sample_claims,
    sample_readings,
    simulated_discord,
)
from tests.support.approved import APPROVED, Compare
from tests.support.tickers import KnownTickers
from tests.support.transcripts import of_message, transcript

CHANNEL = Destination(1, DestinationKind.CHANNEL, None, 100, 1, DestinationState.ACTIVE, None, None)
DM = Destination(2, DestinationKind.DM, 11, 1100, None, DestinationState.ACTIVE, None, None)


SILVER = {"signal": sample_readings.SILVER, "condition": "above 90"}
COMMANDS: dict[str, tuple[str, dict[str, Any]]] = {
    "help": ("help", {}),
    "signals": ("signals", {}),
    "signals-breadth": ("signals", {"family": "breadth"}),
    "signal-streak": ("signal", {"id": sample_readings.STREAK}),
    "signal-silver": ("signal", {"id": sample_readings.SILVER}),
    "signal-real-yield": ("signal", {"id": sample_readings.REAL}),
    "scenario": ("scenario", {}),
    "summary": ("summary", {}),
    "calendar": ("calendar", {}),
    "calendar-reminders": ("calendar", {"reminders": "on"}),
    "status": ("status", {}),
    "sources": ("sources", {}),
    "topics": ("topics", {}),
    "subscribe": ("subscribe", {"topic": "russell-streak"}),
    "breadth": ("breadth", {}),
    "yields": ("yields", {}),
    "flows": ("flows", {}),
    "rotation": ("rotation", {}),
    "rotation-past-turns": ("rotation", {"view": "past turns"}),
    "rotation-signals": ("rotation", {"view": "signals"}),
    "sectors": ("sectors", {}),
    "megacaps": ("megacaps", {}),
    "earnings": ("earnings", {}),
    "havens": ("havens", {}),
    "alert-add": ("alert add", SILVER),
    "alert-add-already-above": ("alert add", {**SILVER, "condition": "above 80"}),
    "alert-add-new-high": ("alert add", {"signal": sample_readings.SILVER, "condition": "new high 252"}),
    "alert-add-turns": ("alert add", {"signal": "rotation.state", "condition": "turns to rotating out"}),
    "alert-list-empty": ("alert list", {}),
    "claims": ("claims", {}),
    "asof": ("asof", {"date": "2026-01-13"}),
    "record-empty": ("record", {}),
    "since": ("since", {"date": "2025-10-01"}),
    "me": ("me", {}),
    "me-saved": (
        "me",
        {"zone": "Europe/Berlin", "quiet": "22:00-07:00", "days": "weekdays", "delivery": "18:00"},
    ),
    "me-summary": ("me", {"summary": "weekly"}),
    "alert-snooze-all": ("alert snooze", {"what": "all", "until": "2d"}),
    "alert-snooze-topic": ("alert snooze", {"what": "russell-streak", "until": "1w"}),
    "alert-snooze-off": ("alert snooze", {"what": "all", "until": "off"}),
    "privacy-export": ("privacy export", {}),
    "privacy-delete": ("privacy delete", {}),
    "watch-list-empty": ("watch list", {}),
    "watch-add": ("watch add", {"expression": "smh / igv", "name": "Semis"}),
    "watch-list": ("watch list", {}),
    "signals-mine": ("signals", {"family": "mine"}),
    "watch-remove": ("watch remove", {"name": "mine.semis"}),
}
FOLLOWING: tuple[tuple[str, str, dict[str, Any]], ...] = (
    ("alert-edit-more", "alert edit", {"alert": "1", "after": "back", "expires": "2026-06-30", "note": "sell *half*"}),
    ("alert-edit-condition", "alert edit", {"alert": "1", "condition": "new high 63", "loudness": "silent"}),
    ("alert-pause", "alert pause", {"alert": "1"}),
    ("alert-list-paused", "alert list", {}),
    ("alert-resume", "alert resume", {"alert": "1"}),
    ("alert-duplicate", "alert duplicate", {"alert": "1", "condition": "above 80"}),
    ("alert-combine", "alert combine", {"of": "1, 2, russell-streak", "at_least": 2, "within": 5}),
    ("alert-list-combined", "alert list", {}),
    ("alert-history-empty", "alert history", {}),
)
"""What is asked of an alert that is set, one after the other."""

ERRORS: tuple[tuple[str, dict[str, Any]], ...] = (
    ("signal", {"id": "real yeild"}),
    ("signal", {"id": "xyzzy"}),
    ("signals", {"family": "breath"}),
    ("alert add", {**SILVER, "condition": "above 9o"}),
    ("alert add", {**SILVER, "condition": "above 1,500"}),
    ("alert add", {**SILVER, "condition": "outside"}),
    ("alert add", {**SILVER, "condition": "outside 90 and 80"}),
    ("alert add", {"signal": sample_readings.BREADTH, "condition": "above 150"}),
    ("alert add", {"signal": sample_readings.SILVER, "condition": "above"}),
    ("alert add", {"signal": sample_readings.SILVER, "condition": "new high 50"}),
    ("alert add", {"signal": sample_readings.SILVER, "condition": "turns to bull"}),
    ("alert add", {"signal": "rotation.state", "condition": "turns to sideways"}),
    ("alert add", {"signal": "rotation.state", "condition": "above 0"}),
    ("alert edit", {"alert": "x", "level": "3"}),
    ("alert edit", {"alert": "4000", "level": "3"}),
    ("alert remove", {"alert": "4000"}),
    ("alert pause", {"alert": "4000"}),
    ("alert resume", {"alert": "x"}),
    ("alert combine", {"of": "1, rusell-streak"}),
    ("alert combine", {"of": "russell-streak"}),
    ("subscribe", {"topic": "rusell"}),
    ("unsubscribe", {"topic": "russell-streak"}),
    ("asof", {"date": "31.13.2025"}),
    ("since", {"date": "2026-01-13"}),
    ("since", {"date": "2020-03-02"}),
    ("claims", {"date": "the crash"}),
    ("claims", {"date": "2030-01-02"}),
    ("claims", {"date": "1999-12-31"}),
    ("me", {"quiet": "22"}),
    ("me", {"quiet": "22:00-25:00"}),
    ("me", {"days": "someday"}),
    ("me", {"zone": "UTC", "quiet": "9-9"}),
    ("me", {"zone": "UTC", "quiet": "22-7", "delivery": "6:30"}),
    ("alert snooze", {"what": "all", "until": "later"}),
    ("alert snooze", {"what": "all", "until": "18:00"}),
    ("alert snooze", {"what": "all", "until": "2026-01-01"}),
    ("alert snooze", {"what": "rare", "until": "3h"}),
    ("setup summary", {}),
    ("setup quiet", {}),
    ("setup show", {}),
    ("watch add", {"expression": "SPY - IVV", "name": "gap"}),
    ("watch add", {"expression": "ret(KRE 21)", "name": "banks"}),
    ("watch add", {"expression": "SMH/XLKK", "name": "chips"}),
    ("watch add", {"expression": "SMH-IGV", "name": "chips"}),
    ("watch add", {"expression": "(SMH+7203.T)/SPY", "name": "chips"}),
    ("watch add", {"expression": "SMH/IGV", "name": "chips!"}),
    ("watch add", {"expression": "SMH/IGV", "name": "chips", "owner": "server"}),
    ("watch remove", {"name": "chips"}),
    ("signals", {"family": "mine"}),
    ("calendar", {"reminders": "off"}),
    ("setup managers", {"off": True}),
)


@pytest.fixture
async def chat(tmp_path: Path) -> Any:
    """The real bot on the sample readings."""
    async with core_with_readings(tmp_path) as core:
        core = replace(
            core, tickers=KnownTickers(), claims=sample_claims.service(core), as_of=sample_as_of.SampleEvening()
        )
        async with simulated_discord(core) as opened:
            yield opened


async def test_every_command_reads_as_approved(chat: SimulatedDiscord, compare: Compare) -> None:
    for name, (command, options) in COMMANDS.items():
        shown = await chat.person.slash(chat.channel, command, **options)
        compare(f"commands/{name}", of_message(shown.response, private=shown.ephemeral))


async def test_what_buttons_and_set_up_commands_answer_reads_as_approved(
    chat: SimulatedDiscord, compare: Compare
) -> None:
    offered = await chat.person.slash(chat.channel, "alert add", **SILVER)
    pressed = await chat.person.click(offered.response, label="Confirm")
    compare("commands/alert-confirmed", of_message(pressed.response or offered.response))
    for name, command in (("alert-list", "alert list"), ("unsubscribe", "subscribe")):
        options = {"topic": "russell-streak"} if command == "subscribe" else {}
        shown = await chat.person.slash(chat.channel, command, **options)
        if name == "unsubscribe":
            shown = await chat.person.slash(chat.channel, "unsubscribe", **options)
        compare(f"commands/{name}", of_message(shown.response, private=shown.ephemeral))
    for name, command, options in FOLLOWING:
        shown = await chat.person.slash(chat.channel, command, **options)
        compare(f"commands/{name}", of_message(shown.response, private=shown.ephemeral))
        if name == "alert-combine":
            pressed = await chat.person.click(shown.response, label="Confirm")
            compare("commands/alert-combined", of_message(pressed.response or shown.response))
    for name, command, options in (
        ("setup-summary", "setup summary", {}),
        ("setup-alerts", "setup alerts", {"topic": "russell-streak"}),
        ("setup-letter", "setup summary", {"weekly": True}),
        ("setup-quiet", "setup quiet", {"hours": "22-7", "days": "Fri, Sat"}),
        ("setup-calendar", "setup calendar", {}),
        ("setup-board", "setup board", {}),
        ("setup-show", "setup show", {}),
    ):
        shown = await chat.manager.slash(chat.channel, command, **options)
        compare(f"commands/{name}", of_message(shown.response, private=shown.ephemeral))


async def test_the_track_record_of_judged_alerts_reads_as_approved(chat: SimulatedDiscord, compare: Compare) -> None:
    await chat.core.store.run(_store_records)
    shown = await chat.person.slash(chat.channel, "record")
    compare("commands/record", of_message(shown.response, private=shown.ephemeral))


def _store_records(db: Database) -> None:
    """An alert a month for two years with both outcomes, every other one on a state, and one that waits."""
    columns = "signal, measure, direction, level, session, horizon, due_session, sent_at"
    insert = f"INSERT INTO record ({columns}, judged_at, outcome, said_n, said_hits, base_n, base_hits, undone)"
    first = date(2024, 1, 8).toordinal()
    for number in range(24):
        signal = "rotation.state" if number % 2 else sample_readings.STREAK
        for horizon in (1, 21):
            undone = int(number % 8 == 1) if number % 2 and horizon == 21 else None
            known = (1.0 if number % 3 else -1.0, 40, 22, 5000, 2700, undone)
            day = first + 31 * number
            row = (signal, "value", "above", 0.5, day, horizon, day + horizon, 1, 1, *known)
            db.execute(f"{insert} VALUES ({', '.join('?' * len(row))})", row)
    due = sample_readings.SESSION.toordinal()
    waiting = (sample_readings.SPREAD, "value", "above", 0.8, due, 1, due + 1, 1)
    db.execute(f"INSERT INTO record ({columns}) VALUES (?, ?, ?, ?, ?, ?, ?, ?)", waiting)


async def test_every_error_reads_as_approved(chat: SimulatedDiscord, compare: Compare) -> None:
    lines = []
    for command, options in ERRORS:
        shown = await chat.person.slash(chat.channel, command, **options)
        typed = " ".join((f"/{command}", *(f"{option}:{value}" for option, value in options.items())))
        lines += [typed, f"    {shown.response.content}", ""]
    compare("errors", "\n".join(lines))


def item(signal: str = sample_readings.SPREAD, number: int = 1, **changes: Any) -> OutboxItem:
    """An alert on a signal of the sample readings that has fired."""
    reading = sample_readings.snapshot().readings[signal]
    made = OutboxItem(
        id=number, key=str(number), kind=ItemKind.ALERT, destination_id=1, session=sample_readings.SESSION,
        created_at=sample_readings.NOW, alert_id=number, owner_id=11, signal=signal, measure=Measure.VALUE,
        direction=Direction.ABOVE, level=0.8, value=reading.value, reading=facts_of(reading),
    )  # fmt: skip
    return replace(made, **changes)


def composite() -> OutboxItem:
    """A combination of which two of three members hold."""
    silver = {"topic": None, "inside": 1, "number": 1, "signal": sample_readings.SILVER, "measure": "value"}
    facts = [
        {**silver, "condition": "above", "level": 80.0, "level_high": None},
        {"topic": "russell-streak", "inside": 1, "level_high": None},
        {**silver, "inside": 0, "measure": "high_252d", "condition": "above", "level": 0.0, "level_high": None},
    ]
    return replace(item(), signal="combined.7", number=4, level=1.5, value=2.0, reading={"members": facts})


def messages() -> Iterator[tuple[str, Destination, Sequence[OutboxItem]]]:
    """One message of every kind."""
    topic: dict[str, Any] = {"topic": "equal-weight-day", "owner_id": None}
    yield "alert-of-a-topic", CHANNEL, [item(**topic)]
    yield "own-alert", DM, [item()]
    facts = facts_of(sample_readings.snapshot().readings[sample_readings.SPREAD])
    yield "provisional-alert", DM, [item(reading={**facts, "state": State.PROVISIONAL.value})]
    turn: dict[str, Any] = {"measure": Measure.CHANGE_1D, "direction": Direction.BELOW, "level": -0.5, "value": -2.0}
    state = {**facts_of(sample_readings.snapshot().readings["rotation.state"]), "value": -1.0}
    yield (
        "turn-of-the-rotation",
        CHANNEL,
        [item("rotation.state", topic="rotation-turn", owner_id=None, reading=state, **turn)],
    )
    yield "own-alert-new-high", DM, [item(sample_readings.SILVER, measure=Measure.HIGH_252D, level=0.0, value=0.31)]
    yield (
        "turn-with-what-it-came-from",
        CHANNEL,
        [
            item(
                "rotation.state",
                topic="rotation-turn",
                owner_id=None,
                session=date(2025, 11, 11),
                reading=state,
                **turn,
            )
        ],
    )
    yield (
        "turn-of-a-yardstick",
        CHANNEL,
        [item("rotation.small_caps.direction", topic="yardstick-turn", owner_id=None, reading=state, **turn)],
    )
    bear = {**turn, "level": -0.5, "value": -1.0}
    yield (
        "turn-of-the-recovery",
        CHANNEL,
        [item("scenario.recovery_state", topic="recovery-change", owner_id=None, **bear)],
    )
    yield (
        "own-alert-turn",
        DM,
        [item("rotation.state", measure=Measure.IS_MINUS_1, level=0.5, value=1.0, reading=state)],
    )
    later: dict[str, Any] = {"level": 80.0, "since": date(2026, 1, 7), "number": 3, "note": "sell *half* at @everyone"}
    yield "back-again", DM, [item(sample_readings.SILVER, event=ItemEvent.BACK, **{**later, "value": 79.2})]
    yield "reminder", DM, [item(sample_readings.SILVER, event=ItemEvent.REMINDER, **later)]
    yield "own-alert-with-a-ping", CHANNEL, [item(loudness=Loudness.PING, note="call the desk")]
    yield "combination", DM, [composite()]
    notice = replace(item(), kind=ItemKind.NOTICE, event=ItemEvent.EXPIRING, since=date(2026, 1, 20), number=3)
    yield "expiring", DM, [notice]
    several = [item(**topic), item(sample_readings.SILVER, 2, level=80.0), item(sample_readings.STREAK, 3, level=7.0)]
    yield "several-alerts", DM, several
    held: dict[str, Any] = {"held_until": sample_readings.NOW, "level": 80.0}
    yield (
        "held-back-of-several",
        DM,
        [
            item(sample_readings.SILVER, 1, **{**held, "session": date(2026, 1, 8), "value": 80.25}),
            item(sample_readings.SILVER, 1, **{**held, "session": date(2026, 1, 12), "value": 81.0}),
            item(sample_readings.STREAK, 2, **{**held, "level": 9.0, "value": 10.0, "session": date(2026, 1, 9)}),
        ],
    )
    weekly = replace(item(), kind=ItemKind.LETTER, signal=None, alert_id=None, session=date(2026, 1, 9))
    silver = {"signal": sample_readings.SILVER, "condition": "above", "level": 80.0, "level_high": None, "members": 0}
    did = [
        {**silver, "session": date(2025, 12, 31).toordinal(), "measure": "value", "value": 80.25, "number": 3},
        {**silver, "session": date(2026, 1, 6).toordinal(), "measure": "high_252d", "value": 0.31, "number": 1},
        {**silver, "session": date(2026, 1, 8).toordinal(), "measure": "value", "value": 84.64, "number": 3},
        {
            **silver,
            "session": date(2026, 1, 9).toordinal(),
            "measure": "value",
            "value": 2.0,
            "number": 4,
            "members": 3,
        },
    ]
    weekly = replace(weekly, fired=json.dumps([{**one, "direction": "above"} for one in did]))
    yield "letter", DM, [weekly]
    yield "letter-in-a-channel", CHANNEL, [weekly]
    notice: dict[str, Any] = {
        "kind": ItemKind.NOTICE,
        "reading": None,
        "measure": None,
        "direction": None,
        "value": None,
    }
    yield "own-signal-removed", DM, [replace(item(), signal="own.SMH/IGV", level=None, **notice)]
    yield "ticker-gone", DM, [replace(item(), signal="own.IGV", level=None, alert_id=None, **notice)]
    day = sample_readings.SESSION
    cpi = Occasion(OccasionKind.CPI, day, datetime(2026, 1, 13, 13, 30, tzinfo=UTC))
    reports = Occasion(OccasionKind.EARNINGS, day, datetime(2026, 1, 13, 22, tzinfo=UTC), ("MSFT", "META"))
    of_calendar = replace(item(), kind=ItemKind.REMINDER, signal=None, alert_id=None)
    yield (
        "reminders",
        DM,
        [
            replace(of_calendar, occasion=reports.to_json()),
            replace(of_calendar, occasion=replace(cpi, kind=OccasionKind.FED, at=reports.at).to_json()),
            replace(of_calendar, occasion=cpi.to_json()),
        ],
    )
    snapshot = replace(
        sample_readings.snapshot(),
        finals={
            date(2026, 1, 12): {
                name: replace(sample_readings.snapshot().readings[name], value=value, observed=date(2025, 11, 1))
                for name, value in (("macro.cpi_yoy", 2.8), ("macro.core_cpi_3m", 2.1), ("rates.priced_cuts", 1.9))
            },
            day: {
                name: replace(sample_readings.snapshot().readings[name], value=value, observed=date(2025, 12, 1))
                for name, value in (("macro.cpi_yoy", 2.7), ("macro.core_cpi_3m", 1.6), ("rates.priced_cuts", 2.1))
            },
        },
    )
    line = release_line.line(snapshot, cpi, day)
    yield "board", CHANNEL, [replace(of_calendar, kind=ItemKind.BOARD)]
    yield "release", CHANNEL, [replace(of_calendar, kind=ItemKind.RELEASE, occasion=cpi.to_json(line))]
    yield "summary", CHANNEL, [replace(item(), kind=ItemKind.SUMMARY, signal=None, alert_id=None)]
    down = SourceStatus("yahoo", Health(), date(2026, 1, 9), sample_readings.SESSION)
    core = replace(core_without_store(), ingest=IngestStatus(sources=(down,)), clock_ahead=lambda: timedelta(minutes=7))
    condition = InstallationState(free_bytes=212_000_000, dead=2, backup="the disk is full")
    present = incidents(core, condition, frozenset())
    notice = replace(item(), kind=ItemKind.NOTICE, signal=None, alert_id=None)
    yield (
        "operator",
        DM,
        [replace(notice, sentence=sentence) for each in present for sentence in (each.begun, each.over)],
    )


def core_with_track_records() -> Core:
    """A core that has counted what followed the condition of the alerts."""
    core = core_without_store()
    spec = next(topic for topic in TOPICS if topic.key == "equal-weight-day").specs[0]
    record = TrackRecord(2005, OutcomeCounts(79, 42, 5281, 2925), OutcomeCounts(34, 16, 5261, 2578))
    key = ConditionKey(spec.signal, spec.measure, Direction.ABOVE, 0.8)
    assert core.readings.snapshot is not None
    core.readings.put(replace(core.readings.snapshot, track_records={sample_readings.SESSION: {key: record}}))
    core.own.current = OwnSignals((OwnSignal("SMH/IGV", "semis", user_id=11), OwnSignal("IGV", "software", user_id=11)))
    return core


def with_closes(core: Core) -> Core:
    """The same core with closes of the indices, each rising by less than the one before."""
    assert core.readings.snapshot is not None
    index = core.readings.snapshot.history.index
    closes = {name: 100 + np.arange(len(index)) / place for place, name in enumerate(NAMES, 2)}
    core.readings.put(replace(core.readings.snapshot, closes=pd.DataFrame(closes, index=index)))
    return core


@pytest.mark.parametrize(("name", "destination", "items"), list(messages()))
def test_every_kind_of_message_reads_as_approved(
    compare: Compare, name: str, destination: Destination, items: Sequence[OutboxItem]
) -> None:
    core = core_with_track_records()
    shown = payloads(with_closes(core) if name.startswith("letter") else core)(destination, items)
    texts = [part["content"] for row in shown.components for part in row["components"] if part["type"] == 10]
    below = [row for row in shown.components if row["type"] == 1]
    compare(f"messages/{name}", transcript("\n\n".join(texts) or shown.content, shown.embeds, below))


def pictures() -> dict[str, ChartRequest]:
    """A request of every kind of picture."""
    day = sample_readings.SESSION
    named = {
        ChartKind.SIGNAL: ChartRequest(ChartKind.SIGNAL, day, (sample_readings.STREAK,), above=7),
        ChartKind.OUTCOME: ChartRequest(ChartKind.OUTCOME, day, (sample_readings.STREAK, "RSP-SPY"), above=1),
        ChartKind.COMPARE: ChartRequest(ChartKind.COMPARE, day, (sample_readings.SILVER, sample_readings.REAL)),
    }
    return {kind.value: named.get(kind, ChartRequest(kind, day)) for kind in ChartKind}


@pytest.mark.parametrize("kind", [kind.value for kind in ChartKind])
def test_the_alt_text_of_every_kind_of_picture_reads_as_approved(compare: Compare, kind: str) -> None:
    values = sample_readings.history()
    closes = sample_readings.market().close.reindex(values.index)
    days = np.arange(len(closes))
    for place, fund in enumerate(SECTOR_NAMES, 1):
        closes[fund.upper()] = 100 + np.sin(days / (20 + place)) + place * days / 1000
    drawn = lay_out(pictures()[kind], ChartInputs(values, closes))
    assert drawn is not None
    compare(f"pictures/{kind}", message_minus.typeset(drawn.alt) + "\n")


NEVER_SAID = re.compile(
    r"""
    usual\ range | usual\ \d | for\ what\ is\ usual | in\ \d+\s%
    | house\ level | level\ of\ the\ house | topic\ of\ the\ house
    | \bgiants? | \bconcordance | havens\ (wanted|shunned|as\ usual)
    | will\ speak | speaks? \ again | will\ hear | you\ hear
    | comes\ back\ into\ watch | what\ was\ told | already\ there
    | moved\ most | crossed\ today:? \ *$ | due\ next | \ less\ index
    | eq\.-?w | hypersc\. | concord\. | agreem\. | drawd\. | discret\. | financ\.
    | per\ cent | \d\ % | \bz\ [+-]\d | \d\ USD | \d\s(bn|mn)\b
    | \bbroadening\b(?!\ advance) | \bconcentrating\b
    """,
    re.VERBOSE | re.IGNORECASE,
)
"""Words of the table of names that stand on no screen, and forms of numbers that the trade does not write."""


def spoken() -> Iterator[tuple[str, str]]:
    """Every approved text, command's description and page of the command line's help, with where it stands."""
    for path in sorted(APPROVED.rglob("*.txt")):
        yield path.name, path.read_text(encoding="utf-8").replace("Levels crossed today", "")
    yield from _help(main, "rotation-bot")


def _help(command: click.Command, path: str) -> Iterator[tuple[str, str]]:
    with click.Context(command, info_name=path) as context:
        yield path, command.get_help(context)
    for name, part in getattr(command, "commands", {}).items():
        yield from _help(part, f"{path} {name}")


def test_no_text_says_a_word_that_is_never_said() -> None:
    found = [f"{where}: {match[0]!r}" for where, text in spoken() for match in NEVER_SAID.finditer(text)]
    assert not found, "\n".join(found)


async def test_no_description_of_a_command_says_one(chat: SimulatedDiscord) -> None:
    described = [
        text
        for command in chat.bot.tree.walk_commands()
        for text in (
            command.description,
            *(
                option.description
                for option in (command.parameters if isinstance(command, app_commands.Command) else ())
            ),
        )
    ]
    assert len(described) > 40
    assert not [text for text in map(str, described) if NEVER_SAID.search(text)]
