"""Which alert a person means: by its number or its button, and whether they may change it."""

from __future__ import annotations

from bot.commands.alerts.texts.describe import describe_alert
from bot.commands.context import Caller, Core
from bot.commands.reply import MOST_CHOICES, Choice
from bot.database import Database
from bot.database.alerts import alerts as stored
from bot.domain.model import Alert
from bot.errors import UserError
from bot.formatting.quoting import quoted

NOT_YOURS = "Only the person who set this alert can do that."
GONE = "That alert no longer exists. /alert list shows yours."


async def find(core: Core, caller: Caller, typed: str | int) -> Alert:
    """The caller's alert of that number.

    Raises UserError for a text that is no number, and for an alert of another user.
    """
    return await core.store.read(typed_alert, caller, number(typed))


async def find_by_id(core: Core, caller: Caller, alert_id: int) -> Alert:
    """The alert of a button. Raises UserError where the caller may not change it."""
    return await core.store.read(permitted_alert, caller, alert_id)


def typed_alert(db: Database, caller: Caller, typed: int) -> Alert:
    """The alert that somebody means by a number: their own of that number, else one of a server that they manage.

    Raises UserError as `permitted_alert` does.
    """
    own = stored.numbered(db, caller.user_id, typed)
    return own if own is not None else permitted_alert(db, caller, typed)


def number(typed: str | int) -> int:
    """An alert's number from `12` or `#12`. Raises UserError for anything else."""
    text = str(typed).strip().removeprefix("#")
    if text.isascii() and text.isdecimal() and len(text) < 19:
        return int(text)
    raise UserError(f"{quoted(str(typed))} is not an alert number. Type a number such as 12; /alert list shows yours.")


def permitted_alert(db: Database, caller: Caller, alert_id: int) -> Alert:
    """The alert, for its owner and for managers of the server whose channel it posts to.

    Raises UserError for other callers, and for an alert that does not exist or is a topic.
    """
    alert = stored.get(db, alert_id)
    if alert is None or alert.topic is not None:
        raise UserError(GONE)
    manages = alert.guild_id is not None and alert.guild_id == caller.guild_id
    if alert.owner_id == caller.user_id or (manages and caller.may_manage):
        return alert
    raise UserError("You need the Manage Server permission for that." if manages else NOT_YOURS)


def check_place(caller: Caller, alert: Alert) -> None:
    """Raise UserError where an alert posts to a server that the caller may not set up now, as its owner who has left it."""
    if alert.guild_id is not None and alert.guild_id != caller.guild_id:
        raise UserError(
            f"Alert {alert.number} posts to a channel of a server. Change it in a channel there, or move it to your DM with "
            "/alert edit."
        )
    if alert.guild_id is not None:
        caller.need_manager()


async def complete_own(core: Core, caller: Caller, typed: str) -> list[Choice]:
    """The caller's alerts to choose from while typing."""
    core = core.seen_by(caller)
    text = typed.strip().casefold().removeprefix("#")
    alerts = await core.store.read(stored.list_for, caller.user_id)
    labels = [(str(alert.number), f"{alert.number} · {describe_alert(core, alert)}") for alert in alerts]
    fitting = [Choice(label, key) for key, label in labels if text in label.casefold()]
    return sorted(fitting, key=lambda choice: not choice.value.startswith(text))[:MOST_CHOICES]
