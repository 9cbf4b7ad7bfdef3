"""The SQL of composite alerts: from the triggers that moved to the counts of the composites that they belong to.

`affected` has the composites one of whose members moved, or left the window; `standing` how their members stand.
`:newest` is the number of the newest session that was judged.
"""

from __future__ import annotations

ANY_MEMBER = "SELECT EXISTS (SELECT 1 FROM member)"

# A composite tells what one of its members would. It is silent where a live member is because of a restore: the lost
# database may have told of the composite when that member moved.
AFFECTED = """INSERT INTO affected (id, notifies) SELECT id,
        max(CASE timing WHEN 'live' THEN notifies_live ELSE notifies END)
            AND NOT max(timing = 'live' AND notifies > notifies_live) FROM (
    SELECT b.composite_id AS id, t.timing, s.notifies, s.notifies_live
    FROM moved AS m CROSS JOIN seen AS s ON s.id = m.seen_id
        CROSS JOIN trigger AS t ON t.id = m.id CROSS JOIN member AS b INDEXED BY member_alert ON b.alert_id = t.alert_id
    UNION ALL
    SELECT b.composite_id, t.timing, s.notifies, s.notifies_live
    FROM moved AS m CROSS JOIN seen AS s ON s.id = m.seen_id
        CROSS JOIN trigger AS t ON t.id = m.id CROSS JOIN alert AS a ON a.id = t.alert_id
        CROSS JOIN member AS b INDEXED BY member_topic ON b.topic = a.topic WHERE a.topic IS NOT NULL
    UNION ALL
    SELECT composite_id, 'close', 0, 0 FROM member INDEXED BY member_leaving WHERE out_at <= :newest) GROUP BY id"""

# The composites of an alert that somebody has changed.
AFFECTED_BY_ALERT = """INSERT OR IGNORE INTO affected (id, notifies)
    SELECT composite_id, 0 FROM member WHERE alert_id = :alert
    UNION SELECT b.composite_id, 0 FROM alert AS a JOIN member AS b ON b.topic = a.topic WHERE a.id = :alert"""
AFFECTED_ITSELF = "INSERT OR IGNORE INTO affected (id, notifies) VALUES (:alert, 0)"

STAND_ALERTS = """INSERT INTO standing (composite_id, position, holding, last)
    SELECT b.composite_id, b.position, max(t.state = 'fired'), max(t.fired_number)
    FROM affected AS x CROSS JOIN member AS b ON b.composite_id = x.id CROSS JOIN trigger AS t ON t.alert_id = b.alert_id
    WHERE b.alert_id IS NOT NULL GROUP BY 1, 2"""
STAND_TOPICS = """INSERT INTO standing (composite_id, position, holding, last)
    SELECT b.composite_id, b.position, max(t.state = 'fired'), max(t.fired_number)
    FROM affected AS x CROSS JOIN member AS b ON b.composite_id = x.id CROSS JOIN alert AS a ON a.topic = b.topic
        CROSS JOIN trigger AS t ON t.alert_id = a.id
    WHERE b.topic IS NOT NULL GROUP BY 1, 2"""

# A member is inside while it holds, and for `within` sessions from its last firing on.
RECOUNT = """UPDATE member AS b SET
    inside = y.holding OR coalesce(y.last + c.within > :newest, 0),
    out_at = CASE WHEN NOT y.holding AND y.last + c.within > :newest THEN y.last + c.within END
    FROM standing AS y CROSS JOIN alert AS c ON c.id = y.composite_id
    WHERE b.composite_id = y.composite_id AND b.position = y.position"""

# A composite is a trigger on the number of its members inside; from here on it fires as any other does.
COUNT_INSIDE = """INSERT INTO seen (signal, measure, value, closing, live, notifies, notifies_live)
    SELECT 'combined.' || x.id, 'value', sum(b.inside), 1, 1, x.notifies, x.notifies
    FROM affected AS x CROSS JOIN member AS b ON b.composite_id = x.id GROUP BY x.id"""

# After a change by a person the state follows without a message.
SETTLE = """UPDATE trigger SET remind_at = CASE WHEN s.value > level THEN remind_at END,
    state = CASE WHEN s.value > level THEN 'fired' ELSE 'armed' END
    FROM seen AS s WHERE trigger.signal = s.signal AND trigger.measure = s.measure AND trigger.state <> 'ended'
        AND trigger.alert_id IN (SELECT id FROM affected)"""

MEMBER_FACTS = """SELECT b.position, b.topic, b.inside, a.number, a.signal, a.measure, a.condition, a.level, a.level_high
    FROM member AS b LEFT JOIN alert AS a ON a.id = b.alert_id WHERE b.composite_id = ? ORDER BY b.position"""
