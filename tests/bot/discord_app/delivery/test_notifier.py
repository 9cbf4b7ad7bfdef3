"""What Discord's answers mean for a message, asked of the real discord.py against a local Discord and against simcord."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from datetime import UTC, datetime, timedelta

import discord
import pytest
import simcord

from bot.discord_app.delivery.notifier import DiscordNotifier
from bot.domain.chart_request import Picture
from bot.outbox.message import (
    Ambiguous,
    DeliveryResult,
    DestinationGone,
    NotNow,
    Opened,
    Payload,
    Rejected,
    RetryAfter,
    Sent,
    Unauthorized,
    Unseen,
)
from tests.discord_server import Answer, DiscordServer, DropAfter, DropBefore, Hang
from tests.discord_server.world import CHANNEL_ID, DM_ID, PERSON_ID, ROLE_ID
from tests.support import discord_server, logged_in_client
from tests.support.wire_discord import announce, shorten_pauses

PATH = f"/channels/{CHANNEL_ID}/messages"
BUTTONS = {"type": 1, "components": [{"type": 2, "style": 2, "label": "Snooze 1 day", "custom_id": "snooze:7:1"}]}
PAYLOAD = Payload("3 alerts: a, b, c", embeds=({"title": "a", "description": "now 7"},), components=(BUTTONS,))


@pytest.fixture
async def server() -> AsyncIterator[DiscordServer]:
    async with discord_server() as running:
        yield running


@pytest.fixture
async def notifier(server: DiscordServer) -> AsyncIterator[DiscordNotifier]:
    client = await logged_in_client()
    yield DiscordNotifier(client, answer_seconds=10)
    await client.close()


@pytest.fixture
async def impatient(server: DiscordServer) -> AsyncIterator[DiscordNotifier]:
    """One that soon waits no longer; a busy machine may take as long to answer."""
    client = await logged_in_client()
    yield DiscordNotifier(client, answer_seconds=0.25)
    await client.close()


async def test_a_message_arrives_as_it_was_stored(server: DiscordServer, notifier: DiscordNotifier) -> None:
    verdict = await notifier.send(CHANNEL_ID, PAYLOAD, nonce="n")
    (message,) = server.world.posted(CHANNEL_ID)
    assert verdict == Sent(int(message["id"]))
    assert message["content"] == "3 alerts: a, b, c"
    assert message["embeds"] == [{"type": "rich", "title": "a", "description": "now 7"}]
    (row,) = message["components"]
    assert row == {**BUTTONS, "components": [{**BUTTONS["components"][0], "custom_id": "snooze:7:1#n"}]}


async def test_chosen_roles_and_the_person_addressed_are_notified_and_nobody_else(
    server: DiscordServer, notifier: DiscordNotifier
) -> None:
    payload = Payload("@everyone <@5>", mention_roles=(ROLE_ID,), mention_user=PERSON_ID)
    await notifier.send(CHANNEL_ID, payload, nonce="n")
    (message,) = server.world.posted(CHANNEL_ID)
    assert message["content"] == f"<@{PERSON_ID}> @everyone <@5> <@&{ROLE_ID}>"
    assert message["mention_roles"] == [str(ROLE_ID)]
    assert [each["id"] for each in message["mentions"]] == [str(PERSON_ID)]


@pytest.mark.parametrize(("silent", "flags"), [(True, 4096), (False, 0)])
async def test_a_silent_message_notifies_nobody_s_phone(
    server: DiscordServer, notifier: DiscordNotifier, silent: bool, flags: int
) -> None:
    await notifier.send(CHANNEL_ID, Payload("a", silent=silent), nonce="n")
    assert server.world.posted(CHANNEL_ID)[0]["flags"] == flags


DISCORD_PY_TRIES = 5
"""After errors of Discord's servers it repeats a request that often before it shows one."""

VERDICTS: list[tuple[int, int, type[DeliveryResult]]] = [
    (404, 10008, Sent),
    (403, 50007, NotNow),
    (403, 50278, NotNow),
    (403, 50001, NotNow),
    (403, 50013, NotNow),
    (403, 160005, NotNow),
    (403, 20026, NotNow),
    (404, 10003, DestinationGone),
    (404, 10004, DestinationGone),
    (404, 10013, DestinationGone),
    (400, 50035, Rejected),
    (400, 50006, Rejected),
    (403, 200000, Rejected),
    (413, 40005, Rejected),
    (400, 40003, RetryAfter),
    (408, 0, Ambiguous),
    (500, 0, Ambiguous),
    (500, 50035, Ambiguous),
    (502, 0, Ambiguous),
    (503, 0, Ambiguous),
    (504, 0, Ambiguous),
    (524, 0, Ambiguous),
]


