"""Courier, notifier and discord.py against a local Discord: what people get to read, whatever Discord answers."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from typing import Any

import pytest

from bot import outbox
from bot.calendar.delivery_times import QuietHours
from bot.courier import DeliveryPolicy, Pacer
from bot.database.codec import rows, scalar
from bot.database.places import delivery_times, destinations, places
from bot.discord_app.delivery.notifier import DiscordNotifier
from bot.domain.model import DestinationState, ItemKind
from bot.errors import TokenRefusedError
from bot.outbox.message import DeliveryResult
from tests.discord_server import Answer, AnswerAfter, DropAfter, DropBefore, Hang
from tests.discord_server.world import CHANNEL_ID, GUILD_ID, PERSON_ID, ROLE_ID
from tests.support import WireDiscord
from tests.support.wire_discord import DM_ID, shorten_pauses

MESSAGES = "/channels/*/messages"


async def test_alerts_for_one_place_are_one_message(wire: WireDiscord) -> None:
    here, there = await wire.channel(0), await wire.channel(1)
    await wire.enqueue(here, "a", "b")
    await wire.enqueue(there, "c")
    await wire.enqueue(here, "d")
    await wire.courier().flush()
    assert wire.contents(0) == ["a b d"]
    assert wire.contents(1) == ["c"]
    assert set((await wire.states()).values()) == {"sent"}


async def test_more_than_ten_items_become_further_messages_in_order(wire: WireDiscord) -> None:
    here = await wire.channel()
    await wire.enqueue(here, *(f"k{index:02}" for index in range(23)))
    await wire.courier().flush()
    sizes = [len(text.split()) for text in wire.contents()]
    assert sizes == [10, 10, 3]
    assert " ".join(wire.contents()).split() == [f"k{index:02}" for index in range(23)]


async def test_a_summary_is_a_message_of_its_own(wire: WireDiscord) -> None:
    here = await wire.channel()
    await wire.enqueue(here, "alert-1")
    await wire.enqueue(here, "summary", kind=ItemKind.SUMMARY)
    await wire.enqueue(here, "alert-2")
    await wire.courier().flush()
    assert wire.contents() == ["alert-1 alert-2", "summary"]


async def test_the_waits_after_failed_attempts_double_from_two_seconds(wire: WireDiscord) -> None:
    """The longest of each range, because chance is 1 here: 2, 4, 8, 16 seconds."""
    await wire.enqueue(await wire.channel(), "a")
    wire.discord.faults.add("POST", MESSAGES, Answer(503), times=4)
    waits = []
    for _ in range(4):
        await wire.courier().flush()
        upcoming = await wire.store.read(outbox.next_attempt, now=wire.clock.now())
        assert upcoming is not None
        waits.append((upcoming - wire.clock.now()).total_seconds())
        wire.clock.set(upcoming)
    assert waits == [2, 4, 8, 16]
    await wire.courier().flush()
    assert wire.contents() == ["a"]


async def test_every_message_has_a_nonce_of_its_own_of_at_most_25_characters(wire: WireDiscord) -> None:
    for index in range(5):
        await wire.enqueue(await wire.channel(index), f"k{index}")
    await wire.courier().flush()
    nonces = [each.body["nonce"] for each in wire.post_requests()]
    assert len(set(nonces)) == 5
    assert all(0 < len(nonce) <= 25 for nonce in nonces)
    assert all(each.body["enforce_nonce"] for each in wire.post_requests())


async def test_only_the_chosen_role_is_mentioned_whatever_the_text_says(wire: WireDiscord) -> None:
    here = await wire.channel()
    await wire.enqueue(here, "@everyone", f"<@{PERSON_ID}>", f"<@&{ROLE_ID + 1}>", role_id=ROLE_ID)
    await wire.courier().flush()
    (message,) = wire.discord.world.posted(CHANNEL_ID)
    assert message["mention_roles"] == [str(ROLE_ID)]
    assert message["mentions"] == []
    assert message["mention_everyone"] is False
    assert wire.post_requests()[0].body["allowed_mentions"] == {"parse": [], "roles": [str(ROLE_ID)], "users": []}


@pytest.mark.parametrize("fault", [DropAfter(), Hang()], ids=["answer lost", "no answer"])
async def test_an_answer_that_was_lost_is_asked_for_again_with_the_same_nonce(
    wire: WireDiscord, fault: DropAfter
) -> None:
    await wire.enqueue(await wire.channel(), "a")
    wire.discord.faults.add("POST", MESSAGES, fault)
    courier = wire.courier()
    await courier.flush()
    assert (await wire.states())["a"] == "batched"
    await wire.deliver_all(courier)
    assert wire.contents() == ["a"]
    assert (await wire.states())["a"] == "sent"
    first, second = wire.post_requests()
    assert first.body == second.body


async def test_a_repeat_carries_the_words_of_the_first_attempt(wire: WireDiscord) -> None:
    """Never two texts under one nonce, even when the renderer would word it differently by now."""
    await wire.enqueue(await wire.channel(), "a")
    wire.discord.faults.add("POST", MESSAGES, DropBefore())
    await wire.courier().flush()
    await wire.store.run(lambda db: db.execute("UPDATE outbox SET key = 'b'"))
    await wire.deliver_all()
    assert wire.contents() == ["a"]


async def test_a_message_that_was_not_taken_is_sent_again(wire: WireDiscord) -> None:
    await wire.enqueue(await wire.channel(), "a")
    wire.discord.faults.add("POST", MESSAGES, DropBefore(), times=3)
    await wire.deliver_all()
    assert wire.contents() == ["a"]
    assert len(wire.post_requests()) == 4


@pytest.mark.parametrize("status", [500, 502, 503, 504])
async def test_an_error_of_discord_s_servers_is_tried_again(wire: WireDiscord, status: int) -> None:
    await wire.enqueue(await wire.channel(), "a")
    wire.discord.faults.add("POST", MESSAGES, Answer(status, {"message": "unavailable", "code": 0}))
    await wire.deliver_all()
    assert wire.contents() == ["a"]


async def test_after_discord_has_forgotten_the_nonce_the_channel_is_read_before_sending_again(
    wire: WireDiscord,
) -> None:
    await wire.enqueue(await wire.channel(), "a")
    wire.discord.faults.add("POST", MESSAGES, DropAfter())
    courier = wire.courier()
    await courier.flush()
    wire.clock.advance(600)
    await wire.deliver_all(courier)
    assert wire.contents() == ["a"]
    assert len(wire.post_requests()) == 1
    assert (await wire.states())["a"] == "sent"


async def test_a_nonce_that_is_forgotten_while_a_repeat_waits_for_its_turn_is_not_relied_on(wire: WireDiscord) -> None:
    """The queue, the disk or the pictures may take longer than what is left of the nonce when the repeat begins."""

    class LateTurns(Pacer):
        async def slot(self) -> None:
            wire.clock.advance(600)

    await wire.enqueue(await wire.channel(), "a")
    wire.discord.faults.add("POST", MESSAGES, DropAfter())
    courier = wire.courier()
    await courier.flush()
    courier._delivery._pacer = LateTurns(1e6)
    wire.clock.advance(60)
    await wire.deliver_all(courier)
    assert wire.contents() == ["a"]
    assert len(wire.post_requests()) == 1
    assert await wire.states() == {"a": "sent"}


async def test_what_the_channel_does_not_hold_is_sent_again_with_the_same_nonce(wire: WireDiscord) -> None:
    await wire.enqueue(await wire.channel(), "a")
    wire.discord.faults.add("POST", MESSAGES, DropBefore())
    courier = wire.courier()
    await courier.flush()
    wire.clock.advance(600)
    await wire.deliver_all(courier)
    assert wire.contents() == ["a"]
    first, second = wire.post_requests()
    assert first.body["nonce"] == second.body["nonce"]
    # The list is empty, and a single message is not there, rather than refused.
    assert [each.status for each in wire.discord.asked("GET", "/messages")] == [200, 404]


async def test_what_the_channel_does_not_hold_waits_for_the_end_of_quiet_hours_that_have_begun(
    wire: WireDiscord,
) -> None:
    place = await wire.channel()
    await wire.store.run(
        delivery_times.change,
        place,
        lambda times: replace(times, zone="UTC", quiet=QuietHours(time(22), time(7))),
        created_by=7,
        now=wire.clock.now(),
    )
    await wire.enqueue(place, "a")
    wire.discord.faults.add("POST", MESSAGES, DropBefore())
    await wire.courier().flush()
    assert len(wire.post_requests()) == 1
    wire.clock.set(datetime(2026, 1, 14, 3, tzinfo=UTC))
    await wire.restart()
    await wire.courier().flush()
    assert wire.contents() == []
    wire.clock.set(datetime(2026, 1, 14, 7, tzinfo=UTC))
    await wire.courier().flush()
    assert wire.contents() == ["a"]
    assert await wire.states() == {"a": "sent"}


async def test_a_look_up_does_not_take_another_batch_s_message_for_its_own(wire: WireDiscord) -> None:
    """Two batches of the same words: the second, lost on its way, is not settled by finding the first."""
    here = await wire.channel()
    await wire.enqueue(here, "same")
    courier = wire.courier()
    await courier.flush()
    await wire.store.run(lambda db: db.execute("UPDATE outbox SET key = 'older' WHERE key = 'same'"))
    await wire.enqueue(here, "same")
    wire.discord.faults.add("POST", MESSAGES, DropBefore())
    await courier.flush()
    wire.clock.advance(600)
    await wire.deliver_all(courier)
    assert wire.contents() == ["same", "same"]


async def test_a_look_up_reads_on_beyond_the_first_hundred_messages(wire: WireDiscord) -> None:
    await wire.enqueue(await wire.channel(), "a")
    for index in range(150):
        wire.discord.world.post(CHANNEL_ID, {"content": f"chatter {index}"})
    wire.discord.faults.add("POST", MESSAGES, DropAfter())
    courier = wire.courier()
    await courier.flush()
    wire.clock.advance(600)
    await wire.deliver_all(courier)
    assert wire.contents().count("a") == 1


async def test_a_message_that_somebody_has_deleted_counts_as_sent(wire: WireDiscord) -> None:
    await wire.enqueue(await wire.channel(), "a")
    wire.discord.faults.add("POST", MESSAGES, DropAfter())
    courier = wire.courier()
    await courier.flush()
    wire.discord.world.channels[CHANNEL_ID].messages.clear()
    await wire.deliver_all(courier)
    assert wire.contents() == []
    assert (await wire.states())["a"] == "sent"


@pytest.mark.parametrize("code", [10003, 10004])
async def test_a_channel_that_is_gone_is_parked_once_and_what_waits_stays_until_it_is_told(
    wire: WireDiscord, code: int
) -> None:
    here = await wire.channel()
    wire.discord.world.channels[CHANNEL_ID].refuses = (404, code, "Unknown Channel")
    await wire.enqueue(here, *(f"k{index}" for index in range(25)))
    await wire.deliver_all()
    await wire.enqueue(here, "later")
    await wire.deliver_all()
    parked = await wire.store.read(destinations.get, here)
    assert parked is not None
    assert (parked.state, parked.reason) == (DestinationState.PARKED, "Unknown Channel")
    assert len(wire.post_requests()) == 1
    assert set((await wire.states()).values()) == {"due"}
    await wire.store.run(outbox.clean_up, now=wire.clock.now() + timedelta(days=91))
    assert await wire.states() == {}


async def test_a_channel_that_is_set_up_again_gets_what_waited_and_what_comes_after(wire: WireDiscord) -> None:
    here = await wire.channel()
    wire.discord.world.channels[CHANNEL_ID].refuses = (404, 10003, "Unknown Channel")
    await wire.enqueue(here, "before")
    await wire.deliver_all()
    wire.discord.world.channels[CHANNEL_ID].refuses = None
    await wire.store.run(destinations.channel_destination, CHANNEL_ID, GUILD_ID, now=wire.clock.now())
    await wire.enqueue(here, "after")
    await wire.deliver_all()
    assert wire.contents() == ["before after"]


async def test_a_refused_dm_goes_on_as_a_mention_where_it_was_set_up(wire: WireDiscord) -> None:
    await wire.channel()
    person = await wire.dm(fallback=CHANNEL_ID)
    wire.discord.world.channels[DM_ID].refuses = (403, 50007, "Cannot send messages to this user")
    await wire.enqueue(person, "private", role_id=ROLE_ID)
    await wire.deliver_all()
    await wire.enqueue(person, "another")
    await wire.deliver_all()
    assert wire.contents() == [f"<@{PERSON_ID}> private", f"<@{PERSON_ID}> another"]
    first = wire.discord.world.posted(CHANNEL_ID)[0]
    assert [each["id"] for each in first["mentions"]] == [str(PERSON_ID)]
    assert first["mention_roles"] == []
    refused, redirected, _ = wire.post_requests()
    assert refused.body["nonce"] != redirected.body["nonce"]
    assert await wire.store.read(places.untold, PERSON_ID) == [person]


async def test_somebody_without_a_server_in_common_is_not_spoken_of_in_public(wire: WireDiscord) -> None:
    await wire.channel()
    person = await wire.dm(fallback=CHANNEL_ID)
    wire.discord.world.channels[DM_ID].refuses = (403, 50278, "No mutual guilds")
    await wire.enqueue(person, "private")
    await wire.deliver_all()
    assert wire.contents() == []
    assert await wire.states() == {"private": "due"}


async def test_a_fall_back_that_is_gone_too_ends_it(wire: WireDiscord) -> None:
    await wire.channel()
    person = await wire.dm(fallback=CHANNEL_ID)
    wire.discord.world.channels[DM_ID].refuses = (403, 50007, "Cannot send messages to this user")
    wire.discord.world.channels[CHANNEL_ID].refuses = (404, 10003, "Unknown Channel")
    await wire.enqueue(person, "private")
    await wire.deliver_all()
    await wire.enqueue(person, "later")
    await wire.deliver_all()
    assert await wire.states() == {"private": "due", "later": "due"}
    assert len(wire.post_requests()) == 2


async def test_one_bad_item_does_not_take_the_others_with_it(wire: WireDiscord) -> None:
    await wire.enqueue(await wire.channel(), "a", "too-long", "b")
    await wire.deliver_all()
    assert wire.contents() == ["a", "b"]
    assert await wire.states() == {"a": "sent", "too-long": "dead", "b": "sent"}
    kept = await wire.store.read(
        scalar, "SELECT b.payload FROM batch b JOIN outbox o ON o.batch_id = b.id WHERE o.key = 'too-long'"
    )
    assert '"title":"too-long"' in kept


async def test_an_item_that_cannot_be_rendered_is_a_dead_letter(wire: WireDiscord) -> None:
    await wire.enqueue(await wire.channel(), "a", "unrenderable")
    await wire.deliver_all()
    assert wire.contents() == ["a"]
    assert await wire.states() == {"a": "sent", "unrenderable": "dead"}
    assert [payload.content for payload in wire.sent] == ["a"]
    assert (await wire.store.read(outbox.pending)).dead == 1


async def test_a_long_rate_limit_is_waited_for_as_told(wire: WireDiscord) -> None:
    await wire.enqueue(await wire.channel(), "a")
    told = {"message": "You are being rate limited.", "retry_after": 90.0, "global": False}
    wire.discord.faults.add("POST", MESSAGES, Answer(429, told, {"Via": "1.1 google"}))
    courier = wire.courier()
    await courier.flush()
    wire.clock.advance(89)
    await courier.flush()
    assert wire.contents() == []
    wire.clock.advance(1)
    await courier.flush()
    assert wire.contents() == ["a"]


async def test_a_blocked_address_keeps_everything_back(wire: WireDiscord) -> None:
    """A 429 that is not Discord's own (no `Via`): nothing more is sent for ten minutes, to nobody."""
    for index in range(40):
        await wire.enqueue(await wire.channel(index), f"k{index}")
    wire.discord.faults.add("POST", MESSAGES, Answer(429, "error 1015"))
    courier = wire.courier(policy=DeliveryPolicy(in_flight=1))
    await courier.flush()
    wire.clock.advance(599)
    await courier.flush()
    assert len(wire.post_requests()) == 1
    wire.clock.advance(1)
    await wire.deliver_all(courier)
    assert wire.keys_shown() == sorted(f"k{index}" for index in range(40))


