"""`rotation-bot readings` and `rotation-bot summary`: what they print, and what they say when they cannot."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from bot.__main__ import main
from bot.archive import Archive
from signals import catalogue
from tests.bot.cli.conftest import ROOT, Cli, write
from tests.bot.market_pack.conftest import GOOD

OIL = ("readings", "--signal", "havens.oil")


def objects(text: str) -> list[dict[str, object]]:
    return [json.loads(line) for line in text.splitlines()]


def test_the_table_has_value_change_and_date(filled: Cli) -> None:
    shown = filled(*OIL, "--as-of", "2026-01-05")
    title, head, line = shown.output.splitlines()
    assert title == "Mon, Jan 5, 2026"
    assert head.split() == ["signal", "value", "1", "day", "1y", "%", "as", "of", "coverage"]
    assert line.split() == ["havens.oil", "-$37.63", "-98.63", "–", "Jan", "5,", "2026"]


def test_an_object_has_the_promised_fields_and_unrounded_numbers(filled: Cli) -> None:
    (found,) = objects(filled(*OIL, "--as-of", "2026-01-05", "--json").stdout)
    assert found["signal"] == "havens.oil"
    assert found["label"] == "Oil, WTI"
    assert found["session"] == "2026-01-05"
    assert found["value"] == -37.63
    assert found["unit"] == "USD"
    assert (found["state"], found["reason"], found["coverage"]) == ("final", None, None)
    assert found["known_at"] == "2026-01-05T21:20:00+00:00"
    assert found["sources"] == ["pack"]
    measures = {"change_1d": pytest.approx(-98.63), "change_5d": None, "change_21d": None}
    assert found["measures"] == {**measures, "percentile_1y": None, "z_1y": None}


def test_a_withheld_reading_has_a_reason_and_no_number(filled: Cli) -> None:
    (found,) = objects(filled("readings", "--signal", "options.vix_term", "--json").stdout)
    assert (found["value"], found["state"]) == (None, "withheld")
    assert found["reason"] == "VIX3M has no observations"


def test_without_a_date_it_is_the_newest_session_and_every_signal(filled: Cli) -> None:
    found = objects(filled("readings", "--json").stdout)
    assert [each["signal"] for each in found] == list(catalogue.SIGNALS)
    assert {each["session"] for each in found} == {"2026-01-07"}


def test_several_dates_come_in_their_order_and_a_day_off_is_the_session_before(filled: Cli) -> None:
    days = ("2026-01-07", "2026-01-04", "2026-01-05")
    found = objects(filled(*OIL, "--json", *(word for day in days for word in ("--as-of", day))).stdout)
    assert [(each["session"], each["value"]) for each in found] == [
        ("2026-01-07", 62.0),
        ("2026-01-02", 61.0),
        ("2026-01-05", -37.63),
    ]


def test_several_dates_say_what_each_says_alone(filled: Cli) -> None:
    # On 2 January the VIX had no observation at all; from the market of the 7th it would be one that was not known yet.
    days = ("2026-01-02", "2026-01-07", "2026-01-05")
    ask = ("readings", "--signal", "options.vix", "--signal", "havens.oil", "--json")
    together = filled(*ask, *(word for day in days for word in ("--as-of", day))).stdout
    assert together == "".join(filled(*ask, "--as-of", day).stdout for day in days)
    assert together.count("\n") == 6


def test_after_the_last_session_everything_is_withheld(filled: Cli) -> None:
    (found,) = objects(filled(*OIL, "--json", "--as-of", "2026-01-09").stdout)
    assert (found["session"], found["value"]) == ("2026-01-09", None)


@pytest.mark.parametrize(
    ("words", "code", "sentence"),
    [
        (("--as-of", "2025-12-31"), 1, "2025-12-31 is before the first session of the archive, 2026-01-02."),
        (("--as-of", "9999-01-04"), 1, "9999-01-04 is too far ahead: the archive ends on 2026-01-07."),
        (("--as-of", "5.1.2026"), 2, "'5.1.2026' is no day of the calendar; wanted: YYYY-MM-DD"),
        (("--signal", "havens.oli"), 2, "No signal “havens.oli”. Did you mean havens.oil (Oil, WTI)?"),
        (("--signal", "xyzzy"), 2, "No signal “xyzzy”. `rotation-bot readings` without --signal shows all of them."),
        (("--nothing",), 2, "No such option"),
    ],
)
def test_what_cannot_be_shown_has_a_sentence(filled: Cli, words: tuple[str, ...], code: int, sentence: str) -> None:
    refused = filled("readings", *words)
    assert (refused.exit_code, refused.stdout) == (code, "")
    assert sentence in refused.stderr


@pytest.mark.parametrize("command", ["readings", "summary"])
def test_without_an_archive_they_say_how_to_get_one(cli: Cli, home: Path, command: str) -> None:
    refused = cli(command)
    assert refused.exit_code == 1
    assert f"There are no market data in {home} yet: `rotation-bot market update` fetches them" in refused.stderr
    assert not home.exists()


def test_a_damaged_archive_is_a_sentence(filled: Cli, home: Path) -> None:
    (home / "market.db").write_bytes(b"not a database" * 1000)
    refused = filled("readings")
    assert refused.exit_code == 1
    assert refused.stderr.startswith("A database in the home folder cannot be used (file is not a database)")


def test_the_home_may_stand_before_the_command_behind_it_or_in_the_environment(filled: Cli, home: Path) -> None:
    behind = filled(*OIL).output
    before = CliRunner().invoke(main, ["--home", str(home), *OIL]).output
    around = CliRunner().invoke(main, list(OIL), env={"ROTATION_BOT_HOME": str(home)}).output
    assert behind == before == around
    assert "$62.00" in behind


def test_a_reading_beside_a_writer_shows_what_was_there_before(filled: Cli, home: Path) -> None:
    with Archive.open(home / "market.db") as archive, archive.writing() as db:
        db.execute("UPDATE bar SET close = 1")
        assert "$62.00" in filled(*OIL).output


def test_a_summary_of_a_day_that_nobody_can_know_is_refused(filled: Cli) -> None:
    refused = filled("summary", "--as-of", "9999-01-04")
    assert (refused.exit_code, refused.stdout) == (1, "")
    assert refused.stderr == "9999-01-04 is too far ahead: the archive ends on 2026-01-07.\n"


def test_a_summary_of_a_day_beyond_the_archive_says_whose_session_it_is(filled: Cli) -> None:
    shown = filled("summary", "--as-of", "2026-01-10").stdout
    assert shown.startswith(
        "The archive has no session of Sat, Jan 10, 2026; its last one before that is Wed, Jan 7, 2026:\n\n"
    )
    assert "Market summary, Wed, Jan 7, 2026" in shown


@pytest.mark.skipif(os.geteuid() == 0, reason="the superuser can write everywhere")
def test_an_archive_in_a_folder_that_cannot_be_written_is_read(filled: Cli, home: Path) -> None:
    home.chmod(0o555)
    try:
        assert "$62.00" in filled(*OIL).output
    finally:
        home.chmod(0o755)


def test_a_reader_that_goes_away_ends_it_quietly(filled: Cli, home: Path) -> None:
    command = [sys.executable, "-m", "bot", "readings", "--home", str(home)]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as begun:
        assert begun.stdout is not None
        assert begun.stderr is not None
        begun.stdout.close()
        assert begun.stderr.read() == b""
    assert begun.returncode == 1


def test_a_summary_names_its_session_and_how_much_is_known(filled: Cli) -> None:
    shown = filled("summary", "--as-of", "2026-01-06")
    assert shown.exit_code == 0
    assert shown.stdout.startswith("Market summary, Tue, Jan 6, 2026\n")
    assert "As of the close of Tue, Jan 6, 2026" in shown.stdout
    assert "not investment advice" in shown.stdout


def test_a_summary_before_the_archive_is_a_sentence(filled: Cli) -> None:
    refused = filled("summary", "--as-of", "2025-12-31")
    assert (refused.exit_code, refused.stdout) == (1, "")
    assert "2025-12-31 is before the first session" in refused.stderr


def test_a_close_corrected_later_leaves_the_reading_and_is_told_beside_it(filled: Cli, tmp_path: Path) -> None:
    changed = {**GOOD, "close.csv": GOOD["close.csv"].replace("-37.63", "-40"), "adj_close.csv": GOOD["adj_close.csv"]}
    assert filled("market", "import", write(tmp_path / "again", changed)).exit_code == 0
    line = filled(*OIL, "--as-of", "2026-01-05").output.splitlines()[2]
    assert "-$37.63" in line
    assert line.endswith("; revised since, now -$40.00")
    then, before = objects(filled(*OIL, "--as-of", "2026-01-05", "--as-of", "2026-01-02", "--json").stdout)
    assert (then["value"], then["revised"]) == (-37.63, {"value": -40.0, "reason": None})
    assert before["revised"] is None


def test_a_month_says_that_its_release_date_is_estimated_and_its_figure_todays_revision(
    cli: Cli, tmp_path: Path
) -> None:
    months = {**GOOD, "series.csv": "date,UNRATE,VIX\n2025-11-01,4.6,\n2026-01-05,,14.5\n"}
    assert cli("market", "import", write(tmp_path / "months", months)).exit_code == 0
    ask = ("readings", "--signal", "macro.unemployment", "--signal", "options.vix", "--as-of", "2026-01-05")
    _, _, unemployment, vix = cli(*ask).output.splitlines()
    revision = "UNRATE of 2025-11: today's revision, not the figure first published"
    assert unemployment.endswith(f"; release date estimated; {revision}")
    assert "estimated" not in vix
    found, _ = objects(cli(*ask, "--json").stdout)
    assert (found["known_at_estimated"], found["notes"]) == (True, [revision])


def test_a_home_that_runs_on_the_simulated_market_shows_that_one(filled: Cli, home: Path) -> None:
    (home / "config.toml").write_text("[sources]\nsimulated = true\n")
    refused = filled(*OIL)
    assert refused.exit_code == 1
    assert "no simulated market data" in refused.stderr
    (home / "market.db").rename(home / "market-simulated.db")
    assert "$62.00" in filled(*OIL).output


@pytest.mark.parametrize(
    ("png", "sentence"),
    [
        ("picture.jpg", "does not end in .png, which is what is drawn"),
        ("nowhere/picture.png", "nowhere” to write picture.png into"),
        ("", "is a directory"),
    ],
)
def test_a_place_where_no_picture_can_be_is_a_sentence_before_anything_is_computed(
    filled: Cli, tmp_path: Path, png: str, sentence: str
) -> None:
    refused = filled("summary", "--png", tmp_path / png)
    assert refused.exit_code in (1, 2)
    assert refused.stdout == ""
    assert sentence in refused.stderr


@pytest.mark.slow
def test_too_few_sessions_for_a_picture_leave_the_summary_and_no_file(
    filled: Cli, home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MPLCONFIGDIR", "")
    monkeypatch.delenv("MPLCONFIGDIR")
    refused = filled("summary", "--png", tmp_path / "day.png")
    assert refused.exit_code == 1
    assert refused.stdout.startswith("Market summary, Wed, Jan 7, 2026\n")
    assert "Too little is known up to 2026-01-07 for an honest picture" in refused.stderr
    assert not (tmp_path / "day.png").exists()
    assert Path(os.environ["MPLCONFIGDIR"]) == home / "cache" / "matplotlib"
