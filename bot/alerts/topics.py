"""Topics: ready-made alerts at preset levels, to which people and channels subscribe."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime

import pandas as pd

from bot.alerts import composites
from bot.alerts.rules import default_band, new_triggers, triggers
from bot.database import Database
from bot.database.alerts import alerts, members
from bot.database.places import subscriptions
from bot.domain.model import Alert, AlertSpec, Condition
from signals.core.model import Measure, Signal
from signals.rotation.yardsticks import ROTATION

_TOPIC_DROPPED = "one of its topics is no longer offered"


@dataclass(frozen=True, slots=True)
class Topic:
    """A ready-made alert: its key never changes, `title` names it, `sentence` says when it fires.

    `specs`: the conditions it fires on. Most topics have one; with several, each fires by itself.
    """

    key: str
    title: str
    sentence: str
    specs: tuple[AlertSpec, ...]


@dataclass(frozen=True, slots=True)
class PreparedTopic:
    """Condition number `part` of a topic with its band and newest known value (None before any)."""

    key: str
    spec: AlertSpec
    latest_value: float | None
    part: int = 0


def _above(
    signal: str, level: float, measure: Measure = Measure.VALUE, *, cooldown_days: int = 0
) -> tuple[AlertSpec, ...]:
    return (AlertSpec(signal, measure, Condition.ABOVE, level, cooldown_days=cooldown_days),)


def _changed(*states: str) -> tuple[AlertSpec, ...]:
    """A change of any of these named states, upward or downward."""
    return tuple(AlertSpec(state, Measure.CHANGE_1D, Condition.OUTSIDE, -0.5, 0.5) for state in states)


TOPICS: tuple[Topic, ...] = (
    Topic(
        "equal-weight-day",
        "Equal-weight day",
        "The average S&P 500 stock beat the index by more than 0.8 points in one session.",
        _above("weighting.rsp_spy.spread_1d", 0.8),
    ),
    Topic(
        "russell-streak",
        "Russell streak",
        "The Russell 2000 has beaten the S&P 500 for 8 sessions in a row.",
        _above("size.russell_sp500.streak", 7),
    ),
    Topic(
        "mag7-red-day",
        "Magnificent Seven red day",
        "At least five of the Magnificent Seven fell 2% or more in one session.",
        _above("megacap.down_2pct", 4),
    ),
    Topic(
        "mags-third-month",
        "Third losing month of the Magnificent Seven",
        "MAGS is on course for at least its third losing month in a row (judged from the tenth session of the month on).",
        _above("megacap.mags_third_month", 0, cooldown_days=28),
    ),
    Topic(
        "breadth-thrust",
        "Breadth thrust (S&P 500 members)",
        "Advancers in the S&P 500 went from under 40% to over 61.5% within ten sessions, on a 10-day average; Zweig's "
        "own thrust is on NYSE issues and rarer.",
        _above("breadth.sp500.thrust_signal", 0),
    ),
    Topic(
        "breadth-washout",
        "Breadth washout",
        "Fewer than 20% of S&P 500 members are above their own 50-day average.",
        (AlertSpec("breadth.sp500.above_50dma", Measure.VALUE, Condition.BELOW, 20),),
    ),
    Topic(
        "tech-new-highs",
        "Many new highs in tech",
        "The number of technology and communication stocks at a one-year high is above the 95th percentile of the past year.",
        _above("breadth.tech.new_highs", 95, Measure.PERCENTILE_1Y),
    ),
    Topic(
        "real-yield-breakout",
        "Real yield breakout",
        "The 10-year real yield is above the 95th percentile of the past year.",
        _above("rates.real_10y", 95, Measure.PERCENTILE_1Y),
    ),
    Topic(
        "curve-steepening",
        "Yield curve steepening",
        "The gap between 10-year and 2-year yields widened by more than 25 bp within 21 sessions.",
        _above("rates.curve_10y2y", 0.25, Measure.CHANGE_21D),
    ),
    Topic(
        "tech-outflow",
        "Money leaves tech funds",
        "Tech funds lost more than 2% of their assets to redemptions within four weeks.",
        (AlertSpec("flows.tech_4w", Measure.VALUE, Condition.BELOW, -2),),
    ),
    Topic(
        "stress",
        "Stress in options",
        "One-month implied volatility is above three-month implied volatility (VIX over VIX3M above 1).",
        _above("options.vix_term", 1),
    ),
    Topic(
        "gold-or-silver-high",
        "Gold or silver at a high",
        "Gold or silver closed at its highest of the past year.",
        (
            *_above("havens.gold", 99.5, Measure.PERCENTILE_1Y),
            *_above("havens.silver", 99.5, Measure.PERCENTILE_1Y),
        ),
    ),
    Topic(
        "indexes-back-to-back",
        "All indexes down back to back",
        "S&P 500, Nasdaq and Dow all fell for two sessions in a row.",
        _above("index.all_down_streak", 1, cooldown_days=7),
    ),
    Topic(
        "rotation-turn",
        "Rotation turn",
        "Money has begun to rotate out of big tech, or back into it: two thirds of six yardsticks say so.",
        _changed("rotation.state"),
    ),
    Topic(
        "tech-turn",
        "Tech turn",
        "Tech itself has begun to advance, or to fall: two thirds of five yardsticks say so.",
        _changed("tech.state"),
    ),
    Topic(
        "regime-change",
        "Regime change",
        "Tech's direction and the rotation's together name another regime than the session before.",
        _changed("rotation.regime"),
    ),
    Topic(
        "rotation-fading",
        "Rotation fading",
        "Equal weight has given back more than 2% since the peak of its leg out of big tech; it turns at 3%.",
        _above("rotation.equal_weight.out_given_back", 2),
    ),
    Topic(
        "yardstick-turn",
        "Yardstick turn",
        "One of the six yardsticks of the rotation has turned.",
        _changed(*(f"rotation.{yardstick.name}.direction" for yardstick in ROTATION)),
    ),
    Topic(
        "semis-or-software",
        "Semiconductors or software",
        "Software and semiconductors moved more than 10 points apart within 21 sessions.",
        (AlertSpec("sectors.igv_smh.spread_21d", Measure.VALUE, Condition.OUTSIDE, -10, 10),),
    ),
    Topic(
        "recovery-change",
        "Tech recovery turn",
        "The tech recovery has moved to another case: bull, base or bear.",
        _changed("scenario.recovery_state"),
    ),
)


def prepare(signals: Mapping[str, Signal], history: Callable[[str, Measure], pd.Series]) -> tuple[PreparedTopic, ...]:
    """The topics with their default bands and newest values, for `ensure`.

    Args:
        signals: The catalogue by signal id.
        history: Gives the final values of a signal's measure, oldest first, NaN where withheld,
            empty when nothing is known (`ReadingState.series`).

    Raises:
        KeyError: When a topic's signal is not in the catalogue.
    """
    return tuple(
        _prepared(topic.key, part, spec, signals[spec.signal], history)
        for topic in TOPICS
        for part, spec in enumerate(topic.specs)
    )


def _prepared(
    key: str, part: int, spec: AlertSpec, signal: Signal, history: Callable[[str, Measure], pd.Series]
) -> PreparedTopic:
    values = history(signal.id, spec.measure)
    numbers = values.dropna()
    band = default_band(values, signal.unit, spec.measure)
    latest = float(numbers.iloc[-1]) if len(numbers) else None
    return PreparedTopic(key, replace(spec, band=band), latest, part)


def ensure(db: Database, prepared: Iterable[PreparedTopic], *, session: date, now: datetime) -> list[Alert]:
    """Make the stored topics agree with those of the program.

    A stored topic keeps its state and its band, so this may be called at every start; only a band
    of 0 from before any history was known is filled in. A topic whose condition has changed starts
    anew; one that the program no longer has is removed with its subscriptions, of which each is told, and combinations
    go on without it or end.

    Args:
        db: The database, inside a transaction.
        prepared: The topics of the program, from `prepare`.
        session: The session that the newest values describe.
        now: The present.

    Returns:
        The stored alerts in the order of `TOPICS`.
    """
    topics = {(topic.key, topic.part): topic for topic in prepared}
    dropped = [alert for alert in alerts.topics(db) if (alert.topic, alert.part) not in topics]
    for key in sorted({str(alert.topic) for alert in dropped} - {topic.key for topic in topics.values()}):
        sentence = f"The topic “{key}” has ended: it is no longer offered. `/topics` shows those that are."
        subscriptions.tell_of_topic(db, key, sentence, session=session, now=now)
    for alert in dropped:
        alerts.remove(db, alert.id)
    stored = [_ensure(db, topic, session=session, now=now) for topic in topics.values()]
    if dropped:
        _settle(db, dropped, stored, session=session, now=now)
    return stored


def _settle(db: Database, dropped: Iterable[Alert], stored: Iterable[Alert], *, session: date, now: datetime) -> None:
    """Settle the combinations that counted a topic, or a part of one, that is gone."""
    keys = {alert.topic for alert in dropped}
    for alert in stored:
        if alert.topic in keys:
            composites.settle(db, alert.id)
    members.remove_topics(db)
    members.tell_unreachable(db, _TOPIC_DROPPED, session=session, now=now)
    members.settle_lost(db)


def _ensure(db: Database, topic: PreparedTopic, *, session: date, now: datetime) -> Alert:
    spec = topic.spec
    stored = next((alert for alert in alerts.by_topic(db, topic.key) if alert.part == topic.part), None)
    start = new_triggers(spec, topic.latest_value, session)
    if stored is None:
        part_alert = alerts.add_topic(db, topic.key, spec, start, now=now, part=topic.part)
    elif replace(stored.spec, band=spec.band) != spec:
        part_alert = alerts.edit(db, stored.id, spec, start)
    else:
        same = stored.spec.band != 0 or spec.band == 0
        return stored if same else alerts.set_band(db, stored.id, spec.band, triggers(spec))
    composites.settle(db, part_alert.id)
    return part_alert
