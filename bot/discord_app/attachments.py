"""Pictures as Discord takes them: files of a message, named by the image of the embed that shows them."""

from __future__ import annotations

import io
import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import discord

from bot.discord_app import limits
from bot.domain.chart_request import Picture

_SCHEME = "attachment://"


def with_image(embed: Mapping[str, Any], name: str) -> dict[str, Any]:
    """The embed showing the file of that name in its message."""
    return {**embed, "image": {"url": f"{_SCHEME}{name}"}}


def with_only(embeds: Iterable[Mapping[str, Any]], pictures: Iterable[Picture]) -> list[dict[str, Any]]:
    """The embeds, without an image where the file that it names is not among the pictures."""
    urls = {f"{_SCHEME}{picture.name}" for picture in pictures}
    return [
        {key: part for key, part in embed.items() if key != "image" or not _missing(part["url"], urls)}
        for embed in embeds
    ]


def _missing(url: str, urls: set[str]) -> bool:
    return url.startswith(_SCHEME) and url not in urls


def file(picture: Picture) -> discord.File:
    """The picture as discord.py sends it, with the words for those who cannot see it."""
    return discord.File(io.BytesIO(picture.content), picture.name, description=limits.cut(picture.alt, limits.ALT))


def form(body: Mapping[str, Any], pictures: Sequence[Picture]) -> dict[str, Any]:
    """Arguments of discord.py's `request` for a message with files; it begins anew with each of its own retries."""
    files = [file(picture) for picture in pictures]
    described = [each.to_dict(number) for number, each in enumerate(files)]
    parts: list[dict[str, Any]] = [
        {"name": "payload_json", "value": json.dumps({**body, "attachments": described}, ensure_ascii=False)}
    ]
    parts += [
        {"name": f"files[{number}]", "value": each.fp, "filename": each.filename, "content_type": "image/png"}
        for number, each in enumerate(files)
    ]
    return {"form": parts, "files": files}
