"""`/alert combine`: an alert on how many of several alerts and topics hold."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from bot.alerts import composites
from bot.alerts.holding import Held, held, together
from bot.alerts.level_suggestion import Backtest
from bot.alerts.topics import TOPICS
from bot.commands.alerts import alert_lookup, service
from bot.commands.alerts.draft import AlertPlace, long_snowflake, short_snowflake
from bot.commands.alerts.manner_text import still_ahead
from bot.commands.alerts.texts.describe import describe
from bot.commands.alerts.texts.first_line import topic_name
from bot.commands.alerts.texts.place_words import beside, sentence, times_of_dm
from bot.commands.context import Caller, Core
from bot.commands.market.signal_history import with_band
from bot.commands.quotas import check_alerts
from bot.commands.reply import LONGEST_CHOICE, MOST_CHOICES, Button, Choice, Reply, Weight
from bot.commands.signal_search import closest
from bot.database import Database
from bot.database.alerts import alert_manner
from bot.database.alerts import alerts as stored
from bot.database.alerts import members as stored_members
from bot.database.places import destinations, subscriptions
from bot.domain.model import Alert, AlertSpec, Combination, Condition
from bot.errors import UserError
from bot.formatting import formats
from bot.formatting.quoting import quoted
from bot.formatting.signal_values import past_span

_TOPICS = {topic.key: topic for topic in TOPICS}


@dataclass(frozen=True, slots=True)
class CombinationRequest:
    """The options of `/alert combine` as typed; `alert` names a combination that is to change."""

    of: str | None = None
    at_least: int | None = None
    within: int | None = None
    alert: str | None = None


@dataclass(frozen=True, slots=True)
class _Part:
    """A member: its name, its conditions, the id of its alert or the key of its topic, and what people type for it."""

    name: str
    specs: tuple[AlertSpec, ...]
    member: int | str
    called: int | str


async def combine(core: Core, caller: Caller, request: CombinationRequest, place: AlertPlace) -> Reply:
    """Show a combination before it is set, with how often it would have fired; or change one of the caller's.

    Raises UserError for members that are no alerts of the caller and no topics, and for numbers that are not possible.
    """
    core = core.seen_by(caller)
    if request.alert is not None:
        return await _change(core, caller, request, request.alert)
    parts, asked = await _asked(core, caller, request, None)
    if place.channel_id is not None:
        caller.need_manager()
    where = beside(place.channel_id, await times_of_dm(core, caller))
    lines = [f"Alerts {where} when at least {asked.at_least} of {len(parts)} hold{_window(asked)}:"]
    lines += [f"- {part.name}" for part in parts]
    if past := _past_words(core, parts, asked):
        lines.append(past)
    return Reply(
        title=f"At least {asked.at_least} of {len(parts)}",
        lines=tuple(lines),
        buttons=(Button("cc", "Confirm", _packed(parts, asked, place), Weight.MAIN), Button("no", "Cancel")),
        footer=core.footer("Nothing is saved before you confirm"),
        private=True,
    )


def _window(asked: Combination) -> str:
    return f"; each counts for {asked.within} sessions after it fires" if asked.within > 1 else ""


async def confirm(core: Core, caller: Caller, request: CombinationRequest, place: AlertPlace) -> Reply:
    """Set the combination of a preview.

    Raises UserError as `combine` does, above the quotas, and where there is no way to reach the caller.
    """
    core = core.seen_by(caller)
    parts, asked = await _asked(core, caller, request, None)
    guild_id = caller.need_manager() if place.channel_id is not None else None
    now, session, quotas = core.now(), _newest(core), core.quotas

    def work(db: Database) -> Alert:
        if place.channel_id is not None and guild_id is not None:
            destination = destinations.channel_destination(db, place.channel_id, guild_id, now=now)
        else:
            destination = service.reachable_dm(db, caller, now=now)
        for alert in stored.list_for(db, caller.user_id):
            if alert.ended_at is not None or alert.combination is None:
                continue
            subscription = subscriptions.get(db, alert.id, destination.id)
            same_place = subscription is not None and subscription.role_id == place.role_id
            if same_place and replace(alert.combination, numbers=()) == asked:
                return alert
        check_alerts(db, quotas, caller.user_id, guild_id)
        return composites.create(
            db,
            asked,
            owner_id=caller.user_id,
            guild_id=guild_id,
            destination_id=destination.id,
            session=session,
            now=now,
            role_id=place.role_id,
        )

    alert = await core.store.run(work)
    where = sentence(place.channel_id, place.role_id, await times_of_dm(core, caller))
    return await _standing(core, caller, alert, parts, asked, "set", where)


async def _change(core: Core, caller: Caller, request: CombinationRequest, typed: str) -> Reply:
    before = await alert_lookup.find(core, caller, typed)
    if before.combination is None or before.owner_id != caller.user_id:
        raise UserError(f"Alert {before.number} is not one of your combinations. Change it with /alert edit.")
    parts, asked = await _asked(core, caller, request, before)
    now, today, quotas, judged = core.now(), core.today(), core.quotas, core.calendar.last_final(core.now())

    def work(db: Database) -> None:
        alert = alert_lookup.permitted_alert(db, caller, before.id)
        alert_lookup.check_place(caller, alert)
        if alert.ended_at is not None:
            check_alerts(db, quotas, alert.owner_id, alert.guild_id)
            alert_manner.restart(db, alert.id)
            alert_manner.set_manner(db, alert.id, still_ahead(alert.manner, today=today, judged=judged), now=now)
        composites.change(db, before.id, asked)

    await core.store.run(work)
    return await _standing(core, caller, before, parts, asked, "now", _past_words(core, parts, asked))


async def _asked(
    core: Core, caller: Caller, request: CombinationRequest, before: Alert | None
) -> tuple[list[_Part], Combination]:
    own = {alert.number: alert for alert in await core.store.read(stored.list_for, caller.user_id)}
    parts = _parts(core, own, request.of, before)
    return parts, _combination(request, before.combination if before is not None else None, parts)


async def _standing(
    core: Core, caller: Caller, alert: Alert, parts: Sequence[_Part], asked: Combination, verb: str, last: str
) -> Reply:
    """A stored combination with who of its members is in and who is not."""
    combination = await alert_lookup.find_by_id(core, caller, alert.id)
    standing = await core.store.read(stored_members.of_composite, alert.id)
    inside = [part.name for part, member in zip(parts, standing, strict=True) if member.inside]
    outside = [part.name for part, member in zip(parts, standing, strict=True) if not member.inside]
    lines = [f"Hold now: {'; '.join(inside) or 'none'}", f"Do not hold: {'; '.join(outside) or 'none'}"]
    if len(inside) >= asked.at_least:
        lines.append("**Enough of them hold already**: you'll be alerted the next time.")
    lines += [last] if last else []
    footer = "/alert pause silences a member; it counts all the same"
    return service.reply_on(core, combination, f"is {verb}", lines, footer=footer)


def _packed(parts: Sequence[_Part], asked: Combination, place: AlertPlace) -> tuple[str, ...]:
    """A request in few characters, for the custom id of a button; topics by a short hash of their key."""
    of = ".".join(_short(part.called) for part in parts)
    numbers = f"{asked.at_least}.{asked.within}"
    return (of, numbers, short_snowflake(place.channel_id), short_snowflake(place.role_id))


def unpacked(words: tuple[str, ...]) -> tuple[CombinationRequest, AlertPlace]:
    """The request and place of a Confirm button. Raises ValueError for words that are none."""
    of, numbers, channel, role = words
    at_least, _, within = numbers.partition(".")
    topics = {_short(key): key for key in _TOPICS}
    members = ", ".join(topics.get(name, name) for name in of.split("."))
    place = AlertPlace(long_snowflake(channel), long_snowflake(role))
    return CombinationRequest(members, int(at_least), int(within)), place


def _short(called: int | str) -> str:
    if isinstance(called, int):
        return str(called)
    return f"t{hashlib.blake2b(called.encode(), digest_size=3).hexdigest()}"


def _combination(request: CombinationRequest, before: Combination | None, parts: Sequence[_Part]) -> Combination:
    at_least = request.at_least if request.at_least is not None else before.at_least if before else len(parts)
    within = request.within if request.within is not None else before.within if before else 1
    count = len(parts)
    if not composites.FEWEST <= count <= composites.MOST_MEMBERS:
        raise UserError(
            f"A combination has {composites.FEWEST} to {composites.MOST_MEMBERS} members, not {count}. Type the numbers of "
            "your alerts and topics, such as 1, 3, russell-streak."
        )
    if not 1 <= at_least <= count:
        raise UserError(f"At least {at_least} of {count} is not possible. Try 1 to {count}.")
    if not 1 <= within <= composites.MOST_WITHIN:
        raise UserError(f"Within {within} sessions is not possible. Try 1 to {composites.MOST_WITHIN}.")
    return Combination(at_least, within, tuple(part.member for part in parts))


def _parts(core: Core, own: Mapping[int, Alert], typed: str | None, before: Alert | None) -> list[_Part]:
    if typed is None and before is not None and before.combination is not None:
        names: Sequence[str] = [str(one) for one in before.combination.numbers]
    else:
        names = [part for part in re.split(r"[,;\s]+", (typed or "").casefold()) if part and part != "and"]
    return [_part(core, own, name) for name in dict.fromkeys(names)]


def _part(core: Core, own: Mapping[int, Alert], name: str) -> _Part:
    if name in _TOPICS:
        return _Part(topic_name(name), _TOPICS[name].specs, name, name)
    text = name.removeprefix("#")
    if not text.isdecimal():
        nearest = closest(name, list(_TOPICS))
        hint = f"Did you mean {nearest}?" if nearest else "/alert list and /topics show what there is."
        raise UserError(f"{quoted(name)} is neither the number of an alert of yours nor a topic. {hint}")
    alert = own.get(alert_lookup.number(text))
    if alert is None:
        raise UserError(f"You have no alert {text}. /alert list shows yours.")
    if alert.combination is not None:
        raise UserError(f"Alert {alert.number} is itself a combination. List its members instead.")
    if alert.spec.condition is Condition.CROSSES:
        raise UserError(
            f"Alert {alert.number} fires in both directions, so it never holds. Use an alert with above or below."
        )
    if alert.ended_at is not None:
        raise UserError(f"Alert {alert.number} has ended. Restart it with /alert edit.")
    return _Part(f"{describe(core, alert.spec)} (alert {alert.number})", (alert.spec,), alert.id, alert.number)


def _newest(core: Core) -> date:
    snapshot = core.readings.snapshot
    newest = snapshot.newest_final if snapshot is not None else None
    return newest if newest is not None else core.calendar.last_final(core.now())


def _past_words(core: Core, parts: Sequence[_Part], asked: Combination) -> str:
    """How often it would have fired in the past; empty where nothing is known of it."""
    past = past_of(core, [part.specs for part in parts], asked)
    if not past.readings:
        return ""
    period = past_span(past.years)
    if not past.fired:
        return f"Would not have fired in {period}."
    times = "once" if len(past.fired) == 1 else f"{len(past.fired):,} times"
    last = formats.day(past.fired[-1], today=core.today())
    return f"Would have fired {times} in {period}, {'' if len(past.fired) == 1 else 'last '}on {last}."


def past_of(core: Core, members: Sequence[Sequence[AlertSpec]], asked: Combination) -> Backtest:
    """The past edges of a combination, from the final readings of what its members watch."""
    histories: list[list[Held]] = []
    for specs in members:
        of_member = []
        for spec in specs:
            series = core.readings.series(spec.signal, spec.measure)
            if spec.signal in core.signals and len(series):
                of_member.append(held(series, with_band(core, spec) if not spec.band else spec))
        histories.append(of_member)
    return together(histories, asked.at_least, asked.within)


async def complete_members(core: Core, caller: Caller, typed: str) -> list[Choice]:
    """What the last word of a list of members may become, with what stands before it."""
    core = core.seen_by(caller)
    before, _, last = typed.rpartition(",")
    before = f"{before.strip()}, " if before.strip() else ""
    text = last.strip().casefold().removeprefix("#")
    alerts = await core.store.read(stored.list_for, caller.user_id)
    offered = [
        *(
            (str(alert.number), f"{alert.number} · {describe(core, alert.spec)}")
            for alert in alerts
            if alert.combination is None and alert.ended_at is None and alert.spec.condition is not Condition.CROSSES
        ),
        *((topic.key, f"{topic.title} · {topic.key}") for topic in TOPICS),
    ]
    fitting = [Choice(f"{before}{label}", f"{before}{key}") for key, label in offered if text in label.casefold()]
    return [choice for choice in fitting if len(choice.value) <= LONGEST_CHOICE][:MOST_CHOICES]
