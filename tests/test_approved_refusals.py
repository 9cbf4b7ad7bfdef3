"""What people are told whose command cannot be followed, as approved, by area; and that no refusal lacks such a text."""

from __future__ import annotations

import ast
import asyncio
import itertools
import math
import re
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast
from unittest.mock import AsyncMock

import discord
import pandas as pd
import pytest

import bot
from bot.alerts import portable
from bot.alerts.level_suggestion import Backtest
from bot.alerts.validation import parse_level, validate
from bot.archive.location import ArchiveLocation
from bot.commands.alerts import (
    alert_lookup,
    draft,
    manage,
    manner_text,
    mention,
    parse,
    removal,
    service,
    snooze_button,
    topic_choice,
)
from bot.commands.alerts.manner_text import MannerChange, with_manner
from bot.commands.alerts.parse import AlertChange, AlertRequest
from bot.commands.alerts.test_message import build_test_message
from bot.commands.alerts.texts import level_hint
from bot.commands.context import Caller, Core
from bot.commands.delivery import me, snooze
from bot.commands.delivery.me import MeRequest
from bot.commands.input_limits import check_length
from bot.commands.market import chart, comparables, study
from bot.commands.own import watch
from bot.commands.quotas import Quotas, check_channels
from bot.commands.record import as_of, as_of_task, claims
from bot.commands.request_limit import BURST, CostlyCommands
from bot.commands.server import setup
from bot.commands.summary import posted
from bot.database import Database, own_signals
from bot.database.places import destinations
from bot.discord_app import components
from bot.discord_app.bot_base import Interaction
from bot.discord_app.client import build_bot
from bot.discord_app.delivery import message_minus
from bot.discord_app.delivery.trial_post import post_test
from bot.discord_app.forms.refused_forms import KEPT, RefusedForms
from bot.discord_app.permissions import channel_id_of, role_id_of
from bot.domain.foreign_text import resolved
from bot.domain.model import AlertSpec, Condition, ItemKind, Manner, OutboxItem, Timing
from bot.domain.own_signal import Listing, OwnSignal
from bot.errors import UserError
from bot.event_study import worker_tasks
from bot.event_study.model import StudyAnswer, StudyQuestion
from bot.event_study.service import StudyService, TopicPastService
from bot.outbox import items
from bot.outbox.message import Payload
from bot.readings.state import Snapshot
from signals.core.model import Measure, State
from tests.bot.commands.alerts.test_topics import Counted
from tests.bot.discord_app.test_study import MadeUp
from tests.support import (
    SimulatedDiscord,
    answer_text,
    core_with_readings,
    core_without_readings,
    core_without_store,
    sample_claims,
    sample_readings,
    simulated_discord,
)
from tests.support.approved import APPROVED, Compare
from tests.support.tickers import KnownTickers

SILVER = {"signal": sample_readings.SILVER, "condition": "above 90"}


@dataclass
class Refusals:
    """What was typed and what was answered, in the order of asking."""

    chat: SimulatedDiscord
    lines: list[str] = field(default_factory=list)

    async def typed(self, command: str, *, by: Any = None, where: Any = None, **options: Any) -> None:
        """Type a command that is refused."""
        shown = await (by or self.chat.person).slash(where or self.chat.channel, command, **options)
        words = (f"{option}:{getattr(value, 'name', value)}" for option, value in options.items())
        self.add(" ".join((f"/{command}", *words)), answer_text(shown))

    async def asked(self, what: str, work: Awaitable[Any]) -> None:
        """Ask for something that no typed command reaches in these tests."""
        with pytest.raises(UserError) as caught:
            await work
        self.add(what, resolved(str(caught.value), str))

    def called(self, what: str, work: Callable[[], Any]) -> None:
        """The same of what need not be waited for."""
        with pytest.raises(UserError) as caught:
            work()
        self.add(what, resolved(str(caught.value), str))

    async def pressed(self, what: str, custom_id: str) -> None:
        """Press a button that was sent with this id."""
        part = {"type": 2, "style": 2, "label": "Confirm", "custom_id": custom_id, "disabled": False}
        place = self.chat.bot.get_partial_messageable(self.chat.channel.id)
        sent = await place.send("A message of mine", view=components.view_of([components.action_row([part])]))
        await self.chat.env.settle()
        self.add(what, answer_text(await self.chat.manager.click(await sent.fetch(), custom_id=custom_id)))

    def add(self, what: str, answer: str) -> None:
        """A pair of lines; places and roles by their kind, because their numbers differ from run to run."""
        shortened = re.sub(r"(.{60}).{40,}", r"\1...", what)
        self.lines += [shortened, f"    {re.sub('<(#|@&)[0-9]+>', _place, answer.strip())}", ""]

    @property
    def text(self) -> str:
        """All of them."""
        return "\n".join(self.lines)


