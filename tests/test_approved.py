"""What people read, compared byte for byte with the approved texts in `tests/approved`; `make approve` renews them."""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import click
import numpy as np
import pytest
from discord import app_commands

from bot.__main__ import main
from bot.alerts.topics import TOPICS
from bot.charts.inputs import ChartInputs
from bot.charts.render import lay_out
from bot.commands.context import Core
from bot.commands.market import release_line
from bot.commands.market.family_layouts import SECTOR_NAMES
from bot.database.readings import facts_of
from bot.discord_app import minus
from bot.discord_app.messages import payloads
from bot.domain.chart_request import ChartKind, ChartRequest
from bot.domain.model import (
    ConditionKey,
    Destination,
    DestinationKind,
    DestinationState,
    Direction,
    ItemKind,
    OutboxItem,
)
from bot.domain.occasion import Occasion, OccasionKind
from bot.event_study.model import TrackRecord
from signals.core.model import Measure, State
from signals.event_study import OutcomeCounts
from tests.support import SimulatedDiscord, core_with_readings, core_without_store, sample_readings, simulated_discord
from tests.support.transcripts import of_message, transcript

APPROVED = Path(__file__).parent / "approved"
CHANNEL = Destination(1, DestinationKind.CHANNEL, None, 100, 1, DestinationState.ACTIVE, None, None)
DM = Destination(2, DestinationKind.DM, 11, 1100, None, DestinationState.ACTIVE, None, None)
Compare = Callable[[str, str], None]


@pytest.fixture
def compare(request: pytest.FixtureRequest) -> Compare:
    """Compares a text with the approved one of that name, or approves it where pytest runs with `--approve`."""

    def check(name: str, text: str) -> None:
        path = APPROVED / f"{name}.txt"
        if request.config.getoption("--approve"):
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
            return
        approved = path.read_text(encoding="utf-8") if path.is_file() else ""
        diff = difflib.unified_diff(approved.splitlines(), text.splitlines(), "approved", "now", lineterm="")
        assert approved == text, f"{path.name} has changed; read the diff, then `make approve`:\n" + "\n".join(diff)

    return check


SILVER = {"signal": sample_readings.SILVER, "condition": "above", "level": "90"}
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
    "alert-add-already-above": ("alert add", {**SILVER, "level": "80"}),
    "alert-list-empty": ("alert list", {}),
    "privacy-export": ("privacy export", {}),
    "privacy-delete": ("privacy delete", {}),
}
ERRORS: tuple[tuple[str, dict[str, Any]], ...] = (
    ("signal", {"id": "real yeild"}),
    ("signal", {"id": "xyzzy"}),
    ("signals", {"family": "breath"}),
    ("alert add", {**SILVER, "level": "9o"}),
    ("alert add", {**SILVER, "level": "1,500"}),
    ("alert add", {**SILVER, "condition": "outside"}),
    ("alert add", {**SILVER, "condition": "outside", "level": "90", "upper": "80"}),
    ("alert add", {**SILVER, "signal": sample_readings.BREADTH, "level": "150"}),
    ("alert add", {**SILVER, "timing": "live", "confirm": 3}),
    ("alert edit", {"alert": "x", "level": "3"}),
    ("alert edit", {"alert": "4000", "level": "3"}),
    ("alert remove", {"alert": "4000"}),
    ("subscribe", {"topic": "rusell"}),
    ("unsubscribe", {"topic": "russell-streak"}),
    ("setup summary", {}),
    ("setup show", {}),
    ("calendar", {"reminders": "off"}),
    ("setup managers", {"off": True}),
)


@pytest.fixture
async def chat(tmp_path: Path) -> Any:
    """The real bot on the sample readings."""
    async with core_with_readings(tmp_path) as core, simulated_discord(core) as opened:
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
    for name, command, options in (
        ("setup-summary", "setup summary", {}),
        ("setup-alerts", "setup alerts", {"topic": "russell-streak"}),
        ("setup-calendar", "setup calendar", {}),
        ("setup-board", "setup board", {}),
        ("setup-show", "setup show", {}),
    ):
        shown = await chat.manager.slash(chat.channel, command, **options)
        compare(f"commands/{name}", of_message(shown.response, private=shown.ephemeral))


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
    several = [item(**topic), item(sample_readings.SILVER, 2, level=80.0), item(sample_readings.STREAK, 3, level=7.0)]
    yield "several-alerts", DM, several
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


def core_with_track_records() -> Core:
    """A core that has counted what followed the condition of the alerts."""
    core = core_without_store()
    spec = next(topic for topic in TOPICS if topic.key == "equal-weight-day").specs[0]
    record = TrackRecord(2005, OutcomeCounts(79, 42, 5281, 2925), OutcomeCounts(34, 16, 5261, 2578))
    key = ConditionKey(spec.signal, spec.measure, Direction.ABOVE, 0.8)
    assert core.readings.snapshot is not None
    core.readings.put(replace(core.readings.snapshot, track_records={sample_readings.SESSION: {key: record}}))
    return core


@pytest.mark.parametrize(("name", "destination", "items"), list(messages()))
def test_every_kind_of_message_reads_as_approved(
    compare: Compare, name: str, destination: Destination, items: Sequence[OutboxItem]
) -> None:
    shown = payloads(core_with_track_records())(destination, items)
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
    compare(f"pictures/{kind}", minus.typeset(drawn.alt) + "\n")


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


def test_every_approved_text_belongs_to_a_test() -> None:
    kinds = {path.relative_to(APPROVED).parts[0] for path in APPROVED.rglob("*.txt")}
    assert kinds == {"commands", "errors.txt", "messages", "pictures"}
    commands = {path.stem for path in (APPROVED / "commands").glob("*.txt")}
    assert commands == {
        *COMMANDS,
        "alert-confirmed",
        "alert-list",
        "unsubscribe",
        "setup-summary",
        "setup-alerts",
        "setup-calendar",
        "setup-board",
        "setup-show",
    }
    assert {path.stem for path in (APPROVED / "messages").glob("*.txt")} == {name for name, *_ in messages()}
    assert {path.stem for path in (APPROVED / "pictures").glob("*.txt")} == {kind.value for kind in ChartKind}
