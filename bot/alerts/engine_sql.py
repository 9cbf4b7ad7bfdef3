"""The SQL of the engine: `seen` holds the values of one check, `hit` the armed triggers that they are beyond.

CROSS JOIN and INDEXED BY keep SQLite from ever scanning the triggers, whatever its statistics say: an index that no longer
serves is an error instead of a slow check. `:session` is the session's ordinal, `:now` epoch seconds.
"""

from __future__ import annotations


def _fill(template: str, **parts: str) -> str:
    return template.format(applies=_APPLIES, enqueued=_ENQUEUED, **parts)


_APPLIES = "CASE t.timing WHEN 'live' THEN s.live ELSE s.closing END AND t.since_session <= :session"
_ENQUEUED = "(SELECT alert_id FROM outbox WHERE id > :before)"

ADVANCE = """INSERT INTO checkpoint (signal, final_session, seen_session) VALUES (?, ?, ?)
    ON CONFLICT (signal) DO UPDATE SET final_session = excluded.final_session, seen_session = excluded.seen_session"""
SEE = "INSERT INTO seen (signal, measure, value, closing, live, notifies) VALUES (?, ?, ?, ?, ?, ?)"

SIDE = _fill(
    """UPDATE trigger AS t INDEXED BY trigger_new
    SET state = CASE WHEN CASE t.direction WHEN 'above' THEN s.value > t.level ELSE s.value < t.level END
        THEN 'fired' ELSE 'armed' END
    FROM seen AS s WHERE t.signal = s.signal AND t.measure = s.measure AND t.state = 'new' AND {applies}"""
)

_REARM = """UPDATE trigger SET state = 'armed', streak = 0 WHERE id IN (
    SELECT t.id FROM seen AS s CROSS JOIN trigger AS t INDEXED BY trigger_fired_{side}
    WHERE t.signal = s.signal AND t.measure = s.measure AND t.rearm {returned} s.value
        AND t.state = 'fired' AND t.direction = '{side}'
        AND (s.closing OR t.fired_session IS NULL OR t.fired_session < :session) AND {applies})"""
REARM_ABOVE = _fill(_REARM, side="above", returned=">=")
REARM_BELOW = _fill(_REARM, side="below", returned="<=")

_HIT = """INSERT INTO hit (id, seen_id, fires, notifies, once, cooldown_days)
    SELECT t.id, s.id, t.streak + 1 >= t.confirm,
        t.streak + 1 >= t.confirm AND s.notifies AND (t.quiet_until IS NULL OR t.quiet_until <= :session),
        t.once, t.cooldown_days
    FROM seen AS s CROSS JOIN trigger AS t INDEXED BY trigger_armed_{side}
    WHERE t.signal = s.signal AND t.measure = s.measure AND t.level {beyond} s.value
        AND t.state = 'armed' AND t.direction = '{side}' AND {applies}"""
HIT_ABOVE = _fill(_HIT, side="above", beyond="<")
HIT_BELOW = _fill(_HIT, side="below", beyond=">")

BREAK_STREAKS = _fill(
    """UPDATE trigger SET streak = 0 WHERE id IN (
    SELECT t.id FROM seen AS s CROSS JOIN trigger AS t INDEXED BY trigger_streak
    WHERE t.signal = s.signal AND t.measure = s.measure AND t.streak > 0
        AND CASE t.direction WHEN 'above' THEN s.value <= t.level ELSE s.value >= t.level END AND {applies})"""
)

MOVE = """UPDATE trigger SET
    state = CASE WHEN streak + 1 >= confirm THEN 'fired' ELSE state END,
    generation = generation + (streak + 1 >= confirm),
    fired_session = CASE WHEN streak + 1 >= confirm THEN :session ELSE fired_session END,
    streak = CASE WHEN streak + 1 >= confirm THEN 0 ELSE streak + 1 END
    WHERE id IN (SELECT id FROM hit)"""

SUMMARY = """SELECT coalesce(sum(fires), 0) AS fired, coalesce(sum(notifies), 0) AS notifies,
    max(notifies AND once) AS once, max(notifies AND cooldown_days > 0) AS cooldown FROM hit"""
NOTIFYING_SIGNALS = "SELECT DISTINCT s.signal FROM hit AS h CROSS JOIN seen AS s ON s.id = h.seen_id WHERE h.notifies"

ENQUEUE = """INSERT INTO outbox (key, kind, destination_id, alert_id, topic, owner_id, role_id, signal, measure, direction,
        level, value, reading_id, session, created_at)
    SELECT 'alert:' || t.id || ':' || t.generation || ':' || n.destination_id, 'alert', n.destination_id, a.id, a.topic,
        a.owner_id, n.role_id, t.signal, t.measure, t.direction, t.level, s.value, s.reading_id, :session, :now
    FROM hit AS h CROSS JOIN seen AS s ON s.id = h.seen_id CROSS JOIN trigger AS t ON t.id = h.id
        CROSS JOIN alert AS a ON a.id = t.alert_id CROSS JOIN subscription AS n ON n.alert_id = a.id
        CROSS JOIN destination AS d ON d.id = n.destination_id
    WHERE h.notifies AND d.state = 'active' AND (n.snoozed_until IS NULL OR n.snoozed_until <= :now)
    ON CONFLICT (key) DO NOTHING"""

COOL_DOWN = _fill(
    "UPDATE trigger SET quiet_until = :session + cooldown_days WHERE cooldown_days > 0 AND alert_id IN {enqueued}"
)
END_ALERTS = _fill("UPDATE alert SET ended_at = :now WHERE repeat = 'once' AND id IN {enqueued}")
END_TRIGGERS = _fill("UPDATE trigger SET state = 'ended', streak = 0 WHERE once AND alert_id IN {enqueued}")
