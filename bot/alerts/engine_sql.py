"""The SQL of the engine.

Temporary tables hold one check: `seen` has the watched values of the session, one row for each
signal and measure, `hit` the armed triggers whose level such a value is beyond, `moved` the triggers
whose state changes, and `owed` those that owe a message although they have not fired. What is noted
in the first three is noted before any trigger changes: each trigger is in one state then, so it takes
one step in a check, and no statement notes it twice, whatever its levels are.

`:session` is the session's ordinal, `:number` its place among the sessions that were judged, `:now`
are epoch seconds.
"""

# CROSS JOIN fixes the join order in SQLite (the left table is the outer loop), and INDEXED BY makes
# a statement fail when it cannot use that index. Together they keep SQLite from ever scanning the
# triggers, whatever its statistics say: an index that no longer fits a statement is an error in the
# tests instead of a slow check at a user's.

from __future__ import annotations


def _fill(template: str, **parts: str) -> str:
    return template.format(applies=_APPLIES, notifies=_NOTIFIES, enqueued=_ENQUEUED, **parts)


# Whether a value counts for a trigger: a `live` trigger takes what is not older than the newest
# session it has seen, a `close` trigger only final values, and none takes a session from before its
# alert was made or after it has expired.
_APPLIES = """CASE t.timing WHEN 'live' THEN s.live ELSE s.closing END AND t.since_session <= :session
        AND (t.until_session IS NULL OR t.until_session >= :session)"""

# Whether a value is told by a trigger. Of a session that was running at a restore only live triggers may have told.
_NOTIFIES = "CASE t.timing WHEN 'live' THEN s.notifies_live ELSE s.notifies END"

# The alerts that this check has just enqueued messages for. `:before` is the newest outbox id from
# before the check.
_ENQUEUED = "(SELECT alert_id FROM outbox WHERE id > :before)"

ADVANCE_CHECKPOINT = """INSERT INTO checkpoint (signal, final_session, seen_session) VALUES (?, ?, ?)
    ON CONFLICT (signal) DO UPDATE SET final_session = excluded.final_session, seen_session = excluded.seen_session"""
INSERT_SEEN = """INSERT INTO seen (signal, measure, value, closing, live, notifies, notifies_live)
    VALUES (?, ?, ?, ?, ?, ?, ?)"""

# Sessions are numbered in the order in which they are first judged; an older one that comes later
# has the number of the one before it. Numbers never change, so windows and reminders count sessions
# without a calendar.
NUMBER_SESSION = """INSERT INTO session_number (session, number)
    SELECT :session, coalesce((SELECT number FROM session_number WHERE session < :session ORDER BY session DESC LIMIT 1), 0)
        + NOT EXISTS (SELECT 1 FROM session_number WHERE session > :session)
    WHERE NOT EXISTS (SELECT 1 FROM session_number WHERE session = :session)"""

# The first value of a trigger only decides on which side it starts. It never fires, so that an
# alert set before any value was known does not fire for a level that was crossed long ago.
FIRST_VALUES = _fill(
    """INSERT INTO moved (id, seen_id, returned)
    SELECT t.id, s.id, 0 FROM seen AS s CROSS JOIN trigger AS t INDEXED BY trigger_new
    WHERE t.signal = s.signal AND t.measure = s.measure AND t.state = 'new' AND {applies}"""
)

# Fired triggers whose value is back at the re-arm level: one range of the index (signal, measure,
# rearm) for each value. The line with `closing` keeps a live trigger from firing twice in a
# session: provisional values of the session in which it fired do not re-arm it, the final one does.
_RETURN = """INSERT INTO moved (id, seen_id, returned)
    SELECT t.id, s.id, 1 FROM seen AS s CROSS JOIN trigger AS t INDEXED BY trigger_fired_{side}
    WHERE t.signal = s.signal AND t.measure = s.measure AND t.rearm {returned} s.value
        AND t.state = 'fired' AND t.direction = '{side}'
        AND (s.closing OR t.fired_session IS NULL OR t.fired_session < :session) AND {applies}"""