async def test_a_storm_of_429_loses_and_doubles_nothing(wire: WireDiscord) -> None:
    keys = [f"k{index}" for index in range(60)]
    for index, key in enumerate(keys):
        await wire.enqueue(await wire.channel(index), key)
    told = {"message": "You are being rate limited.", "retry_after": 0.005, "global": True}
    wire.discord.faults.add("POST", MESSAGES, Answer(429, told, {"Via": "1.1 google", "Retry-After": "1"}), times=200)
    # Sixty at once, each asked again by discord.py itself: the answers are all there, but not in a quarter of a second.
    await wire.deliver_all(wire.courier(notifier=DiscordNotifier(wire.client, answer_seconds=10)))
    assert wire.keys_shown() == sorted(keys)


async def test_a_posted_message_whose_repeat_is_blocked_is_looked_for(
    wire: WireDiscord, monkeypatch: pytest.MonkeyPatch
) -> None:
    """discord.py repeats it after the 502 by itself; when the block ends Discord has forgotten the nonce."""
    shorten_pauses(monkeypatch)
    await wire.enqueue(await wire.channel(), "a")
    wire.discord.faults.add("POST", MESSAGES, AnswerAfter(Answer(502)))
    wire.discord.faults.add("POST", MESSAGES, Answer(429, "error 1015", {"Retry-After": "900"}))
    courier, began = wire.courier(), wire.clock.now()
    await courier.flush()
    assert await wire.store.read(outbox.next_attempt, now=wire.clock.now()) == began + timedelta(seconds=900)
    await wire.deliver_all(courier)
    assert wire.contents() == ["a"]
    assert await wire.states() == {"a": "sent"}


