"""Whatever stands in a file of alerts, it is set or refused in sentences; nothing in between is stored."""

from __future__ import annotations

import copy
import json
import random
from pathlib import Path
from typing import Any

import pytest

from bot.cli import alert_file, alerts_command
from bot.database import Database
from bot.database.connection import connect, transaction
from bot.errors import ProblemsError, UserError
from tests.bot.fuzz.test_core import SEED, state
from tests.bot.fuzz.texts import FITTING, fitting
from tests.helpers import utc

FEW, MANY = 1_000, 20_000
NOW = utc("2026-01-13 21:30")
RIGHT: dict[str, Any] = {
    "format": 1,
    "own_signals": [
        {"owner": "7", "name": "chips", "expression": "SMH/IGV", "tickers": [{"symbol": "SMH", "first_day": "2000-05-05"}]},
        {"server": "8", "created_by": "7", "name": "bonds", "expression": "TLT"},
    ],
    "alerts": [
        {"owner": "7", "number": 3, "signal": "havens.silver", "condition": "outside", "level": 80, "level_high": 95.5},
        {"owner": "7", "number": 4, "channel": "81", "server": "8", "signal": "own.TLT", "condition": "above", "level": 1,
         "note": "n", "loudness": "ping", "expires": "2027-01-01", "state": "paused", "after": "remind", "remind_every": 5},
        {"owner": "7", "number": 5, "signal": "own.SMH/IGV", "measure": "change_5d", "condition": "below", "level": -1.5,
         "timing": "live", "repeat": "once", "cooldown_days": 3, "band": 0.5, "confirm": 1, "role": None},
        {"owner": "7", "at_least": 2, "within": 5, "members": ["3", "4", "russell-streak"]},
    ],
}  # fmt: skip
VALUES = (
    None, True, 0, -1, 1, 2, 5, 2**31, 2**53, 2**63 - 1, 2**63, 10**400, 0.5, -0.0, 1e308, 5e-324, float("nan"), float("inf"),
    [], {}, [[]], [None], {"": None}, "0", "7", "8", "007", "9" * 19, "9" * 5000, "2026-02-30", "0001-01-01", 1e18,
)  # fmt: skip


def changed(chance: random.Random) -> Any:
    """A right file with one to three slips, anywhere in it."""
    content = copy.deepcopy(RIGHT)
    for _ in range(chance.randrange(1, 4)):
        place: Any = content
        while True:
            keys = list(place) if isinstance(place, dict) else list(range(len(place)))
            if not keys:
                break
            key = chance.choice(keys)
            if isinstance(place[key], dict | list) and chance.random() < 0.9:
                place = place[key]
                continue
            kind = chance.random()
            if kind < 0.15:
                del place[key]
            elif kind < 0.25 and isinstance(place, list):
                place.append(copy.deepcopy(place[key]))
            else:
                place[key] = (
                    copy.deepcopy(chance.choice(VALUES))
                    if kind < 0.7
                    else fitting(chance.choice(list(FITTING)), chance)
                )
            break
    return content


def refusals(db: Database, content: Any) -> list[str]:
    """The sentences that refuse a file; none for one that was set, exported and can be read again."""
    try:
        wanted = alert_file.read(json.dumps(content))
        with transaction(db):
            alerts_command.set_alerts(db, wanted, NOW)
    except ProblemsError as error:
        return [str(problem) for problem in error.problems]
    except UserError as error:
        return [str(error)]
    alert_file.read(alert_file.text(alert_file.export(db)))
    return []


@pytest.mark.slow
def test_whatever_a_file_of_alerts_holds_is_set_or_refused_in_sentences(thorough: bool) -> None:
    seed = random.randrange(2**32) if thorough else SEED
    chance = random.Random(seed)
    db = connect(Path(":memory:"))
    before = state(db)
    numbers = {True: 0, False: 0}
    for _ in range(MANY if thorough else FEW):
        content = changed(chance)
        try:
            sentences = refusals(db, content)
        except Exception as error:
            raise AssertionError((seed, content)) from error
        numbers[bool(sentences)] += 1
        if sentences:
            assert state(db) == before, (seed, content)
            assert not [each for each in sentences if "nput should" in each or not each.isprintable()], (
                seed,
                sentences,
            )
        else:
            db.close()
            db = connect(Path(":memory:"))
    assert min(numbers.values()) > 0
