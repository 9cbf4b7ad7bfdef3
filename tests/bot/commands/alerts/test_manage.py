"""Everything about a stored alert can be changed, paused, copied, combined and looked back at."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest

from bot.alerts import composites, engine
from bot.commands.alerts import alert_list, alert_lookup, combine, history, manage, parse, removal, service
from bot.commands.alerts.combine import CombinationRequest
from bot.commands.alerts.draft import AlertPlace
from bot.commands.alerts.manage import Change
from bot.commands.alerts.manner_text import MannerChange, with_after, with_manner
from bot.commands.alerts.parse import AlertChange, AlertRequest
from bot.commands.context import Caller, Core
from bot.commands.delivery import snooze
from bot.commands.server import refused_places
from bot.database.alerts import alert_manner
from bot.database.alerts import alerts as stored
from bot.database.places import destinations, subscriptions
from bot.domain.foreign_text import resolved
from bot.domain.model import After, AlertSpec, Condition, Loudness, Manner, Repeat
from bot.errors import UserError
from signals.core.model import Measure, Measures, Reading, State
from tests.bot.commands.alerts.test_service import drafted
from tests.support.sample_readings import REAL, SESSION, SILVER, STREAK

TODAY = date(2026, 1, 13)


async def closes(core: Core, *values: float, first: int = 1) -> None:
    """Closes of silver on the days after the sample's session."""
    for number, value in enumerate(values, start=first):
        session = SESSION + timedelta(days=number)
        reading = Reading(SILVER, session, value, State.FINAL, measures=Measures())
        await core.store.run(engine.evaluate, session, {SILVER: reading}, now=core.now())


async def test_an_edit_changes_signal_condition_and_measure(core: Core, ann: Caller) -> None:
    await service.save(core, ann, drafted(core))
    change = Change(spec=AlertChange(signal=STREAK, condition="below -3"))
    reply = await manage.edit(core, ann, "1", change)
    assert reply.title.startswith("Alert 1 is now: ")
    (alert,) = await core.store.read(stored.list_for, ann.user_id)
    assert (alert.spec.signal, alert.spec.condition, alert.spec.level) == (STREAK, Condition.BELOW, -3)
    await manage.edit(core, ann, "1", Change(spec=AlertChange(signal=SILVER, condition="new high 252")))
    await manage.edit(core, ann, "#1", Change(spec=AlertChange(condition="above 1", measure="change_1d")))
    (alert,) = await core.store.read(stored.list_for, ann.user_id)
    assert (alert.spec.signal, alert.spec.measure) == (SILVER, Measure.CHANGE_1D)


async def test_an_edit_of_how_an_alert_speaks_leaves_its_state(core: Core, ann: Caller) -> None:
    await service.save(core, ann, drafted(core))
    await closes(core, 91)
    before = await core.store.read(stored.triggers_of, (await alert_lookup.find(core, ann, 1)).id)
    manner = MannerChange(note=" sell  half ", loudness="Silent", expires="2026-03-31")
    reply = await manage.edit(core, ann, "1", Change(manner=manner))
    assert "Silent; expires after Tue, Mar 31; note: " in reply.lines[1]
    alert = await alert_lookup.find(core, ann, 1)
    assert alert.manner == Manner("sell half", Loudness.SILENT, date(2026, 3, 31))
    assert await core.store.read(stored.triggers_of, alert.id) == before
    listed = await alert_list.list_alerts(core, ann)
    assert "expires after Tue, Mar 31" in listed.fields[0].value


async def test_an_edit_without_anything_is_refused(core: Core, ann: Caller) -> None:
    await service.save(core, ann, drafted(core))
    with pytest.raises(UserError, match="Nothing to change was given"):
        await manage.edit(core, ann, "1", Change())


async def test_an_alert_moves_to_a_channel_and_back(core: Core, boss: Caller) -> None:
    await service.save(core, boss, drafted(core))
    await manage.edit(core, boss, "1", Change(place=AlertPlace(100, 5)))
    alert = await alert_lookup.find(core, boss, 1)
    assert alert.guild_id == 1
    (subscription,) = await core.store.read(subscriptions.of_alert, alert.id)
    assert subscription.role_id == 5
    await manage.edit(core, boss, "1", Change(place=AlertPlace()))
    alert = await alert_lookup.find(core, boss, 1)
    (subscription,) = await core.store.read(subscriptions.of_alert, alert.id)
    own = await core.store.read(destinations.find_dm, boss.user_id)
    assert own is not None
    assert (alert.guild_id, subscription.destination_id) == (None, own.id)


