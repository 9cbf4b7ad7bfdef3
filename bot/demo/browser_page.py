"""One conversation of the simulated Discord as a page in the browser, on which no command is lost.

Of what simcord keeps private this module alone uses something; simcord's version is pinned.
"""

from __future__ import annotations

import html
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, ClassVar, Self

from aiohttp import web
from simcord import ChannelHandle, Env, MemberActor, UserHandle
from simcord.preview import Preview
from simcord.preview._server import PreviewServer

from bot.calendar.clock import NEW_YORK
from bot.demo.floor import Floor
from bot.demo.typed_command import typed_command

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


class DemoServer(PreviewServer):
    """simcord's server of a page with the demo's own name, style and script on it."""

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
        names = html.escape(json.dumps(self._without_options()))
        response.text = text.replace("<body>", f'<body data-without-options="{names}">')
        return response

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
        asks = isinstance(body, Mapping) and body.get("kind") in ASKING
        async with self._floor.person(asks=asks):
            return await super()._action(context_id, self._as_it_is_now(context_id, body) if asks else body)

    def _as_it_is_now(self, context_id: str | None, body: Mapping[str, Any]) -> dict[str, Any]:
        page = self._get_page(context_id)
        if page.status == "stale":
            # After an answer that took too long; simcord would refuse everything until the next session.
            self._publish(page, reason="refresh")
        request = {**body, "published_revision": page.revision}
        if request["kind"] == "send_message" and isinstance(request.get("content"), str):
            request |= typed_command(request["content"], page.command_catalog.get("entries", ())) or {}
        return request
