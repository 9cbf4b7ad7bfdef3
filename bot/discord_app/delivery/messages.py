"""Rendering of outbox items as one message: a first line, an embed for each item, buttons.

Everything is read from the items and from memory when the message is sent.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from functools import partial
from typing import Any

from bot.commands.alerts import waited
from bot.commands.alerts.texts import alert_message, composite_message, first_line
from bot.commands.alerts.texts.turn_context import regime_of, turn_context
from bot.commands.context import ADVICE, SIMULATED, Core
from bot.commands.market import agenda
from bot.commands.own import notices
from bot.commands.reply import Button, Reply
from bot.commands.server import board
from bot.commands.summary import letter, summary
from bot.discord_app import components, embeds, limits
from bot.discord_app.delivery import attachments, message_buttons, message_minus, stand_ins
from bot.discord_app.delivery.whole_messages import Rendered, as_many_as_fit, content_room
from bot.domain.chart_request import ChartRequest, file_names
from bot.domain.model import (
    ConditionKey,
    Destination,
    DestinationKind,
    ItemEvent,
    ItemKind,
    Loudness,
    OutboxItem,
)
from bot.formatting import formats
from bot.outbox.message import NotReadyError, Payload, Render
from signals.core.model import Signal, State

_MOST_PICTURES = 3
"""Pictures in one message: three fill a phone's screen, and drawing them takes less than a
second."""

_MOST_EMBEDS = 9
"""Alerts with an embed of their own where others are told in a line; Discord takes ten embeds."""

_OLD_LINE = limits.EMBED_TOTAL - _MOST_EMBEDS * 300
"""Longest line beside such embeds: each of them keeps room for its title, its event and where it is from."""

_REST = "The rest follows in the next message."


def payloads(core: Core) -> Render:
    """The courier's renderer."""

    def render_items(destination: Destination, items: Sequence[OutboxItem]) -> Payload:
        return payload(core, destination, items)

    return render_items


def payload(core: Core, destination: Destination, items: Sequence[OutboxItem]) -> Payload:
    """One message for the items of one destination: of one kind, oldest first, as many of them as it holds (`told`).

    Raises ValueError for no items, and NotReadyError for a summary, a letter or a board before the first check, and for
    alerts whose track records are being counted.
    """
    if not items:
        raise ValueError("nothing to render")
    return as_many_as_fit(destination, items, partial(_rendered, core, destination))


def _rendered(core: Core, destination: Destination, items: Sequence[OutboxItem], more: bool) -> Rendered:
    """The message for just these items; `more`: others follow."""
    kind = items[0].kind
    if destination.in_public and kind in stand_ins.PRIVATE:
        lines, rows, whole = stand_ins.announced(core, items)
        payload, fits = _lines(core, destination, lines)
        return Rendered(replace(payload, components=tuple(rows)), fits and whole)
    if kind is ItemKind.SUMMARY:
        return _summaries(core, items)
    if kind is ItemKind.LETTER:
        return _letters(core, destination, items)
    if kind is ItemKind.NOTICE:
        return _lines(core, destination, [item.sentence or notices.sentence(core, destination, item) for item in items])
    if kind in (ItemKind.REMINDER, ItemKind.RELEASE):
        return _lines(core, destination, agenda.message_lines(items, now=core.now()))
    if kind is ItemKind.BOARD:
        return Rendered(_board(core))
    return _alerts(core, destination, items, more)


def _lines(core: Core, destination: Destination, lines: Sequence[str]) -> Rendered:
    """A message of lines alone."""
    text, room = _marked(core, "\n".join(lines)), content_room(destination)
    return Rendered(Payload(content=limits.cut_lines(text, room)), limits.fits(text, room))


def _board(core: Core) -> Payload:
    """The live board as a layout: it shows the newest snapshot, whichever check its items are of."""
    shown = board.text(core)
    if shown is None:
        raise NotReadyError
    return Payload(
        content="", components=tuple(components.layout(shown.parts, shown.buttons)), silent=True, layout=True
    )


