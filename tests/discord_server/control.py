"""The tester's door of a stand-in that runs as a process of its own: look at it, break it, act as a person, all by HTTP.

GET  /control/messages                                     every message, oldest first
GET  /control/requests                                     method, path and status of every request
GET  /control/state                                        sessions identified and resumed, commands synced
GET  /control/answers?token=...                            what the bot answered to an interaction
POST /control/command    {"line", "options", "channel_id", "person_id", "focused"}    -> {"token"}
POST /control/press      {"channel_id", "message_id", "custom_id", "values", "person_id"}    -> {"token"}
POST /control/fault      {"method", "path", "kind": answer|drop_before|drop_after|hang|slow, "times", ...}
POST /control/refuse     {"channel_id", "status", "code", "message"}; without a status it accepts again
POST /control/token      {"token"}    the token that is right from now on
POST /control/close      {"code", "forget"}    break the gateway
"""

from __future__ import annotations

from aiohttp import web

from tests.discord_server.faults import Answer, DropAfter, DropBefore, Fault, Hang, Slow
from tests.discord_server.keys import server_of
from tests.discord_server.world import PERSON_ID, Json


def control_routes() -> list[web.RouteDef]:
    """Everything below `/control`."""
    return [
        web.get("/control/messages", messages),
        web.get("/control/requests", requests),
        web.get("/control/state", state),
        web.get("/control/answers", answers),
        web.post("/control/command", command),
        web.post("/control/press", press),
        web.post("/control/fault", fault),
        web.post("/control/refuse", refuse),
        web.post("/control/token", token),
        web.post("/control/close", close),
    ]


async def messages(request: web.Request) -> web.Response:
    every = [message for channel in server_of(request).world.channels.values() for message in channel.messages.values()]
    return web.json_response(sorted(every, key=lambda message: int(message["id"])))


async def requests(request: web.Request) -> web.Response:
    every = [{"method": each.method, "path": each.path, "status": each.status} for each in server_of(request).requests]
    return web.json_response(every)


async def state(request: web.Request) -> web.Response:
    server = server_of(request)
    sessions = {"identified": server.gateway.identified, "resumed": server.gateway.resumed}
    return web.json_response({**sessions, "commands": [each["name"] for each in server.world.commands]})


async def answers(request: web.Request) -> web.Response:
    return web.json_response(server_of(request).answers(request.query["token"]))


async def command(request: web.Request) -> web.Response:
    wish = await request.json()
    try:
        made = await server_of(request).command(
            wish["line"],
            wish.get("options"),
            channel_id=int(wish["channel_id"]),
            person_id=int(wish.get("person_id", PERSON_ID)),
            focused=wish.get("focused"),
        )
    except LookupError as error:
        return web.json_response({"error": str(error)}, status=404)
    return web.json_response({"token": made})


async def press(request: web.Request) -> web.Response:
    wish = await request.json()
    server = server_of(request)
    message = server.world.channel(int(wish["channel_id"])).messages[int(wish["message_id"])]
    person = int(wish.get("person_id", PERSON_ID))
    made = await server.press(message, wish["custom_id"], person_id=person, values=wish.get("values"))
    return web.json_response({"token": made})


def made_fault(wish: Json) -> Fault:
    match wish["kind"]:
        case "answer":
            return Answer(int(wish["status"]), wish.get("body") or {}, wish.get("headers") or {})
        case "drop_before":
            return DropBefore()
        case "drop_after":
            return DropAfter()
        case "hang":
            return Hang()
        case "slow":
            return Slow(float(wish["seconds"]))
        case other:
            raise web.HTTPBadRequest(text=f"unknown kind of fault: {other}")


async def fault(request: web.Request) -> web.Response:
    wish = await request.json()
    server_of(request).faults.add(wish["method"], wish["path"], made_fault(wish), times=int(wish.get("times", 1)))
    return web.json_response({})


async def refuse(request: web.Request) -> web.Response:
    wish = await request.json()
    channel = server_of(request).world.channel(int(wish["channel_id"]))
    channel.refuses = (wish["status"], wish["code"], wish.get("message", "")) if wish.get("status") else None
    return web.json_response({})


async def token(request: web.Request) -> web.Response:
    server_of(request).world.token = (await request.json())["token"]
    return web.json_response({})


async def close(request: web.Request) -> web.Response:
    wish = await request.json()
    await server_of(request).gateway.close(int(wish.get("code", 1001)), forget=bool(wish.get("forget")))
    return web.json_response({})
