"""Topics as they are stored."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime, timedelta
from itertools import pairwise

import pandas as pd
import pytest
from sqlite_utils import Database

from bot.alerts import composites, engine, portable, topics, validation
from bot.alerts.topics import TOPICS
from bot.database.alerts import alerts, members
from bot.database.codec import rows
from bot.database.places import destinations, subscriptions
from bot.domain.model import Alert, Combination, Condition, Timing, TriggerState
from signals.catalogue import SIGNALS
from signals.core.model import Measure, Measures, Reading, State
from tests.bot.alerts.watching import ABOVE_90, SILVER, Watch, final

DAY = date(2026, 1, 13)


def history(*values: float) -> Callable[[str, Measure], pd.Series]:
    return lambda signal, which: pd.Series(values, pd.bdate_range("2026-01-01", periods=len(values)), dtype=float)


def test_the_table_is_the_one_of_the_register() -> None:
    named = {
        "rotation-turn": ["rotation.state"],
        "tech-turn": ["tech.state"],
        "regime-change": ["rotation.regime"],
        "yardstick-turn": [
            f"rotation.{name}.direction"
            for name in ("equal_weight", "small_caps", "value", "ex_tech", "nasdaq_equal", "ex_mag7")
        ],
        "recovery-change": ["scenario.recovery_state"],
    }
    assert {
        topic.key: " or ".join(f"{spec.signal} {spec.measure} {spec.condition} {spec.level:g}" for spec in topic.specs)
        for topic in TOPICS
        if topic.key not in named
    } == {
        "equal-weight-day": "weighting.rsp_spy.spread_1d value above 0.8",
        "russell-streak": "size.russell_sp500.streak value above 7",
        "mag7-red-day": "megacap.down_2pct value above 4",
        "mags-third-month": "megacap.mags_third_month value above 0",
        "breadth-thrust": "breadth.sp500.thrust_signal value above 0",
        "breadth-washout": "breadth.sp500.above_50dma value below 20",
        "tech-new-highs": "breadth.tech.new_highs percentile_1y above 95",
        "real-yield-breakout": "rates.real_10y percentile_1y above 95",
        "curve-steepening": "rates.curve_10y2y change_21d above 0.25",
        "tech-outflow": "flows.tech_4w value below -2",
        "stress": "options.vix_term value above 1",
        "gold-or-silver-high": "havens.gold percentile_1y above 99.5 or havens.silver percentile_1y above 99.5",
        "indexes-back-to-back": "index.all_down_streak value above 1",
        "rotation-fading": "rotation.equal_weight.out_given_back value above 2",
        "semis-or-software": "sectors.igv_smh.spread_21d value outside -10",
    }
    pauses = {topic.key: spec.cooldown_days for topic in TOPICS for spec in topic.specs if spec.cooldown_days}
    assert pauses == {"mags-third-month": 28, "indexes-back-to-back": 7}
    specs = [spec for topic in TOPICS for spec in topic.specs]
    assert all(spec.timing is Timing.CLOSE and spec.confirm == 1 for spec in specs)
    assert {topic.key: [spec.signal for spec in topic.specs] for topic in TOPICS if topic.key in named} == named
    for topic in TOPICS:
        for spec in topic.specs if topic.key in named else ():
            wanted = (Measure.CHANGE_1D, Condition.OUTSIDE, -0.5, 0.5)
            assert (spec.measure, spec.condition, spec.level, spec.level_high) == wanted


@pytest.mark.parametrize("topic", TOPICS, ids=lambda topic: topic.key)
def test_every_topic_has_a_valid_condition_and_a_sentence(topic: topics.Topic) -> None:
    for spec in topic.specs:
        validation.validate(spec, SIGNALS[spec.signal])
    assert topic.title
    assert topic.sentence.endswith(".")


def test_bands_come_from_the_history_and_sides_from_its_last_value() -> None:
    """Moves of 1, 3 and 5: the median is 3; streaks need no band; the last value is the newest that is known."""
    prepared = {each.key: each for each in topics.prepare(SIGNALS, history(10, 11, 8, 13, float("nan")))}
    assert prepared["equal-weight-day"].spec.band == 3.0
    assert prepared["russell-streak"].spec.band == 0.0
    assert prepared["tech-new-highs"].spec.band == 3.0
    assert {each.latest_value for each in prepared.values()} == {13.0}
    assert {each.latest_value for each in topics.prepare(SIGNALS, history())} == {None}


def test_a_topic_without_its_signal_in_the_register_is_an_error() -> None:
    with pytest.raises(KeyError):
        topics.prepare({}, history())


def test_topics_are_stored_once_with_state_and_subscribers_kept(db: Database, now: datetime) -> None:
    prepared = topics.prepare(SIGNALS, history(0.1, 0.4, 0.9))
    first = topics.ensure(db, prepared, session=DAY, now=now)
    assert [each.topic for each in first] == [topic.key for topic in TOPICS for _ in topic.specs]
    channel = destinations.channel_destination(db, 9, 5, now=now)
    subscriptions.subscribe(db, "equal-weight-day", channel.id, created_by=7, now=now)
    other_history = topics.prepare(SIGNALS, history(0.5, 0.2))
    assert topics.ensure(db, other_history, session=DAY, now=now) == first
    (trigger,) = alerts.triggers_of(db, first[0].id)
    assert (trigger.level, trigger.rearm, trigger.state) == (0.8, pytest.approx(0.4), TriggerState.FIRED)
    assert len(subscriptions.of_destination(db, channel.id)) == 1


def test_a_band_is_filled_in_when_history_arrives_without_touching_the_state(db: Database, now: datetime) -> None:
    (first, *_) = topics.ensure(db, topics.prepare(SIGNALS, history()), session=DAY, now=now)
    assert [each.state for each in alerts.triggers_of(db, first.id)] == [TriggerState.NEW]
    reading = Reading(first.spec.signal, DAY, 0.9, State.FINAL)
    engine.evaluate(db, DAY, {reading.signal: reading}, now=now)
    topics.ensure(db, topics.prepare(SIGNALS, history(0.1, 0.4)), session=DAY + timedelta(days=1), now=now)
    (trigger,) = alerts.triggers_of(db, first.id)
    assert (trigger.rearm, trigger.state) == (0.5, TriggerState.FIRED)


def test_a_topic_that_watches_two_signals_is_subscribed_to_as_a_whole(db: Database, now: datetime) -> None:
    stored = topics.ensure(db, topics.prepare(SIGNALS, history(0, 0)), session=DAY, now=now)
    channel = destinations.channel_destination(db, 9, 5, now=now)
    made = subscriptions.subscribe(db, "gold-or-silver-high", channel.id, created_by=7, now=now, role_id=3)
    assert [each.alert_id for each in made] == [each.id for each in stored if each.topic == "gold-or-silver-high"]
    assert [each.part for each in stored if each.topic == "gold-or-silver-high"] == [0, 1]
    assert {each.role_id for each in made} == {3}


def test_whoever_is_subscribed_to_a_topic_is_subscribed_to_a_new_part_too(db: Database, now: datetime) -> None:
    both = [each for each in topics.prepare(SIGNALS, history(0, 0)) if each.key == "gold-or-silver-high"]
    topics.ensure(db, both[:1], session=DAY, now=now)
    channel = destinations.channel_destination(db, 9, 5, now=now)
    subscriptions.subscribe(db, "gold-or-silver-high", channel.id, created_by=7, now=now, role_id=3)
    _, new = topics.ensure(db, both, session=DAY, now=now)
    assert [each.role_id for each in subscriptions.of_alert(db, new.id)] == [3]
    assert topics.ensure(db, both[:1], session=DAY, now=now) == alerts.by_topic(db, "gold-or-silver-high")
    assert len(subscriptions.of_destination(db, channel.id)) == 1


@pytest.mark.parametrize(("before", "after", "direction"), [(0, 1, "above"), (1, 0, "below"), (-1, 0, "above")])
def test_a_change_of_a_named_state_notifies_once(
    db: Database, now: datetime, before: int, after: int, direction: str
) -> None:
    """One message on the day of the move, and none on the others."""
    topics.ensure(db, topics.prepare(SIGNALS, history(0.0, 0.0)), session=DAY, now=now)
    channel = destinations.channel_destination(db, 9, 5, now=now)
    subscriptions.subscribe(db, "recovery-change", channel.id, created_by=7, now=now)
    path, counts = [before, before, after, after, after], []
    for step, (earlier, state) in enumerate(pairwise(path)):
        moved = reading("scenario.recovery_state", state, state - earlier, step)
        outcome = engine.evaluate(db, moved.session, {moved.signal: moved}, now=now)
        counts.append(outcome.enqueued)
    assert counts == [0, 1, 0, 0]
    (item,) = db.query("SELECT topic, signal, direction, value FROM outbox")
    assert item == {
        "topic": "recovery-change",
        "signal": "scenario.recovery_state",
        "direction": direction,
        "value": after - before,
    }


def reading(signal: str, state: float, change: float, step: int) -> Reading:
    return Reading(signal, DAY + timedelta(days=step), state, State.FINAL, measures=Measures(change_1d=change))


def test_a_changed_condition_starts_anew_and_a_dropped_topic_goes(db: Database, now: datetime) -> None:
    prepared = topics.prepare(SIGNALS, history(0.1, 0.4))
    before = topics.ensure(db, prepared, session=DAY, now=now)
    turned = replace(prepared[0], spec=replace(prepared[0].spec, condition=Condition.BELOW))
    (after,) = topics.ensure(db, [turned], session=DAY, now=now)
    assert after.id == before[0].id
    assert [each.state for each in alerts.triggers_of(db, after.id)] == [TriggerState.FIRED]
    assert alerts.topics(db) == [after]


def test_each_subscriber_of_a_dropped_topic_is_told_once(watch: Watch) -> None:
    """Of a topic with two conditions, when the last one goes."""
    parts = [each for each in topics.prepare(SIGNALS, history(0, 0)) if each.key == "gold-or-silver-high"]
    topics.ensure(watch.db, parts, session=DAY, now=watch.now)
    channel = destinations.channel_destination(watch.db, 9, 5, now=watch.now)
    for place in (watch.dm.id, channel.id):
        subscriptions.subscribe(watch.db, "gold-or-silver-high", place, created_by=7, now=watch.now)
    topics.ensure(watch.db, parts[:1], session=DAY, now=watch.now)
    assert watch.enqueued() == []
    topics.ensure(watch.db, [], session=DAY, now=watch.now)
    topics.ensure(watch.db, [], session=DAY, now=watch.now)
    assert [(item["destination_id"], item["kind"], item["state"], item["sentence"]) for item in watch.enqueued()] == [
        (
            *(place, "notice", "due"),
            "The topic “gold-or-silver-high” has ended: it is no longer offered. `/topics` shows those that are.",
        )
        for place in (watch.dm.id, channel.id)
    ]


GOLD = replace(ABOVE_90, signal="havens.gold")


def combined(watch: Watch, at_least: int, *of: str | int) -> Alert:
    return composites.create(
        watch.db,
        Combination(at_least, 1, of),
        owner_id=7,
        guild_id=None,
        destination_id=watch.dm.id,
        session=DAY,
        now=watch.now,
    )


@pytest.mark.parametrize("value", [95.0, 85.0])
def test_a_combination_that_a_dropped_topic_leaves_too_few_members_goes_with_a_notice(
    watch: Watch, value: float
) -> None:
    """Whether the topic held or not: with it inside one member alone would fire, with it outside none ever could."""
    watch.add_topic("old-topic", ABOVE_90)
    other = watch.add(GOLD)
    both = combined(watch, 2, "old-topic", other.id)
    watch.see(final(value, DAY))
    topics.ensure(watch.db, [], session=DAY, now=watch.now)
    assert alerts.get(watch.db, both.id) is None
    watch.see(final(95.0, DAY + timedelta(days=40), signal="havens.gold"))
    found = [
        (item["kind"], item["owner_id"], item["state"], item["sentence"] or item["signal"]) for item in watch.enqueued()
    ]
    assert found == [
        (
            *("notice", 7, "due"),
            f"Alert {both.number} has been removed: one of its topics is no longer offered, so this combination has 1 member "
            "left and needs 2. `/alert combine` sets a new one.",
        ),
        ("alert", 7, "due", "havens.gold"),
    ]


def test_a_combination_goes_on_with_the_members_that_a_dropped_topic_leaves_it(watch: Watch) -> None:
    watch.add_topic("old-topic", ABOVE_90)
    other = watch.add(GOLD)
    either = combined(watch, 1, "old-topic", other.id)
    watch.see(final(95.0, DAY))
    assert watch.states(either) == [TriggerState.FIRED]
    topics.ensure(watch.db, [], session=DAY, now=watch.now)
    assert watch.states(either) == [TriggerState.ARMED]
    left = alerts.get(watch.db, either.id)
    assert left is not None
    assert left.combination == Combination(1, 1, (other.id,), (other.number,))
    (row,) = portable.rows_of(watch.db, left)
    assert portable.read(row).number == left.number
    watch.see(final(95.0, DAY + timedelta(days=1), signal="havens.gold"))
    assert [item["session"] for item in watch.enqueued() if item["alert_id"] == either.id] == [
        DAY.toordinal(),
        DAY.toordinal() + 1,
    ]


def test_a_combination_counts_a_topic_anew_that_has_lost_a_part(watch: Watch) -> None:
    """The part on silver held, the one on gold does not."""
    both = [each for each in topics.prepare(SIGNALS, history(0, 0)) if each.key == "gold-or-silver-high"]
    gold, silver = (replace(part, spec=replace(ABOVE_90, signal=part.spec.signal)) for part in both)
    assert (gold.spec.signal, silver.spec.signal) == ("havens.gold", SILVER)
    topics.ensure(watch.db, [gold, silver], session=DAY, now=watch.now)
    either = combined(watch, 1, "gold-or-silver-high", watch.add(replace(ABOVE_90, signal="havens.oil")).id)
    watch.see(final(95.0, DAY))
    assert watch.states(either) == [TriggerState.FIRED]
    topics.ensure(watch.db, [gold], session=DAY, now=watch.now)
    assert watch.states(either) == [TriggerState.ARMED]
    assert [member.inside for member in members.of_composite(watch.db, either.id)] == [False, False]
    assert rows(watch.db, "SELECT sentence FROM outbox WHERE kind = 'notice'") == []
