"""`demo --real`: the rotation of autumn 2025, found in a market pack."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from bot.demo import play
from tests.bot.cli.conftest import demo, write
from tests.bot.market_pack.conftest import GOOD
from tests.recorded import where_present
from tests.support.rotation_pack import write as write_rotation

pytestmark = pytest.mark.slow


def made_pack(folder: Path) -> Path:
    """The made-up market, whose state turns on session 740, moved to where that is 15 October 2025."""
    return write_rotation(folder, "2022-11-01", 745)


@pytest.mark.parametrize(
    ("name", "days"),
    [
        ("made", [date(2025, 10, day) for day in (13, 14, 15, 16)]),
        *where_present(("real", [date(2025, 12, day) for day in (10, 11, 12, 15)])),
    ],
)
def test_it_begins_two_sessions_before_the_clock_turned(
    request: pytest.FixtureRequest, tmp_path: Path, name: str, days: list[date]
) -> None:
    pack: Path = made_pack(tmp_path / "pack") if name == "made" else request.getfixturevalue("us_pack")
    playback = play.autumn_playback(pack, None, 4)
    assert playback.sessions == days
    state = playback.replay.histories["rotation.state"].values
    assert [state[str(day)] for day in playback.sessions] == [-1, -1, 1, 1]
    assert not playback.simulated
    assert not playback.every_topic


def test_a_pack_without_that_rotation_and_a_home_without_a_pack_are_sentences(tmp_path: Path) -> None:
    missing = demo("--headless", "--real", "--home", tmp_path)
    assert (missing.exit_code, missing.stdout) == (1, "")
    assert missing.stderr.startswith(
        f"There is no market pack in {tmp_path / 'market-pack'}: `rotation-bot market export"
    )
    write(tmp_path / "market-pack", GOOD)
    other = demo("--headless", "--real", "--home", tmp_path)
    assert other.exit_code == 1
    assert "shows no rotation out of big tech that began from 2025-09-01 to 2025-12-31" in other.stderr


def test_real_and_market_exclude_each_other(tmp_path: Path) -> None:
    both = demo("--headless", "--real", "--market", tmp_path)
    assert both.exit_code == 2
    assert "--real and --market exclude each other" in both.stderr