async def test_a_posted_message_before_an_outage_is_looked_for(
    wire: WireDiscord, monkeypatch: pytest.MonkeyPatch
) -> None:
    shorten_pauses(monkeypatch, wire.discord.stop)
    await wire.enqueue(await wire.channel(), "a")
    wire.discord.faults.add("POST", MESSAGES, AnswerAfter(Answer(502)))
    courier = wire.courier()
    await courier.flush()
    await wire.discord.start()
    wire.clock.advance(600)
    await wire.deliver_all(courier)
    assert wire.contents() == ["a"]


async def test_a_refused_token_stops_everything_and_loses_nothing(wire: WireDiscord) -> None:
    for index in range(5):
        await wire.enqueue(await wire.channel(index), f"k{index}")
    right, wire.discord.world.token = wire.discord.world.token, "replaced"
    with pytest.raises(TokenRefusedError):
        await wire.courier().run()
    assert wire.keys_shown() == []
    wire.discord.world.token = right
    await wire.restart()
    await wire.deliver_all()
    assert wire.keys_shown() == [f"k{index}" for index in range(5)]


async def test_while_discord_cannot_be_reached_everything_waits(wire: WireDiscord) -> None:
    for index in range(3):
        await wire.enqueue(await wire.channel(index), f"k{index}")
    await wire.discord.stop()
    courier = wire.courier()
    await courier.flush()
    assert (await wire.store.read(outbox.pending)).waiting == 3
    await wire.discord.start()
    wire.clock.advance(300)
    await wire.deliver_all(courier)
    assert wire.keys_shown() == ["k0", "k1", "k2"]
    assert wire.discord.asked("GET", "/messages") == []


