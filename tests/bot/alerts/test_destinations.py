"""For which destinations a firing is enqueued: those that take messages, and a mention in place of a refused DM."""

from __future__ import annotations

from datetime import datetime

import pytest
from sqlite_utils import Database

from bot import outbox
from bot.database.places import destinations, places
from bot.domain import place as rules
from bot.domain.model import TriggerState
from bot.outbox.settle import DM_REFUSED
from tests.bot.alerts.watching import ABOVE_90, Watch, day, final

STAND_IN, GUILD = 99, 900


@pytest.fixture
def refused_dm(watch: Watch, db: Database, now: datetime) -> None:
    """A person whose DM Discord refuses and who has asked to be mentioned in a channel instead."""
    destinations.set_fallback(db, 7, STAND_IN, GUILD, now=now)
    watch.add(ABOVE_90)
    watch.closes([91])
    (batch,) = outbox.claim_batches(db, now=now, lease_seconds=180, limit=9)
    assert outbox.settle_gone(db, batch, DM_REFUSED, "DMs are off", now=now)
    (again,) = outbox.claim_batches(db, now=now, lease_seconds=180, limit=9)
    outbox.settle_sent(db, again, 1, now=now)


@pytest.mark.usefixtures("refused_dm")
def test_after_a_dm_was_refused_every_later_crossing_is_a_mention(watch: Watch, db: Database, now: datetime) -> None:
    assert watch.closes([89, 92], first=1) == [2]
    (batch,) = outbox.claim_batches(db, now=now, lease_seconds=180, limit=9)
    assert (batch.channel_id, batch.fallback) == (STAND_IN, True)


@pytest.mark.usefixtures("refused_dm")
def test_a_refused_dm_whose_mention_was_ended_gets_nothing_and_its_trigger_moves(watch: Watch, db: Database) -> None:
    destinations.end_fallback(db, 7)
    alert = watch.add(ABOVE_90)
    watch.see(final(92, day(4)))
    assert watch.states(alert) == [TriggerState.FIRED]
    assert [item["session"] for item in watch.enqueued() if item["alert_id"] == alert.id] == []


def test_a_place_that_refuses_for_now_gets_its_rows_and_a_paused_one_none(
    watch: Watch, db: Database, now: datetime
) -> None:
    watch.add(ABOVE_90)
    places.change(db, watch.dm.id, lambda place: rules.refused(place, "no", now=now), now=now)
    assert watch.closes([91]) == [0]
    places.change(db, watch.dm.id, rules.left, now=now)
    assert watch.closes([89, 92], first=1) == []
