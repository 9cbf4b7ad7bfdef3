"""The roles that may set a server up without the permission Manage Server, in memory as they are stored.

Whether somebody manages a server is asked at every command and button, which must answer without the database.
"""

from __future__ import annotations

from bot.database.connection import Store
from bot.database.places import guilds


class ManagerRoles:
    """By server, the role that its managers chose; `load` reads what is stored, `put` follows a change of it."""

    def __init__(self) -> None:
        self._roles: dict[int, int] = {}

    def of(self, guild_id: int) -> int | None:
        """The role of a server; None where only Manage Server counts."""
        return self._roles.get(guild_id)

    def put(self, guild_id: int, role_id: int | None) -> None:
        """Remember what has just been stored for a server."""
        if role_id is None:
            self._roles.pop(guild_id, None)
        else:
            self._roles[guild_id] = role_id

    async def load(self, store: Store) -> None:
        """Read every role that is stored."""
        self._roles = await store.read(guilds.manager_roles)
