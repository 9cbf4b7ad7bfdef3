"""Pictures as files of a message; the image of an embed refers to a file by its name."""

from __future__ import annotations

import io
import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import discord

from bot.discord_app import limits
from bot.discord_app.delivery import message_minus
from bot.domain.chart_request import Picture

_SCHEME = "attachment://"


def with_image(embed: Mapping[str, Any], name: str) -> dict[str, Any]:
    """The embed with the message's file of that name as its image."""
    return {**embed, "image": {"url": f"{_SCHEME}{name}"}}


def with_only(embeds: Iterable[Mapping[str, Any]], pictures: Iterable[Picture]) -> list[dict[str, Any]]:
    """The embeds, each without its image where the file that it names is not among the pictures."""
    urls = {f"{_SCHEME}{picture.name}" for picture in pictures}
    return [
        {key: part for key, part in embed.items() if key != "image" or not _missing(part["url"], urls)}
        for embed in embeds
    ]


def _missing(url: str, urls: set[str]) -> bool:
    return url.startswith(_SCHEME) and url not in urls


def file(picture: Picture) -> discord.File:
    """The picture as discord.py sends it, with its alternative text."""
    return discord.File(
        io.BytesIO(picture.content),
        picture.name,
        description=limits.cut(message_minus.typeset(limits.bare(picture.alt)), limits.ALT),
    )


def form(body: Mapping[str, Any], pictures: Sequence[Picture]) -> dict[str, Any]:
    """Arguments of discord.py's `request` for a message with files.

    discord.py rewinds the files before each of its own retries.
    """
    files = [file(picture) for picture in pictures]
    descriptions = [picture.to_dict(number) for number, picture in enumerate(files)]
    parts: list[dict[str, Any]] = [
        {"name": "payload_json", "value": json.dumps({**body, "attachments": descriptions}, ensure_ascii=False)}
    ]
    parts += [
        {"name": f"files[{number}]", "value": picture.fp, "filename": picture.filename, "content_type": "image/png"}
        for number, picture in enumerate(files)
    ]
    return {"form": parts, "files": files}
