"""Types of alerts, destinations and enqueued messages.

Instants are aware UTC datetimes, sessions are dates; rows of the store keep instants as epoch
seconds and sessions as proleptic ordinals (`date.toordinal`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from signals.core.decimals import finished_one
from signals.core.model import Measure


class Condition(StrEnum):
    """When an alert fires; levels compare strictly."""

    ABOVE = "above"
    BELOW = "below"
    CROSSES = "crosses"
    OUTSIDE = "outside"


class Direction(StrEnum):
    """Which side of its level fires a trigger."""

    ABOVE = "above"
    BELOW = "below"


class Timing(StrEnum):
    """Which readings count: final ones only, or provisional ones of the running session as well."""

    CLOSE = "close"
    LIVE = "live"


class Repeat(StrEnum):
    """What happens after an alert has fired."""

    EVERY = "every"
    ONCE = "once"


class After(StrEnum):
    """What follows a firing: nothing more, a message when the value is back, or reminders while it lasts."""

    NOTHING = "nothing"
    BACK = "back"
    REMIND = "remind"


class Loudness(StrEnum):
    """How a message arrives: with a mention of its owner, as Discord is set, or without a notification."""

    PING = "ping"
    NORMAL = "normal"
    SILENT = "silent"


class TriggerState(StrEnum):
    """State of a trigger.

    `NEW`: no reading yet; the first one only decides on which side it starts. `ENDED`: a `once`
    alert has fired.
    """

    NEW = "new"
    ARMED = "armed"
    FIRED = "fired"
    ENDED = "ended"


class DestinationKind(StrEnum):
    """Where a message goes."""

    DM = "dm"
    CHANNEL = "channel"


class DestinationState(StrEnum):
    """`ACTIVE`: messages are delivered there, or wait for its next try (`bot.domain.place`).

    `PARKED`: Discord said that nothing can be delivered there any more, or for two weeks. `PAUSED`: the bot left the
    server.
    """

    ACTIVE = "active"
    PARKED = "parked"
    PAUSED = "paused"


class SummaryCadence(StrEnum):
    """How often a summary comes: of each session, or a letter of each week."""

    DAILY = "daily"
    WEEKLY = "weekly"


class ItemKind(StrEnum):
    """The kind of message of an outbox row."""

    ALERT = "alert"
    SUMMARY = "summary"
    LETTER = "letter"
    NOTICE = "notice"
    REMINDER = "reminder"
    RELEASE = "release"
    BOARD = "board"


class ItemEvent(StrEnum):
    """What an outbox row of an alert tells."""

    FIRED = "fired"
    BACK = "back"
    REMINDER = "reminder"
    EXPIRING = "expiring"


class ItemState(StrEnum):
    """State of an outbox row."""

    DUE = "due"
    BATCHED = "batched"
    SENT = "sent"
    DEAD = "dead"
    CANCELLED = "cancelled"
    SKIPPED = "skipped"


@dataclass(frozen=True, slots=True)
class AlertSpec:
    """What an alert asks for: a condition on a measure of a signal, and how it notifies.

    `level` is in the unit of the watched measure; `level_high` only for `outside` (level <
    level_high). `confirm` counts consecutive sessions (1 = the crossing itself). `cooldown_days`
    are calendar days without a further message. `band` >= 0 is the distance by which the value must
    come back before the alert re-arms. `remind_every` counts sessions, with `After.REMIND` only.

    Levels and band are rounded to the places of values, whatever they are made of.
    """

    signal: str
    measure: Measure
    condition: Condition
    level: float
    level_high: float | None = None
    timing: Timing = Timing.CLOSE
    confirm: int = 1
    repeat: Repeat = Repeat.EVERY
    cooldown_days: int = 0
    band: float = 0.0
    after: After = After.NOTHING
    remind_every: int = 0

    def __post_init__(self) -> None:
        for name in ("level", "level_high", "band"):
            number = getattr(self, name)
            if number is not None:
                object.__setattr__(self, name, finished_one(number))


@dataclass(frozen=True, slots=True)
class Manner:
    """How an alert notifies: its owner's own words, how loud, and the last session on which it may fire."""

    note: str | None = None
    loudness: Loudness = Loudness.NORMAL
    expires: date | None = None


