"""`/alert remove`: an alert goes, and can be put back for a day as it was."""

from __future__ import annotations

import json

from bot.alerts import portable
from bot.alerts.portable import AlertRow
from bot.commands.alerts.alert_lookup import permitted_alert
from bot.commands.alerts.draft import AlertPlace
from bot.commands.alerts.service import active_reply, check_own, own_dm, reachable_dm
from bot.commands.alerts.texts.describe import current_words, describe_alert
from bot.commands.context import Caller, Core
from bot.commands.market.signal_history import newest_value
from bot.commands.quotas import check_alerts
from bot.commands.reply import Button, Reply
from bot.database import Database
from bot.database.alerts import alerts as stored
from bot.database.alerts import members, removed_alerts
from bot.domain.model import Alert, Destination
from bot.errors import UserError
from bot.formatting import formats

_GONE = "That alert cannot be put back any more: it is kept for a day, and put back once. Set it with /alert add."


async def remove(core: Core, caller: Caller, alert_id: int) -> Reply:
    """Delete the caller's alert and offer to put it back.

    Raises UserError where the alert does not exist or the caller may not change it.
    """
    core = core.seen_by(caller)
    now = core.now()

    def work(db: Database) -> tuple[Alert, int | None]:
        alert = permitted_alert(db, caller, alert_id)
        if whole := members.composites_of(db, alert_id):
            names = formats.listed([f"alert {one.number}" for one in whole])
            raise UserError(f"Alert {alert.number} is part of {names}. Remove {names} first, or pause this one.")
        own = alert.owner_id == caller.user_id
        removed_row = next(portable.rows_of(db, alert), None) if own else None
        number = (
            None if removed_row is None else removed_alerts.keep(db, caller.user_id, json.dumps(removed_row), now=now)
        )
        stored.remove(db, alert_id)
        return alert, number

    alert, number = await core.store.run(work)
    return Reply(
        title=f"Removed: {describe_alert(core, alert)}",
        lines=("It won't alert again.",),
        buttons=() if number is None else (Button("back", "Put it back", (str(number),)),),
        private=True,
        footer=core.footer(),
    )


async def place_of(core: Core, caller: Caller, number: int) -> AlertPlace:
    """Where a removed alert posted. Raises UserError where it is no longer kept, or is not the caller's."""
    return _place(await core.store.read(_row, caller, number))


def _place(row: portable.Row) -> AlertPlace:
    return AlertPlace(*(None if id is None else int(id) for id in (row.channel, row.role)))


def _row(db: Database, caller: Caller, number: int) -> portable.Row:
    content = removed_alerts.get(db, number, caller.user_id)
    if content is None:
        raise UserError(_GONE)
    return portable.read(json.loads(content))


async def put_back(core: Core, caller: Caller, number: int) -> Reply:
    """Set a removed alert again, with its number, note, last day, loudness and what follows; one that had ended is active.

    Raises UserError where it is no longer kept or is not the caller's, above the quotas, and where there is no way to
    reach the caller.
    """
    core = core.seen_by(caller)
    now, today, quotas = core.now(), core.today(), core.quotas
    row = await core.store.read(_row, caller, number)
    late = row.expires is not None and row.expires <= today
    row = row.model_copy(
        update={"state": "active" if row.state == "ended" else row.state, "expires": None if late else row.expires}
    )
    value, session = None, core.calendar.last_final(now)
    if isinstance(row, AlertRow):
        value, session = newest_value(core, row.spec)
    guild_id = caller.need_manager() if row.channel is not None else None

    def work(db: Database) -> tuple[Alert, Destination]:
        _row(db, caller, number)
        check_alerts(db, quotas, caller.user_id, guild_id)
        if isinstance(row, AlertRow):
            check_own(db, row.spec, (caller.user_id,), caller.guild_id)
        place = own_dm(db, caller, now=now) if row.channel is not None else reachable_dm(db, caller, now=now)
        alert_id, _ = portable.put(db, row, {}, session=session, now=now, value=value)
        removed_alerts.forget(db, number)
        alert = stored.get(db, alert_id)
        if alert is None:
            raise UserError(_GONE)
        return alert, place

    alert, dm = await core.store.run(work)
    current = () if alert.combination is not None else current_words(core, alert.spec, value, session)
    return await active_reply(core, caller, alert, dm, _place(row), event="is back", current=current)