@pytest.mark.parametrize(("status", "code", "verdict"), VERDICTS)
async def test_every_answer_has_its_verdict(
    server: DiscordServer,
    notifier: DiscordNotifier,
    monkeypatch: pytest.MonkeyPatch,
    status: int,
    code: int,
    verdict: type[DeliveryResult],
) -> None:
    shorten_pauses(monkeypatch)
    server.faults.add("POST", PATH, Answer(status, {"message": "no", "code": code}), times=DISCORD_PY_TRIES)
    assert type(await notifier.send(CHANNEL_ID, PAYLOAD, nonce="n")) is verdict


async def test_an_archived_thread_is_opened_and_one_that_cannot_be_waits(
    server: DiscordServer, notifier: DiscordNotifier
) -> None:
    thread = server.world.channels[CHANNEL_ID]
    thread.archived = True
    assert type(await notifier.send(CHANNEL_ID, PAYLOAD, nonce="n")) is Sent
    assert not thread.archived
    assert len(server.world.posted(CHANNEL_ID)) == 1
    thread.archived = True
    server.faults.add("PATCH", f"/channels/{CHANNEL_ID}", Answer(403, {"message": "no", "code": 50013}))
    verdict = await notifier.send(CHANNEL_ID, PAYLOAD, nonce="m")
    assert isinstance(verdict, NotNow)
    assert verdict.code == 50083
    assert len(server.world.posted(CHANNEL_ID)) == 1


async def test_pictures_into_an_archived_thread_are_whole(server: DiscordServer, notifier: DiscordNotifier) -> None:
    server.world.channels[CHANNEL_ID].archived = True
    payload = Payload("a", embeds=({"title": "x", "image": {"url": "attachment://a.png"}},))
    pictures = [Picture("a.png", b"PNG" * 1000, "alt")]
    assert type(await notifier.send(CHANNEL_ID, payload, nonce="n", pictures=pictures)) is Sent
    refused, posted = server.asked("POST", PATH)
    assert (refused.status, posted.status) == (400, 200)
    assert posted.body["files"]["0"]["size"] == 3000
    assert posted.body["files"] == refused.body["files"]


@pytest.mark.parametrize("fault", [DropBefore(), DropAfter(), Hang()])
async def test_no_answer_is_no_knowledge(server: DiscordServer, impatient: DiscordNotifier, fault: DropAfter) -> None:
    server.faults.add("POST", PATH, fault)
    assert isinstance(await impatient.send(CHANNEL_ID, PAYLOAD, nonce="n"), Ambiguous)


async def test_where_no_connection_can_be_made_nothing_was_sent(
    server: DiscordServer, notifier: DiscordNotifier
) -> None:
    await server.stop()
    await notifier.send(CHANNEL_ID, PAYLOAD, nonce="n")  # may still go out on the connection of before
    verdict = await notifier.send(CHANNEL_ID, PAYLOAD, nonce="n")
    assert isinstance(verdict, RetryAfter)
    assert (verdict.seconds, verdict.everywhere) == (None, True)


async def test_a_long_rate_limit_says_how_long(server: DiscordServer, notifier: DiscordNotifier) -> None:
    body = {"message": "You are being rate limited.", "retry_after": 90.5, "global": False}
    server.faults.add("POST", PATH, Answer(429, body, {"Via": "1.1 google"}))
    assert await notifier.send(CHANNEL_ID, PAYLOAD, nonce="n") == RetryAfter(90.5, "rate limited")


async def test_a_429_that_is_not_discord_s_own_means_that_the_address_is_blocked(
    server: DiscordServer, notifier: DiscordNotifier
) -> None:
    server.faults.add("POST", PATH, Answer(429, "error 1015", {"Retry-After": "900"}))
    verdict = await notifier.send(CHANNEL_ID, PAYLOAD, nonce="n")
    assert isinstance(verdict, RetryAfter)
    assert (verdict.seconds, verdict.everywhere) == (900, True)


@pytest.mark.parametrize(("told", "seconds"), [("86400", 3600), ("inf", 600), ("nan", 600), ("-5", 600), ("soon", 600)])
async def test_a_block_lasts_an_hour_at_most_whatever_it_says(
    server: DiscordServer, notifier: DiscordNotifier, told: str, seconds: float
) -> None:
    server.faults.add("POST", PATH, Answer(429, "error 1015", {"Retry-After": told}))
    verdict = await notifier.send(CHANNEL_ID, PAYLOAD, nonce="n")
    assert isinstance(verdict, RetryAfter)
    assert (verdict.seconds, verdict.everywhere) == (seconds, True)


