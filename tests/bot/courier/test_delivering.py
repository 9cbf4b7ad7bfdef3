"""Courier, notifier and discord.py against a local Discord: what people get to read, whatever Discord answers."""

from __future__ import annotations

import asyncio

import pytest

from bot import outbox
from bot.courier import DeliveryPolicy
from bot.database import destinations
from bot.database.codec import rows, scalar
from bot.discord_app.notifier import DiscordNotifier
from bot.domain.model import DestinationState, ItemKind
from bot.errors import TokenRefusedError
from tests.bot.courier.conftest import DM_ID, Post
from tests.discord_server import Answer, DropAfter, DropBefore, Hang
from tests.discord_server.world import CHANNEL_ID, GUILD_ID, PERSON_ID, ROLE_ID

MESSAGES = "/channels/*/messages"


async def test_alerts_for_one_place_are_one_message(post: Post) -> None:
    here, there = await post.channel(0), await post.channel(1)
    await post.put(here, "a", "b")
    await post.put(there, "c")
    await post.put(here, "d")
    await post.courier().flush()
    assert post.told(0) == ["a b d"]
    assert post.told(1) == ["c"]
    assert set((await post.states()).values()) == {"sent"}


async def test_more_than_ten_items_become_further_messages_in_order(post: Post) -> None:
    here = await post.channel()
    await post.put(here, *(f"k{index:02}" for index in range(23)))
    await post.courier().flush()
    sizes = [len(text.split()) for text in post.told()]
    assert sizes == [10, 10, 3]
    assert " ".join(post.told()).split() == [f"k{index:02}" for index in range(23)]


async def test_a_summary_is_a_message_of_its_own(post: Post) -> None:
    here = await post.channel()
    await post.put(here, "alert-1")
    await post.put(here, "summary", kind=ItemKind.SUMMARY)
    await post.put(here, "alert-2")
    await post.courier().flush()
    assert post.told() == ["alert-1 alert-2", "summary"]


async def test_every_message_has_a_nonce_of_its_own_of_at_most_25_characters(post: Post) -> None:
    for index in range(5):
        await post.put(await post.channel(index), f"k{index}")
    await post.courier().flush()
    nonces = [each.body["nonce"] for each in post.posts()]
    assert len(set(nonces)) == 5
    assert all(0 < len(nonce) <= 25 for nonce in nonces)
    assert all(each.body["enforce_nonce"] for each in post.posts())


async def test_only_the_chosen_role_is_mentioned_whatever_the_text_says(post: Post) -> None:
    here = await post.channel()
    await post.put(here, "@everyone", f"<@{PERSON_ID}>", f"<@&{ROLE_ID + 1}>", role_id=ROLE_ID)
    await post.courier().flush()
    (message,) = post.discord.world.posted(CHANNEL_ID)
    assert message["mention_roles"] == [str(ROLE_ID)]
    assert message["mentions"] == []
    assert message["mention_everyone"] is False
    assert post.posts()[0].body["allowed_mentions"] == {"parse": [], "roles": [str(ROLE_ID)], "users": []}


@pytest.mark.parametrize("fault", [DropAfter(), Hang()], ids=["answer lost", "no answer"])
async def test_an_answer_that_was_lost_is_asked_for_again_with_the_same_nonce(post: Post, fault: DropAfter) -> None:
    await post.put(await post.channel(), "a")
    post.discord.faults.add("POST", MESSAGES, fault)
    courier = post.courier()
    await courier.flush()
    assert (await post.states())["a"] == "batched"
    await post.settle(courier)
    assert post.told() == ["a"]
    assert (await post.states())["a"] == "sent"
    first, second = post.posts()
    assert first.body == second.body


async def test_a_repeat_carries_the_words_of_the_first_attempt(post: Post) -> None:
    """Never two texts under one nonce, even when the renderer would word it differently by now."""
    await post.put(await post.channel(), "a")
    post.discord.faults.add("POST", MESSAGES, DropBefore())
    await post.courier().flush()
    await post.store.run(lambda db: db.execute("UPDATE outbox SET key = 'b'"))
    await post.settle()
    assert post.told() == ["a"]


async def test_a_message_that_was_not_taken_is_sent_again(post: Post) -> None:
    await post.put(await post.channel(), "a")
    post.discord.faults.add("POST", MESSAGES, DropBefore(), times=3)
    await post.settle()
    assert post.told() == ["a"]
    assert len(post.posts()) == 4


@pytest.mark.parametrize("status", [500, 502, 503, 504])
async def test_an_error_of_discord_s_servers_is_tried_again(post: Post, status: int) -> None:
    await post.put(await post.channel(), "a")
    post.discord.faults.add("POST", MESSAGES, Answer(status, {"message": "unavailable", "code": 0}))
    await post.settle()
    assert post.told() == ["a"]