async def test_moving_to_a_channel_needs_manage_server(core: Core, ann: Caller) -> None:
    await service.save(core, ann, drafted(core))
    with pytest.raises(UserError, match="Manage Server"):
        await manage.edit(core, ann, "1", Change(place=AlertPlace(100)))


async def test_nobody_moves_the_alert_of_somebody_else(core: Core, boss: Caller, ann: Caller) -> None:
    await service.save(core, replace(ann, may_manage=True), replace(drafted(core), channel_id=100))
    theirs = (await core.store.read(stored.list_for, ann.user_id))[0]
    found = await alert_lookup.find(core, boss, theirs.id)
    with pytest.raises(UserError, match="Only the person who set this alert"):
        await manage.edit_found(core, boss, found, Change(place=AlertPlace()))


async def test_an_ended_alert_lives_again_with_another_condition(core: Core, ann: Caller) -> None:
    await service.save(core, ann, drafted(core, repeat="once"))
    await closes(core, 91)
    with pytest.raises(UserError, match="has ended"):
        await manage.pause(core, ann, "1")
    await manage.edit(core, ann, "1", Change(spec=AlertChange(repeat="every")))
    assert (await alert_lookup.find(core, ann, 1)).ended_at is None


async def test_a_resumed_alert_says_what_it_missed_and_where_it_is(core: Core, ann: Caller) -> None:
    await service.save(core, ann, drafted(core))
    assert "sends nothing until you type /alert resume" in (await manage.pause(core, ann, "1")).lines[0]
    await manage.pause(core, ann, "1")
    listed = await alert_list.list_alerts(core, ann)
    assert "Paused since Tue, Jan 13" in listed.fields[0].value
    await closes(core, 91, 89, 92)
    reply = await manage.resume(core, ann, "1")
    assert reply.lines[:3] == ("While it was paused it crossed 2 times.", "Wed, Jan 14: $91.00", "Fri, Jan 16: $92.00")
    assert reply.lines[3].startswith("Now **$85.88**")
    with pytest.raises(UserError, match="Alert 1 is not paused"):
        await manage.resume(core, ann, "1")


async def test_a_pause_outlasts_a_snooze_and_a_resumed_alert_says_that_it_is_snoozed(core: Core, ann: Caller) -> None:
    """The list gave the end of the snooze, as if messages came from then on; `alerts again` was said of one that is silent."""
    await service.save(core, ann, drafted(core))
    await snooze.snooze(core, ann, "1", "2d")
    assert "Snoozed until" in (await alert_list.list_alerts(core, ann)).fields[0].value
    await manage.pause(core, ann, "1")
    listed = (await alert_list.list_alerts(core, ann)).fields[0].value
    assert "Paused since Tue, Jan 13" in listed
    assert "Snoozed" not in listed
    with pytest.raises(UserError, match=r"^Alert 1 is paused and sends nothing until you type /alert resume\.$"):
        await snooze.snooze(core, ann, "1", "3d")
    reply = await manage.resume(core, ann, "1")
    assert reply.title.startswith("Alert 1 is resumed: ")
    assert reply.lines[-1].startswith("**Snoozed until <t:")
    assert reply.lines[-1].endswith(">**: what crosses until then comes in one message at the end.")


async def test_the_list_tells_of_a_snooze_of_everything_where_it_is_the_longer_one(core: Core, ann: Caller) -> None:
    """All alerts by DM were silent, and each of them was `watching`."""
    await service.save(core, ann, drafted(core))
    await snooze.snooze(core, ann, "all", "3d")
    everything = (await alert_list.list_alerts(core, ann)).fields[0].value
    assert "Snoozed until <t:" in everything
    await snooze.snooze(core, ann, "1", "2h")
    assert (await alert_list.list_alerts(core, ann)).fields[0].value == everything
    await snooze.snooze(core, ann, "all", "off")
    assert "Snoozed until" in (await alert_list.list_alerts(core, ann)).fields[0].value
    await snooze.snooze(core, ann, "1", "off")
    assert "Watching" in (await alert_list.list_alerts(core, ann)).fields[0].value