@dataclass(frozen=True, slots=True)
class Combination:
    """What a composite alert asks for: `at_least` of its `members` hold, or began to within as many sessions.

    A member is the id of an alert or the key of a topic; `numbers` has for each what its owner calls it by.
    """

    at_least: int
    within: int
    members: tuple[int | str, ...]
    numbers: tuple[int | str, ...] = ()


@dataclass(frozen=True, slots=True)
class Trigger:
    """One side of a condition: `direction` of `level`, re-armed at `rearm` or beyond."""

    direction: Direction
    level: float
    rearm: float


@dataclass(frozen=True, slots=True)
class ConditionKey:
    """One side of a condition on a measure of a signal: a trigger without its re-arm level."""

    signal: str
    measure: Measure
    direction: Direction
    level: float


@dataclass(frozen=True, slots=True)
class Alert:
    """A stored alert. `topic` is the key of a ready-made one (then `owner_id` is None), else None.

    A topic that watches several signals has an alert for each; `part` is its number, from 0. `number` is what its owner
    calls it by. `combination`: of a composite, whose spec is on the pseudo signal that counts its members.
    """

    id: int
    spec: AlertSpec
    owner_id: int | None
    guild_id: int | None
    topic: str | None
    created_at: datetime
    ended_at: datetime | None
    part: int = 0
    number: int = 0
    manner: Manner = Manner()
    paused_at: datetime | None = None
    combination: Combination | None = None


@dataclass(frozen=True, slots=True)
class NewTrigger:
    """A trigger to be stored: its side, its first state, the first session on which it may fire."""

    side: Trigger
    state: TriggerState
    since_session: date


@dataclass(frozen=True, slots=True)
class Destination:
    """A DM with a person or a channel of a server.

    `channel_id` is the id to post to (of the DM channel for a DM, None until it has been opened).
    `fallback_channel_id` is the channel in which the person asked to be mentioned when their DM is
    refused, None without their consent. `refused_since`: since when Discord has taken nothing there.
    """

    id: int
    kind: DestinationKind
    user_id: int | None
    channel_id: int | None
    guild_id: int | None
    state: DestinationState
    reason: str | None
    fallback_channel_id: int | None
    refused_since: datetime | None = None

    @property
    def in_public(self) -> bool:
        """Whether others read what is posted for a person: a channel stands in for a DM that Discord refuses."""
        return self.kind is DestinationKind.DM and self.state is DestinationState.PARKED


@dataclass(frozen=True, slots=True)
class OutboxItem:
    """One enqueued message or part of one: facts only, rendered when it is sent.

    `reading` holds what was known when the alert fired: value, state, measures, coverage, sources,
    observed (JSON-ready). `held_until`: until when it is kept back (a snooze), None where it is not.
    `sentence`: the words of a notice that brings its own. `since`: the session on which the alert had
    fired, of what is told later. `number`, `note` and `loudness` are those of the alert when the
    message is made. `occasion`: the occasion of the calendar that it is about, as JSON.
    `fired`: of a letter the firings of its place in two weeks, as JSON.
    """

    id: int
    key: str
    kind: ItemKind
    destination_id: int
    session: date
    created_at: datetime
    alert_id: int | None = None
    topic: str | None = None
    owner_id: int | None = None
    role_id: int | None = None
    signal: str | None = None
    measure: Measure | None = None
    direction: Direction | None = None
    level: float | None = None
    value: float | None = None
    reading: Mapping[str, object] | None = None
    held_until: datetime | None = None
    sentence: str | None = None
    event: ItemEvent = ItemEvent.FIRED
    since: date | None = None
    number: int | None = None
    note: str | None = None
    loudness: Loudness = Loudness.NORMAL
    occasion: str | None = None
    fired: str | None = None
