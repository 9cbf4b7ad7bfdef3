"""`/alert list`: a user's own alerts with their state."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from bot.commands.alerts.texts.describe import describe_alert, manner_words, state_words, terms
from bot.commands.context import Caller, Core
from bot.commands.reply import Field, Pages, Reply, page_of
from bot.database import Database
from bot.database.alerts import alerts as stored
from bot.database.places import subscriptions
from bot.domain.model import Alert
from bot.formatting import formats

ALERTS_PER_PAGE = 10


async def list_alerts(core: Core, caller: Caller, page: int = 1) -> Reply:
    """The caller's alerts, ten on a page, each with number, state and last firing."""
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
    """A stored alert of a user, its triggers, and the snooze ends of its subscriptions."""

    alert: Alert
    triggers: Sequence[stored.StoredTrigger]
    snoozes: Sequence[datetime | None]


def _owned(db: Database, owner_id: int) -> list[_OwnedAlert]:
    return [
        _OwnedAlert(
            alert,
            stored.triggers_of(db, alert.id),
            [subscription.snoozed_until for subscription in subscriptions.of_alert(db, alert.id)],
        )
        for alert in stored.list_for(db, owner_id)
    ]


def _field(core: Core, owned: _OwnedAlert) -> Field:
    alert = owned.alert
    state = state_words(core, alert, owned.triggers, owned.snoozes)
    parts = [terms(core, alert.spec) if alert.combination is None else "", state, manner_words(core, alert)]
    return Field(
        f"{alert.number} · {describe_alert(core, alert)}",
        "\n".join(formats.capitalised(part) for part in parts if part),
    )
