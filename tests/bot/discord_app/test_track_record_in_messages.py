"""Where the evidence stands: in the embed of an alert, in the preview of one, under a signal."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Collection
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest

from bot.alerts.validation import ValidatedSpec
from bot.commands.alerts.draft import AlertDraft
from bot.commands.alerts.preview import preview, with_track_record
from bot.commands.context import Caller, Core
from bot.commands.market import signals
from bot.database.connection import Store
from bot.discord_app.delivery.messages import payloads
from bot.domain.model import AlertSpec, Condition, ConditionKey, OutboxItem
from bot.event_study.model import TrackRecords
from bot.outbox.message import NotReadyError
from signals.catalogue import SIGNALS
from signals.core.model import Measure
from tests.bot.commands.market.test_track_record_lines import FOUND, LINES, WIDE
from tests.bot.discord_app.delivery.test_messages import CHANNEL, item
from tests.support import core_without_store, sample_readings


@pytest.fixture
def core() -> Core:
    return core_without_store(
        replace(sample_readings.snapshot(), track_records={sample_readings.SESSION: {WIDE: FOUND}})
    )


@pytest.fixture
async def asked(core: Core, tmp_path: Path) -> AsyncIterator[Core]:
    """The same with a database, in which nobody has set when they want their messages."""
    async with Store.open(tmp_path / "bot.db") as store:
        yield replace(core, store=store)


def a_draft(signal: str, level: float, measure: Measure = Measure.VALUE) -> AlertDraft:
    spec = AlertSpec(signal, measure, Condition.ABOVE, level)
    return AlertDraft(ValidatedSpec(spec, SIGNALS[signal]))


def described(core: Core, fired: OutboxItem) -> list[str]:
    [embed] = payloads(core)(CHANNEL, [fired]).embeds
    return str(embed["description"]).splitlines()


def test_a_topic_says_under_what_is_usual_what_followed_such_days(core: Core) -> None:
    shown = described(core, item(sample_readings.SPREAD, topic="equal-weight-day", owner_id=None, level=0.8))
    assert shown[1].startswith("Day before")
    assert shown[2:4] == LINES


def test_a_persons_alert_on_the_same_level_says_it_too_and_on_another_it_does_not(core: Core) -> None:
    assert LINES[0] in described(core, item(sample_readings.SPREAD, level=0.8))
    assert not any(line.startswith("Since") for line in described(core, item(sample_readings.SPREAD, level=0.5)))


def test_while_track_records_are_counted_an_alert_waits_for_its_own(core: Core) -> None:
    core.readings.counting = True
    with pytest.raises(NotReadyError):
        described(core, item(sample_readings.SPREAD, level=0.5))
    assert LINES[0] in described(core, item(sample_readings.SPREAD, level=0.8))  # counted already
    never = item(sample_readings.SPREAD, level=0.5, session=sample_readings.SESSION - timedelta(days=1))
    assert described(core, never)  # of that session nothing is counted
    core.readings.counting = False
    assert described(core, item(sample_readings.SPREAD, level=0.5))


def test_a_message_about_an_older_session_never_shows_what_was_known_later(core: Core) -> None:
    older = item(sample_readings.SPREAD, level=0.8, session=sample_readings.SESSION - timedelta(days=1))
    assert not any(line.startswith("Since") for line in described(core, older))


def test_the_preview_of_an_alert_and_the_page_of_its_signal_show_it(core: Core) -> None:
    shown = preview(core, Caller(11, can_post=True), a_draft(sample_readings.SPREAD, 0.8))
    assert list(shown.lines[-2:]) == LINES
    fields = {field.name: field.value for field in signals.detail(core, sample_readings.SPREAD).fields}
    assert fields["When above +0.8 points"] == "\n".join(LINES)


class Counting:
    """Counts the same for every condition that it is asked about, or never answers."""

    def __init__(self, *, hangs: bool = False) -> None:
        self.asked: list[ConditionKey] = []
        self._hangs = hangs

    async def count(self, watched: Collection[ConditionKey], sessions: Collection[date]) -> TrackRecords:
        self.asked += watched
        if self._hangs:
            await asyncio.Event().wait()
        return {session: dict.fromkeys(watched, FOUND) for session in sessions}


async def test_the_preview_of_a_level_of_ones_own_shows_what_is_counted_for_it_in_time(asked: Core) -> None:
    draft = a_draft(sample_readings.SPREAD, 0.5)
    historian = Counting()
    shown = await with_track_record(replace(asked, track_records=historian), Caller(11, can_post=True), draft)
    assert list(shown.lines[-2:]) == LINES
    assert [each.level for each in historian.asked] == [0.5]
    for measure, level in ((Measure.HIGH_252D, 0.0), (Measure.CHANGE_5D, 1.0)):
        draft = a_draft(sample_readings.SPREAD, level, measure)
        again = await with_track_record(replace(asked, track_records=historian), Caller(11, can_post=True), draft)
        assert list(again.lines[-2:]) == LINES
    draft = a_draft(sample_readings.SPREAD, 0.5)
    late = await with_track_record(replace(asked, track_records=Counting(hangs=True)), Caller(11, can_post=True), draft)
    assert list(late.lines) == list(shown.lines[:-2])


async def test_what_is_known_is_not_counted_again_and_members_are_not_counted_while_somebody_waits(asked: Core) -> None:
    historian = Counting()
    for signal, level in ((sample_readings.SPREAD, 0.8), ("breadth.sp500.above_50dma", 33.0)):
        draft = a_draft(signal, level)
        await with_track_record(replace(asked, track_records=historian), Caller(11, can_post=True), draft)
    assert historian.asked == []
