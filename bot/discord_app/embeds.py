"""Replies as embeds of Discord, inside Discord's limits."""

from __future__ import annotations

import re
from typing import Any

from bot.commands.reply import Reply, Tone
from bot.discord_app import limits
from bot.discord_app.delivery import message_minus

COLOURS = {
    Tone.BROADENING: 0x3BA55D,
    Tone.CONCENTRATING: 0xD1495B,
    Tone.NEUTRAL: 0x5B7A99,
    Tone.ATTENTION: 0xE0A030,
}
_QUOTED = re.compile(r"“([^“”\n]*)”")


def embed(reply: Reply) -> dict[str, Any]:
    """The embed of a reply as Discord's JSON, inside every limit whatever the reply holds."""
    text = "\n".join(reply.lines)
    if reply.table:
        remaining = limits.DESCRIPTION - limits.length(text) - 1
        text = "\n".join(part for part in (text, limits.code_block(reply.table, remaining)) if part)
    fields: dict[str, Any] = {
        "title": reply.title,
        "description": text,
        "color": COLOURS[reply.tone],
        "fields": [{"name": field.name, "value": field.value, "inline": field.narrow} for field in reply.fields],
    }
    if reply.footer:
        fields["footer"] = {"text": reply.footer}
    return limits.fit_embed(message_minus.typeset_embed(fields))


def sentence(text: str) -> str:
    """A sentence with what the person typed (between quotation marks) escaped as plain text."""
    return limits.cut(
        message_minus.typeset(_QUOTED.sub(lambda match: f"“{limits.plain_text(match[1])}”", text)), limits.CONTENT
    )
