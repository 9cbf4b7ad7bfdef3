"""`rotation-bot readings --signal scenario.recovery` explains itself."""

from __future__ import annotations

import json

from bot.cli.scenario_report import as_object, explanation_lines
from signals.core.model import Axis, Family
from signals.scenario.explanation import Ballot, Explanation, Party
from tests.bot.cli.conftest import Cli

FOUND = Explanation(
    Axis.RECOVERY,
    -40.0,
    -1,
    50.0,
    None,
    (
        Party(Family.BREADTH, -1.0, True, (Ballot("breadth.sp500.above_50dma", -1, 1),)),
        Party(Family.RATES, 0.5, False, (Ballot("rates.real_10y", 0, -1), Ballot("rates.nominal_2y", -1, -1))),
        Party(Family.OPTIONS, None, None, (Ballot("options.vix_term", None, -1),)),
    ),
)


def test_families_signals_and_dissenters_are_named() -> None:
    assert explanation_lines(FOUND) == [
        "  Tech recovery: 1 of 2 families has the score's sign (50%); the others: yields for.",
        "  breadth            -1.00  against",
        "    breadth.sp500.above_50dma         low       votes against (a high votes for)",
        "  yields             +0.50  for, does not agree",
        "    rates.real_10y                    between   votes for neither (a high votes against)",
        "    rates.nominal_2y                  low       votes for (a high votes against)",
        "  options                   no state",
        "    options.vix_term                  no state  (a high votes against)",
    ]


def test_the_same_as_json() -> None:
    found = as_object(FOUND)
    assert (found["axis"], found["side"], found["score"], found["agreement"]) == ("recovery", -1, -40.0, 50.0)
    assert found["dissenters"] == ["rates"]
    assert json.loads(json.dumps(found))["families"][1] == {
        "family": "rates",
        "leaning": 0.5,
        "agrees": False,
        "signals": [
            {"signal": "rates.real_10y", "state": 0, "sign": -1},
            {"signal": "rates.nominal_2y", "state": -1, "sign": -1},
        ],
    }


def test_a_scenario_asked_for_by_name_is_explained_and_its_signals_are_not_printed(filled: Cli) -> None:
    """Four sessions are not enough for a single family, which is said, and every voter is named all the same."""
    lines = filled("readings", "--signal", "scenario.rotation_support").stdout.splitlines()
    assert lines[2] == f"{'scenario.rotation_support':<38} withheld: not enough data: no family has a state"
    assert lines[3] == "  Rotation: withheld, not enough data: no family has a state."
    assert sum(line.startswith("    ") for line in lines) == 34
    assert "    rates.curve_10y2y                 no state  (a high votes for)" in lines


def test_json_objects_of_the_scenario_carry_the_explanation_only_when_asked_for(filled: Cli) -> None:
    asked = filled("readings", "--json", "--signal", "scenario.recovery_state", "--signal", "havens.gold").stdout
    scenario, gold = (json.loads(line) for line in asked.splitlines())
    assert len(scenario["explanation"]["families"]) == 10
    assert scenario["explanation"]["reason"] == scenario["reason"]
    assert "explanation" not in gold
    every = filled("readings", "--json").stdout.splitlines()
    assert not any("explanation" in json.loads(line) for line in every)
