"""An ended alert lives again when it is restarted, and what is answered about it is so."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest

from bot.commands.alerts import alert_list, alert_lookup, combine, manage, service
from bot.commands.alerts.combine import CombinationRequest
from bot.commands.alerts.draft import AlertPlace
from bot.commands.alerts.manage import Change
from bot.commands.alerts.manner_text import MannerChange, still_ahead
from bot.commands.alerts.parse import AlertChange
from bot.commands.context import Caller, Core
from bot.commands.quotas import Quotas
from bot.commands.reply import Reply
from bot.database.alerts import alert_manner, firings
from bot.database.alerts import alerts as stored
from bot.database.places import destinations, subscriptions
from bot.domain.model import Alert, Manner
from bot.errors import UserError
from tests.bot.commands.alerts.test_manage import closes, combined
from tests.bot.commands.alerts.test_service import drafted
from tests.support import ManualClock
from tests.support.sample_readings import SESSION, SILVER

LAST = SESSION + timedelta(days=2)


async def expired(core: Core, caller: Caller, number: int = 1) -> Alert:
    """Let the alert of that number expire, and ten days pass."""
    await manage.edit(core, caller, str(number), Change(manner=MannerChange(expires=LAST.isoformat())))
    clock = core.clock
    assert isinstance(clock, ManualClock)
    clock.advance(10 * 86_400)
    ended = await core.store.run(alert_manner.end_expired, session=core.today(), now=core.now())
    alert = await alert_lookup.find(core, caller, number)
    assert alert.id in ended
    return alert


async def lives(core: Core, caller: Caller, number: int) -> None:
    """Assert that the alert of that number is active and that the next check leaves it so."""
    await core.store.run(alert_manner.end_expired, session=core.today() + timedelta(days=1), now=core.now())
    alert = await alert_lookup.find(core, caller, number)
    assert alert.ended_at is None
    assert {each.state for each in await core.store.read(stored.triggers_of, alert.id)} <= {"armed", "fired"}


@pytest.mark.parametrize("condition", ["above 95", "above 90"])
async def test_an_expired_alert_that_is_restarted_is_not_ended_by_its_old_last_day(
    core: Core, ann: Caller, condition: str
) -> None:
    await service.save(core, ann, drafted(core))
    await expired(core, ann)
    reply = await manage.edit(core, ann, "1", Change(spec=AlertChange(condition=condition)))
    assert "Its last day, Thu, Jan 15, is over: it has none now." in reply.lines
    await lives(core, ann, 1)
    [field] = (await alert_list.list_alerts(core, ann)).fields
    assert "Watching" in field.value.splitlines()
    await closes(core, 80, 96, first=12)
    alert = await alert_lookup.find(core, ann, 1)
    [fired] = await core.store.read(lambda db: firings.of_alert(db, alert.id, since=core.calendar.open_at(SESSION)))
    assert fired.value == 96


async def test_a_new_last_day_restarts_an_expired_alert(core: Core, ann: Caller) -> None:
    await service.save(core, ann, drafted(core))
    await expired(core, ann)
    reply = await manage.edit(core, ann, "1", Change(manner=MannerChange(expires="2026-03-31")))
    assert "Expires after Tue, Mar 31" in reply.lines
    await lives(core, ann, 1)


async def test_an_alert_whose_signal_is_gone_is_shown_and_changed_like_any_other(core: Core, boss: Caller) -> None:
    """As an upgrade leaves it that has no such signal any more."""
    await service.save(core, boss, drafted(core))
    alert = await expired(core, boss)
    await manage.edit(core, boss, "1", Change(manner=MannerChange(expires="2026-03-31")))
    await core.store.run(
        lambda db: db.execute("UPDATE alert SET signal = 'havens.tin', ended_at = 1 WHERE topic IS NULL")
    )
    gone = "Its signal does not exist any more. Choose another one with /alert edit, or remove the alert."
    for reply in (
        await service.card(core, boss, alert.id),
        await manage.edit(core, boss, "1", Change(manner=MannerChange(note="mine"))),
        await manage.edit(core, boss, "1", Change(place=AlertPlace(100))),
    ):
        assert gone in reply.lines
    await manage.edit(core, boss, "1", Change(spec=AlertChange(signal=SILVER, condition="above 95")))
    await lives(core, boss, 1)


async def test_a_new_last_day_restarts_no_alert_whose_signal_is_gone(core: Core, ann: Caller) -> None:
    await service.save(core, ann, drafted(core))
    await expired(core, ann)
    await core.store.run(lambda db: db.execute("UPDATE alert SET signal = 'havens.tin' WHERE topic IS NULL"))
    with pytest.raises(UserError, match=r"^No signal “havens\.tin”"):
        await manage.edit(core, ann, "1", Change(manner=MannerChange(expires="2026-03-31")))


async def test_another_manner_of_firing_restarts_within_the_quota(core: Core, ann: Caller) -> None:
    """As the form behind More sends it."""
    await service.save(core, ann, drafted(core))
    alert = await expired(core, ann)
    full = replace(core, quotas=Quotas(alerts_per_person=0))
    change = Change(manner=MannerChange(fires="live"))
    with pytest.raises(UserError, match="which is the most one person may have"):
        await manage.edit_found(full, ann, alert, change)
    await manage.edit_found(core, ann, alert, change)
    await lives(core, ann, 1)


async def test_another_note_restarts_nothing_and_the_answer_says_that_it_has_ended(core: Core, ann: Caller) -> None:
    await service.save(core, ann, drafted(core))
    await expired(core, ann)
    reply = await manage.edit(core, ann, "1", Change(manner=MannerChange(note="mine")))
    assert reply.lines[1] == "It has ended. To restart it, type its condition or a new last day with /alert edit."
    alert = await alert_lookup.find(core, ann, 1)
    assert (alert.ended_at is None, alert.manner) == (False, Manner("mine", expires=LAST))


async def test_a_copy_of_an_expired_alert_does_not_end_with_it(core: Core, ann: Caller) -> None:
    await service.save(core, ann, drafted(core))
    await expired(core, ann)
    await manage.duplicate(core, ann, "1", AlertChange(condition="above 95"), None)
    await lives(core, ann, 2)


async def test_what_has_ended_while_it_was_paused_is_not_resumed_but_restarted(core: Core, ann: Caller) -> None:
    await service.save(core, ann, drafted(core))
    await manage.pause(core, ann, "1")
    await expired(core, ann)
    with pytest.raises(UserError, match=r"^Alert 1 has ended\. Restart it with /alert edit\.$"):
        await manage.resume(core, ann, "1")
    await manage.edit(core, ann, "1", Change(spec=AlertChange(level="91")))
    await lives(core, ann, 1)
    assert (await alert_lookup.find(core, ann, 1)).paused_at is None


async def two_alerts(core: Core, caller: Caller) -> None:
    await service.save(core, caller, drafted(core, level="80"))
    await service.save(core, caller, drafted(core, level="90"))


async def test_an_expired_combination_lives_again_by_another_number_of_members(core: Core, ann: Caller) -> None:
    await two_alerts(core, ann)
    await combined(core, ann, of="1 and 2")
    await expired(core, ann, 3)
    small = replace(core, quotas=Quotas(alerts_per_person=2))
    with pytest.raises(UserError, match="You have 2 alerts"):
        await combined(small, ann, of=None, at_least=1, alert="3")
    await combined(core, ann, of=None, at_least=1, alert="3")
    await lives(core, ann, 3)


async def test_an_expired_combination_lives_again_by_a_new_last_day_and_fires(core: Core, ann: Caller) -> None:
    await two_alerts(core, ann)
    await combined(core, ann, of="1 and 2")
    alert = await expired(core, ann, 3)
    await manage.edit(core, ann, "3", Change(manner=MannerChange(expires="2026-03-31")))
    await lives(core, ann, 3)
    await closes(core, 91, first=12)
    assert (
        len(await core.store.read(lambda db: firings.of_alert(db, alert.id, since=core.calendar.open_at(SESSION)))) == 1
    )


async def test_a_combination_like_one_that_has_ended_is_set(core: Core, ann: Caller) -> None:
    await two_alerts(core, ann)
    await combined(core, ann, of="1 and 2")
    await expired(core, ann, 3)
    title, *_ = await combined(core, ann, of="1 and 2")
    assert title.startswith("Alert 4 is set")
    await lives(core, ann, 4)


async def test_the_same_combination_posts_to_the_channel_that_was_asked_for(core: Core, boss: Caller) -> None:
    await two_alerts(core, boss)
    await combined(core, boss, of="1 and 2")
    place = AlertPlace(100)
    request = CombinationRequest("1, 2")
    for _ in range(2):
        reply: Reply = await combine.confirm(core, boss, request, place)
        assert reply.title.startswith("Alert 4 is set")
        assert "Posts to <#100>." in reply.lines
    alert = await alert_lookup.find(core, boss, 4)
    [subscription] = await core.store.read(subscriptions.of_alert, alert.id)
    assert (await core.store.read(destinations.existing, subscription.destination_id)).channel_id == 100


async def test_an_edit_of_what_somebody_else_has_just_changed_is_refused(core: Core, ann: Caller) -> None:
    await service.save(core, ann, drafted(core))
    before = await alert_lookup.find(core, ann, 1)
    await manage.edit(core, ann, "1", Change(spec=AlertChange(level="99")))
    with pytest.raises(UserError, match=r"^Alert 1 was changed at this very moment\. Try again\.$"):
        await manage.edit_found(core, ann, before, Change(manner=MannerChange(note="mine")))
    assert (await alert_lookup.find(core, ann, 1)).spec.level == 99


@pytest.mark.parametrize(
    ("today", "judged", "kept"),
    [(-1, -1, True), (0, -1, True), (0, 0, False), (1, 0, False), (1, -1, False)],
)
def test_a_last_day_is_over_when_its_session_is_judged_or_it_has_passed(today: int, judged: int, kept: bool) -> None:
    day = date(2026, 1, 15)
    manner = still_ahead(
        Manner("mine", expires=day), today=day + timedelta(days=today), judged=day + timedelta(days=judged)
    )
    assert manner == Manner("mine", expires=day if kept else None)
