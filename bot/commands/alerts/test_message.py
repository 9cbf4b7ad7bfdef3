"""Test messages: what a stored alert would send now, as an outbox item that is never stored."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from bot.alerts import composites, rules
from bot.commands.alerts.alert_lookup import GONE, check_place
from bot.commands.alerts.service import own_dm
from bot.commands.context import Caller, Core, need_reading
from bot.commands.market.signal_history import newest_value
from bot.database import Database
from bot.database.places import destinations, subscriptions
from bot.database.readings import facts_of
from bot.domain.model import Alert, Destination, ItemKind, OutboxItem
from bot.errors import UserError


async def build_test_message(core: Core, caller: Caller, alert: Alert) -> tuple[Destination, OutboxItem]:
    """The destination of the alert's messages, and an item made from the newest reading, of a combination from its members.

    Raises UserError while there is no reading, and where it posts to a server that the caller may not set up now.
    """
    check_place(caller, alert)
    triggers, session = rules.triggers(alert.spec), core.calendar.last_final(core.now())
    value: float | None
    facts: Mapping[str, object]
    if alert.combination is not None:
        value, facts = await core.store.read(composites.standing_of, alert.id)
    else:
        signal = core.signals.get(alert.spec.signal)
        if signal is None:
            raise UserError(
                f"The signal of alert {alert.number} does not exist any more. Choose another with /alert edit."
            )
        facts = facts_of(need_reading(core, signal))
        value, session = newest_value(core, alert.spec)
    trigger = next((side for side in triggers if value is not None and rules.holds(side, value)), triggers[0])
    destination = await core.store.run(_destination, caller, alert, now=core.now())
    item = OutboxItem(
        id=0,
        key="test",
        kind=ItemKind.ALERT,
        destination_id=destination.id,
        session=session,
        created_at=core.now(),
        alert_id=alert.id,
        owner_id=alert.owner_id,
        signal=alert.spec.signal,
        measure=alert.spec.measure,
        direction=trigger.direction,
        level=trigger.level,
        value=value,
        reading=facts,
    )
    return destination, item


def _destination(db: Database, caller: Caller, alert: Alert, *, now: datetime) -> Destination:
    if alert.guild_id is None:
        return own_dm(db, caller, now=now)
    for subscription in subscriptions.of_alert(db, alert.id):
        return destinations.existing(db, subscription.destination_id)
    raise UserError(GONE)
