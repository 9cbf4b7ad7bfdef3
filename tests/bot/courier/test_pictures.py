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
from bot.discord_app.delivery.notifier import DiscordNotifier
from bot.domain.chart_request import ChartKind, ChartRequest, file_names
from bot.outbox.message import Payload
from bot.outbox.pictures import draw_stored
from tests.bot.courier.test_crashes import KilledError, Life, MortalNotifier, MortalStore, kill_tasks
from tests.discord_server import Answer, DropAfter, Hang
from tests.discord_server.world import CHANNEL_ID
from tests.support import WireDiscord
from tests.support.sample_readings import SESSION
from tests.support.wire_discord import DM_ID, InstantCharts

MESSAGES = "/channels/*/messages"
FILE = "signal-a-chart-2026-01-13.png"


def message(wire: WireDiscord) -> dict[str, Any]:
    (found,) = wire.discord.world.posted(CHANNEL_ID)
    return dict(found)


def nonces(wire: WireDiscord) -> set[str]:
    return {each.body["nonce"] for each in wire.post_requests()}


async def promised(wire: WireDiscord, *keys: str) -> None:
    await wire.enqueue(await wire.channel(), *(keys or ("a-chart",)))


async def test_a_picture_arrives_in_its_embed_with_words_for_those_who_cannot_see_it(wire: WireDiscord) -> None:
    await promised(wire)
    await wire.deliver_all()
    [attached] = message(wire)["attachments"]
    assert attached == {
        "id": "0",
        "filename": FILE,
        "content_type": "image/png",
        "size": 14,
        "sha256": hashlib.sha256(b"PNG of a-chart").hexdigest(),
        "description": "The chart of a-chart",
    }
    assert message(wire)["embeds"][0]["image"] == {"url": f"attachment://{FILE}"}
    assert message(wire)["content"] == "a-chart"


async def test_what_is_stored_is_the_sketch_and_never_the_picture(wire: WireDiscord) -> None:
    await promised(wire)
    wire.discord.faults.add("POST", MESSAGES, Answer(503))
    await wire.courier().flush()
    stored = Payload.from_json(await wire.store.read(scalar, "SELECT payload FROM batch"))
    assert stored.pictures == (ChartRequest(ChartKind.SIGNAL, SESSION, ("a-chart",)).to_json(),)


def test_a_message_that_was_stored_before_there_were_pictures_can_still_be_sent() -> None:
    old = json.loads(Payload("a", embeds=({"title": "a"},)).to_json())
    del old["pictures"]
    assert Payload.from_json(json.dumps(old)) == Payload("a", embeds=({"title": "a"},))


async def test_a_message_whose_picture_cannot_be_drawn_arrives_without_it(wire: WireDiscord) -> None:
    wire.charts.cannot.add("a-chart")
    await promised(wire, "a-chart", "b-chart")
    await wire.deliver_all()
    assert [each["filename"] for each in message(wire)["attachments"]] == ["signal-b-chart-2026-01-13.png"]
    assert ["image" in embed for embed in message(wire)["embeds"]] == [False, True]


async def test_a_picture_that_takes_too_long_is_not_waited_for(wire: WireDiscord) -> None:
    wire.charts.slow.add("a-chart")
    await promised(wire, "a-chart", "b-chart")
    await wire.deliver_all(wire.courier(policy=DeliveryPolicy(picture_seconds=0.01)))
    assert wire.contents() == ["a-chart b-chart"]
    assert len(message(wire)["attachments"]) == 1


async def test_without_an_artist_messages_have_no_image(wire: WireDiscord) -> None:
    await promised(wire)
    courier = wire.courier()
    courier._delivery._charts = None
    await wire.deliver_all(courier)
    assert message(wire)["attachments"] == []
    assert "image" not in message(wire)["embeds"][0]


@pytest.mark.parametrize("away_seconds", [1, 600], ids=["back at once", "back after Discord forgot"])
async def test_a_kill_while_discord_has_the_picture_doubles_nothing(wire: WireDiscord, away_seconds: int) -> None:
    await promised(wire)
    wire.discord.faults.add("POST", MESSAGES, Hang())
    seen = asyncio.Event()
    wire.discord.world.on_message.append(lambda _: seen.set())
    running = asyncio.create_task(wire.courier().run())
    async with asyncio.timeout(5):
        await seen.wait()
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
    await kill_tasks()
    wire.clock.advance(away_seconds)
    await wire.restart()
    await wire.deliver_all()
    assert len(message(wire)["attachments"]) == 1
    assert await wire.states() == {"a-chart": "sent"}
    assert len(nonces(wire)) == 1


