"""A private alert goes to a channel only by its person's word, where they may write, and where the server allows it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot.commands.alerts import mention
from bot.commands.context import Caller, Core
from bot.database.places import destinations, guilds, places
from bot.errors import UserError


async def fallback(core: Core, person: Caller) -> int | None:
    """The channel that stands in for the person's DM."""
    place = await core.store.read(destinations.find_dm, person.user_id)
    return None if place is None else place.fallback_channel_id


async def test_a_server_allows_no_mentions_at_first(core: Core, ann: Caller) -> None:
    with pytest.raises(UserError, match="This server does not allow mentions"):
        await mention.ask_for(core, ann)
    assert await fallback(core, ann) is None


async def test_the_channel_of_the_command_stands_in_where_the_server_allows_it(
    core: Core, ann: Caller, boss: Caller
) -> None:
    await mention.set_allowed(core, boss, allowed=True)
    reply = await mention.ask_for(core, ann)
    assert "I post your alerts in <#100> and mention you, without your notes." in reply.lines[0]
    assert reply.private
    assert await fallback(core, ann) == 100


@pytest.mark.parametrize("where", [{"can_post": False}, {"guild_id": None}, {"channel_id": None}])
async def test_a_person_is_mentioned_only_where_both_may_write(
    core: Core, ann: Caller, boss: Caller, where: dict[str, bool | None]
) -> None:
    await mention.set_allowed(core, boss, allowed=True)
    with pytest.raises(UserError, match="in a channel"):
        await mention.ask_for(core, replace(ann, **where))
    assert await fallback(core, ann) is None


async def test_only_a_manager_allows_mentions(core: Core, ann: Caller) -> None:
    with pytest.raises(UserError, match="Manage Server"):
        await mention.set_allowed(core, ann, allowed=True)
    assert not await core.store.read(guilds.mentions_allowed, 1)


async def test_a_person_ends_it(core: Core, ann: Caller, boss: Caller) -> None:
    await mention.set_allowed(core, boss, allowed=True)
    await mention.ask_for(core, ann)
    reply = await mention.end(core, ann)
    assert reply.lines == ("When Discord refuses a DM to you, I tell you at your next command.",)
    assert await fallback(core, ann) is None
    with pytest.raises(UserError, match="You have not asked"):
        await mention.end(core, ann)


async def test_a_server_that_allows_it_no_more_ends_it_for_all_and_tells_who_is_not_reached(
    core: Core, ann: Caller, boss: Caller
) -> None:
    await mention.set_allowed(core, boss, allowed=True)
    await mention.ask_for(core, ann)
    await mention.ask_for(core, replace(ann, user_id=13))
    place = await core.store.read(destinations.find_dm, ann.user_id)
    assert place is not None
    await core.store.run(destinations.park, place.id, "Your DMs are closed.", now=core.now())
    await core.store.run(places.told, place.id, now=core.now())
    await mention.set_allowed(core, boss, allowed=False)
    assert await fallback(core, ann) is await fallback(core, replace(ann, user_id=13)) is None
    assert await core.store.read(places.untold, ann.user_id) == [place.id]


async def test_a_server_that_the_bot_has_left_mentions_nobody(core: Core, ann: Caller, boss: Caller) -> None:
    await mention.set_allowed(core, boss, allowed=True)
    await mention.ask_for(core, ann)
    await core.store.run(guilds.left, 1, now=core.now())
    assert await fallback(core, ann) is None
