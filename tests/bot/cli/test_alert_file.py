"""A file of alerts: whatever people have set, exported, imported elsewhere and exported again, is the same file."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlite_utils import Database

from bot.alerts import composites
from bot.alerts.rules import new_triggers
from bot.cli import alert_file, alerts_command
from bot.database import alert_manner, alerts, destinations, own_signals
from bot.database.connection import connect, transaction
from bot.domain.model import After, AlertSpec, Combination, Condition, Loudness, Manner, Timing
from bot.domain.own_signal import Listing, OwnSignal
from bot.errors import ProblemsError
from signals.core.model import Measure
from tests.helpers import utc

NOW = utc("2026-01-13 21:30")
DAY = date(2026, 1, 13)
SEMIS = OwnSignal("SMH/IGV", "chips", 7, None, 7)
OF_SERVER = OwnSignal("TLT", "bonds", None, 8, 7)

SPECS = (
    AlertSpec("havens.silver", Measure.VALUE, Condition.ABOVE, 90.0, band=0.5),
    AlertSpec("havens.silver", Measure.HIGH_252D, Condition.ABOVE, 0.0, after=After.REMIND, remind_every=5),
    AlertSpec("rotation.state", Measure.IS_1, Condition.ABOVE, 0.5, after=After.BACK),
    AlertSpec("rates.real_10y", Measure.CHANGE_5D, Condition.OUTSIDE, -0.2, 0.2, confirm=3, cooldown_days=4),
    AlertSpec("havens.gold", Measure.VALUE, Condition.BELOW, 1234.5678, timing=Timing.LIVE),
    AlertSpec("own.TLT", Measure.VALUE, Condition.ABOVE, 101.0),
)
manners = st.builds(
    Manner,
    note=st.one_of(
        st.none(), st.text(st.characters(codec="utf-8", exclude_categories=["Cs", "Cc"]), min_size=1, max_size=100)
    ),
    loudness=st.sampled_from(Loudness),
    expires=st.one_of(st.none(), st.dates(date(2026, 1, 14), date(2030, 1, 1))),
)
people = st.lists(
    st.tuples(
        st.sampled_from((7, 9)),
        st.sampled_from((None, 8)),
        st.one_of(st.none(), st.integers(1, 2**62)),
        manners,
        st.sampled_from(("active", "paused", "ended")),
        st.integers(0, 3),
    ),
    max_size=len(SPECS),
)


def filled(db: Database, drawn: list[Any], at_least: int, within: int) -> None:
    """Each drawn alert with a spec of its own, then combinations of what one person has."""
    own_signals.add(db, SEMIS, [Listing("SMH", "Chips", "USD", date(2000, 5, 5))], now=NOW)
    own_signals.add(db, OF_SERVER, [], now=NOW)
    members: dict[int, list[int | str]] = {7: ["russell-streak"], 9: ["russell-streak"]}
    for (owner, guild, role, manner, state, gap), spec in zip(drawn, SPECS, strict=False):
        place = _place(db, owner, guild)
        made = alerts.add(
            db, spec, new_triggers(spec, None, DAY), owner_id=owner, guild_id=guild, destination_id=place, now=NOW,
            role_id=role if guild else None, manner=manner,
        )  # fmt: skip
        alerts.renumber(db, made.id, owner, made.number + gap)
        if state == "paused":
            alert_manner.pause(db, made.id, now=NOW)
        if state == "ended":
            alert_manner.end(db, made.id, now=NOW)
        members[owner].append(made.id)
    for owner, named in members.items():
        if len(named) > 1:
            asked = Combination(min(at_least, len(named)), within, tuple(named[:8]))
            place = _place(db, owner, None)
            whole = composites.create(
                db, asked, owner_id=owner, guild_id=None, destination_id=place, session=DAY, now=NOW
            )
            alert_manner.set_manner(db, whole.id, Manner("both", Loudness.PING), now=NOW)


def _place(db: Database, owner: int, guild: int | None) -> int:
    if guild is None:
        return destinations.dm_destination(db, owner, now=NOW).id
    return destinations.channel_destination(db, 81, guild, now=NOW).id


@settings(max_examples=40, deadline=None)
@given(people, st.integers(1, 3), st.integers(1, 63))
def test_an_import_of_an_export_exports_the_same(drawn: list[Any], at_least: int, within: int) -> None:
    db, other = connect(Path(":memory:")), connect(Path(":memory:"))
    with transaction(db):
        filled(db, drawn, at_least, within)
    content = alert_file.text(alert_file.export(db))
    with transaction(other):
        count, total = alerts_command.set_alerts(other, alert_file.read(content), NOW)
        assert count == total
    assert alert_file.text(alert_file.export(other)) == content
    with transaction(other):
        assert alerts_command.set_alerts(other, alert_file.read(content), NOW) == (0, total)
    assert alert_file.text(alert_file.export(other)) == content


def test_an_own_signal_comes_with_the_alert_that_stands_on_it() -> None:
    db, other = connect(Path(":memory:")), connect(Path(":memory:"))
    spec = replace(SPECS[0], signal=SEMIS.signal, level=3.5)
    with transaction(db):
        own_signals.add(db, SEMIS, [Listing("SMH", "Chips", "USD", date(2000, 5, 5))], now=NOW)
        place = _place(db, 7, None)
        alerts.add(db, spec, new_triggers(spec, None, DAY), owner_id=7, guild_id=None, destination_id=place, now=NOW)
    content = alert_file.read(alert_file.text(alert_file.export(db)))
    with transaction(other):
        alerts_command.set_alerts(other, content, NOW)
    held = own_signals.load(other)
    assert held.rows == (SEMIS,)
    assert held.listings["SMH"] == Listing("SMH", "Chips", "USD", date(2000, 5, 5))


ALERT: dict[str, Any] = {"owner": "7", "number": 3, "signal": "havens.silver", "condition": "above", "level": 90.0}
WHOLE: dict[str, Any] = {"owner": "7", "at_least": 2, "members": ["3", "russell-streak"]}


@pytest.mark.parametrize(
    ("alerts", "own", "problem"),
    [
        (
            [ALERT, {**WHOLE, "members": ["4", "russell-streak"]}],
            [],
            "alert 2, members: there is no alert 4 to combine",
        ),
        ([{**ALERT, "condition": "crosses"}, WHOLE], [], "alert 2, members: there is no alert 3 to combine"),
        ([{**ALERT, "owner": "8"}, WHOLE], [], "alert 2, members: there is no alert 3 to combine"),
        (
            [ALERT, {**WHOLE, "members": ["3", "rusell"]}],
            [],
            'alert 2: member "rusell" is neither the number of an alert',
        ),
        ([ALERT, {**WHOLE, "at_least": 3}], [], "alert 2: at least 3 of 2 different members is not possible"),
        ([{**ALERT, "signal": "own.SMH/IGV"}], [], "alert 1, signal: no own signal of the file is own.SMH/IGV"),
        ([{**ALERT, "note": "x" * 101}], [], "alert 1, note: String should have at most 100 characters"),
        ([], [{"owner": "7", "name": "chips", "expression": "SMH//IGV"}], 'own signal 1: "SMH//IGV" is no expression'),
        ([], [{"name": "chips", "expression": "SMH"}], "own signal 1: it belongs to an owner or to a server"),
    ],
)
def test_rows_that_do_not_fit_together_are_named(alerts: list[Any], own: list[Any], problem: str) -> None:
    with pytest.raises(ProblemsError) as refused:
        alert_file.read(json.dumps({"format": 1, "alerts": alerts, "own_signals": own}))
    [found] = refused.value.problems
    assert str(found).startswith(problem)
