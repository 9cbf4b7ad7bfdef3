"""What has been sent and what followed it: one row for each condition, session and horizon, whoever received it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime

from sqlite_utils import Database

from bot.database.codec import ordinal, row, rows, seconds, session
from bot.domain.model import ConditionKey, Direction
from signals.core.model import Measure

HORIZONS = (1, 21)
"""Sessions after which an alert is judged: the horizons of the evidence lines of messages."""

GIVEN_UP_DAYS = 60
"""So many days after it is due a record without prices is closed without an outcome."""

_SENT = """INSERT INTO record (signal, measure, direction, level, session, horizon, due_session, sent_at)
    SELECT o.signal, o.measure, o.direction, o.level, o.session, :horizon, o.session + :days, :now
    FROM outbox AS o WHERE o.batch_id = :batch AND o.kind = 'alert' AND o.event = 'fired'
        AND o.signal IS NOT NULL AND o.measure IS NOT NULL AND o.direction IS NOT NULL AND o.level IS NOT NULL
    ON CONFLICT DO NOTHING"""


@dataclass(frozen=True, slots=True)
class DueRecord:
    """A record that may be judged."""

    id: int
    key: ConditionKey
    session: date
    horizon: int


@dataclass(frozen=True, slots=True)
class JudgedRecord:
    """What followed a record; fields as the columns. `counts`: said_n, said_hits, base_n, base_hits."""

    id: int
    outcome: float
    counts: tuple[int, int, int, int] | None
    undone: bool | None


@dataclass(frozen=True, slots=True)
class SentRecord:
    """A judged record as it is read for the track record."""

    key: ConditionKey
    session: date
    outcome: float
    counts: tuple[int, int, int, int] | None
    undone: bool | None


def sent(db: Database, batch_id: int, *, now: datetime) -> None:
    """Note the alerts of a message that has been sent, each condition of a session once for each horizon."""
    for horizon in HORIZONS:
        # Seven days hold at most five sessions, so no horizon passes before that day.
        days = horizon * 7 // 5
        db.execute(_SENT, {"batch": batch_id, "horizon": horizon, "days": days, "now": seconds(now)})


def due(db: Database, newest: date, *, most: int) -> list[DueRecord]:
    """Records that may be judged after the session `newest`, the longest due first."""
    records = rows(
        db,
        """SELECT * FROM record INDEXED BY record_due WHERE judged_at IS NULL AND due_session <= ?
        ORDER BY due_session, id LIMIT ?""",
        (ordinal(newest), most),
    )
    return [DueRecord(record["id"], _key(record), session(record["session"]), record["horizon"]) for record in records]


def judge(db: Database, judged: Iterable[JudgedRecord], newest: date, *, now: datetime) -> None:
    """Store what followed, once for each record, and close those whose prices have not come for too long."""
    for record in judged:
        counts = record.counts or (None, None, None, None)
        db.execute(
            """UPDATE record SET judged_at = ?, outcome = ?, said_n = ?, said_hits = ?, base_n = ?, base_hits = ?, undone = ?
            WHERE id = ? AND judged_at IS NULL""",
            (seconds(now), record.outcome, *counts, record.undone, record.id),
        )
    db.execute(
        "UPDATE record SET judged_at = ? WHERE judged_at IS NULL AND due_session < ?",
        (seconds(now), ordinal(newest) - GIVEN_UP_DAYS),
    )


def judged(db: Database, horizon: int) -> list[SentRecord]:
    """Every record of a horizon with an outcome, oldest session first."""
    records = rows(
        db, "SELECT * FROM record WHERE horizon = ? AND outcome IS NOT NULL ORDER BY session, id", (horizon,)
    )
    return [
        SentRecord(
            _key(record),
            session(record["session"]),
            record["outcome"],
            None
            if record["said_n"] is None
            else (record["said_n"], record["said_hits"], record["base_n"], record["base_hits"]),
            None if record["undone"] is None else bool(record["undone"]),
        )
        for record in records
    ]


def waiting(db: Database) -> tuple[int, date | None]:
    """How many records wait for their horizon, and when the next one is due."""
    pending = row(db, "SELECT count(*) AS n, min(due_session) AS next FROM record WHERE judged_at IS NULL") or {}
    return pending.get("n", 0), None if pending.get("next") is None else session(pending["next"])


def _key(record: Mapping[str, object]) -> ConditionKey:
    return ConditionKey(
        str(record["signal"]),
        Measure(str(record["measure"])),
        Direction(str(record["direction"])),
        float(str(record["level"])),
    )
