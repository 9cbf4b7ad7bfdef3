"""A database, a person and the sentences of an engine test: alerts in, readings in, messages out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta

from sqlite_utils import Database

from bot.alerts import engine
from bot.alerts.engine import CheckCounts
from bot.alerts.rules import new_triggers
from bot.database.alerts import alerts
from bot.database.codec import Row, rows
from bot.database.connection import transaction
from bot.database.places import destinations
from bot.domain.model import Alert, AlertSpec, Condition, Timing, TriggerState
from signals.core.model import Measure, Reading, State

DAY = date(2026, 1, 12)
SILVER = "havens.silver"
ABOVE_90 = AlertSpec(SILVER, Measure.VALUE, Condition.ABOVE, 90.0, band=0.5)
LIVE = replace(ABOVE_90, timing=Timing.LIVE)


def final(value: float | None, session: date = DAY, *, signal: str = SILVER) -> dict[str, Reading]:
    return {signal: Reading(signal, session, value, State.WITHHELD if value is None else State.FINAL)}


def provisional(value: float, session: date = DAY) -> dict[str, Reading]:
    return {SILVER: Reading(SILVER, session, value, State.PROVISIONAL)}


def day(number: int) -> date:
    return DAY + timedelta(days=number)


class Watch:
    """A database, a person and the sentences of a test: alerts in, readings in, messages out."""

    def __init__(self, db: Database, now: datetime) -> None:
        self.db, self.now = db, now
        self.dm = destinations.dm_destination(db, 7, channel_id=70, now=now)

    def add(self, spec: AlertSpec, *, known: float | None = 85.0, session: date = DAY) -> Alert:
        return alerts.add(
            self.db,
            spec,
            new_triggers(spec, known, session),
            owner_id=7,
            guild_id=None,
            destination_id=self.dm.id,
            now=self.now,
        )

    def add_topic(self, key: str, spec: AlertSpec) -> Alert:
        return alerts.add_topic(self.db, key, spec, new_triggers(spec, 85.0, DAY), now=self.now)

    def see(self, readings: Mapping[str, Reading], *, notify: bool = True) -> CheckCounts:
        session = next(iter(readings.values())).session
        with transaction(self.db):
            return engine.evaluate(self.db, session, readings, now=self.now, notify=notify)

    def catch_up(self, values: Mapping[date, float | None]) -> CheckCounts:
        with transaction(self.db):
            return engine.catch_up(
                self.db, [(each, final(value, each)) for each, value in values.items()], now=self.now
            )

    def closes(self, values: Sequence[float | None], *, first: int = 0) -> list[int]:
        """Closes of consecutive days; the numbers of those on which something was enqueued."""
        fired = []
        for number, value in enumerate(values, start=first):
            if self.see(final(value, day(number))).enqueued:
                fired.append(number)
        return fired

    def states(self, alert: Alert) -> list[TriggerState]:
        return [each.state for each in alerts.triggers_of(self.db, alert.id)]

    def enqueued(self) -> list[Row]:
        return rows(self.db, "SELECT * FROM outbox ORDER BY id")

    def days_enqueued(self) -> list[date]:
        return [date.fromordinal(each["session"]) for each in self.enqueued()]
