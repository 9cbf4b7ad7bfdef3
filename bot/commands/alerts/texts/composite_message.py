"""The message of a composite alert: how many of its members hold, who is in and who is not."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from bot.alerts.composites import PREFIX
from bot.commands.alerts.texts.describe import describe
from bot.commands.alerts.texts.first_line import topic_name
from bot.commands.context import ADVICE, Core
from bot.commands.reply import Reply
from bot.domain.model import AlertSpec, Condition, OutboxItem
from bot.formatting import formats
from signals.core.model import Family, History, Measure, Signal
from signals.core.units import Unit


def is_composite(item: OutboxItem) -> bool:
    """Whether an item is about a composite."""
    return (item.signal or "").startswith(PREFIX)


def signal_of(core: Core, item: OutboxItem) -> Signal | None:
    """The signal of an item; of a composite the count of its members, which only its messages know."""
    if not is_composite(item):
        return core.signals.get(item.signal or "")
    inside, members = standing(item)
    return Signal(
        id=item.signal or "",
        label=f"Alert {item.number or item.alert_id} ({len(inside)} of {len(members)})",
        family=Family.SCENARIO,
        unit=Unit.COUNT,
        decimals=0,
        meaning="How many members of a combination hold.",
        inputs=(),
        compute=_no_history,
        lookback=1,
    )


def _no_history(panel: object) -> History:
    raise LookupError("the engine counts a combination; it has no history over sessions")


def standing(item: OutboxItem) -> tuple[list[Mapping[str, object]], Sequence[Mapping[str, object]]]:
    """The members that were in when it fired, and all of them."""
    members = (item.reading or {}).get("members")
    member_facts = members if isinstance(members, list) else []
    return [member for member in member_facts if member["inside"]], member_facts


def event_line(core: Core, item: OutboxItem) -> str:
    """`2 of 3 hold: Silver above $90; Russell streak`."""
    inside, members = standing(item)
    return f"{len(inside)} of {len(members)} hold: {'; '.join(_name(core, member) for member in inside)}"


def reply(core: Core, item: OutboxItem) -> Reply:
    """The members that are in and those that are not."""
    inside, members = standing(item)
    outside = [member for member in members if not member["inside"]]
    needed = int((item.level or 0) + 0.5)
    lines = [formats.day(item.session, today=core.today())]
    lines += [f"Holds: {_name(core, member)}" for member in inside]
    lines += [f"Does not hold: {_name(core, member)}" for member in outside]
    return Reply(
        title=f"{len(inside)} of {len(members)} hold (you asked for at least {needed})",
        lines=tuple(lines),
        footer=core.footer(ADVICE),
    )


def _name(core: Core, member: Mapping[str, object]) -> str:
    if member["topic"] is not None:
        return topic_name(str(member["topic"]))
    high = member["level_high"]
    spec = AlertSpec(
        str(member["signal"]),
        Measure(str(member["measure"])),
        Condition(str(member["condition"])),
        float(str(member["level"])),
        None if high is None else float(str(high)),
    )
    return describe(core, spec)