@pytest.mark.parametrize(("told", "seconds"), [("86400", 3600), ("inf", None), ("nan", None), ("-5", None)])
async def test_a_proxy_that_limits_has_its_way_for_an_hour_at_most(
    server: DiscordServer, notifier: DiscordNotifier, told: str, seconds: float | None
) -> None:
    server.faults.add("POST", PATH, Answer(429, "slow down", {"Retry-After": told, "Via": "1.1 proxy"}))
    verdict = await notifier.send(CHANNEL_ID, PAYLOAD, nonce="n")
    assert isinstance(verdict, RetryAfter)
    assert (verdict.seconds, verdict.everywhere) == (seconds, False)


@pytest.mark.parametrize(("told", "seconds"), [(86_400.0, 3600.0), (float("inf"), None)])
async def test_a_rate_limit_lasts_an_hour_at_most_whatever_it_says(
    server: DiscordServer, notifier: DiscordNotifier, told: float, seconds: float | None
) -> None:
    body = {"message": "You are being rate limited.", "retry_after": told, "global": False}
    server.faults.add("POST", PATH, Answer(429, body, {"Via": "1.1 google"}))
    assert await notifier.send(CHANNEL_ID, PAYLOAD, nonce="n") == RetryAfter(seconds, "rate limited")


@pytest.mark.parametrize("status", [400, 401, 403, 404, 405, 413])
@pytest.mark.parametrize("body", ["<html>no</html>", {"message": "no"}, {"error": "no", "code": 0}])
async def test_what_does_not_come_from_discord_is_no_verdict(
    server: DiscordServer, notifier: DiscordNotifier, status: int, body: Mapping[str, object] | str
) -> None:
    server.faults.add("POST", PATH, Answer(status, body))
    verdict = await notifier.send(CHANNEL_ID, PAYLOAD, nonce="n")
    assert isinstance(verdict, Ambiguous)
    assert verdict.everywhere == (status in (401, 403, 404))


async def test_discord_s_own_refusal_of_the_token_is_one(server: DiscordServer, notifier: DiscordNotifier) -> None:
    server.world.token = "another"
    assert isinstance(await notifier.send(CHANNEL_ID, PAYLOAD, nonce="n"), Unauthorized)


async def test_a_client_that_is_not_logged_in_sends_nothing() -> None:
    async with discord.Client(intents=discord.Intents(guilds=True)) as client:
        verdict = await DiscordNotifier(client).send(CHANNEL_ID, PAYLOAD, nonce="n")
    assert verdict == RetryAfter(None, "not logged in", everywhere=True)


async def test_our_message_is_found_by_its_nonce_alone(server: DiscordServer, notifier: DiscordNotifier) -> None:
    since = datetime.now(UTC)
    assert await notifier.find(CHANNEL_ID, nonce="one", since=since) is None
    first = await notifier.send(CHANNEL_ID, PAYLOAD, nonce="one")
    assert await notifier.find(CHANNEL_ID, nonce="two", since=since) is None
    second = await notifier.send(CHANNEL_ID, PAYLOAD, nonce="two")
    assert first != second
    assert await notifier.find(CHANNEL_ID, nonce="one", since=since) == first
    assert await notifier.find(CHANNEL_ID, nonce="two", since=None) == second
    assert await notifier.find(CHANNEL_ID, nonce="two", since=since + timedelta(minutes=5)) is None
    server.world.posted(CHANNEL_ID)[0]["author"] = {"id": str(PERSON_ID)}
    assert await notifier.find(CHANNEL_ID, nonce="one", since=since) is None


async def test_a_message_without_buttons_is_found_too(server: DiscordServer, notifier: DiscordNotifier) -> None:
    sent = await notifier.send(CHANNEL_ID, Payload("first  line \n"), nonce="n")
    assert isinstance(sent, Sent)
    assert await notifier.find(CHANNEL_ID, nonce="n", since=datetime.now(UTC)) == sent


async def test_a_crowd_that_wrote_just_before_it_does_not_hide_a_message(
    server: DiscordServer, notifier: DiscordNotifier
) -> None:
    """A look-up begins two minutes before the attempt, in which a busy channel has hundreds of messages."""
    for number in range(400):
        server.world.post(CHANNEL_ID, {"content": f"chatter {number}"})
    since = datetime.fromtimestamp(server.world.now(), UTC)
    sent = await notifier.send(CHANNEL_ID, PAYLOAD, nonce="n")
    assert await notifier.find(CHANNEL_ID, nonce="n", since=since) == sent


async def test_without_an_instant_the_newest_three_hundred_are_looked_at(
    server: DiscordServer, notifier: DiscordNotifier
) -> None:
    sent = await notifier.send(CHANNEL_ID, PAYLOAD, nonce="n")
    for number in range(250):
        server.world.post(CHANNEL_ID, {"content": f"chatter {number}"})
    assert await notifier.find(CHANNEL_ID, nonce="n", since=None) == sent
    for number in range(50):
        server.world.post(CHANNEL_ID, {"content": f"more chatter {number}"})
    assert await notifier.find(CHANNEL_ID, nonce="n", since=None) is None


