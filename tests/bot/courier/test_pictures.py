"""Messages with pictures: they arrive with their words, and a picture that cannot be had or is refused costs no message."""

from __future__ import annotations

import asyncio
import hashlib
import json
from typing import Any

import pytest

from bot import outbox
from bot.courier import DeliveryPolicy, Pacer
from bot.database.codec import scalar
from bot.discord_app.notifier import DiscordNotifier
from bot.domain.chart_request import ChartKind, ChartRequest, file_names
from bot.outbox.message import Payload
from bot.outbox.pictures import draw_stored
from tests.bot.courier.conftest import DM_ID, SESSION, Painter, Post
from tests.bot.courier.test_crashes import KilledError, Life, MortalNotifier, MortalStore, kill_tasks
from tests.discord_server import Answer, DropAfter, Hang
from tests.discord_server.world import CHANNEL_ID

MESSAGES = "/channels/*/messages"
FILE = "signal-a-chart-2026-01-13.png"


def message(post: Post) -> dict[str, Any]:
    (found,) = post.discord.world.posted(CHANNEL_ID)
    return dict(found)


def nonces(post: Post) -> set[str]:
    return {each.body["nonce"] for each in post.posts()}


async def promised(post: Post, *keys: str) -> None:
    await post.put(await post.channel(), *(keys or ("a-chart",)))


async def test_a_picture_arrives_in_its_embed_with_words_for_those_who_cannot_see_it(post: Post) -> None:
    await promised(post)
    await post.settle()
    [attached] = message(post)["attachments"]
    assert attached == {
        "id": "0",
        "filename": FILE,
        "content_type": "image/png",
        "size": 14,
        "sha256": hashlib.sha256(b"PNG of a-chart").hexdigest(),
        "description": "The chart of a-chart",
    }
    assert message(post)["embeds"][0]["image"] == {"url": f"attachment://{FILE}"}
    assert message(post)["content"] == "a-chart"


async def test_what_is_stored_is_the_sketch_and_never_the_picture(post: Post) -> None:
    await promised(post)
    post.discord.faults.add("POST", MESSAGES, Answer(503))
    await post.courier().flush()
    stored = Payload.from_json(await post.store.read(scalar, "SELECT payload FROM batch"))
    assert stored.pictures == (ChartRequest(ChartKind.SIGNAL, SESSION, ("a-chart",)).to_json(),)


def test_a_message_that_was_stored_before_there_were_pictures_can_still_be_sent() -> None:
    old = json.loads(Payload("a", embeds=({"title": "a"},)).to_json())
    del old["pictures"]
    assert Payload.from_json(json.dumps(old)) == Payload("a", embeds=({"title": "a"},))


async def test_a_message_whose_picture_cannot_be_drawn_arrives_without_it(post: Post) -> None:
    post.painter.cannot.add("a-chart")
    await promised(post, "a-chart", "b-chart")
    await post.settle()
    assert [each["filename"] for each in message(post)["attachments"]] == ["signal-b-chart-2026-01-13.png"]
    assert ["image" in embed for embed in message(post)["embeds"]] == [False, True]


async def test_a_picture_that_takes_too_long_is_not_waited_for(post: Post) -> None:
    post.painter.slow.add("a-chart")
    await promised(post, "a-chart", "b-chart")
    await post.settle(post.courier(policy=DeliveryPolicy(picture_seconds=0.01)))
    assert post.told() == ["a-chart b-chart"]
    assert len(message(post)["attachments"]) == 1


async def test_without_an_artist_messages_have_no_image(post: Post) -> None:
    await promised(post)
    courier = post.courier()
    courier._charts = None
    await post.settle(courier)
    assert message(post)["attachments"] == []
    assert "image" not in message(post)["embeds"][0]


@pytest.mark.parametrize("away_seconds", [1, 600], ids=["back at once", "back after Discord forgot"])
async def test_a_kill_while_discord_has_the_picture_doubles_nothing(post: Post, away_seconds: int) -> None:
    await promised(post)
    post.discord.faults.add("POST", MESSAGES, Hang())
    seen = asyncio.Event()
    post.discord.world.on_message.append(lambda _: seen.set())
    running = asyncio.create_task(post.courier().run())
    async with asyncio.timeout(5):
        await seen.wait()
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
    await kill_tasks()
    post.clock.advance(away_seconds)
    await post.restart()
    await post.settle()
    assert len(message(post)["attachments"]) == 1
    assert await post.states() == {"a-chart": "sent"}
    assert len(nonces(post)) == 1