def _alerts(core: Core, destination: Destination, items: Sequence[OutboxItem], more: bool) -> Rendered:
    guild_id, items = destination.guild_id, stand_ins.without_notes(destination, items)
    signals = [(item, composite_message.signal_of(core.seen_at(item.owner_id, guild_id), item)) for item in items]
    fired = [(item, signal) for item, signal in signals if signal is not None]
    if not fired:
        gone = [f"An alert on {item.signal} fired; that signal is no longer computed." for item in items]
        return _lines(core, destination, [limits.cut(line, first_line.MAX_LENGTH) for line in dict.fromkeys(gone)])
    if len(fired) < len(items):
        # The two are told in messages of their own.
        return Rendered(Payload(""), whole=False)
    if items[0].held_until is not None:
        return _held(core.seen_at(destination.user_id, destination.guild_id), destination, fired, more)
    if any(_awaits_track_record(core, item) for item, _ in fired):
        raise NotReadyError
    old: list[waited.Fired] = []
    if destination.refused_since is not None:
        recent = [pair for pair in fired if not waited.is_old(core, pair[0])][-_MOST_EMBEDS:]
        old, fired = [pair for pair in fired if pair not in recent], recent
    cores = [core.seen_at(item.owner_id, guild_id) for item, _ in fired]
    replies = [alert_message.reply(by, *pair) for by, pair in zip(cores, fired, strict=True)]
    if len(fired) > 1:
        events = [f"**{_first_line(by, *pair)}**" for by, pair in zip(cores, fired, strict=True)]
        replies = [replace(reply, lines=(event, *reply.lines)) for event, reply in zip(events, replies, strict=True)]
    rendered, requests = _with_pictures(core, replies, [item for item, _ in fired])
    old_line = waited.old_line(core, old) if old else ""
    room = _OLD_LINE if fired else limits.DESCRIPTION
    # A short line that is all there is to say stands above.
    has_embed = bool(old) and (bool(fired) or not limits.fits(old_line, _room(core)))
    below = [{"description": limits.cut(message_minus.typeset(old_line), room)}] if has_embed else []
    every = [*old, *fired]
    rows = message_buttons.of_alert(every[0][0]) if len(every) == 1 else message_buttons.of_several(every)
    payload = Payload(
        content=_short(core, _content(core, destination, fired) if fired else old_line),
        embeds=(*limits.fit_embeds(rendered, limits.EMBED_TOTAL - sum(map(limits.embed_length, below))), *below),
        pictures=requests,
        components=tuple(rows),
        mention_roles=_roles(destination, every),
        mention_owners=_owners(destination, every),
        silent=all(item.loudness is Loudness.SILENT for item, _ in every),
    )
    return Rendered(payload, limits.fits(old_line, room) and message_buttons.has_room(every))


def _content(core: Core, destination: Destination, fired: Sequence[waited.Fired]) -> str:
    """What stands above the embeds: the event, or the events in one sentence."""
    if len(fired) == 1:
        item, signal = fired[0]
        return _first_line(core.seen_at(item.owner_id, destination.guild_id), item, signal, most=_room(core))
    shown = core.readings.snapshot
    names = [first_line.short_name(item, signal, regime_of(shown, item)) for item, signal in fired]
    return first_line.merged([item for item, _ in fired], names, most=_room(core))


def _awaits_track_record(core: Core, item: OutboxItem) -> bool:
    signal, measure, direction, level = item.signal, item.measure, item.direction, item.level
    if signal is None or measure is None or direction is None or level is None:
        return False
    counted = item.event is ItemEvent.FIRED and not composite_message.is_composite(item)
    return counted and core.readings.awaits(ConditionKey(signal, measure, direction, level), item.session)


def _held(core: Core, destination: Destination, fired: Sequence[waited.Fired], more: bool) -> Rendered:
    """What crossed while messages were held back, and what of it is still past its level."""
    fired = waited.by_side(fired)
    reply = Reply(
        title=waited.events_words([item for item, _ in fired]),
        lines=(*waited.held_lines(core, fired), *[_REST] * more),
        footer=core.footer(ADVICE),
    )
    payload = Payload(
        content=_short(core, waited.held_line(core, fired)),
        embeds=tuple(limits.fit_embeds([embeds.embed(reply)])),
        components=tuple(
            message_buttons.of_several(fired)
            if len({item.alert_id for item, _ in fired}) > 1
            else message_buttons.of_alert(fired[0][0])
        ),
        mention_roles=_roles(destination, fired),
        mention_owners=_owners(destination, fired),
        silent=all(item.loudness is Loudness.SILENT for item, _ in fired),
    )
    return Rendered(payload, limits.fits("\n".join(reply.lines), limits.DESCRIPTION))


def _roles(destination: Destination, fired: Sequence[waited.Fired]) -> tuple[int, ...]:
    roles = tuple(dict.fromkeys(item.role_id for item, _ in fired if item.role_id is not None))
    return roles if destination.kind is DestinationKind.CHANNEL else ()


