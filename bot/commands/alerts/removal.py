"""`/alert remove`: an alert goes, and can be put back."""

from __future__ import annotations

from bot.commands.alerts.describe import describe_alert
from bot.commands.alerts.draft import pack_draft
from bot.commands.alerts.service import permitted_alert
from bot.commands.context import Caller, Core
from bot.commands.reply import Button, Reply
from bot.database import Database, destinations, members, subscriptions
from bot.database import alerts as stored
from bot.domain.model import Alert
from bot.errors import UserError
from bot.formatting import formats


async def remove(core: Core, caller: Caller, alert_id: int) -> Reply:
    """Delete the caller's alert and offer to put it back.

    Raises UserError where the alert does not exist or the caller may not change it.
    """
    core = core.seen_by(caller)

    def work(db: Database) -> tuple[Alert, tuple[str, ...]]:
        alert = permitted_alert(db, caller, alert_id)
        if whole := members.composites_of(db, alert_id):
            names = formats.listed([f"alert {one.number}" for one in whole])
            raise UserError(f"Alert {alert.number} is part of {names}. Remove {names} first, or pause this one.")
        words = () if alert.combination is not None else _packed(db, alert)
        stored.remove(db, alert_id)
        return alert, words

    alert, words = await core.store.run(work)
    own = alert.owner_id == caller.user_id and alert.combination is None
    return Reply(
        title=f"Removed: {describe_alert(core, alert)}",
        lines=("It won't alert again.",),
        buttons=(Button("ok", "Put it back", words),) if own else (),
        private=True,
        footer=core.footer(),
    )


def _packed(db: Database, alert: Alert) -> tuple[str, ...]:
    """The packed draft from which the alert can be set again."""
    for subscription in subscriptions.of_alert(db, alert.id):
        destination = destinations.get(db, subscription.destination_id)
        if destination is not None and alert.guild_id is not None:
            return pack_draft(alert.spec, destination.channel_id, subscription.role_id)
    return pack_draft(alert.spec)
