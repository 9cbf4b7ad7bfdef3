"""Rendering of outbox items as one message: a first line, an embed for each item, buttons.

Everything is read from the items and from memory when the message is sent.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from bot.commands.alerts import ended_notice, first_line, waited
from bot.commands.alerts.service import snoozes
from bot.commands.context import ADVICE, SIMULATED, Core
from bot.commands.market import agenda, chart, rotation, study, track_record_lines
from bot.commands.market.signal_history import history_context, leaning, origin, usual_line
from bot.commands.reply import Button, Menu, Option, Reply, Weight
from bot.commands.server import board
from bot.commands.summary import summary
from bot.discord_app import attachments, components, embeds, limits, minus
from bot.domain.chart_request import ChartRequest, file_names
from bot.domain.model import AlertSpec, Condition, Destination, DestinationKind, Direction, ItemKind, OutboxItem
from bot.formatting import formats
from bot.outbox.message import NotReadyError, Payload, Render
from signals.core.model import Measure, Signal, State
from signals.scenario.score import ROTATION_STATE

_MERGED_OPTIONS = 25
_MOST_EMBEDS = 9
"""Alerts with an embed of their own where others are told in a line; Discord takes ten embeds."""

_MOST_PICTURES = 3
"""Pictures in one message: three fill a phone's screen, and drawing them takes less than a
second."""


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
    if kind is ItemKind.NOTICE:
        lines = [ended_notice.sentence(item, core.signals) for item in items]
        return Payload(content=limits.cut_lines(_marked(core, "\n".join(lines)), limits.CONTENT))
    if kind in (ItemKind.REMINDER, ItemKind.RELEASE):
        lines = [agenda.message_line(item, now=core.now()) for item in items]
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
    fired = [(item, signal) for item in items if (signal := core.signals.get(item.signal or "")) is not None]
    if not fired:
        content = f"An alert on {items[0].signal} fired; that signal is no longer computed."
        return Payload(content=limits.cut(content, limits.FIRST_LINE))
    if items[0].held_until is not None:
        return _held(core, destination, fired)
    old: list[waited.Fired] = []
    if destination.refused_since is not None:
        recent = [pair for pair in fired if not waited.is_old(core, pair[0])][-_MOST_EMBEDS:]
        old, fired = [pair for pair in fired if pair not in recent], recent
    if not fired:
        content = waited.old_line(core, old)
    elif len(fired) == 1:
        content = first_line.event_line(*fired[0])
    else:
        content = first_line.merged(
            [item for item, _ in fired], [first_line.short_name(item, signal) for item, signal in fired]
        )
    replies = [_alert(core, item, signal) for item, signal in fired]
    rendered, requests = _with_pictures(core, replies, [item for item, _ in fired])
    if old and fired:
        rendered = tuple(limits.fit_embeds([*rendered, {"description": waited.old_line(core, old)}]))
    whole = [*old, *fired]
    rows = components.of_buttons(_buttons(whole[0][0])) if len(whole) == 1 else _menu_rows(whole)
    return Payload(
        content=limits.cut(_marked(core, content), limits.FIRST_LINE),
        embeds=rendered,
        pictures=requests,
        components=tuple(rows),
        mention_roles=_roles(destination, whole),
    )


def _held(core: Core, destination: Destination, fired: Sequence[waited.Fired]) -> Payload:
    """What crossed while messages were held back, and what of it is still beyond its level."""
    reply = Reply(
        title=formats.counted(len(fired), "crossing"),
        lines=tuple(waited.held_lines(core, fired)),
        footer=core.footer(ADVICE),
    )
    return Payload(
        content=limits.cut(_marked(core, waited.held_line(core, fired)), limits.FIRST_LINE),
        embeds=tuple(limits.fit_embeds([embeds.embed(reply)])),
        components=tuple(
            _menu_rows(fired)
            if len({item.alert_id for item, _ in fired}) > 1
            else components.of_buttons(_buttons(fired[0][0]))
        ),
        mention_roles=_roles(destination, fired),
    )


def _roles(destination: Destination, fired: Sequence[waited.Fired]) -> tuple[int, ...]:
    roles = tuple(dict.fromkeys(item.role_id for item, _ in fired if item.role_id is not None))
    return roles if destination.kind is DestinationKind.CHANNEL else ()


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
    return minus.typeset(f"[{SIMULATED}] {content}" if core.simulated else content)


def _alert(core: Core, item: OutboxItem, signal: Signal) -> Reply:
    measure = item.measure or Measure.VALUE
    facts = item.reading or {}
    tone, word = leaning(signal, high=item.direction is not Direction.BELOW)
    state = str(facts.get("state") or "final")
    value = facts.get("value")
    value_text = formats.measured(float(value), signal, Measure.VALUE) if isinstance(value, int | float) else ""
    when = " · ".join(part for part in (f"{state}, {formats.day(item.session, today=core.today())}", word) if part)
    if first_line.turn(item, signal):
        title, lines = f"{signal.label}: {value_text}", [when]
    else:
        name = signal.label if measure is Measure.VALUE else f"{signal.label}, {formats.MEASURES[measure]}"
        title = f"{name}: {formats.measured(item.value, signal, measure)}"
        lines = [
            when,
            usual_line(signal, measure, history_context(core.readings, signal, measure, item.session, item.value)),
        ]
        if measure is not Measure.VALUE and value_text:
            lines.append(f"The value itself: {value_text}")
    lines.append(" · ".join(part for part in (_coverage(facts), _observed(core, item, facts)) if part))
    if first_line.turn(item, signal) and signal.id == ROTATION_STATE:
        lines += rotation.evidence_of_turn(core.readings.snapshot, item.session)
    else:
        lines += track_record_lines.lines_of_alert(
            core.readings, signal.id, measure, item.direction, item.level, item.session
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


def _buttons(item: OutboxItem) -> tuple[Button, ...]:
    details = (Button("details", "Details", (item.signal,)),) if item.signal else ()
    if item.alert_id is None:
        return details
    number = (str(item.alert_id),)
    if item.topic is not None:
        return (*details, *_study(item), *snoozes(item.alert_id), Button("leave", "Remove", number, Weight.DANGER))
    return (
        *details,
        *snoozes(item.alert_id),
        Button("edit", "Edit", number),
        Button("remove", "Remove", number, Weight.DANGER),
    )


def _study(item: OutboxItem) -> tuple[Button, ...]:
    """The button of the study of the item's condition; none when the item has no level."""
    if item.signal is None or item.direction is None or item.level is None:
        return ()
    condition = Condition.ABOVE if item.direction is Direction.ABOVE else Condition.BELOW
    return (study.button(AlertSpec(item.signal, item.measure or Measure.VALUE, condition, item.level)),)


def _menu_rows(fired: Sequence[tuple[OutboxItem, Signal]]) -> list[dict[str, Any]]:
    """Under several alerts one menu instead of five buttons each."""
    options: dict[str, Option] = {}
    for item, signal in fired:
        if item.alert_id is not None:
            kind = "t" if item.topic is not None else "a"
            key = f"{kind}{item.alert_id}"
            options.setdefault(key, Option(key, formats.capitalised(first_line.short_name(item, signal))))
    if not options:
        return []
    menu = Menu("manage", "Snooze, edit or remove one of them", tuple(options.values())[:_MERGED_OPTIONS])
    return [components.action_row([components.menu_json(menu)])]


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
