"""`/topics`, `/subscribe`, `/unsubscribe`: topics for one user by DM."""

from __future__ import annotations

from bot.alerts import rules
from bot.alerts.level_suggestion import Backtest
from bot.alerts.topics import TOPICS, Topic
from bot.commands.alerts.service import reachable_dm
from bot.commands.alerts.texts import topic_frequency
from bot.commands.alerts.texts.place_words import dm_words, times_of_dm
from bot.commands.alerts.topic_choice import chosen_topics, topics_words
from bot.commands.context import Caller, Core, loading
from bot.commands.market.signal_history import newest_value, repeats, value_words, year_rank
from bot.commands.reply import Field, Menu, Option, Reply, Tone
from bot.commands.server.setup import ensure_topics, prepared_topics
from bot.database import Database
from bot.database.places import destinations, subscriptions
from bot.domain.model import AlertSpec, Destination
from bot.errors import UserError
from bot.event_study.topic_past import is_rare
from bot.formatting import formats
from bot.formatting.rotation_words import uncapitalised
from bot.formatting.signal_values import rank_words
from signals.core.model import Measure, Signal

_SENTENCES = 3
"""How many topics an answer to /subscribe explains."""


async def listing(core: Core, caller: Caller) -> Reply:
    """All topics with condition, current value, how often they fired, and whether the caller is subscribed."""
    subscribed = await core.store.read(_subscribed, caller)
    pasts = await topic_frequency.pasts(core)
    computed = [topic for topic in TOPICS if all(spec.signal in core.signals for spec in topic.specs)]
    fields = [_field(core, topic, pasts.get(topic.key), subscribed=topic.key in subscribed) for topic in computed]
    options = tuple(
        Option(topic.key, f"{'Unsubscribe from' if topic.key in subscribed else 'Subscribe to'} {topic.title}")
        for topic in TOPICS
    )
    return Reply(
        title=f"{formats.counted(len(TOPICS), 'topic')}: ready-made alerts",
        lines=tuple(remark for remark in (loading(core) or topic_frequency.remark(core, pasts),) if remark),
        fields=tuple(fields),
        menu=Menu("topic", "Subscribe by DM, or unsubscribe", options),
        private=True,
        footer=core.footer(
            "✓ you are subscribed",
            "rare: under 4 times a year; /subscribe rare takes all of them",
            "/setup alerts brings topics to a channel",
        ),
    )


def _field(core: Core, topic: Topic, past: Backtest | None, *, subscribed: bool) -> Field:
    named = len(topic.specs) > 1
    states = all(core.signals[spec.signal].named for spec in topic.specs)
    values = (
        _by_state(core, topic)
        if named and states
        else [words for spec in topic.specs if (words := _current_value(core, spec, named=named))]
    )
    now = f"Now: {'; '.join(values)}" if values else "No data yet"
    rare = " · rare" if past is not None and is_rare(past) else ""
    lines = [topic.sentence, now, *([topic_frequency.past_words(past, today=core.today())] if past is not None else [])]
    return Field(f"{'✓ ' if subscribed else ''}{topic.title}{rare}", "\n".join(lines))


def _by_state(core: Core, topic: Topic) -> list[str]:
    """`4 of 6 out of big tech (equal weight, ...)` for each state that one of several signals is in."""
    subjects: dict[str, list[str]] = {}
    for spec in topic.specs:
        signal, reading = core.signals[spec.signal], core.readings.reading(spec.signal)
        if reading is not None and reading.value is not None:
            state = formats.measured(reading.value, signal, Measure.VALUE)
            subjects.setdefault(state, []).append(uncapitalised(signal.label.removesuffix(", leg")))
    subject_count = sum(map(len, subjects.values()))
    return [f"{len(names)} of {subject_count} {state} ({', '.join(names)})" for state, names in subjects.items()]


