"""`rotation-bot study`: what it prints, what it refuses, and that real figures come out as counted by hand."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import Result

from tests.bot.cli.conftest import Cli, write
from tests.bot.market_pack.conftest import GOOD
from tests.support import rotation_pack

KEYS = (
    "n_days",
    "n_episodes",
    "n",
    "hits",
    "hit_rate",
    "low",
    "high",
    "base_rate",
    "base_n",
    "mean",
    "median",
    "worst",
)
SILVER = ("study", "havens.silver", "--outcome", "RSP-SPY", "--horizon", "1")

# Silver is above 30 on 2, 4, 6, 8 and 10 of the eleven sessions from 2 January 2026; RSP moves 2, 1, -1, 2, 0 points on
# the next one, SPY never.
DATES = ["01-02", "01-05", "01-06", "01-07", "01-08", "01-09", "01-12", "01-13", "01-14", "01-15", "01-16"]
CLOSES = [20, 31, 20, 31, 20, 31, 20, 31, 20, 31, 20]
RSP = [100, 100, 102, 102, 103.02, 103.02, 101.9898, 101.9898, 104.029596, 104.029596, 104.029596]


@pytest.fixture
def studied(cli: Cli, tmp_path: Path) -> Cli:
    """A home with eleven sessions of silver, RSP and SPY."""
    rows = [f"2026-{day},{silver},{rsp},50" for day, silver, rsp in zip(DATES, CLOSES, RSP, strict=True)]
    prices = "\n".join(["date,SI=F,RSP,SPY", *rows, ""])
    pack = write(tmp_path / "studied", {**GOOD, "close.csv": prices, "adj_close.csv": prices})
    assert cli("market", "import", pack).exit_code == 0
    return cli


def objects(shown: Result) -> list[dict[str, object]]:
    assert shown.exit_code == 0, shown.output
    found = json.loads(shown.stdout)
    assert isinstance(found, list)
    return found


def test_json_is_one_list_with_an_object_per_horizon(studied: Cli) -> None:
    found = objects(studied(*SILVER[:-1], "1,2", "--above", "30", "--json"))
    assert [each["horizon"] for each in found] == [1, 2]
    one, two = found
    assert set(one) == set(two) > set(KEYS)
    assert [one[key] for key in KEYS[:4]] == [5, 5, 5, 3]
    assert (one["hit_rate"], one["base_rate"], one["base_n"]) == (0.6, 0.3, 10)
    assert (one["low"], one["high"]) == (pytest.approx(0.2307, abs=1e-4), pytest.approx(0.8824, abs=1e-4))
    assert (one["mean"], one["median"], one["worst"]) == tuple(pytest.approx(each) for each in (0.8, 1, -1))
    assert (one["unit"], one["worst_on"], one["sample"], one["tests"]) == ("pp", "2026-01-09", "small sample", 2)
    # The outcome of the fifth is not known two sessions later.
    assert [two[key] for key in KEYS[:4]] == [5, 5, 4, None]
    # 3 of 5 against 3 of 10: pooled 0.4, z = 0.3 / 0.2683, p = 0.2636; of two tests twice that.
    assert one["q"] == pytest.approx(0.5271, abs=1e-4)
    assert {two[key] for key in ("p", "q", "hit_rate", "low", "high", "mean", "median", "worst")} == {None}


def test_the_table_says_the_period_the_sample_and_the_number_of_tests(studied: Cli) -> None:
    lines = studied(*SILVER[:-1], "1,2", "--above", "30").stdout.splitlines()
    assert lines[0] == "Silver above 30: what RSP minus SPY did next"
    assert lines[1] == "Fri, Jan 2, 2026 to Fri, Jan 16, 2026: 5 sessions of it; only the first of each episode counts"
    assert lines[4].split()[:3] == ["1", "5", "60%"]
    assert lines[4].endswith("[small sample]")
    assert "too few for figures" in lines[5]
    assert any(line.startswith("2 tests in this call; q is") and "none of the differences" in line for line in lines)


def test_every_horizon_says_how_little_its_sample_can_show(studied: Cli) -> None:
    one, two = objects(studied(*SILVER[:-1], "1,2", "--above", "30", "--days", "--json"))
    # Outcomes of one session do not overlap.
    assert (one["n"], one["independent"]) == (5, 5)
    assert one["detectable"] == pytest.approx(1.96 * (0.3 * 0.7 * (1 / 5 + 1 / 10)) ** 0.5, abs=1e-3)
    assert (two["independent"], two["detectable"]) == (None, None)


def test_what_never_held_and_what_has_no_reading_are_said_in_a_line(studied: Cli) -> None:
    never = studied(*SILVER, "--above", "3000").stdout.splitlines()
    assert never[1:] == ["Fri, Jan 2, 2026 to Fri, Jan 16, 2026: it did not hold once."]
    assert studied(*SILVER, "--above", "30", "--since", "2033-01-03").stdout.splitlines()[1:] == [
        "No reading in that period."
    ]


def test_vs_takes_another_return_off(studied: Cli) -> None:
    pair = objects(studied(*SILVER, "--above", "30", "--json"))
    taken = objects(studied(*SILVER[:3], "RSP", "--vs", "SPY", "--horizon", "1", "--above", "30", "--json"))
    assert pair == taken


def test_since_and_until_limit_the_events(studied: Cli) -> None:
    window = ("--since", "2026-01-06", "--until", "2026-01-13", "--days", "--json")
    (found,) = objects(studied(*SILVER, "--above", "30", *window))
    assert (found["n_days"], found["n"], found["base_n"]) == (3, 3, 6)
    assert (found["first"], found["last"], found["counted"]) == ("2026-01-06", "2026-01-13", "days")


def test_other_conditions_and_measures_and_a_later_entry(studied: Cli) -> None:
    def days(*words: str) -> object:
        return objects(studied(*SILVER, *words, "--json"))[0]["n_days"]

    assert days("--below", "25") == 6
    assert days("--outside", "25,40") == 6
    assert days("--crosses", "25") == 10
    assert days("--above", "0", "--measure", "change_1d") == 5
    later = objects(studied(*SILVER, "--above", "30", "--days", "--next-close", "--json"))[0]
    assert (later["n_days"], later["n"]) == (5, 4)


def test_the_change_of_a_legs_move_is_studied_within_the_leg(cli: Cli, tmp_path: Path) -> None:
    """Equal weight gains 0.25% a session: 1.5 points in five of them on 104 sessions of each of its two legs out."""
    assert cli("market", "import", rotation_pack.write(tmp_path / "legs")).exit_code == 0
    words = ("rotation.equal_weight.move", "--measure", "change_5d", "--above", "1.5", "--outcome", "RSP-SPY")
    assert [found["n_days"] for found in objects(cli("study", *words, "--json"))] == [208] * 4


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("study", "havens.silber", "--above", "1"), "Did you mean havens.silver"),
        (SILVER, "Give one of --above, --below, --outside and --crosses."),
        ((*SILVER, "--above", "1", "--below", "0"), "Give one of --above, --below, --outside and --crosses."),
        ((*SILVER, "--outside", "2,1"), "Give a lower and a higher level"),
        ((*SILVER, "--outside", "a,b"), "'a' is not a number"),
        ((*SILVER, "--above", "nan"), "'nan' is not a number"),
        ((*SILVER, "--below", "1e309"), "'1e309' is not a number"),
        ((*SILVER, "--above", "1", "--outcome", "SPY", "--vs", "SPY"), "SPY minus itself is always zero."),
        ((*SILVER[:-1], "0", "--above", "1"), "0 is no horizon; wanted: 1 to 1260 sessions."),
        ((*SILVER, "--above", "1", "--since", "2025-02-29"), "'2025-02-29' is no day of the calendar"),
        ((*SILVER[:3], "NONE", "--above", "1"), "The archive has no prices of NONE."),
        ((*SILVER, "--above", "1", "--vs", "SPY"), "One ticker minus another is all that can be asked."),
        (
            (*SILVER, "--above", "1", "--since", "2026-01-09", "--until", "2026-01-02"),
            "2026-01-09 is after 2026-01-02.",
        ),
    ],
)
def test_what_makes_no_sense_is_wrong_usage(studied: Cli, words: tuple[str, ...], sentence: str) -> None:
    shown = studied(*words)
    assert (shown.exit_code, shown.stdout) == (2, "")
    assert sentence in " ".join(shown.stderr.split())


def test_without_data_there_is_a_sentence(cli: Cli) -> None:
    shown = cli("study", "havens.silver", "--above", "1")
    assert shown.exit_code == 1
    assert "no market data" in shown.stderr