def _place(match: re.Match[str]) -> str:
    return "#channel" if match[1] == "#" else "@role"


@pytest.fixture
async def chat(tmp_path: Path) -> AsyncIterator[SimulatedDiscord]:
    """The real bot on the sample readings, with studies of made-up prices and tickers that are known."""
    async with core_with_readings(tmp_path) as core:
        studies = StudyService(MadeUp(), lambda: core.readings.known)
        hours = itertools.count(step=3600)
        costly = CostlyCommands(lambda: float(next(hours)))
        parts = {"tickers": KnownTickers(), "claims": sample_claims.service(core), "costly": costly}
        core = replace(core, studies=studies, **parts)
        async with simulated_discord(core) as opened:
            yield opened


def caller(chat: SimulatedDiscord, **changes: Any) -> Caller:
    """The person in the channel, who could be sent a DM."""
    return replace(Caller(chat.person.id, chat.guild.id, chat.channel.id, dm_channel_id=1), **changes)


async def add_silver(chat: SimulatedDiscord, condition: str, **options: Any) -> None:
    """Set an alert of the person on silver."""
    shown = await chat.person.slash(
        chat.channel, "alert add", signal=sample_readings.SILVER, condition=condition, **options
    )
    await chat.person.click(shown.response, label="Confirm")


async def resent(chat: SimulatedDiscord, form: Any) -> Any:
    """Send an open form as it is."""
    fields = [row["components"][0] for row in form.modal["components"]]
    return await chat.person.submit_modal(form, {part["custom_id"]: part.get("value", "") for part in fields})


