"""Rendering of outbox items as one message: a first line, an embed for each item, buttons.

Everything is read from the items and from memory when the message is sent.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime
from typing import Any

from bot.commands.alerts import composite_message, first_line, waited
from bot.commands.alerts.turn_context import turn_context
from bot.commands.context import ADVICE, SIMULATED, Core
from bot.commands.market import agenda, chart, rotation, track_record_lines
from bot.commands.market.signal_history import history_context, leaning, origin, usual_line
from bot.commands.own import notices
from bot.commands.reply import Button, Reply
from bot.commands.server import board
from bot.commands.summary import letter, summary
from bot.discord_app import attachments, components, embeds, limits, message_buttons, message_minus
from bot.domain.chart_request import ChartRequest, file_names
from bot.domain.foreign_text import ForeignText
from bot.domain.model import (
    Destination,
    DestinationKind,
    Direction,
    ItemKind,
    Loudness,
    OutboxItem,
)
from bot.formatting import formats
from bot.formatting.conditions import extreme_words, has_level
from bot.formatting.scenario_words import STATES
from bot.outbox.message import NotReadyError, Payload, Render
from signals.core.measure_kinds import EXTREMES, STATE_MEASURES
from signals.core.model import Axis, Family, Measure, Signal, State
from signals.scenario.score import ROTATION_STATE

_ROTATION = (ROTATION_STATE, "rotation.regime")
"""States whose turns bring the yardsticks of the rotation and its record."""

_MOST_PICTURES = 3
"""Pictures in one message: three fill a phone's screen, and drawing them takes less than a
second."""

_MOST_EMBEDS = 9
"""Alerts with an embed of their own where others are told in a line; Discord takes ten embeds."""


def payloads(core: Core) -> Render:
    """The courier's renderer."""

    def render_items(destination: Destination, items: Sequence[OutboxItem]) -> Payload:
        return payload(core, destination, items)

    return render_items


def payload(core: Core, destination: Destination, items: Sequence[OutboxItem]) -> Payload:
    """One message for the items of one destination: of one kind, oldest first.

    Raises ValueError for no items, and NotReadyError for a summary before the first check.
    """
    if not items:
        raise ValueError("nothing to render")
    kind = items[0].kind
    if kind is ItemKind.SUMMARY:
        return _summaries(core, items)
    if kind is ItemKind.LETTER:
        return _letters(core, destination, items)
    if kind is ItemKind.NOTICE:
        lines = [item.sentence or notices.sentence(core, destination, item) for item in items]
        return Payload(content=limits.cut_lines(_marked(core, "\n".join(lines)), limits.CONTENT))
    if kind in (ItemKind.REMINDER, ItemKind.RELEASE):
        lines = agenda.message_lines(items, now=core.now())
        return Payload(content=limits.cut_lines(_marked(core, "\n".join(lines)), limits.CONTENT))
    if kind is ItemKind.BOARD:
        return _board(core)
    return _alerts(core, destination, items)


def _board(core: Core) -> Payload:
    """The live board as a layout: it shows the newest snapshot, whichever check its items are of."""
    shown = board.text(core)
    if shown is None:
        raise NotReadyError
    return Payload(
        content="", components=tuple(components.layout(shown.parts, shown.buttons)), silent=True, layout=True
    )


