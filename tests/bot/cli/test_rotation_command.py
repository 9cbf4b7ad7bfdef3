"""`rotation-bot rotation` over 21 years: the answer of a session, its JSON, and the past."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from bot.__main__ import main
from tests.conftest import Imported


def run(home: Path, *words: str) -> str:
    done = CliRunner().invoke(main, ["rotation", *words, "--home", str(home)], prog_name="rotation-bot")
    assert done.exit_code == 0, done.output
    return done.stdout


@pytest.fixture(scope="module")
def newest(us_home: Imported) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(run(us_home.home, "--as-of", "2025-12-31", "--history", "--json"))
    return found


@pytest.mark.slow
def test_the_object_has_the_state_the_legs_tech_and_the_recovery(newest: dict[str, Any]) -> None:
    assert list(newest)[:10] == [
        *("session", "regime", "state", "turning", "since", "age", "yardsticks", "known", "legs", "tech"),
    ]
    assert (newest["session"], newest["regime"], newest["state"], newest["since"]) == ("2025-12-31", 1, 1, "2025-12-12")
    assert (newest["age"], newest["yardsticks"], newest["known"], newest["turning"]) == (12, 4, 6, 0)
    equal = newest["legs"][0]
    assert list(equal) == [
        *("yardstick", "direction", "leg_start", "confirmed", "move", "age", "given_back", "threshold"),
    ]
    assert (equal["yardstick"], equal["leg_start"], equal["confirmed"]) == ("equal_weight", "2025-10-29", "2025-12-11")
    assert (newest["tech"]["state"], newest["tech"]["turning"], len(newest["tech"]["legs"])) == (1, 1, 5)
    assert set(newest["recovery"]) == {"score", "state", "agreement", "dissenters"}


@pytest.mark.slow
def test_the_past_has_every_leg_and_turn_with_what_followed(newest: dict[str, Any]) -> None:
    turns = newest["history"]["turns"]
    assert [turn["session"] for turn in turns[-2:]] == ["2025-05-13", "2025-12-12"]
    assert turns[-1]["followed"] == {"21": None, "63": None}
    assert turns[-2]["followed"]["21"] is not None
    legs = [leg for leg in newest["history"]["legs"] if leg["yardstick"] == "equal_weight"]
    assert legs[-1] == {
        **legs[-1],
        "leg_start": "2025-10-29",
        "confirmed": "2025-12-11",
        "leg_end": None,
        "turned": None,
    }
    assert [leg["direction"] for leg in legs[-4:]] == [-1, 1, -1, 1]


@pytest.mark.slow
def test_a_tail_in_memory_gives_the_answer_of_the_whole_past(us_home: Imported) -> None:
    """On 2008-06-06 two pairs did not exist yet; they are left out."""
    found = json.loads(run(us_home.home, "--as-of", "2008-06-06", "--json"))
    assert (found["state"], found["yardsticks"], found["known"]) == (-1, 2, 4)
    assert [leg["yardstick"] for leg in found["legs"]] == ["equal_weight", "small_caps", "value", "ex_tech"]


@pytest.mark.slow
def test_the_answer_is_said_in_sentences(us_home: Imported) -> None:
    text = run(us_home.home, "--as-of", "2025-12-31", "--history")
    first, question, *rest = text.splitlines()
    assert first == "Wed, Dec 31, 2025: Money is rotating out of big tech, and tech itself is split."
    assert question == "Is money rotating out of big tech?  Yes, since Fri, Dec 12 (12 sessions)."
    assert any(line.startswith("  It ends when 2 of the 4 turn back. Nearest: equal weight has given") for line in rest)
    assert any("Oct 29, 2025" in line and "+2.64%" in line for line in rest)
    assert "Turns of the rotation, with RSP vs. SPY over the 21 and 63 sessions after it" in rest


def test_without_prices_there_is_a_sentence(tmp_path: Path) -> None:
    done = CliRunner().invoke(main, ["rotation", "--home", str(tmp_path)], prog_name="rotation-bot")
    assert done.exit_code == 1
    assert "There are no market data in" in done.output