async def test_after_discord_has_forgotten_the_nonce_the_channel_is_read_before_sending_again(post: Post) -> None:
    await post.put(await post.channel(), "a")
    post.discord.faults.add("POST", MESSAGES, DropAfter())
    courier = post.courier()
    await courier.flush()
    post.clock.advance(600)
    await post.settle(courier)
    assert post.told() == ["a"]
    assert len(post.posts()) == 1
    assert (await post.states())["a"] == "sent"


async def test_what_the_channel_does_not_hold_is_sent_again_with_the_same_nonce(post: Post) -> None:
    await post.put(await post.channel(), "a")
    post.discord.faults.add("POST", MESSAGES, DropBefore())
    courier = post.courier()
    await courier.flush()
    post.clock.advance(600)
    await post.settle(courier)
    assert post.told() == ["a"]
    first, second = post.posts()
    assert first.body["nonce"] == second.body["nonce"]
    assert len(post.discord.asked("GET", "/messages")) == 1


async def test_a_look_up_does_not_take_another_batch_s_message_for_its_own(post: Post) -> None:
    """Two batches of the same words: the second, lost on its way, is not settled by finding the first."""
    here = await post.channel()
    await post.put(here, "same")
    courier = post.courier()
    await courier.flush()
    await post.store.run(lambda db: db.execute("UPDATE outbox SET key = 'older' WHERE key = 'same'"))
    await post.put(here, "same")
    post.discord.faults.add("POST", MESSAGES, DropBefore())
    await courier.flush()
    post.clock.advance(600)
    await post.settle(courier)
    assert post.told() == ["same", "same"]


async def test_a_look_up_reads_on_beyond_the_first_hundred_messages(post: Post) -> None:
    await post.put(await post.channel(), "a")
    for index in range(150):
        post.discord.world.post(CHANNEL_ID, {"content": f"chatter {index}"})
    post.discord.faults.add("POST", MESSAGES, DropAfter())
    courier = post.courier()
    await courier.flush()
    post.clock.advance(600)
    await post.settle(courier)
    assert post.told().count("a") == 1


async def test_a_message_that_somebody_has_deleted_counts_as_sent(post: Post) -> None:
    await post.put(await post.channel(), "a")
    post.discord.faults.add("POST", MESSAGES, DropAfter())
    courier = post.courier()
    await courier.flush()
    post.discord.world.channels[CHANNEL_ID].messages.clear()
    await post.settle(courier)
    assert post.told() == []
    assert (await post.states())["a"] == "sent"


@pytest.mark.parametrize(("status", "code"), [(403, 50001), (403, 50013), (404, 10003), (404, 10004)])
async def test_a_dead_channel_is_parked_once_and_what_waits_for_it_is_cancelled(
    post: Post, status: int, code: int
) -> None:
    here = await post.channel()
    post.discord.world.channels[CHANNEL_ID].refuses = (status, code, "Missing Access")
    await post.put(here, *(f"k{index}" for index in range(25)))
    await post.settle()
    await post.put(here, "later")
    await post.settle()
    parked = await post.store.read(destinations.get, here)
    assert parked is not None
    assert (parked.state, parked.reason) == (DestinationState.PARKED, "Missing Access")
    assert len(post.posts()) == 1
    assert set((await post.states()).values()) == {"cancelled"}


async def test_a_channel_that_is_set_up_again_gets_what_comes_after(post: Post) -> None:
    here = await post.channel()
    post.discord.world.channels[CHANNEL_ID].refuses = (403, 50013, "Missing Permissions")
    await post.put(here, "before")
    await post.settle()
    post.discord.world.channels[CHANNEL_ID].refuses = None
    await post.store.run(destinations.channel_destination, CHANNEL_ID, GUILD_ID, now=post.clock.now())
    await post.put(here, "after")
    await post.settle()
    assert post.told() == ["after"]


async def test_a_refused_dm_goes_on_as_a_mention_where_it_was_set_up(post: Post) -> None:
    await post.channel()
    person = await post.dm(fallback=CHANNEL_ID)
    post.discord.world.channels[DM_ID].refuses = (403, 50007, "Cannot send messages to this user")
    await post.put(person, "private", role_id=ROLE_ID)
    await post.settle()
    await post.put(person, "another")
    await post.settle()
    assert post.told() == [f"<@{PERSON_ID}> private", f"<@{PERSON_ID}> another"]
    first = post.discord.world.posted(CHANNEL_ID)[0]
    assert [each["id"] for each in first["mentions"]] == [str(PERSON_ID)]
    assert first["mention_roles"] == []
    refused, redirected, _ = post.posts()
    assert refused.body["nonce"] != redirected.body["nonce"]
    (untold,) = await post.store.read(destinations.parked_unseen, PERSON_ID)
    assert untold.id == person