async def test_messages_of_one_place_keep_their_order_when_the_first_fails(wire: WireDiscord) -> None:
    here = await wire.channel()
    wire.discord.faults.add("POST", MESSAGES, Answer(503), times=2)
    courier = wire.courier()
    await wire.enqueue(here, "first")
    await courier.flush()
    await wire.enqueue(here, "second")
    await courier.flush()
    assert wire.contents() == []
    await wire.deliver_all(courier)
    assert wire.contents() == ["first", "second"]


async def test_a_failing_place_does_not_hold_up_the_others(wire: WireDiscord) -> None:
    await wire.enqueue(await wire.channel(0), "a")
    await wire.enqueue(await wire.channel(1), "b")
    wire.discord.faults.add("POST", f"/channels/{CHANNEL_ID}/messages", Answer(503), times=9)
    await wire.courier().flush()
    assert wire.contents(0) == []
    assert wire.contents(1) == ["b"]


async def test_a_place_in_a_server_that_was_left_waits(wire: WireDiscord) -> None:
    here = await wire.channel()
    await wire.enqueue(here, "a")
    await wire.store.run(lambda db: db.execute("UPDATE destination SET state = 'paused'"))
    await wire.deliver_all()
    assert await wire.states() == {"a": "due"}
    await wire.channel()
    await wire.deliver_all()
    assert wire.contents() == ["a"]