def _owners(destination: Destination, fired: Sequence[waited.Fired]) -> tuple[int, ...]:
    """The owners of alerts in a channel who asked to be mentioned."""
    asked = (item.owner_id for item, _ in fired if item.loudness is Loudness.PING and item.topic is None)
    owners = tuple(dict.fromkeys(owner for owner in asked if owner))
    return owners if destination.kind is DestinationKind.CHANNEL else ()


def _first_line(core: Core, item: OutboxItem, signal: Signal, most: int = first_line.MAX_LENGTH) -> str:
    if composite_message.is_composite(item):
        return first_line.shortened(composite_message.event_line(core, item), most)
    snapshot = core.readings.snapshot
    return first_line.event_line(item, signal, turn_context(snapshot, item, signal), most, regime_of(snapshot, item))


def _with_pictures(
    core: Core, replies: Sequence[Reply], items: Sequence[OutboxItem]
) -> tuple[list[dict[str, Any]], tuple[str, ...]]:
    """An embed for each reply, however long they are together, and the requests of their pictures.

    Only the first few embeds have a picture, which is drawn when the message is sent.
    """
    pictures = [
        reply.picture if isinstance(reply.picture, ChartRequest) else None for reply in replies[:_MOST_PICTURES]
    ]
    requests = [request for request in pictures if request is not None]
    names = iter(file_names(requests))
    rendered = [embeds.embed(reply) | _timestamp(core, item) for reply, item in zip(replies, items, strict=True)]
    for position, request in enumerate(pictures):
        if request is not None:
            rendered[position] = attachments.with_image(rendered[position], next(names))
    return rendered, tuple(request.to_json() for request in requests)


def _marked(core: Core, content: str) -> str:
    """The first line as Discord shows it, marked as simulated where the numbers are simulated."""
    return message_minus.typeset(f"{_mark(core)}{content}")


def _short(core: Core, content: str) -> str:
    """A first line, cut at a word where it and its mark are too long; Discord's way of counting cuts last."""
    return limits.cut(_marked(core, first_line.shortened(content, _room(core))), first_line.MAX_LENGTH)


def _mark(core: Core) -> str:
    return f"[{SIMULATED}] " if core.simulated else ""


def _room(core: Core) -> int:
    """How long a first line may be beside its mark."""
    return first_line.MAX_LENGTH - len(_mark(core))


def _timestamp(core: Core, item: OutboxItem) -> dict[str, str]:
    """The instant of the numbers, for an embed; Discord shows it in the reader's time zone."""
    instant: datetime = item.created_at
    if (item.reading or {}).get("state") != State.PROVISIONAL.value and core.calendar.is_session(item.session):
        instant = core.calendar.final_at(item.session)
    return {"timestamp": instant.isoformat()}


def _require_finals(core: Core) -> None:
    """Raises NotReadyError while no final reading is in memory."""
    if core.readings.snapshot is None or core.readings.snapshot.newest_final is None:
        raise NotReadyError


def _summaries(core: Core, items: Sequence[OutboxItem]) -> Rendered:
    _require_finals(core)
    old = [item for item in items[:-1] if waited.is_old(core, item)]
    items = [item for item in items if item not in old]
    replies = [summary.of_session(core, item.session) for item in items]
    newest = summary.contents_of(core, items[-1].session)
    content = newest.headline or f"Market summary of {formats.day(items[-1].session, today=core.today())}"
    rendered, requests = _with_pictures(core, replies, items)
    if old:
        rendered.append({"description": waited.old_summaries_line(core, old)})
    return _pages(core, content, rendered, requests)


def _letters(core: Core, destination: Destination, items: Sequence[OutboxItem]) -> Rendered:
    _require_finals(core)
    rendered, requests = _with_pictures(core, [letter.of_item(core, destination, item) for item in items], items)
    return _pages(core, letter.first_line(core, items[-1].session), rendered, requests)


def _pages(core: Core, content: str, rendered: Sequence[Mapping[str, Any]], requests: tuple[str, ...]) -> Rendered:
    """A message of summaries or letters, each an embed."""
    payload = Payload(
        content=first_line.at_clause(_marked(core, content)),
        embeds=tuple(limits.fit_embeds(rendered)),
        pictures=requests,
        components=tuple(components.of_buttons((Button("families", "Signals by family"),))),
    )
    whole = len(rendered) <= limits.EMBEDS and sum(map(limits.embed_length, rendered)) <= limits.EMBED_TOTAL
    return Rendered(payload, whole)
