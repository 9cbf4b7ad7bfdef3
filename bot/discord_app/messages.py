"""What the courier posts: outbox items as one message. A first line that tells the story, an embed for each, buttons.

Everything is read from the items and from memory at the moment of sending.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from bot.commands.alerts import first_line
from bot.commands.alerts.service import snoozes
from bot.commands.context import ADVICE, SIMULATED, Core
from bot.commands.market import chart, study, track_record_lines
from bot.commands.market.signal_history import history_context, leaning, origin, usual_line
from bot.commands.reply import Button, Menu, Option, Reply, Weight
from bot.commands.summary import summary
from bot.discord_app import attachments, components, embeds, limits
from bot.domain.chart_request import ChartRequest, file_names
from bot.domain.model import AlertSpec, Condition, Destination, DestinationKind, Direction, ItemKind, OutboxItem
from bot.formatting import formats
from bot.outbox.message import Payload, Render
from signals.core.model import Measure, Signal, State

_MERGED_ROOM = 25
_MOST_PICTURES = 3
"""In one message: three fill a phone's screen, and drawing them takes less than a second."""


def payloads(core: Core) -> Render:
    """The function that the courier renders with."""

    def render_items(destination: Destination, items: Sequence[OutboxItem]) -> Payload:
        return payload(core, destination, items)

    return render_items


def payload(core: Core, destination: Destination, items: Sequence[OutboxItem]) -> Payload:
    """One message for the items of one destination: one kind, oldest first, at most ten. Raises ValueError for none."""
    if not items:
        raise ValueError("nothing to render")
    kind = items[0].kind
    if kind is ItemKind.SUMMARY:
        return _summaries(core, items)
    return _alerts(core, destination, items)


def _alerts(core: Core, destination: Destination, items: Sequence[OutboxItem]) -> Payload:
    known = [(item, signal) for item in items if (signal := core.signals.get(item.signal or "")) is not None]
    if not known:
        return Payload(
            content=limits.cut(f"An alert on {items[0].signal} fired; that signal is no longer computed.", limits.STORY)
        )
    if len(known) == 1:
        content = first_line.event_line(*known[0])
    else:
        content = first_line.merged(items, [first_line.short_name(item, signal) for item, signal in known])
    replies = [_alert(core, item, signal) for item, signal in known]
    shown, requests = _illustrated(core, replies, [item for item, _ in known])
    rows = components.of_buttons(_buttons(known[0][0])) if len(known) == 1 else _choose(core, known)
    roles = tuple(dict.fromkeys(item.role_id for item, _ in known if item.role_id is not None))
    return Payload(
        content=limits.cut(_marked(core, content), limits.STORY),
        embeds=shown,
        pictures=requests,
        components=tuple(rows),
        mention_roles=roles if destination.kind is DestinationKind.CHANNEL else (),
    )


def _illustrated(
    core: Core, replies: Sequence[Reply], items: Sequence[OutboxItem]
) -> tuple[tuple[dict[str, Any], ...], tuple[str, ...]]:
    """An embed for each reply, the first few with the image of a picture that is still to be drawn, and those requests."""
    wanted = [reply.picture if isinstance(reply.picture, ChartRequest) else None for reply in replies[:_MOST_PICTURES]]
    requests = [request for request in wanted if request is not None]
    names = iter(file_names(requests))
    made = [embeds.embed(reply) | _stamped(core, item) for reply, item in zip(replies, items, strict=True)]
    for place, request in enumerate(wanted):
        if request is not None:
            made[place] = attachments.with_image(made[place], next(names))
    return tuple(limits.fit_embeds(made)), tuple(request.to_json() for request in requests)


def _marked(core: Core, content: str) -> str:
    """The story with the word simulated in front where the numbers are made up."""
    return f"[{SIMULATED}] {content}" if core.simulated else content


def _alert(core: Core, item: OutboxItem, signal: Signal) -> Reply:
    which = item.measure or Measure.VALUE
    facts = item.reading or {}
    tone, word = leaning(signal, high=item.direction is not Direction.BELOW)
    state = str(facts.get("state") or "final")
    now = facts.get("value")
    itself = formats.measured(float(now), signal, Measure.VALUE) if isinstance(now, int | float) else ""
    when = " · ".join(part for part in (f"{state}, {formats.day(item.session, today=core.today())}", word) if part)
    if first_line.turn(item, signal):
        title, lines = f"{signal.label}: {itself}", [when]
    else:
        name = signal.label if which is Measure.VALUE else f"{signal.label}, {formats.MEASURES[which]}"
        title = f"{name}: {formats.measured(item.value, signal, which)}"
        lines = [
            when,
            usual_line(signal, which, history_context(core.readings, signal, which, item.session, item.value)),
        ]
        if which is not Measure.VALUE and itself:
            lines.append(f"The value itself: {itself}")
    lines.append(" · ".join(part for part in (_coverage(facts), _observed(core, item, facts)) if part))
    lines += track_record_lines.lines_of_alert(
        core.readings, signal.id, which, item.direction, item.level, item.session
    )
    sources = facts.get("sources")
    names = [str(each) for each in sources] if isinstance(sources, list | tuple) else []
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


def _stamped(core: Core, item: OutboxItem) -> dict[str, str]:
    """The instant from which the numbers are, shown by Discord in the reader's zone."""
    when: datetime = item.created_at
    if (item.reading or {}).get("state") != State.PROVISIONAL.value and core.calendar.is_session(item.session):
        when = core.calendar.final_at(item.session)
    return {"timestamp": when.isoformat()}


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
    """What followed such days, where a row has room for the question."""
    if item.signal is None or item.direction is None or item.level is None:
        return ()
    condition = Condition.ABOVE if item.direction is Direction.ABOVE else Condition.BELOW
    return (study.button(AlertSpec(item.signal, item.measure or Measure.VALUE, condition, item.level)),)


def _choose(core: Core, known: Sequence[tuple[OutboxItem, Signal]]) -> list[dict[str, Any]]:
    """Under several alerts one menu instead of five buttons each."""
    options: dict[str, Option] = {}
    for item, signal in known:
        if item.alert_id is not None:
            kind = "t" if item.topic is not None else "a"
            key = f"{kind}{item.alert_id}"
            options.setdefault(key, Option(key, formats.capitalised(first_line.short_name(item, signal))))
    if not options:
        return []
    menu = Menu("manage", "Snooze, edit or remove one of them", tuple(options.values())[:_MERGED_ROOM])
    return [components.rows([components.menu(menu)])]


def _summaries(core: Core, items: Sequence[OutboxItem]) -> Payload:
    replies = [summary.of_session(core, item.session) for item in items]
    newest = summary.digest_of(core, items[-1].session)
    story = newest.headline or f"Market summary of {formats.day(items[-1].session, today=core.today())}"
    shown, requests = _illustrated(core, replies, items)
    return Payload(
        content=first_line.at_clause(_marked(core, story)),
        embeds=shown,
        pictures=requests,
        components=tuple(components.of_buttons((Button("families", "All signals"),))),
    )