async def test_refusals_about_alerts_read_as_approved(chat: SimulatedDiscord, compare: Compare) -> None:
    refusals, core = Refusals(chat), chat.core
    for condition in ("above 90", "below 60", "crosses 95"):
        await add_silver(chat, condition)
    todays = parse.draft(core, AlertRequest(**SILVER | {"condition": "above 85.88"})).validated
    refusals.called("the form of a level, 85.88", lambda: level_hint.refuse_todays(core, todays))
    await refusals.typed("alert add", **(SILVER | {"condition": "🚀"}))
    await refusals.typed("alert add", **SILVER, role=chat.guild.create_role("Traders", mentionable=True))
    await refusals.typed("alert edit", alert="1")
    for options in (
        {"after": "shout"}, {"after": "remind 99"}, {"expires": "soon"}, {"expires": "2026-01-12"},
        {"repeat": "once", "after": "back"}, {"condition": "new high 50"},
    ):  # fmt: skip
        await refusals.typed("alert edit", alert="1", **options)
    await refusals.typed("alert edit", alert="3", after="back")
    note, loudness = MannerChange(note="n" * 101), MannerChange(loudness="loud")
    refusals.called("a note of 101 characters in the form", lambda: with_manner(Manner(), note, core.today()))
    refusals.called("a loudness that there is not", lambda: with_manner(Manner(), loudness, core.today()))
    await refusals.typed("alert duplicate", alert="1")
    await refusals.typed("alert resume", alert="1")
    for of in ("1, rusell-streak", "1, 77", "1, 3"):
        await refusals.typed("alert combine", of=of)
    await refusals.typed("alert combine", alert="1", of="1, 2")
    shown = await chat.person.slash(chat.channel, "alert combine", of="1, 2")
    await chat.person.click(shown.response, label="Confirm")
    await refusals.typed("alert combine", of="1, 4")
    await refusals.typed("alert edit", alert="4", condition="above 80")
    await refusals.typed("alert edit", alert="4", after="back")
    await refusals.typed("alert duplicate", alert="4", condition="above 80")
    await refusals.typed("alert remove", alert="1")
    await refusals.typed("alert mention", off=True)
    await refusals.typed("alert snooze", what="all, please", until="3h")
    await refusals.typed("alert snooze", what="russell-streak", until="3h")
    await chat.person.slash(chat.channel, "alert pause", alert="3")
    await refusals.typed("alert snooze", what="3", until="3h")
    await core.store.run(end_alert, chat.person.id, 2)
    await refusals.typed("alert pause", alert="2")
    shown = await chat.person.slash(chat.channel, "alert add", signal=sample_readings.SILVER, condition="above 70")
    await chat.person.click(shown.response, label="Confirm")
    level, more = [await chat.person.click(shown.response, label=label) for label in ("Edit", "More")]
    before = await alert_lookup.find(core, caller(chat), 5)
    await chat.person.slash(chat.channel, "alert edit", alert="5", condition="below 60")
    refusals.add("the form of the level of a condition that is another by now", answer_text(await resent(chat, level)))
    note = manage.Change(manner=MannerChange(note="mine"))
    await refusals.asked("an edit beside another one", manage.edit_found(core, caller(chat), before, note))
    other = replace(before, guild_id=1)
    refusals.called("an alert of a channel, from elsewhere", lambda: alert_lookup.check_place(caller(chat), other))
    gone = build_test_message(core, caller(chat), replace(before, spec=replace(before.spec, signal="havens.tin")))
    await refusals.asked("/alert test on a signal that is gone", gone)
    await chat.env.restart_bot(build_bot(core, shard_count=1))
    refusals.add("a form that was opened before a restart", answer_text(await resent(chat, more)))
    await refusals.typed("alert combine", of="2, 3")
    chat.env.inject_error("POST", "/channels/*/messages", status=403)
    await refusals.typed("alert test", alert="1")
    nowhere = post_test(cast(Interaction, None), None, Payload(""), ())
    await refusals.asked("/alert test, where Discord refuses a DM", nowhere)
    chat.env.inject_error("POST", "/users/@me/channels", status=403)
    await refusals.typed("subscribe", by=chat.manager, topic="stress")
    await refusals.asked(
        "/subscribe topic:rare, where none is", topic_choice.chosen_topics(with_topics(core, 90), "rare")
    )
    rare = with_topics(core, 1)
    await refusals.asked("/alert snooze what:rare until:3h", snooze.snooze(rare, caller(chat), "rare", "3h"))
    few = replace(core, quotas=Quotas(alerts_per_person=3, alerts_per_server=0))
    wanted = parse.draft(core, AlertRequest(**SILVER | {"condition": "above 91"}))
    await refusals.asked("a 4th alert of 3", service.save(few, caller(chat), wanted))
    moved = replace(wanted, channel_id=chat.channel.id)
    manager = Caller(1, chat.guild.id, chat.channel.id, may_manage=True)
    await refusals.asked("a 1st alert in a server of 0", service.save(few, manager, moved))
    own = replace(wanted, validated=replace(wanted.validated, spec=replace(wanted.spec, signal="own.SMH/IGV")))
    await refusals.asked("an alert on another person's signal", service.save(core, caller(chat), own))
    await refusals.asked("/alert mention, in a DM", mention.ask_for(core, caller(chat, guild_id=None)))
    await refusals.asked("/alert mention, where I may not write", mention.ask_for(core, caller(chat)))
    await refusals.asked(
        "/alert mention, where the server does not allow it", mention.ask_for(core, caller(chat, can_post=True))
    )
    await refusals.asked("a button Snooze for a year", snooze_button.snooze(core, caller(chat), 1, "1y"))
    await refusals.asked("a button of a topic that is not followed", snooze_button.snooze(core, caller(chat), 1, "1h"))
    await refusals.asked("a button Show it of a summary that is deleted", posted.show(core, caller(chat), 9))
    number = await core.store.run(owe_summary, chat.manager.id)
    await refusals.asked("a button Show it of somebody else's summary", posted.show(core, caller(chat), number))
    compare("refusals/alerts", refusals.text)