def _alerts(core: Core, destination: Destination, items: Sequence[OutboxItem]) -> Payload:
    guild_id = destination.guild_id
    signals = [(item, composite_message.signal_of(core.seen_at(item.owner_id, guild_id), item)) for item in items]
    fired = [(item, signal) for item, signal in signals if signal is not None]
    if not fired:
        content = f"An alert on {items[0].signal} fired; that signal is no longer computed."
        return Payload(content=limits.cut(content, limits.FIRST_LINE))
    if items[0].held_until is not None:
        return _held(core.seen_at(destination.user_id, destination.guild_id), destination, fired)
    old: list[waited.Fired] = []
    if destination.refused_since is not None:
        recent = [pair for pair in fired if not waited.is_old(core, pair[0])][-_MOST_EMBEDS:]
        old, fired = [pair for pair in fired if pair not in recent], recent
    if not fired:
        content = waited.old_line(core, old)
    elif len(fired) == 1:
        content = _first_line(core.seen_at(fired[0][0].owner_id, guild_id), *fired[0])
    else:
        content = first_line.merged(
            [item for item, _ in fired], [first_line.short_name(item, signal) for item, signal in fired]
        )
    seen = [core.seen_at(item.owner_id, guild_id) for item, _ in fired]
    replies = [_alert(by, *pair) for by, pair in zip(seen, fired, strict=True)]
    if len(fired) > 1:
        events = [f"**{_first_line(by, *pair)}**" for by, pair in zip(seen, fired, strict=True)]
        replies = [replace(reply, lines=(event, *reply.lines)) for event, reply in zip(events, replies, strict=True)]
    rendered, requests = _with_pictures(core, replies, [item for item, _ in fired])
    if old and fired:
        rendered = tuple(limits.fit_embeds([*rendered, {"description": waited.old_line(core, old)}]))
    whole = [*old, *fired]
    rows = message_buttons.of_alert(whole[0][0]) if len(whole) == 1 else message_buttons.of_several(whole)
    return Payload(
        content=limits.cut(_marked(core, content), limits.FIRST_LINE),
        embeds=rendered,
        pictures=requests,
        components=tuple(rows),
        mention_roles=_roles(destination, whole),
        mention_owners=_owners(destination, whole),
        silent=all(item.loudness is Loudness.SILENT for item, _ in whole),
    )