async def test_a_refused_dm_without_a_fall_back_is_parked_and_its_person_is_told(post: Post) -> None:
    person = await post.dm()
    post.discord.world.channels[DM_ID].refuses = (403, 50007, "Cannot send messages to this user")
    await post.put(person, "private")
    await post.settle()
    assert await post.states() == {"private": "cancelled"}
    assert [each.id for each in await post.store.read(destinations.parked_unseen, PERSON_ID)] == [person]


async def test_somebody_without_a_server_in_common_is_not_spoken_of_in_public(post: Post) -> None:
    await post.channel()
    person = await post.dm(fallback=CHANNEL_ID)
    post.discord.world.channels[DM_ID].refuses = (403, 50278, "No mutual guilds")
    await post.put(person, "private")
    await post.settle()
    assert post.told() == []
    assert await post.states() == {"private": "cancelled"}


async def test_a_fall_back_that_is_gone_too_ends_it(post: Post) -> None:
    await post.channel()
    person = await post.dm(fallback=CHANNEL_ID)
    post.discord.world.channels[DM_ID].refuses = (403, 50007, "Cannot send messages to this user")
    post.discord.world.channels[CHANNEL_ID].refuses = (404, 10003, "Unknown Channel")
    await post.put(person, "private")
    await post.settle()
    await post.put(person, "later")
    await post.settle()
    assert await post.states() == {"private": "cancelled", "later": "cancelled"}
    assert len(post.posts()) == 2


async def test_one_bad_item_does_not_take_the_others_with_it(post: Post) -> None:
    await post.put(await post.channel(), "a", "too-long", "b")
    await post.settle()
    assert post.told() == ["a", "b"]
    assert await post.states() == {"a": "sent", "too-long": "dead", "b": "sent"}
    kept = await post.store.read(
        scalar, "SELECT b.payload FROM batch b JOIN outbox o ON o.batch_id = b.id WHERE o.key = 'too-long'"
    )
    assert '"title":"too-long"' in kept


async def test_an_item_that_cannot_be_rendered_is_a_dead_letter(post: Post) -> None:
    await post.put(await post.channel(), "a", "unrenderable")
    await post.settle()
    assert post.told() == ["a"]
    assert await post.states() == {"a": "sent", "unrenderable": "dead"}
    assert (await post.store.read(outbox.pending)).dead == 1


async def test_a_long_rate_limit_is_waited_for_as_told(post: Post) -> None:
    await post.put(await post.channel(), "a")
    told = {"message": "You are being rate limited.", "retry_after": 90.0, "global": False}
    post.discord.faults.add("POST", MESSAGES, Answer(429, told, {"Via": "1.1 google"}))
    courier = post.courier()
    await courier.flush()
    post.clock.advance(89)
    await courier.flush()
    assert post.told() == []
    post.clock.advance(1)
    await courier.flush()
    assert post.told() == ["a"]


async def test_a_blocked_address_keeps_everything_back(post: Post) -> None:
    """A 429 that is not Discord's own (no `Via`): nothing more is sent for ten minutes, to nobody."""
    for index in range(40):
        await post.put(await post.channel(index), f"k{index}")
    post.discord.faults.add("POST", MESSAGES, Answer(429, "error 1015"))
    courier = post.courier(policy=DeliveryPolicy(in_flight=1))
    await courier.flush()
    post.clock.advance(599)
    await courier.flush()
    assert len(post.posts()) == 1
    post.clock.advance(1)
    await post.settle(courier)
    assert post.told_everywhere() == sorted(f"k{index}" for index in range(40))


async def test_a_storm_of_429_loses_and_doubles_nothing(post: Post) -> None:
    keys = [f"k{index}" for index in range(60)]
    for index, key in enumerate(keys):
        await post.put(await post.channel(index), key)
    told = {"message": "You are being rate limited.", "retry_after": 0.005, "global": True}
    post.discord.faults.add("POST", MESSAGES, Answer(429, told, {"Via": "1.1 google", "Retry-After": "1"}), times=200)
    # Sixty at once, each asked again by discord.py itself: the answers are all there, but not in a quarter of a second.
    await post.settle(post.courier(notifier=DiscordNotifier(post.client, answer_seconds=10)))
    assert post.told_everywhere() == sorted(keys)


async def test_a_refused_token_stops_everything_and_loses_nothing(post: Post) -> None:
    for index in range(5):
        await post.put(await post.channel(index), f"k{index}")
    right, post.discord.world.token = post.discord.world.token, "replaced"
    with pytest.raises(TokenRefusedError):
        await post.courier().run()
    assert post.told_everywhere() == []
    post.discord.world.token = right
    await post.restart()
    await post.settle()
    assert post.told_everywhere() == [f"k{index}" for index in range(5)]


