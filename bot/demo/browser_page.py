"""One conversation of the simulated Discord as a page in the browser, on which no command is lost.

Of what simcord keeps private this module alone uses something; simcord's version is pinned.
"""

from __future__ import annotations

import contextlib
import html
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, ClassVar, Self

import discord
from aiohttp import web
from simcord import ChannelHandle, Env, MemberActor, UserHandle
from simcord.preview import Preview, _messages
from simcord.preview._component_projection import _embed_projection
from simcord.preview._markdown import _FIELD_POLICIES
from simcord.preview._server import PreviewServer

from bot.calendar.clock import NEW_YORK
from bot.commands.input_limits import DEFAULT_LIMIT, HIGHER_LIMITS
from bot.demo.floor import Floor
from bot.demo.typed_command import typed_command
from bot.errors import UserError

ASKING = frozenset(
    {"run_command", "autocomplete_command", "click", "select", "modal_submit", "send_message", "browse_candidates"}
)
"""Kinds of requests that a person makes; the others are made by the page itself."""


OWN = Path(__file__).parent / "browser"
IN_PLACE_OF = {
    "<title>SimCord Preview</title>": "<title>Rotation bot, demo</title>",
    '<span class="brand-mark" aria-hidden="true">S</span>': '<span class="brand-mark" aria-hidden="true">R</span>',
    "<strong>SimCord</strong><small>Preview</small>": "<strong>Rotation bot</strong><small>Demo</small>",
    "End preview session": "End the demo",
    "</head>": '<link rel="stylesheet" href="/demo.css"></head>',
    "</body>": '<script type="module" src="/demo.js"></script></body>',
}
"""What stands on the demo's page in place of simcord's own words."""


for _field in ("embed_description", "embed_field_value"):
    # Discord names channels, roles and people there as well; simcord leaves their ids.
    _FIELD_POLICIES[_field]["mentions"] = True


def _embed_with_alt_text(
    page: Any, message: Any, embed: dict[str, Any], attachments: list[dict[str, Any]], context: Mapping[str, Any]
) -> dict[str, Any]:
    """An embed for the page whose image has the alternative text of its file, as in Discord; simcord leaves it."""
    projected = _embed_projection(page, message, embed, attachments, context)
    image = projected.get("image") or {}
    for attachment in attachments:
        if str(attachment.get("id")) == image.get("attachment_id") and attachment.get("description"):
            image["description"] = attachment["description"]
    return projected


vars(_messages)[_embed_projection.__name__] = _embed_with_alt_text


class DemoServer(PreviewServer):
    """simcord's server of a page with the demo's own name, style and script on it."""

    preview: DemoPage
    _STATIC_FILES: ClassVar[dict[str, str]] = {
        **PreviewServer._STATIC_FILES,
        **{f"/{name}": str(OWN / name) for name in ("demo.js", "demo.css")},
    }
    _STATIC_CONTENT_TYPES: ClassVar[dict[str, str]] = {
        **PreviewServer._STATIC_CONTENT_TYPES,
        str(OWN / "demo.css"): "text/css",
    }

    async def _index(self, request: web.Request) -> web.Response:
        response: web.Response = await super()._index(request)
        text = response.text or ""
        for theirs, ours in IN_PLACE_OF.items():
            text = text.replace(theirs, ours)
        known = {"without-options": self._without_options(), "most": DEFAULT_LIMIT, "higher-most": {**HIGHER_LIMITS}}
        data = " ".join(f'data-{name}="{html.escape(json.dumps(value))}"' for name, value in known.items())
        response.text = text.replace("<body>", f"<body {data}>")
        return response

    async def _action(self, request: web.Request) -> web.Response:
        """simcord's requests, and `?typed`: the sentence on why a typed line cannot be sent, empty where it can."""
        if "typed" not in request.query:
            response: web.Response = await super()._action(request)
            return response
        if request.headers.get("Host", "") not in self._allowed_hosts():
            raise web.HTTPForbidden
        try:
            self.preview.command_in(await request.text())
        except UserError as error:
            return web.Response(text=str(error))
        return web.Response(text="")

    def _without_options(self) -> list[str]:
        """The commands that need no option, so that Enter can send them at once."""
        page = self.preview._python
        entries = page.command_catalog.get("entries", ()) if page is not None else ()
        return [
            f"/{entry['invocation']}" for entry in entries if not any(option["required"] for option in entry["options"])
        ]


class DemoPage(Preview):
    """A preview whose requests wait for the play instead of being refused.

    simcord refuses what comes while it is at work, and what was typed on a page that has changed
    since. Here the first waits for its turn, and the second counts as typed on the page as it is now:
    it names its message and its button itself, and those are checked as ever. A command with its
    options on one line, which simcord would post as a message, is carried out.
    """

    def __init__(
        self, env: Env, channel: ChannelHandle, viewer: MemberActor | UserHandle, floor: Floor, port: int | None
    ) -> None:
        super().__init__(
            env,
            channel,
            (viewer,),
            layout="channel",
            display="responsive",
            width=960,
            height=720,
            locale="en-US",
            timezone=NEW_YORK.key,
            presentation_time=None,
            assets=None,
            port=port or 0,
        )
        self._floor = floor
        self._server = DemoServer(self, port or 0)

    async def __aenter__(self) -> Self:
        """Serve the page; simcord itself would allow one page, of one conversation."""
        self.env._preview = None
        await super().__aenter__()
        return self

    async def _action(self, context_id: str | None, body: Mapping[str, Any]) -> dict[str, Any]:
        named = isinstance(body, Mapping) and "kind" in body
        async with self._floor.person(asks=named and body["kind"] in ASKING):
            return await super()._action(context_id, self._as_it_is_now(context_id, body) if named else body)

    def _as_it_is_now(self, context_id: str | None, body: Mapping[str, Any]) -> dict[str, Any]:
        page = self._get_page(context_id)
        if page.status == "stale":
            # After an answer that took too long; simcord would refuse everything until the next session.
            self._publish(page, reason="refresh")
        request = {**body, "published_revision": page.revision}
        if request["kind"] == "send_message" and isinstance(request.get("content"), str):
            with contextlib.suppress(UserError):
                request |= self.command_in(request["content"]) or {}
        return request

    def command_in(self, text: str) -> dict[str, Any] | None:
        """The command that was typed as a line; None for a message. Raises UserError with what to type instead."""
        page = self._python
        return typed_command(text, page.command_catalog.get("entries", ()) if page is not None else (), self._id_of)

    def _id_of(self, kind: str, typed: str) -> str | None:
        """The id of a channel or a role of the server by its name or mention."""
        guild: discord.Guild | None = getattr(self.env.bot.get_channel(self.channel.id), "guild", None)
        if guild is None:
            return None
        name = typed.lstrip("#@").lower()
        number = "".join(filter(str.isdigit, typed))
        places = [*guild.channels, *guild.threads] if kind == "channel" else guild.roles
        target = next((place for place in places if place.name.lower() == name or str(place.id) == number), None)
        return str(target.id) if target is not None else None