async def test_what_version_0_1_0_posted_is_known_by_its_components(
    server: DiscordServer, notifier: DiscordNotifier
) -> None:
    since = datetime.now(UTC)
    there = server.world.post(CHANNEL_ID, {"content": "from before", "components": [BUTTONS]})
    found = await notifier.find(CHANNEL_ID, nonce="n", since=since, unmarked=PAYLOAD)
    assert found == Sent(int(there["id"]))
    assert await notifier.find(CHANNEL_ID, nonce="n", since=since, unmarked=Payload("from before")) is None
    assert await notifier.find(CHANNEL_ID, nonce="n", since=since) is None


async def test_a_channel_that_is_gone_cannot_be_looked_into(server: DiscordServer, notifier: DiscordNotifier) -> None:
    assert isinstance(await notifier.find(404, nonce="n", since=datetime.now(UTC)), DestinationGone)


NO_HISTORY = Unseen("Read Message History is missing")


async def test_an_empty_history_says_nothing_where_the_bot_may_not_read_it(server: DiscordServer) -> None:
    thread, other = server.world.add_thread(CHANNEL_ID, "silver"), server.world.add_channel(CHANNEL_ID + 1)
    archived = server.world.add_thread(CHANNEL_ID, "gold")
    archived.archived = True
    server.world.channel(CHANNEL_ID).may_read = False
    client = await logged_in_client()
    notifier = DiscordNotifier(client)
    for instant in (datetime.now(UTC), None):
        for channel in (CHANNEL_ID, thread.id, archived.id):
            assert await notifier.find(channel, nonce="n", since=instant) == NO_HISTORY
        assert await notifier.find(other.id, nonce="n", since=instant) is None
    server.world.channel(CHANNEL_ID).may_read = True
    await announce(client)
    for channel in (CHANNEL_ID, thread.id, archived.id):
        assert await notifier.find(channel, nonce="n", since=None) is None
    await client.close()


async def test_a_permission_that_was_taken_away_unheard_leaves_an_empty_history_unbelieved(
    server: DiscordServer, notifier: DiscordNotifier, monkeypatch: pytest.MonkeyPatch
) -> None:
    shorten_pauses(monkeypatch)
    thread = server.world.add_thread(CHANNEL_ID, "gold")
    thread.archived = True
    server.world.channel(CHANNEL_ID).may_read = False
    for channel in (CHANNEL_ID, thread.id):
        assert await notifier.find(channel, nonce="n", since=None) == NO_HISTORY
    server.faults.add("GET", f"{PATH}/{CHANNEL_ID}", Answer(502), times=DISCORD_PY_TRIES)
    assert isinstance(await notifier.find(CHANNEL_ID, nonce="n", since=None), Ambiguous)
    server.world.channel(CHANNEL_ID).may_read = True
    for channel in (CHANNEL_ID, thread.id):
        assert await notifier.find(channel, nonce="n", since=None) is None


async def test_an_empty_dm_is_empty_and_of_a_channel_that_is_not_announced_nothing_is_said_yet(
    server: DiscordServer, notifier: DiscordNotifier
) -> None:
    server.world.add_dm(DM_ID)
    assert await notifier.find(DM_ID, nonce="n", since=None) is None
    unannounced = server.world.add_channel(CHANNEL_ID + 1)
    assert isinstance(await notifier.find(unannounced.id, nonce="n", since=None), RetryAfter)
    server.faults.add("GET", f"/channels/{unannounced.id}", Answer(403, {"message": "Missing Access", "code": 50001}))
    assert await notifier.find(unannounced.id, nonce="n", since=None) == NotNow(50001, "Missing Access")


async def test_opening_a_dm_gives_its_channel_every_time(server: DiscordServer, notifier: DiscordNotifier) -> None:
    first = await notifier.open_dm(PERSON_ID)
    assert isinstance(first, Opened)
    assert await notifier.open_dm(PERSON_ID) == first
    server.faults.add("POST", "/users/@me/channels", Answer(404, {"message": "Unknown User", "code": 10013}))
    assert await notifier.open_dm(1) == DestinationGone(10013, "Unknown User")


async def test_the_same_notifier_works_on_a_simulated_discord() -> None:
    client = discord.Client(intents=discord.Intents(guilds=True))
    async with simcord.run(client) as env:
        guild = env.create_guild()
        channel = guild.create_text_channel("alerts")
        notifier = DiscordNotifier(client)
        verdict = await notifier.send(channel.id, PAYLOAD, nonce="n")
        assert isinstance(verdict, Sent)
        since = discord.utils.snowflake_time(verdict.message_id or 0)
        assert await notifier.find(channel.id, nonce="n", since=since) == verdict
        assert await notifier.send(404, PAYLOAD, nonce="m") == DestinationGone(10003, "Unknown Channel")