async def test_one_crossing_and_every_session_are_said_as_people_say_them(core: Core, ann: Caller) -> None:
    await service.save(core, ann, drafted(core))
    edited = await manage.edit(core, ann, "1", Change(manner=MannerChange(after="remind 1")))
    assert edited.lines[0] == "On closes, every crossing, with a reminder every session while it lasts"
    await manage.pause(core, ann, "1")
    await closes(core, 91)
    assert (await manage.resume(core, ann, "1")).lines[0] == "While it was paused it crossed once."


async def test_a_copy_differs_from_its_original(core: Core, ann: Caller, boss: Caller) -> None:
    await service.save(core, ann, drafted(core), Manner("mine"))
    with pytest.raises(UserError, match="The copy would be the same alert"):
        await manage.duplicate(core, ann, "1", AlertChange(), None)
    await manage.duplicate(core, ann, "1", AlertChange(condition="above 95"), None)
    first, second = await core.store.read(stored.list_for, ann.user_id)
    assert (second.number, second.spec.level, second.manner) == (2, 95, first.manner)
    await service.save(core, boss, replace(drafted(core), channel_id=100, role_id=5))
    copied = await manage.duplicate(core, boss, "1", AlertChange(signal=REAL, condition="above 3"), None)
    assert "Posts to <#100>, mentioning <@&5>." in copied.lines


async def test_the_history_says_when_at_what_value_and_what_became_of_it(core: Core, ann: Caller) -> None:
    await service.save(core, ann, drafted(core))
    assert (await history.show(core, ann, None)).lines == ("None has fired yet.",)
    assert (await history.show(core, ann, "1")).lines == ("It has not fired yet.",)
    await closes(core, 91, 89, 93)
    whole = await history.show(core, ann, None)
    assert [field.name for field in whole.fields] == ["1 · Silver above $90"] * 2
    assert whole.fields[0].value == "Fri, Jan 16: $93.00\nWaiting to be sent"
    one = await history.show(core, ann, "1")
    assert [field.name for field in one.fields] == ["Fri, Jan 16", "Wed, Jan 14"]


async def test_the_history_says_that_a_place_took_nothing(core: Core, ann: Caller) -> None:
    """Of a message that waited for a place which was given up: its alert was not withdrawn."""
    await service.save(core, ann, drafted(core))
    await closes(core, 91)
    place = await core.store.read(destinations.find_dm, ann.user_id)
    assert place is not None
    await core.store.run(destinations.park, place.id, "Cannot send messages to this user", now=core.now())
    [told] = await refused_places.take(core, ann.user_id)
    assert "1 message could not be delivered" in told
    [field] = (await history.show(core, ann, None)).fields
    assert field.value.splitlines()[1] == "Not sent: Discord took no messages there"


async def test_of_a_combination_that_a_place_did_not_take_it_is_said_what_held(core: Core, ann: Caller) -> None:
    """Each was called a notice, also an alert on a signal that is gone, so that nobody knew what had been lost."""
    await service.save(core, ann, drafted(core))
    await service.save(core, ann, drafted(core, level="91"))
    await combined(core, ann, of="1, 2")
    await closes(core, 92)
    await core.store.run(lambda db: db.execute("UPDATE outbox SET signal = 'havens.tin' WHERE level = 91"))
    place = await core.store.read(destinations.find_dm, ann.user_id)
    assert place is not None
    await core.store.run(destinations.park, place.id, "Cannot send messages to this user", now=core.now())
    [told] = await refused_places.take(core, ann.user_id)
    assert sorted(resolved(told, str).splitlines()[2:]) == [
        "- Silver above $90: $92.00 on Wed, Jan 14",
        "- alert 3: 2 of 2 hold: Silver above $90; Silver above $91 on Wed, Jan 14",
        "- alert on havens.tin of Wed, Jan 14",
    ]


