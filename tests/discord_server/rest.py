"""The routes of Discord's REST API that the bot uses."""

from __future__ import annotations

import json
from typing import Any

from aiohttp import web

from tests.discord_server.keys import BODY, server_of
from tests.discord_server.world import (
    BOT_ID,
    IS_COMPONENTS_V2,
    PERSON_ID,
    Json,
    RefusalError,
    check_message,
    person_json,
)


def routes(api: str) -> list[web.RouteDef]:
    """Everything below `api`."""
    commands = ("/applications/{app}/commands", "/applications/{app}/guilds/{guild}/commands")
    original = "/webhooks/{app}/{token}/messages/{message}"
    table: list[tuple[str, str, Any]] = [
        ("GET", "/users/@me", me),
        ("GET", "/users/{person}", person),
        ("GET", "/oauth2/applications/@me", application),
        ("GET", "/applications/@me", application),
        ("GET", "/gateway", gateway),
        ("GET", "/gateway/bot", gateway),
        ("GET", "/guilds/{guild}", guild),
        ("GET", "/channels/{channel}", channel),
        ("PATCH", "/channels/{channel}", edit_channel),
        ("POST", "/users/@me/channels", open_dm),
        ("POST", "/channels/{channel}/threads", make_thread),
        ("POST", "/channels/{channel}/typing", nothing),
        ("POST", "/channels/{channel}/messages", post),
        ("GET", "/channels/{channel}/messages", history),
        ("GET", "/channels/{channel}/messages/{message}", message),
        ("PATCH", "/channels/{channel}/messages/{message}", edit),
        ("DELETE", "/channels/{channel}/messages/{message}", delete),
        *[("GET", path, commands_now) for path in commands],
        *[("PUT", path, sync) for path in commands],
        ("POST", "/interactions/{id}/{token}/callback", callback),
        ("POST", "/webhooks/{app}/{token}", followup),
        ("PATCH", original, edit_answer),
        ("GET", original, first_answer),
        ("DELETE", original, nothing),
    ]
    return [web.route(method, api + path, handler) for method, path, handler in table]


def number(request: web.Request, name: str) -> int:
    return int(request.match_info[name])


def reply(body: Any, status: int = 200) -> web.Response:
    return web.Response(body=json.dumps(body).encode(), status=status, headers={"Content-Type": "application/json"})


async def nothing(request: web.Request) -> web.Response:
    return web.Response(status=204)


async def me(request: web.Request) -> web.Response:
    return reply(server_of(request).world.bot_json())


async def person(request: web.Request) -> web.Response:
    return reply(person_json(number(request, "person")))


async def application(request: web.Request) -> web.Response:
    return reply(
        {
            "id": str(BOT_ID),
            "name": "rotation-bot",
            "description": "",
            "icon": None,
            "bot_public": True,
            "bot_require_code_grant": False,
            "owner": person_json(PERSON_ID),
            "team": None,
            "verify_key": "0" * 64,
            "flags": 0,
        }
    )


async def gateway(request: web.Request) -> web.Response:
    start = {"total": 1000, "remaining": 999, "reset_after": 14_400_000, "max_concurrency": 1}
    here = server_of(request).gateway
    return reply({"url": here.url, "shards": here.shards, "session_start_limit": start})


async def guild(request: web.Request) -> web.Response:
    world = server_of(request).world
    if number(request, "guild") not in world.guilds:
        raise RefusalError(404, 10004, "Unknown Guild")
    return reply(world.guild_json(number(request, "guild")))


async def channel(request: web.Request) -> web.Response:
    world = server_of(request).world
    return reply(world.channel_json(world.channel(number(request, "channel"))))


async def edit_channel(request: web.Request) -> web.Response:
    world = server_of(request).world
    found = world.channel(number(request, "channel"))
    if found.refuses is not None:
        raise RefusalError(*found.refuses)
    found.archived = bool(request[BODY].get("archived", found.archived))
    return reply(world.channel_json(found))


async def make_thread(request: web.Request) -> web.Response:
    world = server_of(request).world
    return reply(world.channel_json(world.add_thread(number(request, "channel"), request[BODY]["name"])))


async def open_dm(request: web.Request) -> web.Response:
    return reply(server_of(request).world.open_dm(int(request[BODY]["recipient_id"])))


async def post(request: web.Request) -> web.Response:
    return reply(server_of(request).world.post(number(request, "channel"), request[BODY]))


async def history(request: web.Request) -> web.Response:
    after, before, limit = (int(request.query.get(*pair)) for pair in (("after", 0), ("before", 0), ("limit", 50)))
    world = server_of(request).world
    return reply(world.history(number(request, "channel"), after=after, before=before, limit=limit))


def existing(request: web.Request) -> Json:
    found = server_of(request).world.channel(number(request, "channel")).messages.get(number(request, "message"))
    if found is None:
        raise RefusalError(404, 10008, "Unknown Message")
    return found


async def message(request: web.Request) -> web.Response:
    world = server_of(request).world
    if not world.may_read(world.channel(number(request, "channel"))):
        raise RefusalError(403, 50013, "Missing Permissions")
    return reply(existing(request))


async def edit(request: web.Request) -> web.Response:
    found = existing(request)
    # What a message is cannot change: a layout stays one.
    if (int(request[BODY].get("flags") or 0) ^ int(found["flags"])) & IS_COMPONENTS_V2:
        raise RefusalError(400, 50035, "Invalid Form Body: flags")
    check_message({**({} if request[BODY].get("flags") else found), **request[BODY]})
    found.update({key: value for key, value in request[BODY].items() if key in found})
    return reply(found)


async def delete(request: web.Request) -> web.Response:
    existing(request)
    del server_of(request).world.channel(number(request, "channel")).messages[number(request, "message")]
    return web.Response(status=204)


async def commands_now(request: web.Request) -> web.Response:
    return reply(server_of(request).world.commands)


async def sync(request: web.Request) -> web.Response:
    world = server_of(request).world
    world.commands = [
        {"id": str(world.snowflake()), "application_id": str(BOT_ID), "version": "1", "description": "", **each}
        for each in request[BODY]
    ]
    return reply(world.commands)


def answered(request: web.Request, step: str) -> Json:
    """Keep an answer to an interaction and give back the message that it made."""
    server = server_of(request)
    server.world.answers.append({"token": request.match_info["token"], "step": step, "body": request[BODY]})
    server.mark_answered()
    body = request[BODY]
    shown = (body.get("data") or {}) if step == "callback" else body
    anywhere = next(iter(server.world.channels.values()))
    made = server.world.message_json(anywhere, shown)
    for file in made["attachments"]:
        # discord.py reads the message that an answer made, and its files have addresses.
        file["url"] = file["proxy_url"] = f"https://cdn.discord.invalid/{file['filename']}"
    return made


async def callback(request: web.Request) -> web.Response:
    made = answered(request, "callback")
    kind = request[BODY]["type"]
    resource = {"resource": {"type": kind, "message": made}} if kind in (4, 5, 7) else {}
    number_text = request.match_info["id"]
    info = {"id": number_text, "type": 2, "response_message_id": made["id"], "response_message_loading": kind == 5}
    return reply({"interaction": info, **resource})


async def followup(request: web.Request) -> web.Response:
    return reply(answered(request, "followup"))


async def edit_answer(request: web.Request) -> web.Response:
    return reply(answered(request, "edit"))


async def first_answer(request: web.Request) -> web.Response:
    world = server_of(request).world
    return reply(world.message_json(next(iter(world.channels.values())), {"content": "the first answer"}))