def owe_summary(db: Database, user_id: int) -> int:
    """Enqueue a summary for the DM with somebody; its id."""
    place = destinations.dm_destination(db, user_id, now=sample_readings.NOW)
    items.put(
        db,
        OutboxItem(1, "summary", ItemKind.SUMMARY, place.id, sample_readings.SESSION, created_at=sample_readings.NOW),
    )
    return items.newest(db)


def with_topics(core: Core, times: int) -> Core:
    """A core on which two topics have fired so often in the past ten years."""
    fired = [date(2025, 1, 1)] * times
    past = {topic: Backtest(fired, 2520, 10.0) for topic in ("stress", "russell-streak")}
    return replace(core, topic_pasts=TopicPastService(Counted(past)))


def end_alert(db: Database, owner_id: int, number: int) -> None:
    """End an alert as its last day does."""
    db.execute("UPDATE alert SET ended_at = 1 WHERE owner_id = ? AND number = ?", (owner_id, number))


async def test_refusals_about_times_and_servers_read_as_approved(chat: SimulatedDiscord, compare: Compare) -> None:
    refusals, core, boss = Refusals(chat), chat.core, chat.manager
    for options in (
        {"zone": "UTC", "quiet": "22-7", "days": "someday"}, {"zone": "UTC", "delivery": "noon"},
    ):  # fmt: skip
        await refusals.typed("me", **options)
    await refusals.asked("/me summary:monthly", me.me(core, caller(chat), MeRequest(summary="monthly")))
    await chat.person.slash(chat.channel, "me", zone="UTC")
    for until in ("2026-01-01", "500d"):
        await refusals.typed("alert snooze", what="all", until=until)
    await refusals.typed("setup quiet", by=boss)
    await refusals.typed("setup quiet", by=boss, hours="22-7")
    for command in ("summary", "board", "calendar", "quiet", "managers"):
        await refusals.typed(f"setup {command}", by=boss, off=True)
    await refusals.typed("setup alerts", by=boss, topic="russell-streak", off=True)
    await refusals.typed("setup alerts", by=boss, topic="all", thread=True)
    await refusals.typed("setup managers", by=boss)
    await refusals.typed("setup managers", by=boss, role=chat.guild.default_role)
    helpers = chat.guild.create_role("Helpers", permissions=discord.Permissions())
    await chat.manager.slash(chat.channel, "setup managers", role=helpers)
    helper = chat.guild.add_member(chat.env.create_user("helper"), roles=[helpers])
    await refusals.typed("setup managers", by=helper, role=helpers)
    refusals.add("/setup show, in a DM", answer_text(await boss.user.slash("setup show")))
    traders = chat.guild.create_role("Traders")
    await refusals.typed("setup alerts", by=boss, topic="stress", role=traders)
    await refusals.typed("setup alerts", by=boss, topic="stress", role=chat.guild.default_role)
    all_roles = chat.guild.create_role(
        "Callers", permissions=discord.Permissions(manage_guild=True, mention_everyone=True)
    )
    may = chat.guild.add_member(chat.env.create_user("caller"), roles=[all_roles])
    channel = chat.bot.get_channel(chat.channel.id)
    assert isinstance(channel, discord.TextChannel)
    await channel.set_permissions(channel.guild.me, mention_everyone=False)
    await chat.env.settle()
    await refusals.typed("setup alerts", by=may, topic="stress", role=traders)
    await channel.set_permissions(channel.guild.default_role, create_public_threads=False)
    await chat.env.settle()
    await refusals.typed("setup alerts", by=boss, topic="stress", thread=True)
    lounge = chat.guild.create_voice_channel("lounge")
    await refusals.typed("setup alerts", by=boss, topic="stress", channel=lounge, thread=True)
    silver = parse.draft(core, AlertRequest(**SILVER)).spec
    await refusals.pressed("a button for a channel elsewhere", "rb:ok~" + "~".join(draft.pack_draft(silver, 1)))
    await refusals.pressed(
        "a button for a role that is gone", "rb:ok~" + "~".join(draft.pack_draft(silver, chat.channel.id, 1))
    )
    await refusals.pressed("a button of an older version", "rb:remove~x")
    await channel.set_permissions(channel.guild.default_role, send_messages=False)
    await chat.env.settle()
    await refusals.typed("setup summary", by=boss)
    away: Any = SimpleNamespace(guild=None, channel=None, user=None)
    refusals.called("a command for a channel, outside servers", lambda: channel_id_of(away, None, writing=False))
    refusals.called("a command for a role, outside servers", lambda: role_id_of(away, traders, 1))
    category: Any = SimpleNamespace(guild=chat.guild, channel=SimpleNamespace(id=1))
    refusals.called("a command in a category", lambda: channel_id_of(category, None, writing=True))
    none = Quotas(channels_per_server=0)
    await refusals.asked(
        "a 1st channel in a server of 0",
        core.store.run(lambda db: check_channels(db, none, chat.guild.id, 1)),
    )
    compare("refusals/times-and-servers", refusals.text)