async def test_the_history_says_what_followed(core: Core, ann: Caller) -> None:
    await service.save(core, ann, drafted(core, level="80"))
    alert = await alert_lookup.find(core, ann, 1)
    day = core.readings.series(SILVER).index[-11].date()
    await core.store.run(
        lambda db: db.execute(
            "INSERT INTO firing VALUES (1, 1, ?, ?, 'value', 'above', 80, 81, ?, 1, 'sent')",
            (alert.id, SILVER, day.toordinal()),
        )
    )
    shown = await history.show(core, ann, "1")
    assert shown.fields[0].value.splitlines()[:2] == ["$81.00", "Sent"]
    assert "Now $85.88" in shown.fields[0].value


async def combined(core: Core, caller: Caller, **options: object) -> tuple[str, ...]:
    request = CombinationRequest(**{"of": "1, 2, russell-streak", **options})  # type: ignore[arg-type]
    reply = await combine.combine(core, caller, request, AlertPlace())
    if reply.buttons[0].action == "cc":
        reply = await combine.confirm(core, caller, *combine.unpacked(reply.buttons[0].args))
    return (reply.title, *reply.lines)


async def test_a_combination_says_who_is_in_and_how_often_it_would_have_fired(core: Core, ann: Caller) -> None:
    await service.save(core, ann, drafted(core, level="80"))
    await service.save(core, ann, drafted(core, level="90"))
    asked = CombinationRequest("1, 2 russell-streak", 3, 5)
    preview = await combine.combine(core, ann, asked, AlertPlace())
    assert preview.lines == (
        "Alerts by DM when at least 3 of 3 hold; each counts for 5 sessions after it fires:",
        "- Silver above $80 (alert 1)",
        "- Silver above $90 (alert 2)",
        "- Russell streak",
        "Would not have fired in the past 5 years.",
    )
    assert len(await core.store.read(stored.list_for, ann.user_id)) == 2
    title, now_in, not_in, where = await combined(core, ann, at_least=3, within=5)
    assert await combined(core, ann, at_least=3, within=5) == (title, now_in, not_in, where)
    assert title == "Alert 3 is set: At least 3 of alert 1, alert 2 and Russell streak within 5 sessions"
    assert now_in == "Hold now: Silver above $80 (alert 1); Russell streak"
    assert not_in == "Do not hold: Silver above $90 (alert 2)"
    assert where == "You'll get a DM."
    alert = await alert_lookup.find(core, ann, 3)
    assert alert.combination is not None
    assert (alert.combination.at_least, alert.combination.within) == (3, 5)
    card = await service.card(core, ann, alert.id)
    assert [button.label for button in card.buttons] == ["More", "Remove"]
    listed = await alert_list.list_alerts(core, ann)
    assert listed.fields[2].value == "Watching"


async def test_a_combination_can_be_changed_and_speaks_like_any_alert(core: Core, ann: Caller) -> None:
    await service.save(core, ann, drafted(core, level="80"))
    await service.save(core, ann, drafted(core, level="90"))
    await combined(core, ann, of="1 and 2")
    lines = await combined(core, ann, of=None, at_least=1, alert="3")
    assert lines[0] == "Alert 3 is now: At least 1 of alert 1 and alert 2"
    assert "**Enough of them hold already**: you'll be alerted the next time." in lines
    reply = await manage.edit(core, ann, "3", Change(manner=MannerChange(note="both")))
    assert reply.title == "Alert 3 is now: At least 1 of alert 1 and alert 2"
    for change in (Change(spec=AlertChange(level="3")), Change(manner=MannerChange(after="back"))):
        with pytest.raises(UserError, match=r"is a combination|has no follow-up"):
            await manage.edit(core, ann, "3", change)
    await manage.pause(core, ann, "3")
    resumed = await manage.resume(core, ann, "3")
    assert resumed.lines == (
        "While it was paused nothing crossed.",
        "Enough of its members hold now: you'll be alerted the next time.",
    )
    with pytest.raises(UserError, match="cannot be duplicated"):
        await manage.duplicate(core, ann, "3", AlertChange(), None)


