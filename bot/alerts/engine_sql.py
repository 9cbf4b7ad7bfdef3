"""The SQL of the engine.

Two temporary tables hold one check: `seen` has the watched values of the session, one row for each
signal and measure, and `hit` has the armed triggers whose level such a value is beyond. The
statements run in the order in which they stand here.

`:session` is the session's ordinal, `:now` are epoch seconds.
"""

# CROSS JOIN fixes the join order in SQLite (the left table is the outer loop), and INDEXED BY makes
# a statement fail when it cannot use that index. Together they keep SQLite from ever scanning the
# triggers, whatever its statistics say: an index that no longer fits a statement is an error in the
# tests instead of a slow check at a user's.

from __future__ import annotations


def _fill(template: str, **parts: str) -> str:
    return template.format(applies=_APPLIES, enqueued=_ENQUEUED, **parts)


# Whether a value counts for a trigger: a `live` trigger takes what is not older than the newest
# session it has seen, a `close` trigger only final values, and none takes a session from before its
# alert was made.
_APPLIES = "CASE t.timing WHEN 'live' THEN s.live ELSE s.closing END AND t.since_session <= :session"

# The alerts that this check has just enqueued messages for. `:before` is the newest outbox id from
# before the check.
_ENQUEUED = "(SELECT alert_id FROM outbox WHERE id > :before)"

ADVANCE_CHECKPOINT = """INSERT INTO checkpoint (signal, final_session, seen_session) VALUES (?, ?, ?)
    ON CONFLICT (signal) DO UPDATE SET final_session = excluded.final_session, seen_session = excluded.seen_session"""
INSERT_SEEN = "INSERT INTO seen (signal, measure, value, closing, live, notifies) VALUES (?, ?, ?, ?, ?, ?)"

# The first value of a trigger only decides on which side it starts. It never fires, so that an
# alert set before any value was known does not fire for a level that was crossed long ago.
INITIALIZE = _fill(
    """UPDATE trigger AS t INDEXED BY trigger_new
    SET state = CASE WHEN CASE t.direction WHEN 'above' THEN s.value > t.level ELSE s.value < t.level END
        THEN 'fired' ELSE 'armed' END
    FROM seen AS s WHERE t.signal = s.signal AND t.measure = s.measure AND t.state = 'new' AND {applies}"""
)

# Fired triggers whose value is back at the re-arm level: one range of the index (signal, measure,
# rearm) for each value. The line with `closing` keeps a live trigger from firing twice in a
# session: provisional values of the session in which it fired do not re-arm it, the final one does.
_REARM = """UPDATE trigger SET state = 'armed', streak = 0 WHERE id IN (
    SELECT t.id FROM seen AS s CROSS JOIN trigger AS t INDEXED BY trigger_fired_{side}
    WHERE t.signal = s.signal AND t.measure = s.measure AND t.rearm {returned} s.value
        AND t.state = 'fired' AND t.direction = '{side}'
        AND (s.closing OR t.fired_session IS NULL OR t.fired_session < :session) AND {applies})"""
REARM_ABOVE = _fill(_REARM, side="above", returned=">=")
REARM_BELOW = _fill(_REARM, side="below", returned="<=")

# Armed triggers that the value is beyond: one range of the index (signal, measure, level) for each
# value. They are noted in `hit` before MOVE changes them, because the statements after it still
# need to know which triggers fired.
_HIT = """INSERT INTO hit (id, seen_id, fires, notifies, once, cooldown_days)
    SELECT t.id, s.id, t.streak + 1 >= t.confirm,
        t.streak + 1 >= t.confirm AND s.notifies AND (t.quiet_until IS NULL OR t.quiet_until <= :session),
        t.once, t.cooldown_days
    FROM seen AS s CROSS JOIN trigger AS t INDEXED BY trigger_armed_{side}
    WHERE t.signal = s.signal AND t.measure = s.measure AND t.level {beyond} s.value
        AND t.state = 'armed' AND t.direction = '{side}' AND {applies}"""
HIT_ABOVE = _fill(_HIT, side="above", beyond="<")
HIT_BELOW = _fill(_HIT, side="below", beyond=">")

# A value that is not beyond the level ends a confirmation that has begun. The partial index holds
# only such triggers.
BREAK_STREAKS = _fill(
    """UPDATE trigger SET streak = 0 WHERE id IN (
    SELECT t.id FROM seen AS s CROSS JOIN trigger AS t INDEXED BY trigger_streak
    WHERE t.signal = s.signal AND t.measure = s.measure AND t.streak > 0
        AND CASE t.direction WHEN 'above' THEN s.value <= t.level ELSE s.value >= t.level END AND {applies})"""
)

# Every expression on the right reads the row as it was before the update. `generation` counts the
# firings of a trigger and is part of the outbox key, so each firing has a key of its own.
MOVE = """UPDATE trigger SET
    state = CASE WHEN streak + 1 >= confirm THEN 'fired' ELSE state END,
    generation = generation + (streak + 1 >= confirm),
    fired_session = CASE WHEN streak + 1 >= confirm THEN :session ELSE fired_session END,
    streak = CASE WHEN streak + 1 >= confirm THEN 0 ELSE streak + 1 END
    WHERE id IN (SELECT id FROM hit)"""

SUMMARY = """SELECT coalesce(sum(fires), 0) AS fired, coalesce(sum(notifies), 0) AS notifies,
    max(notifies AND once) AS once, max(notifies AND cooldown_days > 0) AS cooldown FROM hit"""
NOTIFYING_SIGNALS = "SELECT DISTINCT s.signal FROM hit AS h CROSS JOIN seen AS s ON s.id = h.seen_id WHERE h.notifies"

# One row for each destination that is subscribed and takes messages, or whose channel for mentions does
# in its place; where it is snoozed the row is held back until the end of that. The key makes a firing
# unique for a destination.
ENQUEUE = """INSERT INTO outbox (key, kind, destination_id, alert_id, topic, owner_id, role_id, signal, measure, direction,
        level, value, reading_id, session, created_at, held_until)
    SELECT 'alert:' || t.id || ':' || t.generation || ':' || n.destination_id, 'alert', n.destination_id, a.id, a.topic,
        a.owner_id, n.role_id, t.signal, t.measure, t.direction, t.level, s.value, s.reading_id, :session, :now,
        CASE WHEN n.snoozed_until > :now THEN n.snoozed_until END
    FROM hit AS h CROSS JOIN seen AS s ON s.id = h.seen_id CROSS JOIN trigger AS t ON t.id = h.id
        CROSS JOIN alert AS a ON a.id = t.alert_id CROSS JOIN subscription AS n ON n.alert_id = a.id
        CROSS JOIN destination AS d ON d.id = n.destination_id
    WHERE h.notifies AND (d.state = 'active' OR (d.state = 'parked' AND d.fallback_channel_id IS NOT NULL))
    ON CONFLICT (key) DO NOTHING"""

# Only alerts that a message was enqueued for: a firing that no destination was notified of begins
# no cooldown and ends no `once` alert.
COOL_DOWN = _fill(
    "UPDATE trigger SET quiet_until = :session + cooldown_days WHERE cooldown_days > 0 AND alert_id IN {enqueued}"
)
END_ALERTS = _fill("UPDATE alert SET ended_at = :now WHERE repeat = 'once' AND id IN {enqueued}")
END_TRIGGERS = _fill("UPDATE trigger SET state = 'ended', streak = 0 WHERE once AND alert_id IN {enqueued}")
