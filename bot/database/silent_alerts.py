"""People's own alerts whose signal has had no reading for days: they can't fire, and nobody would know."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from sqlite_utils import Database

from bot.database.codec import ordinal, rows, session


@dataclass(frozen=True, slots=True)
class SilentAlert:
    """An alert, its owner, where it posts, its signal, and the newest session of which that had a final reading."""

    alert_id: int
    owner_id: int
    destination_id: int
    signal: str
    last: date


def silent(db: Database, before: date, signals: Iterable[str]) -> list[SilentAlert]:
    """Own alerts on those of `signals` whose newest final reading is of a session before `before`.

    Alerts made since then are left out: their person saw at once that there is no value.
    """
    found = []
    for signal in signals:
        records = rows(
            db,
            """SELECT DISTINCT alert.id, alert.owner_id, subscription.destination_id, checkpoint.final_session
            FROM trigger JOIN alert ON alert.id = trigger.alert_id
                JOIN subscription ON subscription.alert_id = alert.id
                JOIN checkpoint ON checkpoint.signal = trigger.signal
            WHERE trigger.signal = :signal AND trigger.state IN ('armed', 'fired') AND alert.owner_id IS NOT NULL
                AND alert.ended_at IS NULL AND checkpoint.final_session < :before
                AND trigger.since_session <= checkpoint.final_session
            ORDER BY alert.id, subscription.destination_id""",
            {"signal": signal, "before": ordinal(before)},
        )
        found += [
            SilentAlert(
                record["id"], record["owner_id"], record["destination_id"], signal, session(record["final_session"])
            )
            for record in records
        ]
    return found


def stale_signals(db: Database, before: date) -> list[str]:
    """Watched signals whose newest final reading is of a session before `before`."""
    records = rows(
        db,
        """SELECT DISTINCT watch.signal FROM watch JOIN checkpoint ON checkpoint.signal = watch.signal
        WHERE checkpoint.final_session < ? ORDER BY watch.signal""",
        (ordinal(before),),
    )
    return [record["signal"] for record in records]
