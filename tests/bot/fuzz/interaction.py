"""An interaction of discord.py without a Discord behind it: it keeps what it was answered with."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import discord

from bot.commands.context import Core
from bot.discord_app.forms.refused_forms import RefusedForms

GUILD_ID, CHANNEL_ID = 5, 9


class Sent:
    """What one interaction was answered with: texts, embeds, forms and suggestions, in their order."""

    def __init__(self) -> None:
        self.messages: list[dict[str, Any]] = []
        self.forms: list[discord.ui.Modal] = []
        self.suggestions: list[Any] | None = None

    @property
    def texts(self) -> list[str]:
        """Sentences that stand outside of embeds: refusals and reports."""
        return [message["content"] for message in self.messages if message.get("content")]


class Response:
    """The first answer: it is given once."""

    def __init__(self, sent: Sent) -> None:
        self._sent, self._done = sent, False

    def is_done(self) -> bool:
        return self._done

    def _answer(self) -> None:
        assert not self._done, "answered twice"
        self._done = True

    async def defer(self, **_: Any) -> None:
        self._answer()

    async def send_message(self, content: str | None = None, **parts: Any) -> None:
        self._answer()
        self._sent.messages.append({"content": content, **parts})

    async def edit_message(self, **parts: Any) -> None:
        self._answer()
        self._sent.messages.append(parts)

    async def send_modal(self, modal: discord.ui.Modal) -> None:
        self._answer()
        self._sent.forms.append(modal)

    async def autocomplete(self, choices: list[Any]) -> None:
        self._answer()
        self._sent.suggestions = choices


class User:
    """A person whose DM opens, or is refused."""

    dm_channel = None

    def __init__(self, user_id: int, *, opens: bool) -> None:
        self.id, self._opens = user_id, opens

    async def create_dm(self) -> Any:
        if not self._opens:
            raise discord.Forbidden(SimpleNamespace(status=403, reason="Forbidden"), {"code": 50007, "message": "no"})  # type: ignore[arg-type]
        return SimpleNamespace(id=self.id * 10)


class FakeInteraction:
    """As much of `discord.Interaction` as commands, buttons and forms use."""

    def __init__(
        self, core: Core, forms: RefusedForms, *, user_id: int, manages: bool, in_server: bool, opens: bool
    ) -> None:
        self.sent = Sent()
        self.data, self.extras = dict[str, Any](), dict[Any, Any]()
        self.client = SimpleNamespace(
            core=core,
            is_closed=lambda: False,
            refused_forms=forms,
            get_guild=lambda guild_id: object(),
            get_partial_messageable=lambda channel_id: SimpleNamespace(send=self._post),
        )
        self.user = User(user_id, opens=opens)
        self.guild_id, self.channel_id = (GUILD_ID if in_server else None), CHANNEL_ID
        self.guild = (
            SimpleNamespace(get_channel_or_thread=lambda _: None, get_role=lambda _: None) if in_server else None
        )
        self.channel = SimpleNamespace(id=CHANNEL_ID)
        self.app_permissions = discord.Permissions.all()
        self.permissions = discord.Permissions(send_messages=True, view_channel=True, manage_guild=manages)
        self.command, self.message = None, None
        self.namespace = SimpleNamespace(signal="havens.silver")
        self.response = Response(self.sent)
        self.followup = SimpleNamespace(send=self._follow)

    async def _follow(self, content: str | None = None, **parts: Any) -> Any:
        self.sent.messages.append({"content": content, **parts})
        return SimpleNamespace(edit=self.edit_original_response)

    async def _post(self, content: str, **parts: Any) -> Any:
        return SimpleNamespace(jump_url="https://discord.com/channels/1/2/3")

    async def edit_original_response(self, **parts: Any) -> None:
        self.sent.messages.append(parts)

    async def delete_original_response(self) -> None:
        """Nothing is left to be seen of it."""
