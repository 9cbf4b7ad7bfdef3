"""Summaries and letters that were announced in a channel in place of a DM: shown to their person alone."""

from __future__ import annotations

from dataclasses import replace

from bot.commands.context import Caller, Core
from bot.commands.reply import Reply
from bot.commands.summary import letter, summary
from bot.database import Database
from bot.database.places import destinations
from bot.domain.model import Destination, ItemKind, OutboxItem
from bot.errors import UserError
from bot.formatting import formats
from bot.outbox import items

ACTION = "own"
"""The button that shows one; its argument is the id of the item."""

_GONE = "That one is no longer kept. /summary shows the newest."
_THEIRS = "That is for the person who is mentioned. /summary shows the newest summary."


def name(core: Core, item: OutboxItem) -> str:
    """`Your market summary of Tue, Jan 13`, `Your weekly letter of the week to Fri, Jan 9`."""
    what = "weekly letter of the week to" if item.kind is ItemKind.LETTER else "market summary of"
    return f"Your {what} {short_name(core, item)}"


def short_name(core: Core, item: OutboxItem) -> str:
    """The session of one."""
    return formats.day(item.session, today=core.today())


async def show(core: Core, caller: Caller, item_id: int) -> Reply:
    """One summary or letter, private. Raises UserError for anybody else, and where it is no longer kept."""
    item, place = await core.store.read(_stored, item_id)
    if place.user_id != caller.user_id:
        raise UserError(_THEIRS)
    is_letter = item.kind is ItemKind.LETTER
    reply = letter.of_item(core, place, item) if is_letter else summary.of_session(core, item.session)
    return replace(reply, private=True)


def _stored(db: Database, item_id: int) -> tuple[OutboxItem, Destination]:
    item = items.get(db, item_id)
    if item is None or item.kind not in (ItemKind.SUMMARY, ItemKind.LETTER):
        raise UserError(_GONE)
    return item, destinations.existing(db, item.destination_id)
