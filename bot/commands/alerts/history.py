"""`/alert history`: when alerts fired, at what value, what became of the message, and what followed."""

from __future__ import annotations

import math

import pandas as pd

from bot.commands.alerts import alert_lookup
from bot.commands.alerts.texts.describe import describe_alert
from bot.commands.context import ADVICE, Caller, Core
from bot.commands.market.comparables import NAMES
from bot.commands.reply import Field, Reply
from bot.database import Database
from bot.database.alerts import alerts as stored
from bot.database.alerts import firings
from bot.database.alerts.firings import Firing
from bot.domain.model import Alert
from bot.formatting import formats
from bot.formatting.conditions import has_level
from signals.core.model import Measure

MOST = 10
_INDEX = "^IXIC"
_BECAME = {
    "sent": "sent",
    "told": "sent",
    "due": "waiting to be sent",
    "batched": "waiting to be sent",
    "dead": "not delivered: Discord refused the message",
    "cancelled": "not sent: withdrawn before it left",
    "skipped": "not sent: too late",
    "paused": "not sent: the alert was paused",
    "cooldown": "not sent: within the days of its cooldown",
    "caught_up": "not sent: caught up with later",
    "no_place": "not sent: Discord took no messages there",
}


async def show(core: Core, caller: Caller, typed: str | None) -> Reply:
    """The newest firings of one of the caller's alerts, or of all of them. Raises UserError as `alert_lookup.find` does."""
    core = core.seen_by(caller)
    if typed is not None and typed.strip():
        alert = await alert_lookup.find(core, caller, typed)
        pairs = [(firing, alert) for firing in (await core.store.read(firings.of_alert, alert.id))[:MOST]]
        title = f"Alert {alert.number}: {describe_alert(core, alert)}"
    else:
        pairs = await core.store.read(_of_owner, caller.user_id)
        title = "What your alerts did"
    if not pairs:
        return Reply(
            title=title,
            lines=("None has fired yet." if not typed else "It has not fired yet.",),
            private=True,
            footer=core.footer(),
        )
    return Reply(
        title=title,
        fields=tuple(_field(core, firing, alert, named=not typed) for firing, alert in pairs),
        private=True,
        footer=core.footer("Kept for 400 days", ADVICE),
    )


def _of_owner(db: Database, owner_id: int) -> list[tuple[Firing, Alert]]:
    alerts = {alert.id: alert for alert in stored.list_for(db, owner_id)}
    return [(firing, alerts[firing.alert_id]) for firing in firings.of_owner(db, owner_id, MOST)]


def _field(core: Core, firing: Firing, alert: Alert, *, named: bool) -> Field:
    name = (
        f"{alert.number} · {describe_alert(core, alert)}" if named else formats.day(firing.session, today=core.today())
    )
    lines = [firing_words(core, firing, alert) if named else _value_words(core, firing, alert)]
    lines += [_BECAME.get(firing.became, firing.became), *_since(core, firing)]
    return Field(name, "\n".join(formats.capitalised(line) for line in lines))


def firing_words(core: Core, firing: Firing, alert: Alert) -> str:
    """`Wed, Jan 7: $96.20`."""
    return f"{formats.day(firing.session, today=core.today())}: {_value_words(core, firing, alert)}"


def _value_words(core: Core, firing: Firing, alert: Alert) -> str:
    signal = core.signals.get(firing.signal)
    if alert.combination is not None:
        return f"{firing.value:.0f} of {len(alert.combination.members)} held"
    if signal is None:
        return f"{firing.value:g}"
    if has_level(firing.measure):
        return formats.measured(firing.value, signal, firing.measure)
    return formats.measured(_on(core.readings.series(firing.signal), firing), signal, Measure.VALUE)


def _since(core: Core, firing: Firing) -> list[str]:
    """What the signal and the Nasdaq have done since, where that is known and anything has followed."""
    snapshot = core.readings.snapshot
    newest = snapshot.newest_final if snapshot is not None else None
    if snapshot is None or newest is None or newest <= firing.session:
        return []
    parts = []
    signal = core.signals.get(firing.signal)
    series = core.readings.series(firing.signal, firing.measure if has_level(firing.measure) else Measure.VALUE)
    if signal is not None and len(series) and math.isfinite(series.iloc[-1]):
        which = firing.measure if has_level(firing.measure) else Measure.VALUE
        parts.append(f"now {formats.measured(float(series.iloc[-1]), signal, which)}")
    closes = snapshot.closes[_INDEX].dropna() if _INDEX in snapshot.closes else pd.Series(dtype=float)
    before = _on(closes, firing)
    if before is not None and len(closes):
        change = 100 * (float(closes.iloc[-1]) / before - 1)
        parts.append(f"{NAMES[_INDEX]} {formats.plain(change, 1, signed=True)}% since")
    return ["; ".join(parts)] if parts else []


def _on(series: pd.Series, firing: Firing) -> float | None:
    day = pd.Timestamp(firing.session)
    return float(series[day]) if day in series.index and math.isfinite(series[day]) else None