RETURN_ABOVE = _fill(_RETURN, side="above", returned=">=")
RETURN_BELOW = _fill(_RETURN, side="below", returned="<=")

# Armed triggers that the value is beyond: one range of the index (signal, measure, level) for each
# value. They are noted in `hit` before MOVE changes them, because the statements after it still
# need to know which triggers fired.
_HIT = """INSERT INTO hit (id, seen_id, fires, notifies, once, cooldown_days, follows)
    SELECT t.id, s.id, t.streak + 1 >= t.confirm,
        t.streak + 1 >= t.confirm AND {notifies} AND NOT t.paused AND (t.quiet_until IS NULL OR t.quiet_until <= :session),
        t.once, t.cooldown_days, t.tell_back OR t.remind_every > 0
    FROM seen AS s CROSS JOIN trigger AS t INDEXED BY trigger_armed_{side}
    WHERE t.signal = s.signal AND t.measure = s.measure AND t.level {beyond} s.value
        AND t.state = 'armed' AND t.direction = '{side}' AND {applies}"""
HIT_ABOVE = _fill(_HIT, side="above", beyond="<")
HIT_BELOW = _fill(_HIT, side="below", beyond=">")

INITIALIZE = """UPDATE trigger AS t
    SET state = CASE WHEN CASE t.direction WHEN 'above' THEN s.value > t.level ELSE s.value < t.level END
        THEN 'fired' ELSE 'armed' END
    FROM moved AS m CROSS JOIN seen AS s ON s.id = m.seen_id WHERE t.id = m.id AND NOT m.returned"""

# Who wants a message when it is back gets one only after a firing that was sent: `told` is its generation.
OWE_BACK = _fill(
    """INSERT INTO owed (id, seen_id, event)
    SELECT t.id, s.id, 'back' FROM moved AS m CROSS JOIN seen AS s ON s.id = m.seen_id CROSS JOIN trigger AS t ON t.id = m.id
    WHERE m.returned AND t.tell_back AND t.told = t.generation AND t.told > 0 AND {notifies} AND NOT t.paused"""
)
REARM = (
    "UPDATE trigger SET state = 'armed', streak = 0, remind_at = NULL WHERE id IN (SELECT id FROM moved WHERE returned)"
)

# A reminder is due on the first close beyond the level from the session with that number on. The
# partial index holds only fired triggers whose firing was told.
_DUE = """FROM seen AS s CROSS JOIN trigger AS t INDEXED BY trigger_remind
    WHERE t.signal = s.signal AND t.measure = s.measure AND t.remind_at <= :number AND s.closing
        AND CASE t.direction WHEN 'above' THEN s.value > t.level ELSE s.value < t.level END AND {applies}"""
OWE_REMINDERS = _fill("INSERT INTO owed (id, seen_id, event) SELECT t.id, s.id, 'reminder' " + _DUE)
NEXT_REMINDERS = """UPDATE trigger SET remind_at = :number + remind_every
    WHERE id IN (SELECT id FROM owed WHERE event = 'reminder')"""
