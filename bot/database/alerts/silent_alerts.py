"""People's own alerts whose signal has had no reading for days: they can't fire, and nobody would know."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from sqlite_utils import Database

from bot.database.codec import Row, ordinal, rows, session


@dataclass(frozen=True, slots=True)
class SilentAlert:
    """An alert, its number, its owner, where it posts, and its signal.

    `last`: the newest session of which that had a final reading; None where it has had none since the alert was made,
    whose session is `made`.
    """

    alert_id: int
    number: int
    owner_id: int
    guild_id: int | None
    destination_id: int
    signal: str
    last: date | None
    made: date

    @property
    def since(self) -> date:
        """The session after which there was no reading."""
        return self.last or self.made


def untold(db: Database, before: date, signals: Iterable[str]) -> list[SilentAlert]:
    """Own alerts on those of `signals` without a final reading of the session `before` or a later one.

    Those whose owner has been told of this silence are left out, and those made since then: their person saw at once
    that there is no value.
    """
    silent = []
    for signal in signals:
        records = rows(
            db,
            """SELECT DISTINCT alert.id, alert.number, alert.owner_id, alert.guild_id, subscription.destination_id,
                checkpoint.final_session AS last, trigger.since_session AS made
            FROM trigger JOIN alert ON alert.id = trigger.alert_id
                JOIN subscription ON subscription.alert_id = alert.id
                LEFT JOIN checkpoint ON checkpoint.signal = trigger.signal
            WHERE trigger.signal = :signal AND trigger.state IN ('new', 'armed', 'fired') AND alert.owner_id IS NOT NULL
                AND alert.ended_at IS NULL AND coalesce(checkpoint.final_session, 0) < :before
                AND trigger.since_session < :before
                AND alert.silence_told IS NOT max(coalesce(checkpoint.final_session, 0), trigger.since_session)
            ORDER BY alert.id, subscription.destination_id""",
            {"signal": signal, "before": ordinal(before)},
        )
        silent += [_silent(record, signal) for record in records]
    return silent


def told(db: Database, alerts: Iterable[SilentAlert]) -> None:
    """Store that the owners of these have been told; a reading ends their silence, and the next one is another."""
    db.conn.executemany(
        "UPDATE alert SET silence_told = ? WHERE id = ?", [(ordinal(alert.since), alert.alert_id) for alert in alerts]
    )


def _silent(record: Row, signal: str) -> SilentAlert:
    last, made = record["last"], record["made"]
    return SilentAlert(
        record["id"],
        record["number"],
        record["owner_id"],
        record["guild_id"],
        record["destination_id"],
        signal,
        session(last) if last is not None and last >= made else None,
        session(made),
    )


def stale_signals(db: Database, before: date) -> list[str]:
    """Watched signals without a final reading of the session `before` or a later one."""
    records = rows(
        db,
        """SELECT DISTINCT watch.signal FROM watch LEFT JOIN checkpoint ON checkpoint.signal = watch.signal
        WHERE coalesce(checkpoint.final_session, 0) < ? ORDER BY watch.signal""",
        (ordinal(before),),
    )
    return [record["signal"] for record in records]