async def test_refusals_about_own_signals_read_as_approved(chat: SimulatedDiscord, compare: Compare) -> None:
    refusals, core = Refusals(chat), chat.core
    await chat.person.slash(chat.channel, "watch add", expression="SMH/IGV", name="semis")
    await refusals.typed("watch add", expression="IGV/SMH", name="semis")
    await refusals.typed("watch add", expression="SMH/IGV", name="chips")
    await refusals.typed("signal", id="mine.semi")
    await refusals.typed("signal", id="own.TLT/SPY")
    await refusals.pressed("a button of a signal that has been removed", "rb:details~own!abcdefgh")
    await refusals.asked(
        "/watch add, without a source", watch.add(replace(core, tickers=None), caller(chat), "TLT", "bonds")
    )
    silent = replace(core, tickers=KnownTickers(silent=True))
    await refusals.asked("/watch add, while it is silent", watch.add(silent, caller(chat), "TLT", "bonds"))
    await core.store.run(add_signals, chat.person.id, 19)
    await watch.refresh(core)
    await refusals.typed("watch add", expression="TLT", name="bonds")
    await core.store.run(add_signals, None, 280)
    await watch.refresh(core)
    await refusals.typed("watch add", by=chat.manager, expression="TLT", name="bonds")
    await core.store.run(add_ratios, 200)
    await watch.refresh(core)
    await refusals.typed("watch add", by=chat.manager, expression="SMH+IGV", name="both")
    compare("refusals/own-signals", refusals.text)


def add_signals(db: Database, user_id: int | None, count: int) -> None:
    """Own signals of one ticker each: of a person, or each of another one."""
    for number in range(count):
        ticker = f"T{user_id or 0}X{number}"
        owner = user_id if user_id is not None else 1000 + number
        row = OwnSignal(ticker, f"s{number}", user_id=owner)
        own_signals.add(db, row, [Listing(ticker, "", "USD", None)], now=sample_readings.NOW)


def add_ratios(db: Database, count: int) -> None:
    """Own signals of many people that share twenty tickers."""
    for number in range(count):
        row = OwnSignal(f"T{number // 19 + 1}/T{20 + number % 19}", f"r{number}", user_id=2000 + number)
        own_signals.add(db, row, [], now=sample_readings.NOW)