async def test_a_combination_that_has_too_few_members_left_says_so_in_the_list(core: Core, ann: Caller) -> None:
    """Members that have ended are not offered either, nor are alerts that never hold."""
    for level in ("70", "80", "90"):
        await service.save(core, ann, drafted(core, level=level))
    await service.save(core, ann, parse.draft(core, AlertRequest(signal=SILVER, condition="crosses 50")))
    await combined(core, ann, of="1, 2, 3", at_least=2)
    for number in (1, 2):
        alert = await alert_lookup.find(core, ann, number)
        await core.store.run(alert_manner.end, alert.id, now=core.now())
        await core.store.run(composites.settle, alert.id)
        listed = await alert_list.list_alerts(core, ann)
        short = "Alert 1 and alert 2 have ended: 1 member is left, and it needs 2"
        assert listed.fields[4].value == ("Watching" if number == 1 else short)
    offered = [choice.value for choice in await combine.complete_members(core, ann, "")]
    assert [value for value in offered if value.isdecimal()] == ["3"]


async def test_a_member_cannot_be_removed_and_a_combination_can(core: Core, ann: Caller) -> None:
    await service.save(core, ann, drafted(core, level="80"))
    await service.save(core, ann, drafted(core, level="90"))
    await combined(core, ann, of="1, 2")
    member, whole = await alert_lookup.find(core, ann, 1), await alert_lookup.find(core, ann, 3)
    with pytest.raises(UserError, match=r"Alert 1 is part of alert 3\. Remove alert 3 first, or pause this one\."):
        await removal.remove(core, ann, member.id)
    removed = await removal.remove(core, ann, whole.id)
    assert removed.title == "Removed: At least 2 of alert 1 and alert 2"
    await removal.remove(core, ann, member.id)
    with pytest.raises(UserError, match="Alert 1, one of its members, does not exist"):
        await removal.put_back(core, ann, int(removed.buttons[0].args[0]))


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ({"of": "1"}, "A combination has 2 to 8 members, not 1."),
        ({"of": "1, 9"}, "You have no alert 9."),
        ({"of": "1, rusell-streak"}, "Did you mean russell-streak?"),
        ({"of": "1, 🚀"}, "/alert list and /topics show what there is."),
        ({"of": "1, 2"}, "fires in both directions"),
        ({"of": "1, 4"}, "Alert 4 has ended."),
        ({"of": "1, 3", "at_least": 3}, "At least 3 of 2 is not possible. Try 1 to 2."),
        ({"of": "1, 3", "within": 64}, "Within 64 sessions is not possible. Try 1 to 63."),
        ({"of": "1, 3", "alert": "1"}, "Alert 1 is not one of your combinations."),
        ({"of": "1, 5"}, "Alert 5 is itself a combination."),
    ],
)
async def test_what_cannot_be_combined_is_refused_with_a_reason(
    core: Core, ann: Caller, options: dict[str, object], sentence: str
) -> None:
    await service.save(core, ann, drafted(core))
    await service.save(core, ann, drafted(core, condition="crosses"))
    await service.save(core, ann, drafted(core, level="95"))
    await service.save(core, ann, drafted(core, level="91", repeat="once"))
    await closes(core, 92)
    await combined(core, ann, of="1, 3")
    with pytest.raises(UserError) as caught:
        await combined(core, ann, **options)
    assert sentence in str(caught.value)


async def test_a_combination_counts_towards_the_quota(core: Core, ann: Caller) -> None:
    small = replace(core, quotas=replace(core.quotas, alerts_per_person=2))
    await service.save(small, ann, drafted(core))
    await service.save(small, ann, drafted(core, level="95"))
    with pytest.raises(UserError, match="the most one person may have"):
        await combined(small, ann, of="1, 2")


async def test_members_are_offered_after_what_stands_already(core: Core, ann: Caller) -> None:
    await service.save(core, ann, drafted(core))
    offered = await combine.complete_members(core, ann, "")
    assert offered[0].value == "1"
    assert [choice.value for choice in await combine.complete_members(core, ann, "1, russell")] == ["1, russell-streak"]


async def test_old_ids_of_a_server_s_alerts_still_work_for_its_managers(core: Core, boss: Caller, ann: Caller) -> None:
    await service.save(core, replace(ann, may_manage=True), replace(drafted(core), channel_id=100))
    theirs = (await core.store.read(stored.list_for, ann.user_id))[0]
    assert (await alert_lookup.find(core, boss, theirs.id)).id == theirs.id
    assert (await alert_lookup.find(core, ann, 1)).id == theirs.id