def _held(core: Core, destination: Destination, fired: Sequence[waited.Fired]) -> Payload:
    """What crossed while messages were held back, and what of it is still past its level."""
    reply = Reply(
        title=waited.events_words([item for item, _ in fired]),
        lines=tuple(waited.held_lines(core, fired)),
        footer=core.footer(ADVICE),
    )
    return Payload(
        content=limits.cut(_marked(core, waited.held_line(core, fired)), limits.FIRST_LINE),
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


def _roles(destination: Destination, fired: Sequence[waited.Fired]) -> tuple[int, ...]:
    roles = tuple(dict.fromkeys(item.role_id for item, _ in fired if item.role_id is not None))
    return roles if destination.kind is DestinationKind.CHANNEL else ()


def _owners(destination: Destination, fired: Sequence[waited.Fired]) -> tuple[int, ...]:
    """The owners of alerts in a channel who asked to be mentioned."""
    asked = (item.owner_id for item, _ in fired if item.loudness is Loudness.PING and item.topic is None)
    owners = tuple(dict.fromkeys(owner for owner in asked if owner))
    return owners if destination.kind is DestinationKind.CHANNEL else ()


def _first_line(core: Core, item: OutboxItem, signal: Signal) -> str:
    if composite_message.is_composite(item):
        return first_line.shortened(composite_message.event_line(core, item))
    return first_line.event_line(item, signal, turn_context(core.readings.snapshot, item, signal))


def _with_pictures(
    core: Core, replies: Sequence[Reply], items: Sequence[OutboxItem]
) -> tuple[tuple[dict[str, Any], ...], tuple[str, ...]]:
    """An embed for each reply, and the requests of their pictures.

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
    return tuple(limits.fit_embeds(rendered)), tuple(request.to_json() for request in requests)


def _marked(core: Core, content: str) -> str:
    """The first line as Discord shows it, marked as simulated where the numbers are simulated."""
    return message_minus.typeset(f"[{SIMULATED}] {content}" if core.simulated else content)


def _alert(core: Core, item: OutboxItem, signal: Signal) -> Reply:
    reply = (
        composite_message.reply(core, item) if composite_message.is_composite(item) else _of_signal(core, item, signal)
    )
    return replace(reply, lines=(*reply.lines, f"Your note: {ForeignText(item.note)}")) if item.note else reply


def _of_signal(core: Core, item: OutboxItem, signal: Signal) -> Reply:
    measure = item.measure or Measure.VALUE
    facts = item.reading or {}
    tone, word = leaning(signal, high=item.direction is not Direction.BELOW)
    if signal.family is Family.SCENARIO and first_line.turn(item, signal):
        word = ""
    state = str(facts.get("state") or "final")
    value = facts.get("value")
    value_text = formats.measured(float(value), signal, Measure.VALUE) if isinstance(value, int | float) else ""
    when = " · ".join(part for part in (f"{state}, {formats.day(item.session, today=core.today())}", word) if part)
    if first_line.turn(item, signal) or not has_level(measure):
        title, lines = f"{signal.label}: {value_text}", [when]
        if measure in EXTREMES:
            title = f"{signal.label}, {extreme_words(measure)}: {value_text}"
    else:
        name = signal.label if measure is Measure.VALUE else f"{signal.label}, {formats.MEASURES[measure]}"
        title = f"{name}: {formats.measured(item.value, signal, measure)}"
        # A percentile says where the value stands; its own past says nothing more.
        which, shown = measure, item.value
        if measure is Measure.PERCENTILE_1Y and isinstance(value, int | float):
            which, shown = Measure.VALUE, float(value)
        lines = [when, usual_line(signal, which, history_context(core.readings, signal, which, item.session, shown))]
        if measure is not Measure.VALUE and value_text:
            lines.insert(1, f"Value: {value_text}")
    lines.append(" · ".join(part for part in (_coverage(facts), _observed(core, item, facts)) if part))
    turned = bool(first_line.turn(item, signal)) or (measure in STATE_MEASURES and value == STATE_MEASURES[measure])
    if turned and signal.id in _ROTATION:
        lines += rotation.evidence_of_turn(core.readings.snapshot, item.session)
    elif turned and signal.id == STATES[Axis.RECOVERY]:
        lines += rotation.recovery_of(core.readings.snapshot, item.session)
    else:
        lines += track_record_lines.lines_of_alert(
            core.readings, signal, measure, item.direction, item.level, item.session
        )
    sources = facts.get("sources")
    names = [str(source) for source in sources] if isinstance(sources, list | tuple) else []
    return Reply(
        title=title,
        lines=tuple(line for line in lines if line),
        tone=tone,
        footer=core.footer(origin(signal, names), ADVICE),
        picture=chart.of_alert(item, signal),
    )


def _coverage(facts: Any) -> str:
    coverage = facts.get("coverage")
    if isinstance(coverage, dict) and coverage.get("listed"):
        return f"{coverage['counted']:,} of {coverage['listed']:,} members"
    return ""


def _observed(core: Core, item: OutboxItem, facts: Any) -> str:
    try:
        observed = date.fromisoformat(str(facts.get("observed")))
    except ValueError:
        return ""
    return f"observed {formats.day(observed, today=core.today())}" if observed != item.session else ""


def _timestamp(core: Core, item: OutboxItem) -> dict[str, str]:
    """The instant of the numbers, for an embed; Discord shows it in the reader's time zone."""
    instant: datetime = item.created_at
    if (item.reading or {}).get("state") != State.PROVISIONAL.value and core.calendar.is_session(item.session):
        instant = core.calendar.final_at(item.session)
    return {"timestamp": instant.isoformat()}


def _summaries(core: Core, items: Sequence[OutboxItem]) -> Payload:
    snapshot = core.readings.snapshot
    if snapshot is None or snapshot.newest_final is None:
        raise NotReadyError
    old = [item for item in items[:-1] if waited.is_old(core, item)]
    items = [item for item in items if item not in old]
    replies = [summary.of_session(core, item.session) for item in items]
    newest = summary.digest_of(core, items[-1].session)
    content = newest.headline or f"Market summary of {formats.day(items[-1].session, today=core.today())}"
    rendered, requests = _with_pictures(core, replies, items)
    if old:
        rendered = tuple(limits.fit_embeds([*rendered, {"description": waited.old_summaries_line(core, old)}]))
    return Payload(
        content=first_line.at_clause(_marked(core, content)),
        embeds=rendered,
        pictures=requests,
        components=tuple(components.of_buttons((Button("families", "Signals by family"),))),
    )


def _letters(core: Core, destination: Destination, items: Sequence[OutboxItem]) -> Payload:
    rendered, requests = _with_pictures(core, [letter.of_item(core, destination, item) for item in items], items)
    return Payload(
        content=first_line.at_clause(_marked(core, letter.first_line(core, items[-1].session))),
        embeds=rendered,
        pictures=requests,
        components=tuple(components.of_buttons((Button("families", "Signals by family"),))),
    )