async def test_refusals_about_the_market_read_as_approved(
    chat: SimulatedDiscord, compare: Compare, tmp_path: Path
) -> None:
    refusals, core, person = Refusals(chat), chat.core, caller(chat)
    streak = {"signal": sample_readings.STREAK}
    for options in (
        {"condition": "above"}, {"condition": "above 40"}, {"condition": "above -5"}, {"condition": "higher 1"},
        {"condition": "above 1", "outcome": "aple"}, {"condition": "above 1", "outcome": "RSP-RSP"},
    ):  # fmt: skip
        await refusals.typed("study", **streak, **options)
    question = study.question(core, AlertRequest(**streak, condition="above 2"))
    await refusals.asked(
        "/study, where there are no prices", study.study(replace(core, studies=None), person, question)
    )
    studies = StudyService(NeverDone(), lambda: 1)
    first = asyncio.create_task(studies.ask(person.user_id, question))
    await asyncio.sleep(0)
    await refusals.asked("/study, while the last one is counted", studies.ask(person.user_id, question))
    first.cancel()
    location = ArchiveLocation(tmp_path / "market.db", date(2025, 2, 1), date(2026, 3, 1))
    day = sample_readings.SESSION
    refusals.called("/study, before the first prices", lambda: worker_tasks.study(location, question, day))
    refusals.called("/asof, before the first prices", lambda: as_of_task.read(location, day, {}, {}, core.now()))
    costly = CostlyCommands(lambda: 0.0)
    for _ in range(BURST):
        costly.spend(1)
    refusals.called("/chart, a fourth time at once", lambda: costly.spend(1))
    await refusals.typed("compare", a=sample_readings.SILVER, b="Silver")
    await refusals.typed("compare", a=sample_readings.SILVER, b="AAPL")
    refusals.called("a text that belongs to no option", lambda: check_length("", "x" * 101))
    refusals.called("an expression of 6,000 characters", lambda: check_length("expression", "x" * 6000))
    compare("refusals/market", refusals.text)


@dataclass
class NeverDone:
    """A study that is never counted to its end."""

    async def study(self, question: StudyQuestion) -> StudyAnswer:
        """Wait for ever."""
        await asyncio.Event().wait()
        raise AssertionError


async def test_refusals_about_past_sessions_and_claims_read_as_approved(
    chat: SimulatedDiscord, compare: Compare
) -> None:
    refusals, core, person, day = Refusals(chat), chat.core, caller(chat), sample_readings.SESSION
    await refusals.asked("/asof, where it is switched off", as_of.show(replace(core, as_of=None), person, day))
    await refusals.asked("/claims, where they are switched off", claims.show(replace(core, claims=None), person, day))
    good = claims.ClaimRequest(
        sentence="Such days are good",
        source="",
        condition=claims.CONDITION_EXAMPLE,
        outcome="^IXIC after 1",
        share="70",
    )
    for name, typed in (
        ("sentence", " "), ("condition", "silver goes up"), ("condition", "silber above 90"), ("outcome", "^IXIC after 400"),
        ("outcome", "the Nasdaq"), ("outcome", "havens.silver after 5"),
        ("share", "130"), ("share", "most"),
    ):  # fmt: skip
        await refusals.asked(
            f"a claim with the {name} “{typed}”", claims.add(core, person, replace(good, **{name: typed}))
        )
    await refusals.asked("a button of a claim that is gone", claims.own_detail(core, person, 9))
    await refusals.asked("a button Remove of a claim that is gone", claims.remove(core, person, 9))
    for _ in range(claims.MOST):
        await claims.add(core, person, good)
    await refusals.asked("a 21st claim", claims.add(core, person, good))
    compare("refusals/past-sessions-and-claims", refusals.text)


async def test_refusals_before_the_first_check_read_as_approved(tmp_path: Path, compare: Compare) -> None:
    async with core_without_readings(tmp_path) as core, simulated_discord(core) as chat:
        refusals = Refusals(chat)
        for command, options in (
            ("summary", {}), ("scenario", {}), ("rotation", {}), ("signals", {}), ("breadth", {}), ("calendar", {}),
            ("signal", {"id": sample_readings.SILVER}), ("chart", {"id": sample_readings.SILVER}),
            ("since", {"date": "2025-10-01"}), ("alert snooze", {"what": "rare", "until": "3h"}),
            ("compare", {"a": sample_readings.SILVER, "b": sample_readings.REAL}),
        ):  # fmt: skip
            await refusals.typed(command, **options)
        core.readings.put(Snapshot(sample_readings.SESSION, {}, pd.DataFrame(), sample_readings.NOW))
        for command, options in (("calendar", {}), ("signal", {"id": sample_readings.SILVER})):
            await refusals.typed(command, **options)
        reading = sample_readings.snapshot().readings[sample_readings.SILVER]
        only = {sample_readings.SILVER: replace(reading, state=State.PROVISIONAL)}
        core.readings.put(Snapshot(sample_readings.SESSION, only, pd.DataFrame(), sample_readings.NOW))
        await refusals.typed("chart", id=sample_readings.SILVER)
    compare("refusals/before-the-first-check", refusals.text)