async def test_unopened_dms_are_opened_one_after_the_other(wire: WireDiscord) -> None:
    for index in range(3):
        made = await wire.store.run(destinations.dm_destination, PERSON_ID + index, now=wire.clock.now())
        await wire.enqueue(made.id, f"k{index}")
    courier = wire.courier()
    await courier.flush()
    assert len(wire.discord.asked("POST", "/users/@me/channels")) == 1
    wire.clock.advance(14)
    await courier.flush()
    assert len(wire.discord.asked("POST", "/users/@me/channels")) == 1
    await wire.deliver_all(courier)
    assert wire.keys_shown() == ["k0", "k1", "k2"]
    opened = await wire.store.read(rows, "SELECT channel_id FROM destination")
    assert all(each["channel_id"] is not None for each in opened)


async def test_running_delivers_when_woken_and_ends_when_stopped(wire: WireDiscord) -> None:
    courier = wire.courier()
    running = asyncio.create_task(courier.run())
    await asyncio.sleep(0)
    here = await wire.channel()
    seen = asyncio.Event()
    wire.discord.world.on_message.append(lambda message: seen.set())
    await wire.enqueue(here, "a")
    courier.wake()
    async with asyncio.timeout(5):
        await seen.wait()
        await courier.stop()
        await running
    assert await wire.states() == {"a": "sent"}


