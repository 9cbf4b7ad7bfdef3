"""Reads and writes doubts: one row about each figure that is not believed, whatever became of it."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable
from datetime import UTC, date, datetime

from bot.domain.doubt import Doubt, DoubtKind, DoubtRule, DoubtState, StoredDoubt

_SELECT = (
    "SELECT id, kind, subject, day, rule, value, before, before_day, sentence, source, held, first_at, last_at, times, "
    "state, evidence FROM doubt"
)
_OPEN = " WHERE state = 'open' ORDER BY id"
_EVERY = " ORDER BY id"
_ABOUT = " WHERE subject IN (SELECT value FROM json_each(:names)) ORDER BY id"

_RECORD = """
INSERT INTO doubt (kind, subject, day, rule, value, before, before_day, sentence, source, held, first_at, last_at,
                   state, evidence)
VALUES (:kind, :subject, :day, :rule, :value, :before, :before_day, :sentence, :source, :held, :at, :at, :state, :evidence)
ON CONFLICT (kind, subject, day) DO UPDATE SET
    rule = :rule, value = :value, before = :before, before_day = :before_day, sentence = :sentence, source = :source,
    held = :held, last_at = max(last_at, :at), times = times + (:at > last_at), state = :state, evidence = :evidence
"""

_ROW = tuple[
    int,
    str,
    str,
    int,
    str,
    float | None,
    float | None,
    int | None,
    str,
    str,
    str,
    int,
    int,
    int,
    str,
    str,
]


def record(db: sqlite3.Connection, doubts: Iterable[Doubt], at: datetime) -> None:
    """Write doubts as they are now. A figure that comes again at a later instant is counted again."""
    db.executemany(
        _RECORD,
        [
            {
                "kind": doubt.kind,
                "subject": doubt.subject,
                "day": doubt.day.toordinal(),
                "rule": doubt.rule,
                "value": doubt.value,
                "before": doubt.before,
                "before_day": doubt.before_day.toordinal() if doubt.before_day else None,
                "sentence": doubt.sentence,
                "source": doubt.source,
                "held": json.dumps(doubt.held),
                "at": int(at.timestamp()),
                "state": doubt.state,
                "evidence": doubt.evidence,
            }
            for doubt in doubts
        ],
    )


def opened(db: sqlite3.Connection) -> list[StoredDoubt]:
    """The open doubts, the oldest first."""
    return _select(db, _SELECT + _OPEN)


def every(db: sqlite3.Connection) -> list[StoredDoubt]:
    """All doubts, the oldest first."""
    return _select(db, _SELECT + _EVERY)


def about(db: sqlite3.Connection, subjects: Iterable[str]) -> list[StoredDoubt]:
    """All doubts about some subjects."""
    return _select(db, _SELECT + _ABOUT, names=json.dumps(list(subjects)))


def newest_day(db: sqlite3.Connection) -> int:
    """The ordinal of the newest day of which a bar is withheld, 0 for none.

    An answer about another instrument says nothing of days.
    """
    sql = "SELECT coalesce(max(day), 0) FROM doubt WHERE state = 'open' AND kind = 'price' AND rule <> 'identity'"
    return int(db.execute(sql).fetchone()[0]) if _has_table(db) else 0


def withheld_bars(db: sqlite3.Connection, first: int) -> set[tuple[str, int]]:
    """Ticker and ordinal day, from `first` on, of bars that came, are not believed and are not stored.

    What a source no longer gives is not among them.
    """
    sql = (
        "SELECT subject, doubt.day FROM doubt WHERE kind = 'price' AND state IN ('open', 'refuted', 'rejected') "
        "AND doubt.day >= :first UNION "
        "SELECT subject, json_extract(bar.value, '$[0]') AS at FROM doubt, json_each(held) AS bar "
        "WHERE kind = 'price' AND state = 'open' AND at >= :first"
    )
    stored = "SELECT 1 FROM ticker JOIN bar ON bar.ticker_id = ticker.id WHERE symbol = ? AND day = ?"
    return {row for row in db.execute(sql, {"first": first}) if not db.execute(stored, row).fetchone()}


def withheld(db: sqlite3.Connection, last: int) -> dict[str, str]:
    """Ticker -> why its newest bar is withheld, for tickers without a stored bar from then on.

    `last`: the ordinal of the last session that is described.
    """
    sql = (
        "SELECT subject, sentence FROM doubt WHERE state = 'open' AND kind = 'price' AND day <= :last AND NOT EXISTS "
        "(SELECT 1 FROM ticker JOIN bar ON bar.ticker_id = ticker.id WHERE symbol = subject AND bar.day >= doubt.day) "
        "ORDER BY day"
    )
    return dict(db.execute(sql, {"last": last})) if _has_table(db) else {}


def _has_table(db: sqlite3.Connection) -> bool:
    """Whether the archive was opened for writing since there are doubts: one for reading is not migrated."""
    return db.execute("SELECT 1 FROM sqlite_master WHERE name = 'doubt'").fetchone() is not None


def _select(db: sqlite3.Connection, sql: str, **values: str) -> list[StoredDoubt]:
    return [_stored(row) for row in db.execute(sql, values)] if _has_table(db) else []


def _stored(row: _ROW) -> StoredDoubt:
    (
        id,
        kind,
        subject,
        day,
        rule,
        value,
        before,
        before_day,
        sentence,
        source,
        held,
        first,
        last,
        times,
        state,
        why,
    ) = row
    doubt = Doubt(
        kind=DoubtKind(kind),
        subject=subject,
        day=date.fromordinal(day),
        rule=DoubtRule(rule),
        value=float("nan") if value is None else value,
        sentence=sentence,
        source=source,
        before=before,
        before_day=None if before_day is None else date.fromordinal(before_day),
        held=tuple((at, close, adj) for at, close, adj in json.loads(held)),
        state=DoubtState(state),
        evidence=why,
    )
    return StoredDoubt(id, doubt, datetime.fromtimestamp(first, UTC), datetime.fromtimestamp(last, UTC), times)