def spec(**changes: Any) -> AlertSpec:
    return replace(AlertSpec(sample_readings.SILVER, Measure.VALUE, Condition.ABOVE, 90.0), **changes)


def refused(work: Callable[[], Any]) -> str:
    with pytest.raises(UserError) as caught:
        work()
    return resolved(str(caught.value), str)


def typed_texts(core: Core) -> Iterator[tuple[str, Callable[[], Any]]]:
    """What leads to each refusal of a typed text, by what was typed."""
    request = AlertRequest(signal=sample_readings.SILVER, condition="above", level="90")
    yield "level 1e99", lambda: parse_level("9" * 20)
    yield (
        "measure percentile_1y of a year to date",
        lambda: parse.draft(core, replace(request, signal="index.sp500.ytd", measure="percentile_1y")),
    )
    high = spec(measure=Measure.HIGH_252D, level=0.0)
    yield "level 90 of a new high", lambda: parse.changed(core.signals, high, AlertChange(level="90"))
    yield "measure value of a new high", lambda: parse.changed(core.signals, high, AlertChange(measure="value"))
    yield "confirm 99", lambda: parse.draft(core, replace(request, confirm=99))
    yield "cooldown 9999", lambda: parse.draft(core, replace(request, cooldown_days=9999))
    yield "above with two levels", lambda: parse.draft(core, replace(request, upper="95"))
    yield "outside 90 and 90", lambda: parse.draft(core, replace(request, condition="outside", upper="90"))
    yield "three levels", lambda: parse.draft(core, replace(request, condition="outside 80 90 100", level=None))
    yield (
        "a blank in the middle of a level",
        lambda: parse.draft(core, replace(request, condition="above 1 1", level=None)),
    )
    signal = core.signals[sample_readings.SILVER]
    recovery = core.signals["scenario.recovery_state"]
    yield "a level that is no number", lambda: validate(spec(level=math.inf), signal)
    yield "a new high above 90", lambda: validate(spec(measure=Measure.HIGH_252D), signal)
    yield "a band of less than nothing", lambda: validate(spec(band=-1.0), signal)
    yield (
        "turns to a state that there is not",
        lambda: validate(spec(signal=recovery.id, measure=Measure.IS_4), recovery),
    )
    yield "condition higher", lambda: parse.draft(core, replace(request, condition="higher"))
    yield "measure mood", lambda: parse.draft(core, replace(request, measure="mood"))
    yield "alert edit without a change", lambda: parse.changed(core.signals, spec(), AlertChange())
    yield (
        "a draft on a signal that is gone",
        lambda: draft.unpack_draft(core.signals, draft.pack_draft(spec(signal="havens.tin"))),
    )
    yield "compare silver, aple", lambda: comparables.comparable(core, "aple")
    yield "chart span 6 weeks", lambda: chart.sessions_of("6 weeks")
    yield "study horizon 9999", lambda: study.question(core, request, horizon=9999)
    yield "setup summary time 25:00", lambda: setup.parse_time("25:00")
    yield "setup summary zone Europe/Berlni", lambda: setup.parse_zone("Europe/Berlni")
    yield "setup summary zone UTC+5:30", lambda: setup.parse_zone("UTC+5:30")
    yield "alert x", lambda: alert_lookup.number("x")
    yield "confirm 2 of a live alert", lambda: validate(spec(confirm=2, timing=Timing.LIVE), signal)
    yield "outside one level", lambda: validate(spec(condition=Condition.OUTSIDE), signal)
    yield "fires when it likes", lambda: manner_text.with_fires(spec(), "when it likes")
    forms, now = RefusedForms(), core.now()
    button = forms.keep(11, AsyncMock(), now=now)
    yield "a refused form after 15 minutes", lambda: forms.find(button.args, 11, now=now + KEPT)
    yield "a refused form of somebody else", lambda: forms.find(button.args, 12, now=now)
    yield "a refused form after a restart", lambda: RefusedForms().find(button.args, 11, now=now)