PLAIN = AlertSpec(SILVER, Measure.VALUE, Condition.ABOVE, 90)


@pytest.mark.parametrize(
    ("typed", "after", "every"),
    [
        ("nothing", After.NOTHING, 0),
        ("Tell me when it is back", After.BACK, 0),
        ("back", After.BACK, 0),
        ("remind 5", After.REMIND, 5),
        ("remind me every 10 sessions", After.REMIND, 10),
        ("every 3", After.REMIND, 3),
    ],
)
def test_what_follows_is_read(typed: str, after: After, every: int) -> None:
    found = with_after(replace(PLAIN, after=After.REMIND, remind_every=7), typed)
    assert (found.after, found.remind_every, found.repeat) == (after, every, Repeat.EVERY)
    assert with_after(found, None) == with_after(found, " ") == found


def test_how_an_alert_speaks_is_read_and_what_was_not_given_stays() -> None:
    stored_manner = Manner("a", Loudness.PING, date(2026, 2, 1))
    assert with_manner(stored_manner, MannerChange(), TODAY) == stored_manner
    assert with_manner(stored_manner, MannerChange(note="none", expires="never", loudness="normal"), TODAY) == Manner()
    assert with_manner(Manner(), MannerChange(note="", expires="", loudness=""), TODAY) == Manner()


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (MannerChange(note="x" * 101), "That note has 101 characters. Type at most 100."),
        (MannerChange(loudness="loud"), "“loud” is not a loudness. Type ping, normal or silent."),
        (MannerChange(expires="soon"), "“soon” is not a date. Type one such as 2027-01-01, or never."),
        (MannerChange(expires="2026-01-13"), "Tue, Jan 13, 2026 is not in the future."),
    ],
)
def test_how_an_alert_cannot_speak_is_said(change: MannerChange, sentence: str) -> None:
    with pytest.raises(UserError) as caught:
        with_manner(Manner(), change, TODAY)
    assert sentence in str(caught.value)
    with pytest.raises(UserError, match="remind 5"):
        with_after(PLAIN, "often")


@pytest.mark.parametrize(
    ("signal", "condition", "change", "sentence"),
    [
        (
            SILVER,
            "new high 252",
            AlertChange(level="90"),
            "An alert on a new 252-session high has no level. Type a condition instead, such as above 90.",
        ),
        (
            "rotation.state",
            "turns",
            AlertChange(level="-5", upper="5"),
            "An alert on a turn has no level. Type a condition instead, such as turns.",
        ),
        (
            "rotation.state",
            "turns to rotating out",
            AlertChange(level="0.9"),
            "An alert on a turn has no level. Type a condition instead, such as turns.",
        ),
        (SILVER, "new high 252", AlertChange(measure="value"), "The level is missing. Add it, such as level:90."),
        (
            STREAK,
            "above 0.5",
            AlertChange(signal="rotation.state"),
            "Rotation has named states, not levels. Type turns, turns to rotating out of big tech or ",
        ),
    ],
)
async def test_a_condition_without_a_level_is_given_none(
    core: Core, ann: Caller, signal: str, condition: str, change: AlertChange, sentence: str
) -> None:
    """An alert on a new high that took a level would never fire, and look as before."""
    draft = parse.draft(core, AlertRequest(signal=signal, condition=condition))
    await service.save(core, ann, draft)
    with pytest.raises(UserError) as caught:
        await manage.edit(core, ann, "1", Change(spec=change))
    assert str(caught.value).startswith(sentence)
    (alert,) = await core.store.read(stored.list_for, ann.user_id)
    assert alert.spec == replace(draft.spec, band=alert.spec.band)


async def test_a_new_high_becomes_a_level_where_one_is_typed(core: Core, ann: Caller) -> None:
    await service.save(core, ann, parse.draft(core, AlertRequest(signal=SILVER, condition="new high 252")))
    reply = await manage.edit(core, ann, "1", Change(spec=AlertChange(measure="value", level="90")))
    assert reply.title == "Alert 1 is now: Silver above $90"