async def test_a_process_that_dies_between_any_two_steps_posts_a_picture_once(post: Post) -> None:
    await promised(post)
    for steps in range(12):
        courier = post.courier(notifier=MortalNotifier(post, Life(steps)), store=MortalStore(post, Life(steps)))
        try:
            await courier.flush()
        except KilledError:
            await kill_tasks()
        await post.store.run(outbox.release)
    await post.settle()
    assert len(message(post)["attachments"]) == 1


async def test_an_answer_that_got_lost_is_asked_again_with_the_same_nonce_and_picture(post: Post) -> None:
    await promised(post)
    post.discord.faults.add("POST", MESSAGES, DropAfter())
    await post.settle()
    assert len(message(post)["attachments"]) == 1
    assert len(nonces(post)) == 1
    assert [len(each.body["files"]) for each in post.posts()] == [1] * len(post.posts())
    assert len(post.posts()) > 1


@pytest.mark.slow
async def test_discord_py_repeats_a_502_with_the_whole_file(post: Post) -> None:
    await promised(post)
    post.discord.faults.add("POST", MESSAGES, Answer(502))
    await post.courier(notifier=DiscordNotifier(post.client)).flush()
    assert [each.status for each in post.posts()] == [502, 200]
    assert [each.body["files"]["0"]["size"] for each in post.posts()] == [14, 14]


async def test_where_files_are_not_allowed_the_message_comes_without_and_the_place_stays(post: Post) -> None:
    await promised(post)
    post.discord.world.channels[CHANNEL_ID].may_attach = False
    await post.courier().flush()
    assert message(post)["attachments"] == []
    assert "image" not in message(post)["embeds"][0]
    assert await post.states() == {"a-chart": "sent"}
    assert await post.store.read(scalar, "SELECT state FROM destination") == "active"
    assert len(nonces(post)) == 1


async def test_a_file_that_is_too_large_costs_only_the_picture(post: Post) -> None:
    await promised(post)
    post.discord.world.channels[CHANNEL_ID].largest_file = 5
    await post.courier().flush()
    assert [each.status for each in post.posts()] == [413, 200]
    assert await post.states() == {"a-chart": "sent"}


async def test_the_message_without_its_picture_waits_for_a_turn_of_its_own(post: Post) -> None:
    turns = 0

    class Counting(Pacer):
        async def slot(self) -> None:
            nonlocal turns
            turns += 1

    await promised(post)
    post.discord.world.channels[CHANNEL_ID].may_attach = False
    courier = post.courier()
    courier._pacer = Counting()
    await courier.flush()
    assert turns == len(post.posts()) == 2


async def test_a_place_that_takes_no_message_at_all_is_parked_once(post: Post) -> None:
    await promised(post)
    post.discord.world.channels[CHANNEL_ID].refuses = (403, 50013, "Missing Permissions")
    await post.settle()
    assert await post.states() == {"a-chart": "cancelled"}
    assert len(post.posts()) == 2


async def test_a_dm_that_is_refused_is_not_tried_without_its_picture(post: Post) -> None:
    person = await post.dm()
    post.discord.world.channels[DM_ID].refuses = (403, 50007, "Cannot send messages to this user")
    await post.put(person, "a-chart")
    await post.settle()
    assert len(post.posts()) == 1


async def test_pictures_of_one_name_get_names_of_their_own() -> None:
    low, high = (ChartRequest(ChartKind.SIGNAL, SESSION, ("a",), above=level) for level in (1.0, 2.0))
    assert file_names([low, high, low]) == [
        "signal-a-2026-01-13.png",
        "signal-a-2026-01-13-2.png",
        "signal-a-2026-01-13-3.png",
    ]
    made = await draw_stored(Painter(), [low.to_json(), high.to_json()], within_seconds=1)
    assert [picture.name for picture in made] == ["signal-a-2026-01-13.png", "signal-a-2026-01-13-2.png"]


async def test_a_sketch_of_another_version_gives_no_picture() -> None:
    assert await draw_stored(Painter(), ['{"kind":"hologram"}'], within_seconds=1) == []