def imported_rows() -> Iterator[tuple[str, Callable[[], Any]]]:
    """What leads to each refusal of a row of an imported file."""
    alert = {"owner": "11", "signal": sample_readings.SILVER, "condition": "above", "level": 90}
    combination = {"owner": "11", "at_least": 2, "members": ["1", "2"]}
    yield "a channel without its server", lambda: portable.read({**alert, "channel": "5"})
    yield "a signal that there is not", lambda: portable.read({**alert, "signal": "havens.tin"})
    yield "at least 3 of 2", lambda: portable.read({**combination, "at_least": 3})
    yield "a member of no name", lambda: portable.read({**combination, "members": ["1", "silver"]})


async def test_refusals_of_imported_rows_and_of_removed_alerts_read_as_approved(
    tmp_path: Path, compare: Compare
) -> None:
    lines = [f"{row}\n    {refused(work)}\n" for row, work in imported_rows()]
    gone = portable.read({"owner": "11", "at_least": 2, "members": ["7", "8"]})
    async with core_with_readings(tmp_path) as core:

        def put(db: Database) -> None:
            portable.put(db, gone, {}, session=sample_readings.SESSION, now=core.now())

        def put_crosses(db: Database) -> None:
            crosses = portable.read(
                {"owner": "12", "signal": sample_readings.SILVER, "condition": "crosses", "level": 90, "number": 7}
            )
            row = portable.read({"owner": "12", "at_least": 2, "members": ["7", "8"]})
            for each in (crosses, row):
                portable.put(db, each, {}, session=sample_readings.SESSION, now=core.now())

        for cause, work in (
            ("members that are gone", core.store.run(put)),
            ("a member that never holds", core.store.run(put_crosses)),
            ("put back what is no longer kept", removal.put_back(core, Caller(user_id=11), 7)),
        ):
            with pytest.raises(UserError) as caught:
                await work
            lines.append(f"{cause}\n    {caught.value}\n")
    compare("refusals/imported-rows-and-removed-alerts", "\n".join(lines))


def test_every_refusal_of_a_typed_text_reads_as_approved(compare: Compare) -> None:
    lines = [f"{typed}\n    {refused(work)}\n" for typed, work in typed_texts(core_without_store())]
    compare("refusals/typed-texts", "\n".join(lines))


@pytest.fixture(scope="module")
def raised() -> list[tuple[str, str]]:
    """The longest constant piece of each sentence that is raised as a UserError, with its module."""
    root, found = Path(bot.__file__).parent, []
    for folder in ("commands", "alerts", "discord_app", "event_study"):
        for path in sorted((root / folder).rglob("*.py")):
            module = ast.parse(path.read_text(encoding="utf-8"))
            sentences = {
                target.id: node.value
                for node in module.body
                if isinstance(node, ast.Assign)
                for target in node.targets
                if isinstance(target, ast.Name)
            }
            for node in ast.walk(module):
                if (
                    isinstance(node, ast.Raise)
                    and isinstance(node.exc, ast.Call)
                    and "UserError" in ast.dump(node.exc.func)
                ):
                    sentence = node.exc.args[0]
                    if isinstance(sentence, ast.Name):
                        sentence = sentences.get(sentence.id, sentence)
                    pieces = [
                        str(part.value)
                        for part in ast.walk(sentence)
                        if isinstance(part, ast.Constant) and isinstance(part.value, str)
                    ]
                    if longest := max(pieces, key=len, default="").strip():
                        found.append(("/".join(path.parts[-2:]), longest.strip("<>#@& ")))
    return found


def test_every_refusal_has_an_approved_text(raised: list[tuple[str, str]]) -> None:
    texts = "\n".join(path.read_text(encoding="utf-8") for path in APPROVED.rglob("*.txt"))
    lacking = [
        (module, piece) for module, piece in raised if message_minus.typeset(piece) not in texts and piece not in texts
    ]
    assert not lacking, "\n".join(f"{module}: {piece}" for module, piece in lacking)


def test_quotation_marks_of_refusals_are_curly(raised: list[tuple[str, str]]) -> None:
    assert not [piece for _, piece in raised if re.search(r'"\w', piece)]