def _current_value(core: Core, spec: AlertSpec, *, named: bool) -> str:
    """The newest value of a condition, empty without data.

    For the change of a named state, the state. `named`: after the name of the signal.
    """
    value, _ = newest_value(core, spec)
    signal = core.signals[spec.signal]
    if value is None:
        return ""
    subject = f"{signal.label.removesuffix(', leg')} " if named else ""
    if signal.named:
        reading = core.readings.reading(signal.id)
        return subject + value_words(core.readings, reading.value if reading else None, signal)
    beyond = ", **past its level**" if rules.already_there(spec, value) else ""
    words = _year_words(core, signal) if spec.measure is Measure.PERCENTILE_1Y else ""
    return subject + (words or formats.measured(value, signal, spec.measure)) + beyond


def _year_words(core: Core, signal: Signal) -> str:
    """`2.31%, higher than 23% of the past year`; empty where that is not known."""
    reading = core.readings.reading(signal.id)
    if reading is None or reading.value is None:
        return ""
    rank = year_rank(core.readings, signal, reading.session, reading.value)
    value = formats.measured(reading.value, signal, Measure.VALUE)
    return "" if rank is None else f"{value}, {rank_words(rank, 1, whole=repeats(signal, Measure.VALUE))}"


def _subscribed(db: Database, caller: Caller) -> set[str]:
    """The keys of the topics that the caller is subscribed to by DM."""
    destination = destinations.find_dm(db, caller.user_id)
    if destination is None:
        return set()
    return {alert.topic for alert, _ in subscriptions.of_destination(db, destination.id) if alert.topic is not None}


async def subscribe(core: Core, caller: Caller, typed: str) -> Reply:
    """Subscribe the caller to a topic (or to `all`, or `rare`) by DM.

    Raises UserError for an unknown topic, and where there is no way to reach the caller.
    """
    keys = await chosen_topics(core, typed)
    prepared, session = prepared_topics(core)
    now = core.now()

    def work(db: Database) -> Destination:
        place = reachable_dm(db, caller, now=now)
        ensure_topics(db, keys, prepared, session=session, now=now)
        for key in keys:
            subscriptions.subscribe(db, key, place.id, created_by=caller.user_id, now=now)
        return place

    where = dm_words(caller, await core.store.run(work), await times_of_dm(core, caller))
    lines = [f"Fires when: {topic.sentence}" for topic in TOPICS if topic.key in keys]
    if len(lines) > _SENTENCES:
        lines[_SENTENCES:] = [f"and {len(lines) - _SENTENCES} more; /topics has a sentence on each"]
    return Reply(
        title=f"Subscribed to {topics_words(keys)}",
        lines=(where, *lines),
        tone=Tone.BROADENING,
        private=True,
        footer=core.footer("/unsubscribe ends it"),
    )


async def unsubscribe(core: Core, caller: Caller, typed: str) -> Reply:
    """End the caller's subscription to a topic (or to `all`, or `rare`).

    Raises UserError where there is none.
    """
    keys = await chosen_topics(core, typed)

    def work(db: Database) -> int:
        place = destinations.find_dm(db, caller.user_id)
        if place is None:
            return 0
        alert_ids = [alert.id for alert, _ in subscriptions.of_destination(db, place.id) if alert.topic in keys]
        return sum(subscriptions.unsubscribe(db, alert_id, place.id) for alert_id in alert_ids)

    if not await core.store.run(work):
        none = f"not subscribed to {topics_words(keys)}" if len(keys) == 1 else "subscribed to none of these topics"
        raise UserError(f"You are {none}. /topics shows what you follow.")
    return Reply(title="Unsubscribed", lines=(f"No more alerts on {topics_words(keys)}.",), private=True)


async def toggle(core: Core, caller: Caller, key: str) -> Reply:
    """The menu under `/topics`: subscribe the caller, or unsubscribe where they are subscribed."""
    if key in await core.store.read(_subscribed, caller):
        return await unsubscribe(core, caller, key)
    return await subscribe(core, caller, key)