async def test_while_discord_cannot_be_reached_everything_waits(post: Post) -> None:
    for index in range(3):
        await post.put(await post.channel(index), f"k{index}")
    await post.discord.stop()
    courier = post.courier()
    await courier.flush()
    assert (await post.store.read(outbox.pending)).waiting == 3
    await post.discord.start()
    post.clock.advance(300)
    await post.settle(courier)
    assert post.told_everywhere() == ["k0", "k1", "k2"]
    assert post.discord.asked("GET", "/messages") == []


async def test_messages_of_one_place_keep_their_order_when_the_first_fails(post: Post) -> None:
    here = await post.channel()
    post.discord.faults.add("POST", MESSAGES, Answer(503), times=2)
    courier = post.courier()
    await post.put(here, "first")
    await courier.flush()
    await post.put(here, "second")
    await courier.flush()
    assert post.told() == []
    await post.settle(courier)
    assert post.told() == ["first", "second"]


async def test_a_failing_place_does_not_hold_up_the_others(post: Post) -> None:
    await post.put(await post.channel(0), "a")
    await post.put(await post.channel(1), "b")
    post.discord.faults.add("POST", f"/channels/{CHANNEL_ID}/messages", Answer(503), times=9)
    await post.courier().flush()
    assert post.told(0) == []
    assert post.told(1) == ["b"]


async def test_a_place_in_a_server_that_was_left_waits(post: Post) -> None:
    here = await post.channel()
    await post.put(here, "a")
    await post.store.run(lambda db: db.execute("UPDATE destination SET state = 'paused'"))
    await post.settle()
    assert await post.states() == {"a": "due"}
    await post.channel()
    await post.settle()
    assert post.told() == ["a"]


async def test_unopened_dms_are_opened_one_after_the_other(post: Post) -> None:
    for index in range(3):
        made = await post.store.run(destinations.dm_destination, PERSON_ID + index, now=post.clock.now())
        await post.put(made.id, f"k{index}")
    courier = post.courier()
    await courier.flush()
    assert len(post.discord.asked("POST", "/users/@me/channels")) == 1
    post.clock.advance(14)
    await courier.flush()
    assert len(post.discord.asked("POST", "/users/@me/channels")) == 1
    await post.settle(courier)
    assert post.told_everywhere() == ["k0", "k1", "k2"]
    opened = await post.store.read(rows, "SELECT channel_id FROM destination")
    assert all(each["channel_id"] is not None for each in opened)


async def test_running_delivers_when_woken_and_ends_when_stopped(post: Post) -> None:
    courier = post.courier()
    running = asyncio.create_task(courier.run())
    await asyncio.sleep(0)
    here = await post.channel()
    seen = asyncio.Event()
    post.discord.world.on_message.append(lambda message: seen.set())
    await post.put(here, "a")
    courier.wake()
    async with asyncio.timeout(5):
        await seen.wait()
        await courier.stop()
        await running
    assert await post.states() == {"a": "sent"}


async def test_stopping_leaves_what_hangs_to_the_next_start(post: Post) -> None:
    await post.put(await post.channel(), "a")
    post.discord.faults.add("POST", MESSAGES, Hang())
    seen = asyncio.Event()
    post.discord.world.on_message.append(lambda message: seen.set())
    courier = post.courier()
    running = asyncio.create_task(courier.run())
    async with asyncio.timeout(5):
        await seen.wait()
        await courier.stop(within_seconds=0.01)
        await running
    await post.settle()
    assert post.told() == ["a"]
    assert await post.states() == {"a": "sent"}


async def test_what_waits_is_counted_for_status(post: Post) -> None:
    await post.put(await post.channel(0), "a", "b")
    post.discord.faults.add("POST", MESSAGES, Answer(503))
    await post.courier().flush()
    post.clock.advance(60)
    await post.put(await post.channel(1), "c")
    assert await post.store.read(outbox.pending) == outbox.Pending(waiting=3, retrying=1, dead=0)


async def test_long_settled_rows_are_forgotten_and_waiting_ones_are_not(post: Post) -> None:
    await post.put(await post.channel(0), "sent")
    await post.put(await post.channel(1), "too-long")
    await post.settle()
    post.clock.advance(31 * 86_400)
    await post.put(await post.channel(2), "due")
    assert await post.store.run(outbox.clean_up, now=post.clock.now()) == 1
    assert await post.states() == {"too-long": "dead", "due": "due"}
    post.clock.advance(90 * 86_400)
    await post.store.run(outbox.clean_up, now=post.clock.now())
    assert await post.states() == {"due": "due"}
    assert await post.store.read(scalar, "SELECT COUNT(*) FROM batch") == 0
