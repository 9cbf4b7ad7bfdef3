"""A request that discord.py makes several times by itself, or that nobody waits for any more, at the wire."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import discord
import pytest

from bot.discord_app.delivery.notifier import DiscordNotifier
from bot.domain.chart_request import Picture
from bot.outbox.message import Ambiguous, NotNow, Payload, PicturesRefused, Rejected, Sent
from tests.discord_server import Answer, AnswerAfter, DiscordServer, Hang, HangAfterHeaders
from tests.discord_server.faults import Fault
from tests.discord_server.world import CHANNEL_ID
from tests.support import discord_server, logged_in_client
from tests.support.wire_discord import shorten_pauses

PATH = f"/channels/{CHANNEL_ID}/messages"
PAYLOAD = Payload("a")
POSTED_BUT_502 = AnswerAfter(Answer(502, "<html>Bad Gateway</html>"))
VIA = {"Via": "1.1 google"}
SECONDS = 0.15
"""How long answers are waited for here."""


@pytest.fixture
async def server() -> AsyncIterator[DiscordServer]:
    async with discord_server() as running:
        yield running


@pytest.fixture
async def client(server: DiscordServer) -> AsyncIterator[discord.Client]:
    made = await logged_in_client()
    yield made
    await made.close()


def limited(seconds: float, *, everywhere: bool = False) -> Answer:
    body = {"message": "You are being rate limited.", "retry_after": seconds, "global": everywhere}
    return Answer(429, body, VIA)


@pytest.mark.parametrize(
    ("last", "everywhere", "seconds"),
    [
        (Answer(429, "error 1015", {"Retry-After": "900"}), True, 900.0),
        (limited(90.5), False, 90.5),
        (Answer(403, {"message": "Missing Permissions", "code": 50013}), False, None),
        (Answer(401, {"message": "401: Unauthorized", "code": 0}), False, None),
        (Answer(400, {"message": "Invalid Form Body", "code": 50035}), False, None),
    ],
    ids=["Cloudflare's 429", "a long rate limit", "a permission", "the token", "a refusal"],
)
async def test_after_an_error_of_the_servers_no_later_answer_says_that_nothing_was_posted(
    server: DiscordServer,
    client: discord.Client,
    monkeypatch: pytest.MonkeyPatch,
    last: Fault,
    everywhere: bool,
    seconds: float | None,
) -> None:
    shorten_pauses(monkeypatch)
    server.faults.add("POST", PATH, POSTED_BUT_502)
    server.faults.add("POST", PATH, last)
    result = await DiscordNotifier(client).send(CHANNEL_ID, PAYLOAD, nonce="n")
    assert isinstance(result, Ambiguous)
    assert (result.everywhere, result.seconds) == (everywhere, seconds)
    assert len(server.world.posted(CHANNEL_ID)) == 1


async def test_after_an_error_of_the_servers_a_refused_connection_does_not_say_so_either(
    server: DiscordServer, client: discord.Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    shorten_pauses(monkeypatch, server.stop)
    server.faults.add("POST", PATH, Answer(502))
    result = await DiscordNotifier(client).send(CHANNEL_ID, PAYLOAD, nonce="n")
    assert isinstance(result, Ambiguous)
    assert result.everywhere
    assert "cannot be reached" in result.reason


@pytest.mark.parametrize("last", [Answer(413, "too large"), Answer(403, {"message": "no", "code": 50013})])
async def test_after_an_error_of_the_servers_pictures_that_are_refused_are_not_left_out_yet(
    server: DiscordServer, client: discord.Client, monkeypatch: pytest.MonkeyPatch, last: Fault
) -> None:
    """Left out, the message would be sent once more within the same attempt, and count as one that was never posted."""
    shorten_pauses(monkeypatch)
    server.faults.add("POST", PATH, POSTED_BUT_502)
    server.faults.add("POST", PATH, last, times=2)
    pictures, notifier = [Picture("a.png", b"PNG", "alt")], DiscordNotifier(client)
    assert isinstance(await notifier.send(CHANNEL_ID, PAYLOAD, nonce="n", pictures=pictures), Ambiguous)
    assert isinstance(await notifier.send(CHANNEL_ID, PAYLOAD, nonce="n", pictures=pictures), PicturesRefused)


async def test_a_later_try_that_succeeds_has_posted_the_one_message(
    server: DiscordServer, client: discord.Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    shorten_pauses(monkeypatch)
    server.faults.add("POST", PATH, POSTED_BUT_502)
    server.faults.add("POST", PATH, limited(0.01))
    result = await DiscordNotifier(client).send(CHANNEL_ID, PAYLOAD, nonce="n")
    (message,) = server.world.posted(CHANNEL_ID)
    assert result == Sent(int(message["id"]))


async def test_a_message_that_was_deleted_since_was_posted_whatever_came_before(
    server: DiscordServer, client: discord.Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    shorten_pauses(monkeypatch)
    server.faults.add("POST", PATH, POSTED_BUT_502)
    server.faults.add("POST", PATH, Answer(404, {"message": "Unknown Message", "code": 10008}))
    assert await DiscordNotifier(client).send(CHANNEL_ID, PAYLOAD, nonce="n") == Sent(None)


@pytest.mark.parametrize(
    ("last", "expected"),
    [
        (Answer(403, {"message": "no", "code": 50013}), NotNow(50013, "no")),
        (Answer(400, {"message": "no", "code": 50035}), Rejected("400 no (50035)", 50035)),
    ],
)
async def test_after_rate_limits_alone_a_refusal_is_one(
    server: DiscordServer, client: discord.Client, last: Fault, expected: NotNow | Rejected
) -> None:
    server.faults.add("POST", PATH, limited(0.001), times=2)
    server.faults.add("POST", PATH, last)
    assert await DiscordNotifier(client).send(CHANNEL_ID, PAYLOAD, nonce="n") == expected


async def test_a_global_rate_limit_that_outlasts_the_wait_ends_for_all_that_comes_after(
    server: DiscordServer, client: discord.Client
) -> None:
    server.faults.add("POST", PATH, limited(2 * SECONDS, everywhere=True))
    impatient = DiscordNotifier(client, answer_seconds=SECONDS)
    result = await impatient.send(CHANNEL_ID, Payload("first"), nonce="1")
    assert isinstance(result, Ambiguous)
    assert isinstance(await DiscordNotifier(client, answer_seconds=10).send(CHANNEL_ID, PAYLOAD, nonce="2"), Sent)
    assert [message["content"] for message in server.world.posted(CHANNEL_ID)] == ["a"]


async def test_what_nobody_waits_for_any_more_is_not_posted_later(
    server: DiscordServer, client: discord.Client
) -> None:
    """Somebody may have looked for the message meanwhile, and made it anew with another nonce."""
    server.faults.add("POST", PATH, limited(2 * SECONDS))
    notifier = DiscordNotifier(client, answer_seconds=SECONDS)
    assert isinstance(await notifier.send(CHANNEL_ID, PAYLOAD, nonce="n"), Ambiguous)
    await ended(notifier)
    assert [each.status for each in server.asked("POST", PATH)] == [429]


@pytest.mark.parametrize("fault", [Hang(), HangAfterHeaders()])
async def test_a_try_without_an_end_ends_with_the_wait(
    server: DiscordServer, client: discord.Client, fault: Fault
) -> None:
    notifier = DiscordNotifier(client, answer_seconds=SECONDS)
    server.faults.add("POST", PATH, fault)
    assert isinstance(await notifier.send(CHANNEL_ID, PAYLOAD, nonce="n"), Ambiguous)
    await ended(notifier)
    assert isinstance(await DiscordNotifier(client).send(CHANNEL_ID, PAYLOAD, nonce="n"), Sent)
    assert len(server.world.posted(CHANNEL_ID)) == 1


async def test_a_sender_that_is_cancelled_leaves_the_request_to_end_by_itself(
    server: DiscordServer, client: discord.Client
) -> None:
    server.faults.add("POST", PATH, limited(SECONDS, everywhere=True))
    notifier = DiscordNotifier(client)
    sending = asyncio.create_task(notifier.send(CHANNEL_ID, PAYLOAD, nonce="n"))
    while not server.asked("POST", PATH):
        await asyncio.sleep(0)
    while client.http._global_over.is_set():
        await asyncio.sleep(0)
    sending.cancel()
    with pytest.raises(asyncio.CancelledError):
        await sending
    await ended(notifier)
    assert client.http._global_over.is_set()
    assert server.world.posted(CHANNEL_ID) == []


async def test_a_client_that_closes_leaves_no_request_behind_and_nothing_in_the_log(
    server: DiscordServer, client: discord.Client
) -> None:
    complaints: list[dict[str, object]] = []
    asyncio.get_running_loop().set_exception_handler(lambda loop, context: complaints.append(context))
    server.faults.add("POST", PATH, limited(2 * SECONDS))
    notifier = DiscordNotifier(client, answer_seconds=SECONDS)
    await notifier.send(CHANNEL_ID, PAYLOAD, nonce="n")
    await client.close()
    await ended(notifier)
    assert complaints == []


async def ended(notifier: DiscordNotifier) -> None:
    """Until none of its requests is under way."""
    async with asyncio.timeout(5):
        while notifier._requests:
            await asyncio.wait(notifier._requests)
