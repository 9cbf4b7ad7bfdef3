"""Own signals on the real bot: added, watched by an alert that fires once, and gone with a notice."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import pandas as pd
import pytest

from bot.calendar.clock import Calendar
from bot.commands.context import Core
from bot.courier import Courier
from bot.database.connection import Store
from bot.demo.replay import Replay, ReplayClock
from bot.discord_app.delivery.courier_assembly import build_courier
from bot.event_study.track_record import TrackRecordHistory
from bot.readings.pipeline import Pipeline
from bot.readings.state import ReadingState
from signals.catalogue import SIGNALS
from tests.signals.markets import market
from tests.support import SimulatedDiscord, answer_text, message_text, simulated_discord

SMH = [300.0, 302.0, 301.0, 303.0, 310.0, 312.0, 311.0, 315.0, 320.0, 322.0]
"""Over IGV at 100: 3.03 on the fourth session, 3.10 on the fifth."""


@dataclass
class Desk:
    """The real bot over ten sessions of two tickers; `day` plays one of them."""

    chat: SimulatedDiscord
    replay: Replay
    clock: ReplayClock
    pipeline: Pipeline
    courier: Courier

    async def day(self, position: int) -> None:
        self.clock.put(self.replay.calendar.final_at(self.session(position)))
        await self.pipeline.check(self.clock.now())
        await self.courier.flush()
        await self.chat.env.settle()

    def session(self, position: int) -> date:
        return self.replay.market.days[position].date()

    def messages(self) -> list[str]:
        opened = self.chat.person.user.dm_channel
        return [] if opened is None else [message_text(message) for message in opened.history()]


@pytest.fixture
async def desk(tmp_path: Path) -> AsyncIterator[Desk]:
    prices = market(close={"SMH": SMH, "IGV": [100.0] * len(SMH)})
    days = prices.days
    calendar = Calendar(days[0].date(), date(2024, 3, 1))
    replay = Replay(prices, {}, calendar, TrackRecordHistory(pd.DatetimeIndex([]), {}))
    clock = ReplayClock(calendar.final_at(days[2].date()))
    async with Store.open(tmp_path / "bot.db") as store:
        core = Core(store, ReadingState(), clock, calendar, SIGNALS, own=replay.own, tickers=replay)
        async with simulated_discord(core) as chat:
            courier = build_courier(core, chat.bot, clock, charts=None)
            chat.bot.courier = courier
            pipeline = Pipeline(replay, SIGNALS, store, core.readings, on_checked=lambda: None)
            yield Desk(chat, replay, clock, pipeline, courier)


async def test_an_own_signal_is_added_watched_and_fires_once(desk: Desk) -> None:
    chat, person = desk.chat, desk.chat.person
    added = await person.slash(chat.channel, "watch add", expression="SMH/IGV", name="semis")
    assert "mine.semis added: SMH/IGV" in answer_text(added)
    await desk.day(2)
    offered = await person.slash(chat.channel, "alert add", signal="mine.semis", condition="above 3.05")
    pressed = await person.click(offered.response, label="Confirm")
    assert re.search(
        r"Alert \d+ is set: semis \(SMH/IGV\) above 3.05", message_text(pressed.response or offered.response)
    )
    await desk.day(3)
    assert desk.messages() == []
    await desk.day(4)
    await desk.day(4)
    first = desk.messages()
    assert len(first) == 1
    assert first[0].startswith("Semis (SMH/IGV) ")
    assert "3.05" in first[0]
    assert "3.1000" in first[0]
    await desk.day(5)
    assert desk.messages() == first
    removed = await person.slash(chat.channel, "watch remove", name="mine.semis")
    assert "1 alert on it ended." in answer_text(removed)
    await desk.day(6)
    assert re.fullmatch(r"Alert \d+, SMH/IGV, has ended: that signal was removed\.", desk.messages()[-1].strip())
    assert len(desk.messages()) == 2


@pytest.mark.parametrize("command", ["alert add", "study"])
async def test_conditions_are_offered_on_an_own_signal(desk: Desk, command: str) -> None:
    chat, person = desk.chat, desk.chat.person
    await person.slash(chat.channel, "watch add", expression="SMH/IGV", name="semis")
    await desk.day(9)
    offered = await person.autocomplete(chat.channel, command, "condition", "new high", signal="mine.semis")
    assert [choice["value"] for choice in offered] == ["new high 21", "new high 63", "new high 252"]


async def test_an_expression_that_is_none_is_answered_with_the_column(desk: Desk) -> None:
    shown = await desk.chat.person.slash(desk.chat.channel, "watch add", expression="SMH//IGV", name="semis")
    assert answer_text(shown) == 'Column 5: a ticker or a function belongs here, not "/".'
    refused = await desk.chat.person.slash(
        desk.chat.channel, "watch add", expression="SMH", name="semis", owner="server"
    )
    assert "Manage Server" in answer_text(refused)


async def test_an_alert_of_an_own_signal_is_refused_to_others(desk: Desk) -> None:
    chat = desk.chat
    await chat.manager.slash(chat.channel, "watch add", expression="SMH/IGV", name="semis")
    await desk.day(2)
    shown = await chat.manager.slash(chat.channel, "signal", id="mine.semis")
    pressed = await chat.person.click(shown.response, label="Set an alert here")
    assert "“SMH/IGV” is not one of your signals" in answer_text(pressed)
    refused = await chat.person.slash(chat.channel, "alert add", signal="mine.semis", condition="above 3.05")
    assert "No signal “mine.semis”" in answer_text(refused)


@pytest.mark.parametrize("command", ["alert add", "alert edit", "alert duplicate"])
async def test_own_signals_are_offered_wherever_a_signal_is_asked_for(desk: Desk, command: str) -> None:
    chat = desk.chat
    await chat.person.slash(chat.channel, "watch add", expression="SMH/IGV", name="semis")
    for person, offered in ((chat.person, ["mine.semis"]), (chat.manager, [])):
        choices = await person.autocomplete(chat.channel, command, "signal", "mine.s")
        assert [choice["value"] for choice in choices] == offered
