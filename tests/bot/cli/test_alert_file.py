"""A file of alerts: whatever people have set, exported, imported elsewhere and exported again, is the same file."""

from __future__ import annotations

import json
import math
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
from bot.database import own_signals
from bot.database.alerts import alert_manner, alerts
from bot.database.connection import connect, transaction
from bot.database.places import destinations
from bot.domain.model import After, AlertSpec, Combination, Condition, Loudness, Manner, Timing
from bot.domain.own_signal import Listing, OwnSignal
from bot.errors import ProblemsError, UserError
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


def test_levels_of_a_file_have_the_places_of_values() -> None:
    db, other = connect(Path(":memory:")), connect(Path(":memory:"))
    with transaction(db):
        filled(db, [(7, None, None, Manner(), "active", 3)], 1, 1)
    content = alert_file.export(db)
    content["alerts"][0] |= {"level": 4.999999999, "band": 0.000000001}
    with transaction(other):
        alerts_command.set_alerts(other, alert_file.read(alert_file.text(content)), NOW)
    alert = alerts.list_for(other, 7)[0]
    assert (alert.spec.level, alert.spec.band) == (5.0, 0.0)


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

OWN: dict[str, Any] = {"owner": "7", "name": "chips", "expression": "SMH"}


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
        (
            [{**ALERT, "note": "x" * 101}],
            [],
            f'alert 1, note: "{"x" * 76}... is not right; wanted: a text of 100 signs at most',
        ),
        ([{**ALERT, "note": ""}], [], 'alert 1, note: "" is not right; wanted: a text of 1 or more signs'),
        ([{**ALERT, "note": "\ud800"}], [], "alert 1, note: "),
        ([3], [], "alert 1: 3 is not right; wanted: an object in curly braces"),
        (
            [[ALERT]],
            [],
            "alert 1: [{'condition': 'above', 'level': 90.0, 'number': 3, 'owner': '7', ...}] is not right",
        ),
        ([None], [], "alert 1: nothing is not right; wanted: an object in curly braces"),
        ([{**ALERT, "number": 10**30}], [], f"alert 1, number: {10**30} is not right; wanted: 1000000000 or less"),
        ([{**ALERT, "number": 0}], [], "alert 1, number: 0 is not right; wanted: 1 or more"),
        ([{**ALERT, "number": "a"}], [], 'alert 1, number: "a" is not right; wanted: a whole number without quotes'),
        ([{**ALERT, "number": 1.5}], [], "alert 1, number: 1.5 is not right; wanted: a whole number without quotes"),
        ([{**ALERT, "level": "ninety"}], [], 'alert 1, level: "ninety" is not right; wanted: a number without quotes'),
        ([{**ALERT, "level": math.nan}], [], "alert 1, level: nan is not right; wanted: a number without quotes"),
        ([{**ALERT, "level": None}], [], "alert 1, level: nothing is not right; wanted: a number without quotes"),
        (
            [{**ALERT, "expires": "soon"}],
            [],
            'alert 1, expires: "soon" is not right; wanted: a day of the calendar, such',
        ),
        ([{**ALERT, "expires": 0.5}], [], "alert 1, expires: 0.5 is not right; wanted: a day of the calendar, such"),
        ([{**ALERT, "remind_every": 2**70}], [], f"alert 1, remind_every: {2**70} is not right; wanted: 63 or less"),
        (
            [{**ALERT, "state": "off"}],
            [],
            "alert 1, state: \"off\" is not right; wanted: one of 'active', 'paused' or 'ended'",
        ),
        ([{**ALERT, "levle": 1}], [], "alert 1, levle: there is no such key; did you mean level?"),
        ([{"owner": "7", "signal": "havens.silver", "condition": "above"}], [], "alert 1, level: it is missing"),
        ([{**WHOLE, "members": []}], [], "alert 1, members: [] is not right; wanted: a list of 1 or more"),
        ([{**WHOLE, "members": ["3"]}], [], "alert 1: at least 2 of 1 different members is not possible"),
        ([{**WHOLE, "members": 3}], [], "alert 1, members: 3 is not right; wanted: a list in square brackets"),
        ([{**ALERT, "owner": str(2**63)}], [], f'alert 1, owner: "{2**63}" is not right; wanted: an id of Discord'),
        (
            [{**ALERT, "owner": "0"}],
            [],
            'alert 1, owner: "0" is not right; wanted: an id of Discord, a whole number from 1',
        ),
        ([{**ALERT, "owner": "007"}], [], 'alert 1, owner: "007" is not right; wanted: an id of Discord'),
        ([{**ALERT, "owner": "٣"}], [], 'alert 1, owner: "٣" is not right; wanted: an id of Discord'),
        ([{**ALERT, "channel": "8", "server": str(2**64)}], [], f'alert 1, server: "{2**64}" is not right'),
        (
            [],
            [{**OWN, "created_by": str(2**63)}],
            f'own signal 1, created_by: "{2**63}" is not right; wanted: an id of',
        ),
        (
            [],
            [{**OWN, "name": "My chips"}],
            'own signal 1, name: "My chips" is not right; wanted: up to 24 letters a-z',
        ),
        (
            [],
            [{**OWN, "tickers": [{"symbol": "SMH", "nam": ""}]}],
            "own signal 1, tickers.0.nam: there is no such key; did you mean tickers.0.name?",
        ),
        ([], [{"owner": "7", "name": "chips", "expression": "SMH//IGV"}], 'own signal 1: "SMH//IGV" is no expression'),
        ([], [{"name": "chips", "expression": "SMH"}], "own signal 1: it belongs to an owner or to a server"),
    ],
)
def test_rows_that_do_not_fit_together_are_named(alerts: list[Any], own: list[Any], problem: str) -> None:
    with pytest.raises(ProblemsError) as refused:
        alert_file.read(json.dumps({"format": 1, "alerts": alerts, "own_signals": own}))
    [found] = refused.value.problems
    assert str(found).startswith(problem)


def test_half_of_a_character_in_a_ticker_is_refused_by_its_row() -> None:
    half = {"owner": "7", "name": "chips", "expression": "SMH/IGV", "tickers": [{"symbol": "\ud800"}]}
    with pytest.raises(ProblemsError) as refused:
        alert_file.read(json.dumps({"format": 1, "alerts": [ALERT], "own_signals": [half]}))
    [found] = refused.value.problems
    assert str(found).startswith("own signal 1, tickers")


@pytest.mark.parametrize("depth", [900, 960, 980, 990, 1_000, 100_000])
def test_what_is_nested_deeply_is_refused_in_a_sentence(depth: int) -> None:
    nested = "[" * depth + "]" * depth
    with pytest.raises((UserError, ProblemsError)):
        alert_file.read(nested)
    with pytest.raises((UserError, ProblemsError)):
        alert_file.read(f'{{"format": 1, "alerts": [{nested}]}}')
    with pytest.raises((UserError, ProblemsError)):
        alert_file.read(json.dumps({"format": 1, "alerts": [ALERT]}).replace('"7"', nested))


def test_the_largest_id_is_an_owner() -> None:
    row = {**ALERT, "owner": str(2**63 - 1)}
    assert alert_file.read(json.dumps({"format": 1, "alerts": [row]})).alerts[0].owner == str(2**63 - 1)
