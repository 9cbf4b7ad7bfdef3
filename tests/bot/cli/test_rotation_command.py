"""`rotation-bot rotation` over a made-up market and over 21 years: the answer of a session, its JSON, and the past."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from bot.__main__ import main
from signals.rotation.yardsticks import ROTATION
from tests.conftest import Imported
from tests.recorded import where_present
from tests.support.rotation_pack import session, write


def run(home: Path, *words: str) -> str:
    done = CliRunner().invoke(main, ["rotation", *words, "--home", str(home)], prog_name="rotation-bot")
    assert done.exit_code == 0, done.output
    return done.stdout


MADE, REAL = "made", "real"
NEWEST = {MADE: session(939), REAL: date(2025, 12, 31)}


@pytest.fixture(scope="module")
def made_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home with the made-up pack, whose turns are worked out in `tests/support/rotation_pack.py`."""
    folder = tmp_path_factory.mktemp("rotation")
    pack = write(folder / "pack")
    done = CliRunner().invoke(main, ["market", "import", str(pack), "--home", str(folder / "home")])
    assert done.exit_code == 0, done.output
    return folder / "home"


@pytest.fixture(params=[MADE, *where_present(REAL)], scope="module")
def market_name(request: pytest.FixtureRequest) -> str:
    name: str = request.param
    return name


@pytest.fixture(scope="module")
def home(market_name: str, request: pytest.FixtureRequest) -> Path:
    """The home of the made-up pack, and that of 21 years where it is present."""
    imported: Imported | Path = request.getfixturevalue("us_home" if market_name == REAL else "made_home")
    return imported if isinstance(imported, Path) else imported.home


@pytest.fixture(scope="module")
def newest(home: Path, market_name: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(run(home, "--as-of", str(NEWEST[market_name]), "--history", "--json"))
    return found


@pytest.mark.slow
def test_the_object_has_the_state_the_legs_tech_and_the_recovery(newest: dict[str, Any], market_name: str) -> None:
    clock, equal_weight, tech = {
        MADE: ((4, -1, str(session(921)), 18, 0, 6, 0), (str(session(900)), str(session(913))), (-1, 1)),
        REAL: ((1, 1, "2025-12-12", 12, 4, 6, 0), ("2025-10-29", "2025-12-11"), (1, 1)),
    }[market_name]
    assert list(newest)[:10] == [
        *("session", "regime", "state", "turning", "since", "age", "yardsticks", "known", "legs", "tech"),
    ]
    assert newest["session"] == str(NEWEST[market_name])
    names = ("regime", "state", "since", "age", "yardsticks", "known", "turning")
    assert tuple(newest[name] for name in names) == clock
    equal = newest["legs"][0]
    assert list(equal) == [
        *("yardstick", "direction", "leg_start", "confirmed", "move", "age", "given_back", "threshold"),
    ]
    assert (equal["yardstick"], equal["leg_start"], equal["confirmed"]) == ("equal_weight", *equal_weight)
    assert (newest["tech"]["state"], newest["tech"]["turning"], len(newest["tech"]["legs"])) == (*tech, 5)
    assert set(newest["recovery"]) == {"score", "state", "agreement", "dissenters"}


@pytest.mark.slow
def test_the_past_has_every_leg_and_turn_with_what_followed(newest: dict[str, Any], market_name: str) -> None:
    last_turns, start, confirmed, directions = {
        MADE: ([str(session(740)), str(session(921))], str(session(900)), str(session(913)), [1, -1, 1, -1]),
        REAL: (["2025-05-13", "2025-12-12"], "2025-10-29", "2025-12-11", [-1, 1, -1, 1]),
    }[market_name]
    turns = newest["history"]["turns"]
    assert [turn["session"] for turn in turns[-2:]] == last_turns
    assert turns[-1]["followed"] == {"21": None, "63": None}
    assert turns[-2]["followed"]["21"] is not None
    if market_name == MADE:
        # RSP rose by 0.25 % a session and SPY stood still: 1.0025^21 - 1 and 1.0025^63 - 1.
        assert turns[-2]["followed"] == {"21": pytest.approx(5.383, abs=5e-4), "63": pytest.approx(17.035, abs=5e-4)}
    legs = [leg for leg in newest["history"]["legs"] if leg["yardstick"] == "equal_weight"]
    assert legs[-1] == {**legs[-1], "leg_start": start, "confirmed": confirmed, "leg_end": None, "turned": None}
    assert [leg["direction"] for leg in legs[-4:]] == directions


@pytest.mark.slow
def test_a_tail_in_memory_gives_the_answer_of_the_whole_past(home: Path, market_name: str) -> None:
    """On 2008-06-06 two pairs did not exist yet, on session 425 of the made-up market one: they are left out."""
    day, clock, left_out = {
        MADE: (session(425), (-1, 0, 5), {"value"}),
        REAL: (date(2008, 6, 6), (-1, 2, 4), {"nasdaq_equal", "ex_mag7"}),
    }[market_name]
    found = json.loads(run(home, "--as-of", str(day), "--json"))
    assert (found["state"], found["yardsticks"], found["known"]) == clock
    assert [leg["yardstick"] for leg in found["legs"]] == [
        yardstick.name for yardstick in ROTATION if yardstick.name not in left_out
    ]


@pytest.mark.slow
def test_the_answer_is_said_in_sentences(home: Path, market_name: str) -> None:
    first, question, ending, leg_start, move = {
        MADE: (
            "Tue, Jul 23, 2024: The yardsticks point back into big tech, and tech itself is split.",
            "Is money rotating out of big tech?  No: the yardsticks favor big tech, since Wed, Jun 26 (18 sessions).",
            "  It ends when 4 of the 6 turn back. Nearest: equal weight has given back 0.0 of 3%",
            "May 24, 2024",
            "-9.30%",
        ),
        REAL: (
            "Wed, Dec 31, 2025: Money is rotating out of big tech, and tech itself is split.",
            "Is money rotating out of big tech?  Yes, since Fri, Dec 12 (12 sessions).",
            "  It ends when 2 of the 4 turn back. Nearest: equal weight has given",
            "Oct 29, 2025",
            "+2.64%",
        ),
    }[market_name]
    text = run(home, "--as-of", str(NEWEST[market_name]), "--history")
    lines = text.splitlines()
    assert lines[:2] == [first, question]
    assert any(line.startswith(ending) for line in lines[2:]), text
    assert any(leg_start in line and move in line for line in lines[2:])
    assert "Turns of the rotation, with RSP vs. SPY over the 21 and 63 sessions after it" in lines


def test_without_prices_there_is_a_sentence(tmp_path: Path) -> None:
    done = CliRunner().invoke(main, ["rotation", "--home", str(tmp_path)], prog_name="rotation-bot")
    assert done.exit_code == 1
    assert "There are no market data in" in done.output
