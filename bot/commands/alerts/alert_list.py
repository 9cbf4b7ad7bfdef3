"""`/alert list`: a user's own alerts with their state."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from bot.commands.alerts.texts.describe import describe_alert, manner_words, state_words, terms
from bot.commands.context import Caller, Core
from bot.commands.reply import Field, Pages, Reply, page_of
from bot.database import Database
from bot.database.alerts import alerts as stored
from bot.database.places import delivery_times, destinations, subscriptions
from bot.domain.foreign_text import ForeignText
from bot.domain.model import Alert, Destination, DestinationKind
from bot.formatting import formats

ALERTS_PER_PAGE = 10


async def list_alerts(core: Core, caller: Caller, page: int = 1) -> Reply:
    """The caller's alerts by number, ten on a page, each with its channel, state and last firing."""
    core = core.seen_by(caller)
    owned = await core.store.read(_owned, caller.user_id)
    if not owned:
        return Reply(
            title="You have no alerts yet",
            lines=("Set one with /alert add, or open /signal and press the button under it.",),
            private=True,
            footer=core.footer(),
        )
    shown, number, count = page_of(owned, page, ALERTS_PER_PAGE)
    return Reply(
        title="Your alert" if len(owned) == 1 else f"Your {len(owned):,} alerts",
        fields=tuple(_field(core, alert) for alert in shown),
        private=True,
        pages=Pages("alerts", (), number, count),
        footer=core.footer("/alert edit, pause, history and remove take the number"),
    )


@dataclass(frozen=True, slots=True)
class _OwnedAlert:
    """A stored alert of a user, its triggers, the ends of all snoozes that hold it, and the channels that it posts to.

    `ended`: the numbers of the members of a combination that have ended.
    """

    alert: Alert
    triggers: Sequence[stored.StoredTrigger]
    snoozes: Sequence[datetime]
    channels: Sequence[Destination] = ()
    ended: Sequence[int] = ()


def _owned(db: Database, owner_id: int) -> list[_OwnedAlert]:
    owned = sorted(stored.list_for(db, owner_id), key=lambda alert: alert.number)
    ended = {alert.id: alert.number for alert in owned if alert.ended_at is not None}
    return [_of(db, alert, ended) for alert in owned]


def _of(db: Database, alert: Alert, ended: Mapping[int, int]) -> _OwnedAlert:
    subscribed = subscriptions.of_alert(db, alert.id)
    places = [destinations.existing(db, subscription.destination_id) for subscription in subscribed]
    members = () if alert.combination is None else alert.combination.members
    return _OwnedAlert(
        alert,
        stored.triggers_of(db, alert.id),
        delivery_times.snoozes_of_alert(db, alert.id),
        [place for place in places if place.kind is DestinationKind.CHANNEL],
        [ended[member] for member in members if isinstance(member, int) and member in ended],
    )


def _field(core: Core, owned: _OwnedAlert) -> Field:
    alert = owned.alert
    state, short = state_words(core, alert, owned.triggers, owned.snoozes), _too_few(owned)
    if short and state.startswith("watching"):
        state = ""
    parts = [
        terms(core, alert.spec) if alert.combination is None else "",
        *(_place(channel) for channel in owned.channels),
        state,
        short,
        manner_words(core, alert),
    ]
    return Field(
        f"{alert.number} · {describe_alert(core, alert)}",
        "\n".join(formats.capitalised(part) for part in parts if part),
    )


def _place(channel: Destination) -> str:
    """`Posts to #markets`, and why Discord takes nothing there."""
    reason = f", which takes no message: {ForeignText(channel.reason.rstrip('.'))}" if channel.reason else ""
    return f"Posts to <#{channel.channel_id}>{reason}"


def _too_few(owned: _OwnedAlert) -> str:
    """Why a combination cannot fire: `Alert 1 has ended: 1 member is left, and it needs 2`; empty where it can."""
    combination = owned.alert.combination
    if combination is None or owned.alert.ended_at is not None:
        return ""
    left = len(combination.members) - len(owned.ended)
    if left >= combination.at_least:
        return ""
    which = formats.listed([f"alert {number}" for number in owned.ended])
    verb = "has" if len(owned.ended) == 1 else "have"
    remain = "1 member is" if left == 1 else f"{left or 'no'} members are"
    return f"{which} {verb} ended: {remain} left, and it needs {combination.at_least}"
