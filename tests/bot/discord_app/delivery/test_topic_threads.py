"""A topic in a thread of its own, on the real bot in a simulated Discord."""

from __future__ import annotations

from typing import Any

import discord
import pytest

from bot.database.codec import rows
from bot.discord_app.delivery.notifier import DiscordNotifier
from bot.outbox.message import Payload, Sent
from tests.bot.discord_app.delivery.test_send_permissions import deny
from tests.support import SimulatedDiscord, answer_text

STREAK = {"topic": "russell-streak", "thread": True}


async def set_up(chat: SimulatedDiscord, **options: Any) -> str:
    return answer_text(await chat.manager.slash(chat.channel, "setup alerts", **{**STREAK, **options}))


async def places(chat: SimulatedDiscord) -> list[int]:
    """The channels that get the topic, as Discord numbers them."""
    found = await chat.core.store.read(
        rows,
        """SELECT channel_id FROM subscription JOIN destination ON destination.id = destination_id
        ORDER BY destination.id""",
    )
    return [record["channel_id"] for record in found]


def threads(chat: SimulatedDiscord) -> list[discord.Thread]:
    guild = chat.bot.get_guild(chat.guild.id)
    assert guild is not None
    return list(guild.threads)


async def test_a_topic_gets_one_thread_however_often_it_is_set_up(chat: SimulatedDiscord) -> None:
    first = await set_up(chat)
    (thread,) = threads(chat)
    assert thread.name == "Russell streak"
    assert f"Posts Russell streak to <#{thread.id}>" in first
    await set_up(chat)
    assert [each.id for each in threads(chat)] == [thread.id]
    assert await places(chat) == [thread.id]


async def test_a_thread_that_a_kill_left_unstored_is_taken(chat: SimulatedDiscord) -> None:
    await set_up(chat)
    await chat.core.store.run(lambda db: db.execute("DELETE FROM topic_thread"))
    await set_up(chat)
    assert len(threads(chat)) == 1


async def test_a_thread_that_is_deleted_is_made_anew(chat: SimulatedDiscord) -> None:
    await set_up(chat)
    (old,) = threads(chat)
    await old.delete()
    await chat.env.settle()
    await set_up(chat)
    (new,) = threads(chat)
    assert new.id != old.id
    assert await places(chat) == [old.id, new.id]


async def test_a_message_opens_an_archived_thread(chat: SimulatedDiscord) -> None:
    await set_up(chat)
    (thread,) = threads(chat)
    await thread.edit(archived=True)
    assert isinstance(await DiscordNotifier(chat.bot).send(thread.id, Payload("a"), nonce="n"), Sent)


async def test_ending_a_topic_in_the_channel_ends_it_in_its_thread(chat: SimulatedDiscord) -> None:
    await set_up(chat)
    ended = answer_text(await chat.manager.slash(chat.channel, "setup alerts", topic="russell-streak", off=True))
    assert "no longer gets Russell streak" in ended
    assert await places(chat) == []


@pytest.mark.parametrize(
    ("options", "sentence"),
    [({"topic": "all"}, "A thread holds one topic"), ({"topic": "rusell-streak"}, "Did you mean russell-streak")],
)
async def test_what_cannot_have_a_thread_is_refused_with_a_sentence(
    chat: SimulatedDiscord, options: dict[str, Any], sentence: str
) -> None:
    assert sentence in await set_up(chat, **options)
    assert threads(chat) == []


@pytest.mark.parametrize(
    ("denied", "named"),
    [
        ({"create_public_threads": False}, "Create Public Threads"),
        (
            {"create_public_threads": False, "send_messages_in_threads": False},
            "Create Public Threads and Send Messages in Threads",
        ),
    ],
)
async def test_a_permission_that_a_thread_needs_is_named_and_nothing_is_set_up(
    chat: SimulatedDiscord, denied: dict[str, bool], named: str
) -> None:
    await deny(chat, chat.channel.id, **denied)
    assert await set_up(chat) == f"I cannot create a thread in <#{chat.channel.id}>. Give me {named} there."
    assert threads(chat) == []
    assert await places(chat) == []
