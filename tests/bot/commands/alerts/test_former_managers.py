"""What posts to a server's channel is changed by who may set that server up now; who has set it may take it out of there."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import replace

import pytest

from bot.commands.alerts import alert_lookup, combine, manage, removal, service
from bot.commands.alerts.combine import CombinationRequest
from bot.commands.alerts.draft import AlertPlace
from bot.commands.alerts.manage import Change
from bot.commands.alerts.manner_text import MannerChange
from bot.commands.alerts.parse import AlertChange
from bot.commands.alerts.test_message import build_test_message
from bot.commands.context import Caller, Core
from bot.database.alerts import alerts as stored
from bot.discord_app.delivery.messages import payloads
from bot.errors import UserError
from tests.bot.commands.alerts.test_service import drafted

ELSEWHERE = r"^Alert \d posts to a channel of a server\. Change it in a channel there, or move it to your DM with /alert edit\.$"
LACKS = r"^You need the Manage Server permission for that\.$"
FORMER = {
    "in a DM": ({"guild_id": None, "may_manage": False}, ELSEWHERE),
    "in a server of their own": ({"guild_id": 2}, ELSEWHERE),
    "in the server": ({"may_manage": False}, LACKS),
}
"""Where a former manager asks, and what they read."""


async def send_test(core: Core, caller: Caller) -> object:
    return await build_test_message(core, caller, await alert_lookup.find(core, caller, 1))


ATTEMPTS: dict[str, Callable[[Core, Caller], Awaitable[object]]] = {
    "note": lambda core, caller: manage.edit(core, caller, "1", Change(manner=MannerChange(note="look at me"))),
    "condition": lambda core, caller: manage.edit(core, caller, "1", Change(spec=AlertChange(condition="above 1"))),
    "combination": lambda core, caller: combine.combine(
        core, caller, CombinationRequest(alert="3", at_least=1), AlertPlace()
    ),
    "test message": send_test,
}


async def three_in_a_channel(core: Core, boss: Caller) -> None:
    """Set two alerts of a manager and a combination of them, all in a channel of the server."""
    for level in ("80", "90"):
        await service.save(core, boss, replace(drafted(core, level=level), channel_id=100))
    await combine.confirm(core, boss, CombinationRequest("1, 2"), AlertPlace(100))


@pytest.mark.parametrize("where", FORMER)
@pytest.mark.parametrize("what", ATTEMPTS)
async def test_a_former_manager_writes_nothing_into_the_channel(
    core: Core, boss: Caller, what: str, where: str
) -> None:
    await three_in_a_channel(core, boss)
    before = await core.store.read(stored.list_for, boss.user_id)
    changes, sentence = FORMER[where]
    with pytest.raises(UserError, match=sentence):
        await ATTEMPTS[what](core, replace(boss, **changes))  # type: ignore[arg-type]
    assert await core.store.read(stored.list_for, boss.user_id) == before
    await ATTEMPTS[what](core, boss)


async def test_a_former_manager_takes_their_alert_to_their_dm_or_removes_it(core: Core, boss: Caller) -> None:
    await service.save(core, boss, replace(drafted(core), channel_id=100))
    former = replace(boss, guild_id=None, may_manage=False)
    await manage.edit(core, former, "1", Change(manner=MannerChange(note="mine"), place=AlertPlace()))
    alert = await alert_lookup.find(core, former, 1)
    assert (alert.guild_id, alert.manner.note) == (None, "mine")
    await manage.edit(core, boss, "1", Change(place=AlertPlace(100)))
    assert (await removal.remove(core, former, alert.id)).title.startswith("Removed")


async def test_the_test_message_of_a_combination_says_who_is_in(core: Core, boss: Caller) -> None:
    await three_in_a_channel(core, boss)
    place, item = await build_test_message(core, boss, await alert_lookup.find(core, boss, 3))
    text = str(payloads(core)(place, [item]).to_json())
    assert "Silver above $80" in text
    assert "1 of 2" in text


async def test_an_alert_on_a_signal_that_is_gone_has_no_test_message(core: Core, ann: Caller) -> None:
    await service.save(core, ann, drafted(core))
    alert = await alert_lookup.find(core, ann, 1)
    gone = replace(alert, spec=replace(alert.spec, signal="havens.tin"))
    with pytest.raises(
        UserError, match=r"^The signal of alert 1 does not exist any more\. Choose another with /alert edit\.$"
    ):
        await build_test_message(core, ann, gone)
