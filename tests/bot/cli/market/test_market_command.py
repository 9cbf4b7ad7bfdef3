"""`rotation-bot market`: packs in and out, refusals, and who may write at the same time."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from bot.__main__ import main
from bot.database.connection import Store
from bot.errors import StoreError
from bot.settings import process_lock
from tests.bot.cli.conftest import Cli, process, write
from tests.bot.market_pack.conftest import GOOD


def test_an_import_tells_what_was_new_and_a_second_one_finds_nothing_new(cli: Cli, pack: Path) -> None:
    # 11 closes, 8 adjusted closes and 3 observations; an adjusted close comes with its close.
    assert cli("market", "import", pack).stdout.startswith("22 values read in ")
    again = cli("market", "import", pack)
    assert again.stdout.endswith(" 0 of them new.\n")
    assert again.exit_code == 0


def test_warnings_go_to_stderr_and_stop_nothing(cli: Cli, tmp_path: Path) -> None:
    members = GOOD["universe.csv"] + "ZZZ,Zz,Energy,Oil,sp500\n"
    done = cli("market", "import", write(tmp_path / "more", {**GOOD, "universe.csv": members}))
    assert done.exit_code == 0
    assert "warning: universe: members without a column in close: ZZZ" in done.stderr


def test_a_bad_pack_is_refused_with_every_problem_and_changes_nothing(filled: Cli, tmp_path: Path) -> None:
    before = filled("readings", "--json").stdout
    bad = {
        **GOOD,
        "close.csv": GOOD["close.csv"].replace("10.2", "x").replace("10.3", "-3"),
        "series.csv": GOOD["series.csv"].replace("2026-01-05", "2026-01-50"),
        "universe.csv": GOOD["universe.csv"].replace(",industry", ""),
    }
    refused = filled("market", "import", write(tmp_path / "bad", bad))
    assert (refused.exit_code, refused.stdout) == (1, "")
    places = [line.split(":")[0] for line in refused.stderr.splitlines()]
    assert places == [
        "close.csv line 4 column AAA",
        "close.csv line 5 column AAA",
        "series.csv line 4 column date",
        "universe.csv line 1 column industry",
    ]
    assert filled("readings", "--json").stdout == before


@pytest.mark.parametrize("command", ["import", "export"])
def test_a_file_is_no_folder(filled: Cli, tmp_path: Path, command: str) -> None:
    (tmp_path / "file").touch()
    refused = filled("market", command, tmp_path / "file")
    assert refused.exit_code == 2
    assert "is a file" in refused.stderr


def test_a_folder_that_is_not_there_is_wrong_usage(cli: Cli, tmp_path: Path) -> None:
    refused = cli("market", "import", tmp_path / "nowhere")
    assert refused.exit_code == 2
    assert "does not exist" in refused.stderr


def test_what_is_exported_and_imported_elsewhere_reads_the_same(filled: Cli, tmp_path: Path) -> None:
    out, other = tmp_path / "out", str(tmp_path / "other")
    assert filled("market", "export", out).stdout == f"4 files written to {out}.\n"
    done = CliRunner().invoke(main, ["--home", other, "market", "import", str(out)])
    assert done.exit_code == 0
    here, there = filled("readings", "--json").stdout, CliRunner().invoke(main, ["--home", other, "readings", "--json"])
    assert here.replace('"pack"', '"out"') == there.stdout


def test_the_status_has_a_line_for_each_series(filled: Cli) -> None:
    lines = [json.loads(line) for line in filled("market", "status", "--json").stdout.splitlines()]
    found = {line["name"]: line for line in lines}
    assert list(found) == ["AAA", "BBB", "CL=F", "DGS10", "VIX"]
    oil = found["CL=F"]
    assert (oil["source"], oil["first"], oil["last"], oil["rows"]) == ("pack", "2026-01-02", "2026-01-07", 4)
    table = filled("market", "status", "--all").stdout.splitlines()
    assert table[0].split() == ["ticker", "or", "series", "source", "first", "last", "rows", "age", "health"]
    assert len(table) == 6


@pytest.mark.parametrize("command", [("status",), ("export", "somewhere")])
def test_without_an_archive_there_is_nothing_to_show(cli: Cli, home: Path, command: tuple[str, ...]) -> None:
    refused = cli("market", *command)
    assert refused.exit_code == 1
    assert "`rotation-bot market import DIR` brings some in" in refused.stderr
    assert not home.exists()


async def test_nothing_is_imported_while_the_bot_runs(filled: Cli, home: Path, tmp_path: Path) -> None:
    before = filled("readings", "--json").stdout
    more = write(tmp_path / "more", {"close.csv": GOOD["close.csv"] + "2026-01-08,1,2,3\n"})
    async with Store.open(home / "bot.db"):
        refused = filled("market", "import", more)
        assert refused.exit_code == 1
        assert refused.stderr.startswith(f"{home / 'bot.db'} is in use by another rotation-bot (process ")
        assert filled("readings", "--json").stdout == before
    assert filled("market", "import", more).exit_code == 0


def test_the_bot_does_not_start_while_something_is_imported(home: Path) -> None:
    home.mkdir()
    with process_lock.held(home / "bot.db"):
        with pytest.raises(StoreError, match="in use by another rotation-bot"):
            Store.open(home / "bot.db")
        refused = process("run", "--home", home, DISCORD_TOKEN="A" * 24 + ".Abcdef." + "b" * 38)
    assert refused.returncode == 1
    assert "in use by another rotation-bot" in refused.stderr
    assert "Traceback" not in refused.stderr
