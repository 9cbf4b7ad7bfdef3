"""What version 0.1.0 computed under another id, or what is no longer computed, and what that does to alerts.

An alert on a renamed signal watches the new id; its first reading only sets its side, because the
new formula may lie on the other one. An alert that can never fire again ends with a notice to
wherever it posted.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from sqlite_utils import Database

MOVED: Mapping[str, str] = MappingProxyType(
    {
        "breadth.sp500.zweig": "breadth.sp500.thrust_signal",
        "scenario.rotation_state": "rotation.state",
        "scenario.rotation": "scenario.rotation_support",
        "scenario.rotation_concordance": "scenario.rotation_agreement",
        "scenario.recovery_concordance": "scenario.recovery_agreement",
    }
)
"""Old id -> new id."""

GONE = ("flows.ai_4w",)
"""Ids that have no successor."""

UNRANKED = (
    *("size.iwm_spy.ytd_gap", "size.russell_sp500.ytd_gap", "size.russell_nasdaq.ytd_gap", "size.ijh_spy.ytd_gap"),
    *("index.sp500.ytd", "index.nasdaq.ytd", "index.russell.ytd", "megacap.count_beating_ytd"),
    *(
        f"sectors.{fund}.return_ytd"
        for fund in ["xlb", "xlc", "xle", "xlf", "xli", "xlk", "xlp", "xlre", "xlu", "xlv", "xly"]
    ),
    *("breadth.sp500.zweig", "scenario.recovery_state", "scenario.rotation_state"),
)
"""Ids of 0.1.0 whose percentile and z are no longer computed."""

MOVED_TOPICS: Mapping[tuple[str, int], str] = MappingProxyType(
    {("scenario-change", 0): "recovery-change", ("scenario-change", 1): "rotation-turn"}
)
"""Key and part of a topic -> key of the topic whose first part it has become."""

GONE_TOPICS = ("silver-90",)
"""Keys of topics that have no successor."""


def follow(db: Database) -> None:
    """Move and end the alerts of version 0.1.0."""
    for (key, part), new in MOVED_TOPICS.items():
        db.execute("UPDATE alert SET topic = ?, part = 0 WHERE topic = ? AND part = ?", (new, key, part))
    _end(db)
    for old, new in MOVED.items():
        _move(db, old, new)


def _end(db: Database) -> None:
    """End the alerts that can never fire again, and owe one notice to each place to which they posted."""
    db.execute("CREATE TEMP TABLE ending (id INTEGER PRIMARY KEY)")
    for key in GONE_TOPICS:
        db.execute("INSERT INTO ending SELECT id FROM alert WHERE topic = ?", (key,))
    for id in GONE:
        db.execute(
            "INSERT INTO ending SELECT id FROM alert WHERE topic IS NULL AND ended_at IS NULL AND signal = ?", (id,)
        )
    for id in UNRANKED:
        db.execute(
            """INSERT INTO ending SELECT id FROM alert WHERE topic IS NULL AND ended_at IS NULL AND signal = ?
            AND measure IN ('percentile_1y', 'z_1y')""",
            (id,),
        )
    db.execute(
        """INSERT INTO outbox (key, kind, destination_id, alert_id, topic, owner_id, signal, measure, session, created_at)
        SELECT 'ended:' || alert.id || ':' || destination_id, 'notice', destination_id, alert.id, topic, owner_id, signal,
            measure, cast(julianday('now') - 1721424.5 AS INTEGER), unixepoch()
        FROM ending JOIN alert USING (id) JOIN subscription ON subscription.alert_id = alert.id"""
    )
    db.execute(
        """UPDATE outbox SET state = 'cancelled'
        WHERE kind = 'alert' AND state = 'due' AND alert_id IN (SELECT id FROM ending)"""
    )
    db.execute("UPDATE trigger SET state = 'ended', streak = 0 WHERE alert_id IN (SELECT id FROM ending)")
    db.execute("UPDATE alert SET ended_at = unixepoch() WHERE id IN (SELECT id FROM ending)")
    db.execute("DELETE FROM alert WHERE topic IS NOT NULL AND id IN (SELECT id FROM ending)")
    db.execute("DROP TABLE ending")


def _move(db: Database, old: str, new: str) -> None:
    db.execute("UPDATE alert SET signal = ? WHERE signal = ?", (new, old))
    db.execute("UPDATE outbox SET signal = ? WHERE signal = ?", (new, old))
    db.execute("UPDATE reading SET signal = ? WHERE signal = ?", (new, old))
    db.execute(
        "INSERT OR IGNORE INTO watch (signal, measure) SELECT ?, measure FROM watch WHERE signal = ?", (new, old)
    )
    db.execute("DELETE FROM watch WHERE signal = ?", (old,))
    db.execute("UPDATE OR REPLACE checkpoint SET signal = ? WHERE signal = ?", (new, old))
    db.execute(
        """UPDATE trigger SET signal = ?, streak = 0, state = CASE state WHEN 'ended' THEN 'ended' ELSE 'new' END
        WHERE signal = ?""",
        (new, old),
    )
