"""INTERACTION_CREATE events as Discord dispatches them when people type commands and press buttons."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from tests.discord_server.world import ALL_PERMISSIONS, BOT_ID, Json, World, member_json, person_json

COMMAND, COMPONENT, AUTOCOMPLETE, MODAL = 2, 3, 4, 5
_OPTION_TYPES: dict[type, int] = {str: 3, bool: 5, int: 4, float: 10}


def interaction(world: World, kind: int, data: Json, *, channel_id: int, person_id: int) -> Json:
    """An interaction of a person in a channel that exists on the stand-in."""
    channel = world.channel(channel_id)
    person = person_json(person_id)
    number = world.snowflake()
    where: Json = {"user": person, "context": 1}
    if channel.guild_id is not None:
        where = {
            "member": member_json(person),
            "guild_id": str(channel.guild_id),
            "guild": {"id": str(channel.guild_id), "locale": "en-US", "features": []},
            "guild_locale": "en-US",
            "context": 0,
        }
    return {
        "id": str(number),
        "application_id": str(BOT_ID),
        "type": kind,
        "token": f"interaction-{number}",
        "version": 1,
        "data": data,
        "channel_id": str(channel_id),
        "channel": {**world.channel_json(channel), "permissions": ALL_PERMISSIONS},
        "locale": "en-US",
        "app_permissions": ALL_PERMISSIONS,
        "entitlements": [],
        "authorizing_integration_owners": {"0": str(channel.guild_id or 0)},
        "attachment_size_limit": 10_485_760,
        **where,
    }


def command_data(world: World, line: str, options: Json | None = None, *, focused: str | None = None) -> Json:
    """The data of `/alert add` with its options; `focused` names the option being typed.

    Refused when the command or an option was never synced: Discord lets nobody type that.
    """
    name, *path = line.removeprefix("/").split()
    synced = {each["name"]: each for each in world.commands if each.get("type", 1) == 1}
    if name not in synced:
        raise LookupError(f"the command /{name} has not been synced; there are: {', '.join(sorted(synced)) or 'none'}")
    strange = (options or {}).keys() - _options(synced[name], path)
    if strange:
        raise LookupError(f"/{line.removeprefix('/')} has no option {', '.join(sorted(strange))}")
    values: list[Json] = [
        {
            "name": key,
            "type": _OPTION_TYPES[type(value)],
            "value": value,
            **({"focused": True} if key == focused else {}),
        }
        for key, value in (options or {}).items()
    ]
    for depth, part in reversed(list(enumerate(path))):
        group = depth < len(path) - 1
        values = [{"name": part, "type": 2 if group else 1, "options": values}]
    return {"id": synced[name]["id"], "name": name, "type": 1, "options": values}


def _options(command: Json, path: Sequence[str]) -> set[str]:
    """The names of the options of a synced command, or of the subcommand at the path."""
    for part in path:
        command = next((each for each in command.get("options") or () if each["name"] == part), {})
    return {each["name"] for each in command.get("options") or ()}


def component_data(custom_id: str, values: list[str] | None = None) -> Json:
    """The data of a pressed button, or of a menu with what was chosen."""
    chosen: dict[str, Any] = {"values": values} if values is not None else {}
    return {"custom_id": custom_id, "component_type": 3 if values is not None else 2, **chosen}
