"""The quotas hold wherever an alert begins to live, or lives again."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot.commands.alerts import alert_lookup, manage, parse, removal, service
from bot.commands.alerts.parse import AlertChange, AlertRequest
from bot.commands.context import Caller, Core
from bot.commands.quotas import Quotas
from bot.database import Database, privacy
from bot.database.alerts import alerts as stored
from bot.errors import UserError
from tests.support import sample_readings


def end_all(db: Database) -> None:
    """End every alert that somebody has set, as when each had fired once."""
    db.execute("UPDATE alert SET ended_at = 1 WHERE topic IS NULL")


async def set_alert(core: Core, caller: Caller, level: int, channel_id: int | None = None) -> int:
    """Set an alert that ends after it fired; returns its number."""
    request = AlertRequest(signal=sample_readings.SILVER, condition="above", level=str(level), repeat="once")
    await service.save(core, caller, parse.draft(core, request, channel_id=channel_id))
    return (await core.store.read(stored.list_for, caller.user_id))[-1].id


async def edited(core: Core, caller: Caller, number: int, level: str) -> None:
    alert = await alert_lookup.find(core, caller, number)
    await manage.edit_found(core, caller, alert, manage.Change(spec=AlertChange(level=level)))


async def test_ended_alerts_that_are_edited_live_again_only_within_the_quota(core: Core, ann: Caller) -> None:
    core = replace(core, quotas=Quotas(alerts_per_person=3))
    numbers = []
    for level in range(90, 102):
        numbers.append(await set_alert(core, ann, level))
        await core.store.run(end_all)
    assert len(numbers) == 12
    for number in numbers[:3]:
        await edited(core, ann, number, f"{300 + number}")
    for number in numbers[3:]:
        with pytest.raises(UserError, match="You have 3 alerts, which is the most"):
            await edited(core, ann, number, f"{300 + number}")
    assert await core.store.read(stored.count_owned, ann.user_id) == 3
    await edited(core, ann, numbers[0], "500")


async def test_an_ended_alert_that_is_put_back_keeps_to_the_quota(core: Core, ann: Caller) -> None:
    core = replace(core, quotas=Quotas(alerts_per_person=1))
    removed = await removal.remove(core, ann, await set_alert(core, ann, 90))
    await set_alert(core, ann, 91)
    with pytest.raises(UserError, match="You have 1 alerts, which is the most"):
        await removal.put_back(core, ann, int(removed.buttons[0].args[0]))


async def test_a_manager_who_edits_an_ended_alert_keeps_to_the_quota_of_the_server(core: Core, boss: Caller) -> None:
    core = replace(core, quotas=Quotas(alerts_per_server=1))
    first = await set_alert(core, boss, 90, channel_id=100)
    await core.store.run(end_all)
    await set_alert(core, boss, 91, channel_id=100)
    with pytest.raises(UserError, match="This server has 1 alerts, which is the most"):
        await edited(core, boss, first, "95")


async def test_alerts_that_were_handed_to_their_servers_are_no_persons(core: Core, boss: Caller, ann: Caller) -> None:
    """Those of everybody who had their data deleted counted as one person's, and none of them could be restarted."""
    core = replace(core, quotas=Quotas(alerts_per_person=2))
    numbers = [await set_alert(core, boss, level, channel_id=100) for level in (90, 91)]
    await core.store.run(privacy.delete, boss.user_id)
    manager = replace(ann, may_manage=True)
    numbers.append(await set_alert(core, manager, 92, channel_id=100))
    await core.store.run(privacy.delete, manager.user_id)
    await core.store.run(lambda db: db.execute("UPDATE alert SET ended_at = 1 WHERE id = ?", (numbers[0],)))
    await edited(core, manager, numbers[0], "95")
    alert = await alert_lookup.find_by_id(core, manager, numbers[0])
    assert (alert.ended_at, alert.spec.level) == (None, 95)
