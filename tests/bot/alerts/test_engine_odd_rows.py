"""A check ends, whatever the rows of an alert hold: what one of them says can hold up no other."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from bot.alerts import composites
from bot.database.codec import rows
from bot.database.connection import connect
from bot.domain.model import Combination
from tests.bot.alerts.watching import ABOVE_90, DAY, Watch, day, final

FIRST = DAY.toordinal()
levels = st.sampled_from([-1e300, -0.000000001, 0.0, 0.000000001, 0.1 + 0.2, 2.999999999, 3.0, 4.0, 1e300])
days = st.one_of(st.none(), st.integers(FIRST - 1, FIRST + 6))
few = st.integers(0, 3)
flags = st.integers(0, 1)
odd_triggers = st.fixed_dictionaries(
    {
        "timing": st.sampled_from(["close", "live"]),
        "direction": st.sampled_from(["above", "below"]),
        "level": levels,
        "rearm": levels,
        "confirm": st.integers(1, 3),
        "once": flags,
        "cooldown_days": few,
        "state": st.sampled_from(["new", "armed", "fired", "fired", "ended"]),
        "streak": few,
        "generation": few,
        "fired_session": days,
        "quiet_until": days,
        "since_session": st.integers(FIRST - 1, FIRST + 6),
        "until_session": days,
        "paused": flags,
        "tell_back": flags,
        "remind_every": few,
        "told": few,
        "remind_at": st.one_of(st.none(), few),
        "fired_number": st.one_of(st.none(), few),
    }
)
STATES = "SELECT id, state, generation FROM trigger ORDER BY id"


@given(
    st.lists(odd_triggers, min_size=2, max_size=4),
    st.lists(st.sampled_from([0.0, 0.3, 3.0, 4.0]), min_size=1, max_size=5),
)
def test_a_check_ends_whatever_is_stored_and_fires_only_what_was_armed_before(
    odd: list[dict[str, Any]], values: list[float]
) -> None:
    watch = Watch(connect(Path(":memory:")), datetime(2026, 1, 13, tzinfo=UTC))
    members = tuple(watch.add(ABOVE_90).id for _ in odd)
    composites.create(
        watch.db,
        Combination(1, 2, members),
        owner_id=7,
        guild_id=None,
        destination_id=watch.dm.id,
        session=DAY,
        now=watch.now,
    )
    for alert, columns in zip(members, odd, strict=True):
        assigned = ", ".join(f"{column} = :{column}" for column in columns)
        watch.db.execute(f"UPDATE trigger SET {assigned} WHERE alert_id = :alert", {**columns, "alert": alert})
    plain = watch.add(ABOVE_90, known=0.0)
    for number, value in enumerate(values):
        before = rows(watch.db, STATES)
        watch.see(final(value, day(number)))
        for was, now in zip(before, rows(watch.db, STATES), strict=True):
            fired = now["generation"] - was["generation"]
            assert fired == 0 or (fired == 1 and was["state"] == "armed")
    watch.see(final(95.0, day(len(values))))
    assert [each["value"] for each in watch.enqueued() if each["alert_id"] == plain.id] == [95.0]
    watch.db.close()
