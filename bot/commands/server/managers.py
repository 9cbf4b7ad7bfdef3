"""`/setup managers`: a role whose members may set the server up, besides those with Manage Server."""

from __future__ import annotations

from bot.commands.context import Caller, Core
from bot.commands.reply import Reply, Tone
from bot.database.places import guilds
from bot.errors import UserError

_INTEGRATIONS = "Server Settings > Integrations decides who sees each command; both must allow it."


async def set_role(core: Core, caller: Caller, role_id: int) -> Reply:
    """Let the members of a role set the server up. Raises UserError without Manage Server, for @everyone too."""
    guild_id = _need_permission(caller)
    if role_id == guild_id:
        raise UserError("@everyone cannot be the managers' role. Choose another role.")
    await _store(core, guild_id, role_id)
    return Reply(
        title="Managers are set",
        lines=(
            f"Members of <@&{role_id}> may use /setup and manage the alerts of this server's channels.",
            _INTEGRATIONS,
        ),
        tone=Tone.BROADENING,
        private=True,
        footer=core.footer("/setup managers with off ends it"),
    )


async def end(core: Core, caller: Caller) -> Reply:
    """Only Manage Server counts again. Raises UserError without it, and where there is no role."""
    guild_id = _need_permission(caller)
    if core.managers.of(guild_id) is None:
        raise UserError("No role has been chosen. Choose one with /setup managers and its option role.")
    await _store(core, guild_id, None)
    return Reply(title="Managers ended", lines=("Only Manage Server counts again.",), private=True)


def _need_permission(caller: Caller) -> int:
    """The id of the server. Raises UserError without Manage Server itself: a role cannot pass on what it was given."""
    guild_id = caller.need_manager()
    if caller.by_role:
        raise UserError("You need the Manage Server permission for that; the managers' role is not enough.")
    return guild_id


async def _store(core: Core, guild_id: int, role_id: int | None) -> None:
    await core.store.run(guilds.set_manager_role, guild_id, role_id, now=core.now())
    core.managers.put(guild_id, role_id)