SUPPRESSED_REMINDERS = _fill(
    """DELETE FROM owed WHERE event = 'reminder' AND id IN (
    SELECT o.id FROM owed AS o JOIN seen AS s ON s.id = o.seen_id JOIN trigger AS t ON t.id = o.id
    WHERE NOT {notifies} OR t.paused)"""
)

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
    fired_number = CASE WHEN streak + 1 >= confirm THEN :number ELSE fired_number END,
    streak = CASE WHEN streak + 1 >= confirm THEN 0 ELSE streak + 1 END
    WHERE id IN (SELECT id FROM hit)"""
NOTE_FIRED = "INSERT INTO moved (id, seen_id, returned) SELECT id, seen_id, 0 FROM hit WHERE fires"

SUMMARY = """SELECT coalesce(sum(fires), 0) AS fired, coalesce(sum(notifies), 0) AS notifies,
    max(notifies AND once) AS once, max(notifies AND cooldown_days > 0) AS cooldown, max(notifies AND follows) AS follows
    FROM hit"""
NOTIFYING_SIGNALS = """SELECT DISTINCT s.signal FROM hit AS h CROSS JOIN seen AS s ON s.id = h.seen_id
    WHERE h.notifies AND s.reading_id IS NULL"""
OWED_SIGNALS = (
    "SELECT DISTINCT s.signal FROM owed AS o CROSS JOIN seen AS s ON s.id = o.seen_id WHERE s.reading_id IS NULL"
)

# One row for each destination that is subscribed and takes messages, or whose channel for mentions does
# in its place; where it is snoozed the row is held back until the end of that. The key makes a firing,
# its return and each of its reminders unique for a destination.
_ENQUEUE = """INSERT INTO outbox (key, kind, destination_id, alert_id, topic, owner_id, role_id, signal, measure, direction,
        level, value, reading_id, session, created_at, held_until, event, since)
    SELECT {key} || ':' || n.destination_id, 'alert', n.destination_id, a.id, a.topic,
        a.owner_id, n.role_id, t.signal, t.measure, t.direction, t.level, s.value, s.reading_id, :session, :now,
        CASE WHEN n.snoozed_until > :now THEN n.snoozed_until END, {event}, t.fired_session
    FROM {source} AS h CROSS JOIN seen AS s ON s.id = h.seen_id CROSS JOIN trigger AS t ON t.id = h.id
        CROSS JOIN alert AS a ON a.id = t.alert_id CROSS JOIN subscription AS n ON n.alert_id = a.id
        CROSS JOIN destination AS d ON d.id = n.destination_id
    WHERE {owes} AND (d.state = 'active' OR (d.state = 'parked' AND d.fallback_channel_id IS NOT NULL))
    ON CONFLICT (key) DO NOTHING"""
ENQUEUE = _fill(
    _ENQUEUE, key="'alert:' || t.id || ':' || t.generation", event="'fired'", source="hit", owes="h.notifies"
)
ENQUEUE_OWED = _fill(
    _ENQUEUE,
    key="""h.event || ':' || t.id || ':' || t.generation || CASE h.event WHEN 'reminder' THEN ':' || :number ELSE '' END""",
    event="h.event",
    source="owed",
    owes="1",
)

# What people ask their history for: when an alert of theirs fired, and why nobody was told where nobody was.
KEEP_FIRINGS = _fill(
    """INSERT INTO firing (trigger_id, generation, alert_id, signal, measure, direction, level, value, session, fired_at,
        outcome)
    SELECT t.id, t.generation, t.alert_id, t.signal, t.measure, t.direction, t.level, s.value, :session, :now,
        CASE WHEN t.paused THEN 'paused' WHEN NOT {notifies} THEN 'caught_up' WHEN NOT h.notifies THEN 'cooldown'
            WHEN t.alert_id IN {enqueued} THEN 'told' ELSE 'no_place' END
    FROM hit AS h CROSS JOIN seen AS s ON s.id = h.seen_id CROSS JOIN trigger AS t ON t.id = h.id
        CROSS JOIN alert AS a ON a.id = t.alert_id
    WHERE h.fires AND a.topic IS NULL
    ON CONFLICT (trigger_id, generation) DO NOTHING"""
)

# Only alerts that a message was enqueued for: a firing that no destination was notified of begins
# no cooldown, ends no `once` alert and is followed by nothing.
FOLLOW = _fill(
    """UPDATE trigger SET told = generation, remind_at = CASE WHEN remind_every > 0 THEN :number + remind_every END
    WHERE id IN (SELECT id FROM hit WHERE follows AND notifies) AND alert_id IN {enqueued}"""
)
COOL_DOWN = _fill(
    "UPDATE trigger SET quiet_until = :session + cooldown_days WHERE cooldown_days > 0 AND alert_id IN {enqueued}"
)
END_ALERTS = _fill("UPDATE alert SET ended_at = :now WHERE repeat = 'once' AND id IN {enqueued}")
END_TRIGGERS = _fill("UPDATE trigger SET state = 'ended', streak = 0 WHERE once AND alert_id IN {enqueued}")