async def test_a_process_that_dies_between_any_two_steps_posts_a_picture_once(wire: WireDiscord) -> None:
    await promised(wire)
    for steps in range(12):
        courier = wire.courier(notifier=MortalNotifier(wire, Life(steps)), store=MortalStore(wire, Life(steps)))
        try:
            await courier.flush()
        except KilledError:
            await kill_tasks()
        await wire.store.run(outbox.release)
    await wire.deliver_all()
    assert len(message(wire)["attachments"]) == 1


async def test_an_answer_that_got_lost_is_asked_again_with_the_same_nonce_and_picture(wire: WireDiscord) -> None:
    await promised(wire)
    wire.discord.faults.add("POST", MESSAGES, DropAfter())
    await wire.deliver_all()
    assert len(message(wire)["attachments"]) == 1
    assert len(nonces(wire)) == 1
    assert [len(each.body["files"]) for each in wire.post_requests()] == [1] * len(wire.post_requests())
    assert len(wire.post_requests()) > 1


@pytest.mark.slow
async def test_discord_py_repeats_a_502_with_the_whole_file(wire: WireDiscord) -> None:
    await promised(wire)
    wire.discord.faults.add("POST", MESSAGES, Answer(502))
    await wire.courier(notifier=DiscordNotifier(wire.client)).flush()
    assert [each.status for each in wire.post_requests()] == [502, 200]
    assert [each.body["files"]["0"]["size"] for each in wire.post_requests()] == [14, 14]


async def test_where_files_are_not_allowed_the_message_comes_without_and_the_place_stays(wire: WireDiscord) -> None:
    await promised(wire)
    wire.discord.world.channels[CHANNEL_ID].may_attach = False
    await wire.courier().flush()
    assert message(wire)["attachments"] == []
    assert "image" not in message(wire)["embeds"][0]
    assert await wire.states() == {"a-chart": "sent"}
    assert await wire.store.read(scalar, "SELECT state FROM destination") == "active"
    assert len(nonces(wire)) == 1


async def test_a_file_that_is_too_large_costs_only_the_picture(wire: WireDiscord) -> None:
    await promised(wire)
    wire.discord.world.channels[CHANNEL_ID].largest_file = 5
    await wire.courier().flush()
    assert [each.status for each in wire.post_requests()] == [413, 200]
    assert await wire.states() == {"a-chart": "sent"}


async def test_the_message_without_its_picture_waits_for_a_turn_of_its_own(wire: WireDiscord) -> None:
    turns = 0

    class Counting(Pacer):
        async def slot(self) -> None:
            nonlocal turns
            turns += 1

    await promised(wire)
    wire.discord.world.channels[CHANNEL_ID].may_attach = False
    courier = wire.courier()
    courier._delivery._pacer = Counting()
    await courier.flush()
    assert turns == len(wire.post_requests()) == 2


async def test_a_place_that_takes_no_message_at_all_is_tried_without_the_picture_and_waits(wire: WireDiscord) -> None:
    await promised(wire)
    wire.discord.world.channels[CHANNEL_ID].refuses = (403, 50013, "Missing Permissions")
    await wire.courier().flush()
    assert await wire.states() == {"a-chart": "due"}
    assert len(wire.post_requests()) == 2


async def test_a_proxy_for_which_the_picture_is_too_large_costs_only_the_picture(wire: WireDiscord) -> None:
    await promised(wire)
    wire.discord.faults.add("POST", MESSAGES, Answer(413, "<html>Request Entity Too Large</html>"))
    await wire.courier().flush()
    assert message(wire)["attachments"] == []
    assert await wire.states() == {"a-chart": "sent"}


async def test_a_dm_that_is_refused_is_not_tried_without_its_picture(wire: WireDiscord) -> None:
    person = await wire.dm()
    wire.discord.world.channels[DM_ID].refuses = (403, 50007, "Cannot send messages to this user")
    await wire.enqueue(person, "a-chart")
    await wire.courier().flush()
    assert len(wire.post_requests()) == 1


async def test_pictures_of_one_name_get_names_of_their_own() -> None:
    low, high = (ChartRequest(ChartKind.SIGNAL, SESSION, ("a",), above=level) for level in (1.0, 2.0))
    assert file_names([low, high, low]) == [
        "signal-a-2026-01-13.png",
        "signal-a-2026-01-13-2.png",
        "signal-a-2026-01-13-3.png",
    ]
    made = await draw_stored(InstantCharts(), [low.to_json(), high.to_json()], within_seconds=1)
    assert [picture.name for picture in made] == ["signal-a-2026-01-13.png", "signal-a-2026-01-13-2.png"]


async def test_a_sketch_of_another_version_gives_no_picture() -> None:
    assert await draw_stored(InstantCharts(), ['{"kind":"hologram"}'], within_seconds=1) == []