async def test_stopping_leaves_what_hangs_to_the_next_start(wire: WireDiscord) -> None:
    await wire.enqueue(await wire.channel(), "a")
    wire.discord.faults.add("POST", MESSAGES, Hang())
    seen = asyncio.Event()
    wire.discord.world.on_message.append(lambda message: seen.set())
    courier = wire.courier()
    running = asyncio.create_task(courier.run())
    async with asyncio.timeout(5):
        await seen.wait()
        await courier.stop(within_seconds=0.01)
        await running
    await wire.deliver_all()
    assert wire.contents() == ["a"]
    assert await wire.states() == {"a": "sent"}


async def test_stopping_gives_up_a_request_that_never_ends(wire: WireDiscord) -> None:
    began = asyncio.Event()

    class Endless(DiscordNotifier):
        async def send(self, *args: Any, **kwargs: Any) -> DeliveryResult:
            began.set()
            await asyncio.Event().wait()
            raise AssertionError("unreachable")

    await wire.enqueue(await wire.channel(), "a")
    courier = wire.courier(notifier=Endless(wire.client))
    running = asyncio.create_task(courier.run())
    async with asyncio.timeout(5):
        await began.wait()
        await courier.stop(within_seconds=0.01)
        await running


async def test_what_waits_is_counted_for_status(wire: WireDiscord) -> None:
    await wire.enqueue(await wire.channel(0), "a", "b")
    wire.discord.faults.add("POST", MESSAGES, Answer(503))
    await wire.courier().flush()
    wire.clock.advance(60)
    await wire.enqueue(await wire.channel(1), "c")
    assert await wire.store.read(outbox.pending) == outbox.Pending(waiting=3, retrying=1, dead=0)


async def test_long_settled_rows_are_forgotten_and_waiting_ones_are_not(wire: WireDiscord) -> None:
    await wire.enqueue(await wire.channel(0), "sent")
    await wire.enqueue(await wire.channel(1), "too-long")
    await wire.deliver_all()
    wire.clock.advance(31 * 86_400)
    await wire.enqueue(await wire.channel(2), "due")
    assert await wire.store.run(outbox.clean_up, now=wire.clock.now()) == 1
    assert await wire.states() == {"too-long": "dead", "due": "due"}
    wire.clock.advance(90 * 86_400)
    await wire.store.run(outbox.clean_up, now=wire.clock.now())
    assert await wire.states() == {"due": "due"}
    assert await wire.store.read(scalar, "SELECT COUNT(*) FROM batch") == 0


async def test_an_outage_is_one_line_that_names_the_place_and_one_when_it_is_over(
    wire: WireDiscord, caplog: pytest.LogCaptureFixture
) -> None:
    for index in range(5):
        await wire.enqueue(await wire.channel(index), f"k{index}")
    wire.discord.faults.add("POST", MESSAGES, Answer(503), times=10)
    courier = wire.courier()
    with caplog.at_level("INFO", logger="bot.courier"):
        for _ in range(6):
            await courier.flush()
            wire.clock.set(wire.clock.now() + timedelta(minutes=2))
    assert sum(len(wire.contents(index)) for index in range(5)) == 5
    lines = [record.getMessage() for record in caplog.records]
    assert len(lines) == 2
    assert lines[0].startswith("messages wait and are tried again, the first to channel ")
    assert f"of server {GUILD_ID}: " in lines[0]
    assert lines[1] == "messages are sent again"


async def test_the_dm_of_a_person_is_named_as_such_in_the_log(
    wire: WireDiscord, caplog: pytest.LogCaptureFixture
) -> None:
    await wire.enqueue(await wire.dm(), "a")
    wire.discord.faults.add(
        "POST", MESSAGES, Answer(403, {"code": 50007, "message": "Cannot send messages to this user"})
    )
    with caplog.at_level("INFO", logger="bot.courier"):
        await wire.courier().flush()
    [line] = [record.getMessage() for record in caplog.records]
    assert line.startswith(f"the DM with user {PERSON_ID} takes nothing for now: ")
