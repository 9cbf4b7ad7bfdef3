"""A person's alerts: shown, saved, changed, and nobody else's to touch."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import cast

import numpy as np
import pytest

from bot.commands.alerts import (
    alert_list,
    alert_lookup,
    combine,
    manage,
    manner_text,
    parse,
    removal,
    service,
    snooze_button,
    topics,
)
from bot.commands.alerts.combine import CombinationRequest
from bot.commands.alerts.condition_text import complete_condition
from bot.commands.alerts.draft import AlertDraft, AlertPlace, pack_draft, unpack_draft
from bot.commands.alerts.parse import AlertChange, AlertRequest
from bot.commands.alerts.preview import preview, with_track_record
from bot.commands.context import Caller, Core
from bot.commands.delivery import me
from bot.commands.delivery.me import MeRequest
from bot.commands.quotas import Quotas
from bot.commands.reply import Reply
from bot.database.alerts import alert_manner
from bot.database.alerts import alerts as stored
from bot.database.places import destinations, subscriptions
from bot.domain.foreign_text import ForeignText
from bot.domain.model import After, Condition, DestinationKind, Loudness, Manner, Timing, TriggerState
from bot.errors import UserError
from bot.ingest.status import BackfillProgress
from bot.readings.state import ReadingState
from signals.core.model import Measure
from tests.support import ManualClock, sample_readings

STRANGER = Caller(user_id=99, guild_id=1, channel_id=100, dm_channel_id=9900, can_post=True)


def drafted(
    core: Core, signal: str = sample_readings.SILVER, condition: str = "above", level: str = "90", **more: object
) -> AlertDraft:
    return parse.draft(core, AlertRequest(signal=signal, condition=condition, level=level, **more))  # type: ignore[arg-type]


async def only_alert(core: Core, owner: int) -> stored.Alert:
    found = await core.store.read(stored.list_for, owner)
    assert len(found) == 1
    return found[0]


async def test_a_saved_alert_on_a_state_speaks_of_turns_not_of_levels(core: Core, ann: Caller) -> None:
    back = drafted(core, "rotation.state", "turns to rotating back", "")
    assert preview(core, ann, back).lines[0] == "On closes, every time, by DM."
    saved = await service.save(core, ann, back)
    assert "**Already there**: you'll be alerted the next time it turns to that." in saved.lines
    assert preview(core, ann, drafted(core, "rotation.state", "turns", "")).lines[0] == "On closes, every time, by DM."


async def test_a_preview_shows_the_level_that_is_set(core: Core, ann: Caller) -> None:
    shown = preview(core, ann, drafted(core, sample_readings.SILVER, "above", "89.999999999"))
    assert shown.title.endswith("Silver above $90")
    await service.save(core, ann, drafted(core, sample_readings.SILVER, "above", "89.999999999"))
    assert (await only_alert(core, ann.user_id)).spec.level == 90


async def test_what_comes_in_a_digest_is_said_to_come_there(core: Core, ann: Caller, boss: Caller) -> None:
    await me.me(core, ann, MeRequest(zone="Europe/Berlin", delivery="digest 8:00"))
    shown = await with_track_record(core, ann, drafted(core))
    assert shown.lines[0] == "On closes, every crossing, in your digest at 8:00 a.m."
    saved = await service.save(core, ann, drafted(core))
    assert saved.lines[0] == "It comes in your digest at 8:00 a.m."
    assert (await topics.subscribe(core, ann, "russell-streak")).lines[0] == saved.lines[0]
    assert (await with_track_record(core, boss, drafted(core))).lines[0] == "On closes, every crossing, by DM."


def test_a_condition_may_begin_with_what_its_level_is_compared_with(core: Core) -> None:
    spec = drafted(core, condition="5-day change above 3", level="").spec
    assert (spec.measure, spec.condition, spec.level) == (Measure.CHANGE_5D, Condition.ABOVE, 3.0)
    assert drafted(core, condition="1-year z-score outside -2 and 2", level="").spec.measure is Measure.Z_1Y
    offered = [choice.value for choice in complete_condition(core, sample_readings.SILVER, "5-day", None)]
    assert len(offered) == 2
    for value in offered:
        assert drafted(core, condition=value, level="").spec.measure is Measure.CHANGE_5D


def test_how_an_alert_fires_is_typed_as_it_is_shown(core: Core) -> None:
    spec = drafted(core).spec
    assert manner_text.fires_typed(spec) == "close, every, confirm 1, cooldown 0"
    assert manner_text.with_fires(spec, manner_text.fires_typed(spec)) == spec
    changed = manner_text.with_fires(spec, "live, ONCE, cooldown 5")
    assert (changed.timing, changed.repeat, changed.cooldown_days, changed.confirm) == ("live", "once", 5, 1)
    assert manner_text.with_fires(spec, "live once  cooldown 5; confirm 1") == changed
    with pytest.raises(UserError, match="“sometimes” says nothing of when it fires"):
        manner_text.with_fires(spec, "live, sometimes")


async def test_the_preview_shows_today_the_past_and_when_it_watches_again(core: Core, ann: Caller) -> None:
    reply = preview(core, ann, drafted(core))
    assert reply.private
    assert reply.title == "Silver above $90"
    assert reply.lines[0] == "On closes, every crossing, by DM."
    assert reply.lines[1] == "Now **$85.88** (Tue, Jan 13, the highest of the past 5 years)."
    band = 65 / (len(sample_readings.history()) - 1)
    assert reply.lines[2] == f"Re-arms at ${90 - band:.2f} or less."
    assert reply.lines[3] == "Would not have fired in the past 5 years: the nearest was $85.88 on the latest session."
    assert reply.lines[4] == (
        "At $85 it would have fired once, less than once a year; no level within reach comes closer to 5 times a year."
    )
    assert [button.label for button in reply.buttons] == [
        "Confirm",
        "Use $85",
        "Change level",
        "Study",
        "More",
        "Cancel",
    ]
    assert await core.store.read(stored.count) == 0


@pytest.mark.parametrize(("first", "period"), [("2025-06-02", "the past 7 months"), ("2024-12-20", "the past year")])
def test_a_preview_names_one_period_for_its_rank_and_its_past(core: Core, ann: Caller, first: str, period: str) -> None:
    """It said "of the past 5 years" of a signal of a year, and "in the past 1 year" two lines below."""
    snapshot = core.readings.snapshot
    assert snapshot is not None
    history = snapshot.history.copy()
    history.loc[:first, sample_readings.SILVER] = np.nan
    core.readings.put(replace(snapshot, history=history))
    lines = preview(core, ann, drafted(core)).lines
    assert lines[1] == f"Now **$85.88** (Tue, Jan 13, the highest of {period})."
    assert lines[3].startswith(f"Would not have fired in {period}: ")


async def test_an_alert_that_would_fire_all_the_time_says_so_and_a_rarer_level_leads_to_its_own_preview(
    core: Core, ann: Caller
) -> None:
    """A streak that changes its side with every session, and on every fiftieth one stands at 3."""
    history = sample_readings.history().copy()
    history[sample_readings.STREAK] = np.where(np.arange(len(history)) % 2, 1.0, -1.0)
    history.loc[history.index[49::50], sample_readings.STREAK] = 3.0
    core.readings.put(replace(sample_readings.snapshot(), history=history))
    reply = preview(core, ann, drafted(core, sample_readings.STREAK, "crosses", "0"))
    place = next(place for place, line in enumerate(reply.lines) if line.startswith("Would have fired"))
    assert reply.lines[place + 1] == "That is on more than a third of all sessions."
    rare = len(history) // 50
    assert reply.lines[place + 2].startswith(
        f"At 2 it would have fired {2 * rare} times, about 10 times a year; no level"
    )
    assert [button.label for button in reply.buttons] == ["Confirm", "Use 2", "Change level", "Study", "More", "Cancel"]
    again = preview(core, ann, unpack_draft(core.signals, reply.buttons[1].args))
    assert again.title == "Russell 2000 winning streak crosses 2"
    assert any(line.startswith(f"Would have fired {2 * rare} times") for line in again.lines)


async def test_the_preview_counts_how_often_it_would_have_fired(core: Core, ann: Caller) -> None:
    reply = preview(core, ann, drafted(core, sample_readings.STREAK, level="1"))
    fired = (len(sample_readings.history()) + 8) // 9
    assert any(
        ("Would have fired" in line and f"{fired - 1} times" in line) or f"{fired} times" in line
        for line in reply.lines
    )


async def test_an_alert_on_the_far_side_says_that_it_waits_for_the_next_crossing(core: Core, ann: Caller) -> None:
    reply = preview(core, ann, drafted(core, sample_readings.STREAK, level="7"))
    assert (
        "**Already above**: it re-arms at 7 or less; you'll be alerted the next time it crosses after that."
        in reply.lines
    )
    saved = await service.save(core, ann, drafted(core, sample_readings.STREAK, level="7"))
    assert "Already past its level: you'll be alerted the next time it crosses after re-arming." in saved.lines
    alert = await only_alert(core, ann.user_id)
    triggers = await core.store.read(stored.triggers_of, alert.id)
    assert [trigger.state for trigger in triggers] == [TriggerState.FIRED]


async def test_a_confirmed_draft_is_stored_once_however_often_it_is_confirmed(core: Core, ann: Caller) -> None:
    draft = unpack_draft(core.signals, pack_draft(drafted(core).spec))
    first = await service.save(core, ann, draft)
    again = await service.save(core, ann, draft)
    assert first.title == again.title == "Alert 1 is set: Silver above $90"
    alert = await only_alert(core, ann.user_id)
    assert alert.spec.band == pytest.approx(65 / (len(sample_readings.history()) - 1), rel=1e-3)
    place = await core.store.read(destinations.find_dm, ann.user_id)
    assert place is not None
    assert (place.channel_id, place.fallback_channel_id) == (1100, None)


async def test_a_refused_dm_falls_back_to_a_mention_that_its_person_asked_for(core: Core, ann: Caller) -> None:
    await core.store.run(destinations.set_fallback, ann.user_id, 100, 1, now=core.now())
    reply = await service.save(core, replace(ann, dm_channel_id=None), drafted(core))
    assert "I cannot open a DM with you, so I will mention you in <#100> instead." in reply.lines


async def test_without_any_way_to_a_person_nothing_is_stored(core: Core, ann: Caller) -> None:
    with pytest.raises(UserError, match="Allow direct messages"):
        await service.save(core, replace(ann, dm_channel_id=None), drafted(core))
    assert await core.store.read(stored.count) == 0
    assert await core.store.read(destinations.find_dm, ann.user_id) is None


async def test_a_quota_is_a_sentence(core: Core, ann: Caller) -> None:
    core = replace(core, quotas=Quotas(alerts_per_person=2))
    for level in ("90", "91"):
        await service.save(core, ann, drafted(core, level=level))
    with pytest.raises(UserError, match="You have 2 alerts, which is the most"):
        await service.save(core, ann, drafted(core, level="92"))


async def test_confirming_at_the_same_moment_gets_past_neither_quota_nor_uniqueness(core: Core, ann: Caller) -> None:
    core = replace(core, quotas=Quotas(alerts_per_person=1))
    drafts = [drafted(core, level=level) for level in ("90", "90", "91")]
    replies = await asyncio.gather(*(service.save(core, ann, each) for each in drafts), return_exceptions=True)
    assert [type(each) for each in replies] == [Reply, Reply, UserError]
    assert await core.store.read(stored.count) == 1


async def test_a_channel_alert_needs_manage_server_and_belongs_to_the_server(
    core: Core, ann: Caller, boss: Caller
) -> None:
    draft = replace(drafted(core), channel_id=555, role_id=77)
    with pytest.raises(UserError, match="You need the Manage Server permission"):
        preview(core, ann, draft)
    with pytest.raises(UserError, match="You need the Manage Server permission"):
        await service.save(core, ann, draft)
    await service.save(core, boss, draft)
    alert = await only_alert(core, boss.user_id)
    found = await core.store.read(subscriptions.of_alert, alert.id)
    place = await core.store.read(destinations.get, found[0].destination_id)
    assert place is not None
    assert (alert.guild_id, found[0].role_id, place.kind, place.channel_id) == (1, 77, DestinationKind.CHANNEL, 555)
    with pytest.raises(UserError, match="Manage Server"):
        await removal.remove(core, ann, alert.id)
    other_boss = replace(boss, user_id=13)
    assert (await removal.remove(core, other_boss, alert.id)).title.startswith("Removed")


async def test_other_peoples_alerts_are_out_of_reach(core: Core, ann: Caller) -> None:
    await service.save(core, ann, drafted(core))
    alert = await only_alert(core, ann.user_id)
    for attempt in (
        removal.remove(core, STRANGER, alert.id),
        snooze_button.snooze(core, STRANGER, alert.id, "1h"),
        service.card(core, STRANGER, alert.id),
        manage.edit_found(core, STRANGER, alert, manage.Change(spec=AlertChange(level="1"))),
    ):
        with pytest.raises(UserError, match="Only the person who set this alert"):
            await attempt
    assert await alert_lookup.complete_own(core, STRANGER, "") == []


async def test_a_removed_alert_is_put_back_as_it_was_once(core: Core, ann: Caller) -> None:
    await service.save(core, ann, drafted(core, level="1"))
    draft = drafted(core)
    spec = replace(draft.spec, after=After.REMIND, remind_every=5)
    manner = Manner("sell *half*", Loudness.SILENT, date(2026, 6, 30))
    await service.save(core, ann, replace(draft, validated=replace(draft.validated, spec=spec)), manner)
    alert = (await core.store.read(stored.list_for, ann.user_id))[-1]
    reply = await removal.remove(core, ann, alert.id)
    with pytest.raises(UserError, match="no longer exists"):
        await removal.remove(core, ann, alert.id)
    number = int(reply.buttons[0].args[0])
    with pytest.raises(UserError, match="cannot be put back"):
        await removal.put_back(core, STRANGER, number)
    shown = await removal.put_back(core, ann, number)
    assert shown.title == "Alert 2 is back: Silver above $90"
    assert shown.lines[0] == "You'll get a DM."
    again = (await core.store.read(stored.list_for, ann.user_id))[-1]
    assert (again.spec, again.manner, again.number) == (alert.spec, manner, 2)
    with pytest.raises(UserError, match="cannot be put back"):
        await removal.put_back(core, ann, number)


async def test_an_ended_alert_is_put_back_alive_and_without_the_day_that_it_ended_on(core: Core, ann: Caller) -> None:
    await service.save(core, ann, drafted(core), Manner("once", Loudness.PING, date(2026, 6, 30)))
    alert = await only_alert(core, ann.user_id)
    await core.store.run(alert_manner.end, alert.id, now=core.now())
    reply = await removal.remove(core, ann, alert.id)
    cast(ManualClock, core.clock).set(core.now() + timedelta(hours=23))
    await removal.put_back(core, ann, int(reply.buttons[0].args[0]))
    again = await only_alert(core, ann.user_id)
    assert again.ended_at is None
    assert again.manner == Manner("once", Loudness.PING, date(2026, 6, 30))


async def test_a_removed_combination_is_put_back_with_its_members(core: Core, ann: Caller) -> None:
    await service.save(core, ann, drafted(core))
    request = CombinationRequest("1, russell-streak", 2, 5)
    await combine.confirm(core, ann, request, AlertPlace())
    [_, whole] = await core.store.read(stored.list_for, ann.user_id)
    reply = await removal.remove(core, ann, whole.id)
    await removal.put_back(core, ann, int(reply.buttons[0].args[0]))
    [_, again] = await core.store.read(stored.list_for, ann.user_id)
    assert (again.combination, again.number) == (whole.combination, whole.number)


async def test_a_combination_is_put_back_after_its_members(core: Core, ann: Caller) -> None:
    await service.save(core, ann, drafted(core))
    await combine.confirm(core, ann, CombinationRequest("1, russell-streak", 2, 5), AlertPlace())
    [member, whole] = await core.store.read(stored.list_for, ann.user_id)
    removed = [(await removal.remove(core, ann, alert.id)).buttons[0].args[0] for alert in (whole, member)]
    with pytest.raises(UserError) as caught:
        await removal.put_back(core, ann, int(removed[0]))
    assert str(caught.value) == "Alert 1, one of its members, does not exist. Set that one first."
    for number in reversed(removed):
        await removal.put_back(core, ann, int(number))
    assert len(await core.store.read(stored.list_for, ann.user_id)) == 2


async def test_the_list_goes_by_number_and_says_which_alerts_post_to_a_channel(core: Core, boss: Caller) -> None:
    """Two that ask for the same are told apart; one that was put back is where it was."""
    for channel_id in (None, 100):
        await service.save(core, boss, replace(drafted(core), channel_id=channel_id))
    first = await alert_lookup.find(core, boss, "1")
    removed = await removal.remove(core, boss, first.id)
    await removal.put_back(core, boss, int(removed.buttons[0].args[0]))
    by_dm, in_channel = (await alert_list.list_alerts(core, boss)).fields
    assert (by_dm.name, by_dm.value) == ("1 · Silver above $90", "On closes, every crossing\nWatching")
    assert (in_channel.name, in_channel.value) == (
        *("2 · Silver above $90", "On closes, every crossing\nPosts to <#100>\nWatching"),
    )
    place = await core.store.read(destinations.find_channel, 100)
    assert place is not None
    await core.store.run(destinations.park, place.id, "Unknown Channel", now=core.now())
    _, in_channel = (await alert_list.list_alerts(core, boss)).fields
    reason = ForeignText("Unknown Channel")
    assert f"Posts to <#100>, which takes no message: {reason}" in in_channel.value.splitlines()


async def test_of_a_level_that_is_crossed_either_way_the_nearest_value_is_said(core: Core, ann: Caller) -> None:
    reply = preview(core, ann, drafted(core, condition="crosses"))
    line = "Would not have fired in the past 5 years: the nearest was $85.88 on the latest session."
    assert line in reply.lines


async def test_an_edit_starts_the_alert_anew(core: Core, ann: Caller) -> None:
    await service.save(core, ann, drafted(core))
    alert = await only_alert(core, ann.user_id)
    change = manage.Change(spec=AlertChange(level="80", timing="live"))
    reply = await manage.edit_found(core, ann, alert, change)
    assert reply.title == f"Alert {alert.number} is now: Silver above $80"
    changed = await only_alert(core, ann.user_id)
    assert (changed.spec.level, changed.spec.timing) == (80, Timing.LIVE)
    assert [each.state for each in await core.store.read(stored.triggers_of, alert.id)] == [TriggerState.FIRED]


async def test_a_snooze_lasts_for_its_days_and_can_be_ended(core: Core, ann: Caller) -> None:
    await service.save(core, ann, drafted(core))
    alert = await only_alert(core, ann.user_id)
    await snooze_button.snooze(core, ann, alert.id, "7")
    [subscription] = await core.store.read(subscriptions.of_alert, alert.id)
    assert subscription.snoozed_until == core.now() + timedelta(days=7)
    assert "Snoozed until" in (await alert_list.list_alerts(core, ann)).fields[0].value
    await snooze_button.end_snooze(core, ann, alert.id)
    [subscription] = await core.store.read(subscriptions.of_alert, alert.id)
    assert subscription.snoozed_until is None
    with pytest.raises(UserError, match="1 hour, until the next session or for 1 week"):
        await snooze_button.snooze(core, ann, alert.id, "3000")


@pytest.mark.parametrize(
    ("now", "opens"),
    [
        ("2026-01-13 21:30", "2026-01-14 14:30"),
        ("2026-01-13 13:00", "2026-01-13 14:30"),
        ("2026-01-16 21:30", "2026-01-20 14:30"),
    ],
)
async def test_a_snooze_until_the_next_session_ends_when_it_opens(
    core: Core, ann: Caller, now: str, opens: str
) -> None:
    core = replace(core, clock=ManualClock(datetime.fromisoformat(f"{now}:00+00:00")))
    await service.save(core, ann, drafted(core))
    alert = await only_alert(core, ann.user_id)
    await snooze_button.snooze(core, ann, alert.id, "next")
    [subscription] = await core.store.read(subscriptions.of_alert, alert.id)
    assert subscription.snoozed_until == datetime.fromisoformat(f"{opens}:00+00:00")


async def test_a_snooze_ends_by_discord_s_clock_whatever_the_machine_s_says(core: Core, ann: Caller) -> None:
    await service.save(core, ann, drafted(core))
    alert = await only_alert(core, ann.user_id)
    wrong = replace(core, clock_ahead=lambda: timedelta(days=3))
    await snooze_button.snooze(wrong, ann, alert.id, "7")
    [subscription] = await core.store.read(subscriptions.of_alert, alert.id)
    assert subscription.snoozed_until == core.machine_now() + timedelta(days=4)


async def test_a_topic_in_a_channel_is_snoozed_by_managers_only(core: Core, ann: Caller, boss: Caller) -> None:
    (topic,) = await core.store.read(stored.by_topic, "russell-streak")
    place = await core.store.run(destinations.channel_destination, 100, 1, now=core.now())
    await core.store.run(subscriptions.subscribe, "russell-streak", place.id, created_by=12, now=core.now())
    with pytest.raises(UserError, match="Manage Server"):
        await snooze_button.snooze(core, ann, topic.id, "1h")
    await snooze_button.snooze(core, boss, topic.id, "1h")
    await snooze_button.unsubscribe_here(core, boss, topic.id)
    assert await core.store.read(subscriptions.get, topic.id, place.id) is None
    with pytest.raises(UserError, match="not subscribed"):
        await snooze_button.unsubscribe_here(core, ann, topic.id)


async def test_both_parts_of_a_topic_are_snoozed_together(core: Core, ann: Caller) -> None:
    await topics.subscribe(core, ann, "gold-or-silver-high")
    gold, silver = await core.store.read(stored.by_topic, "gold-or-silver-high")
    snoozed = await snooze_button.snooze(core, ann, silver.id, "1")
    assert snoozed.title == "Gold or silver at a high is snoozed"
    for part in (gold, silver):
        [subscription] = await core.store.read(subscriptions.of_alert, part.id)
        assert subscription.snoozed_until == core.now() + timedelta(days=1)
    left = await snooze_button.unsubscribe_here(core, ann, gold.id)
    assert left.lines == ("No more alerts on Gold or silver at a high here. Subscribe again with /topics.",)
    for part in (gold, silver):
        assert await core.store.read(subscriptions.of_alert, part.id) == []


async def test_long_lists_come_in_pages(core: Core, ann: Caller) -> None:
    for level in range(90, 115):
        await service.save(core, ann, drafted(core, level=str(level)))
    first, last = await alert_list.list_alerts(core, ann), await alert_list.list_alerts(core, ann, 99)
    assert first.title == "Your 25 alerts"
    assert (len(first.fields), len(last.fields)) == (10, 5)
    assert first.pages is not None
    assert last.pages is not None
    assert (first.pages.number, first.pages.count, last.pages.number) == (1, 3, 3)


@pytest.mark.parametrize("typed", ["🚀", "", "-1", "1e3", "9" * 40, "12; drop table alert"])
async def test_text_that_is_no_number_of_an_alert_is_refused(core: Core, ann: Caller, typed: str) -> None:
    with pytest.raises(UserError, match="is not an alert number"):
        await alert_lookup.find(core, ann, typed)


async def test_before_there_are_data_an_alert_waits_for_its_first_reading(empty_core: Core, ann: Caller) -> None:
    empty_core.ingest.progress = (BackfillProgress("members", 120, 606),)
    reply = preview(empty_core, ann, drafted(empty_core))
    assert "Now no data yet. It starts watching with the next reading." in reply.lines
    assert "Still loading history: 120 of 606 members." in reply.lines
    await service.save(empty_core, ann, drafted(empty_core))
    alert = await only_alert(empty_core, ann.user_id)
    assert [each.state for each in await empty_core.store.read(stored.triggers_of, alert.id)] == [TriggerState.NEW]


async def test_a_withheld_reading_is_explained(core: Core, ann: Caller) -> None:
    readings = ReadingState()
    readings.put(sample_readings.withheld(sample_readings.REAL, "no observation for 6 sessions"))
    blind = replace(core, readings=readings)
    reply = preview(blind, ann, drafted(blind, sample_readings.REAL, level="2", timing="live"))
    assert "Now withheld: no observation for 6 sessions. It starts watching with the next reading." in reply.lines
