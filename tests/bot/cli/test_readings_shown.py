"""`rotation-bot readings --as-of` beside what people were shown of that session, and why the two differ."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from bot.archive import Archive
from bot.calendar.clock import Calendar
from bot.database import readings as stored
from bot.database.connection import connect, transaction
from signals import catalogue
from signals.core.model import Reading
from tests.bot.cli.conftest import Cli, write

SPREAD, ADVANCE, VIX = "weighting.rsp_spy.spread_1d", "breadth.sp500.advance_decline", "options.vix"
SESSION = date(2026, 1, 6)
CLOSES = (
    "date,RSP,SPY,AAA,BBB\n2026-01-02,100,50,10,20\n2026-01-05,101,50,11,21\n"
    "2026-01-06,103.02,50.5,12,20\n2026-01-07,104,51,13,21\n"
)
ADJUSTED = "date,RSP,SPY\n2026-01-02,99,49\n2026-01-05,100,50\n2026-01-06,102,50.5\n2026-01-07,104,51\n"
UNIVERSE = "ticker,name,sector,industry,groups\nAAA,Aa,Energy,Oil,sp500\nBBB,Bb,Energy,Oil,sp500\n"
SERIES = "date,VIX\n2026-01-06,14.5\n"
PACK = {"close.csv": CLOSES, "adj_close.csv": ADJUSTED, "universe.csv": UNIVERSE, "series.csv": SERIES}


@pytest.fixture
def shown(cli: Cli, home: Path, tmp_path: Path) -> Cli:
    """A home whose summary of January 6 has shown three readings; they were stored that evening."""
    assert cli("market", "import", write(tmp_path / "first", PACK)).exit_code == 0
    with Archive.open(home / "market.db", read_only=True) as archive:
        market = archive.market(Calendar(date(2026, 1, 2), date(2026, 2, 1)), as_of=SESSION)
    names = [SPREAD, ADVANCE, VIX]
    found = catalogue.readings(market, catalogue.compute(market, names), SESSION)
    record(home, *found.values())
    return cli


def record(home: Path, *readings: Reading) -> None:
    """Store what was shown, after the first import and before any later one."""
    db = connect(home / "bot.db")
    with transaction(db):
        stored.keep_shown(db, readings, now=datetime.now(UTC))
    db.close()


def imported(cli: Cli, tmp_path: Path, home: Path, **changed: str) -> None:
    files = {**PACK, **{name.replace("__", "."): text for name, text in changed.items()}}
    assert cli("market", "import", write(tmp_path / "again", files)).exit_code == 0
    with Archive.open(home / "market.db") as archive, archive.writing() as db:
        # Imported a day later than what was shown was stored.
        db.execute("UPDATE batch SET fetched_at = fetched_at + 86400 WHERE id = (SELECT max(id) FROM batch)")


def line(cli: Cli, name: str) -> str:
    return cli("readings", "--as-of", SESSION.isoformat(), "--signal", name).stdout.splitlines()[2]


def told(cli: Cli, name: str) -> dict[str, object]:
    found: dict[str, object] = json.loads(
        cli("readings", "--as-of", SESSION.isoformat(), "--signal", name, "--json").stdout
    )
    return found


def test_a_value_that_is_still_the_same_says_so(shown: Cli) -> None:
    assert line(shown, SPREAD).endswith("; as shown then")
    then = told(shown, SPREAD)["shown"]
    assert isinstance(then, dict)
    # 102 / 100 less 50.5 / 50 is one point.
    assert (then["value"], then["reason"]) == (pytest.approx(1.0), None)
    assert datetime.fromisoformat(str(then["recorded_at"])).tzinfo is not None


def test_adjusted_closes_that_changed_are_the_reason(shown: Cli, home: Path, tmp_path: Path) -> None:
    # A dividend on the 6th that came late: RSP's adjusted close of the 5th becomes 99.
    imported(shown, tmp_path, home, adj_close__csv=ADJUSTED.replace("05,100,", "05,99,"))
    found = told(shown, SPREAD)
    assert found["value"] == pytest.approx(100 * (102 / 99 - 1) - 1)
    assert found["shown"] == {**dict(found["shown"]), "value": pytest.approx(1.0), "reason": "adjusted closes changed"}
    assert found["revised"] is None
    assert line(shown, SPREAD).endswith("; shown then: +1.00 points (adjusted closes changed)")


def test_another_universe_is_the_reason(shown: Cli, home: Path, tmp_path: Path) -> None:
    # Only BBB is left, and it fell: no advancer over one decliner, where there was one over one.
    imported(shown, tmp_path, home, universe__csv=UNIVERSE.replace("AAA,Aa,Energy,Oil,sp500\n", ""))
    found = told(shown, ADVANCE)
    assert found["value"] == 0.0
    assert found["shown"] == {**dict(found["shown"]), "value": 1.0, "reason": "today's members"}
    assert line(shown, ADVANCE).endswith("; shown then: 1.00 (today's members)")


def test_a_figure_replaced_by_hand_is_the_reason(shown: Cli, home: Path) -> None:
    with Archive.open(home / "market.db") as archive, archive.writing() as db:
        db.execute("UPDATE observation SET value = 15.5")
    assert line(shown, VIX).endswith("; shown then: 14.50 points (figures changed)")


def test_a_close_replaced_by_hand_is_the_reason(shown: Cli, home: Path) -> None:
    with Archive.open(home / "market.db") as archive, archive.writing() as db:
        db.execute("UPDATE bar SET close = 30 WHERE close = 21 AND day = ?", (date(2026, 1, 5).toordinal(),))
        db.execute("UPDATE bar SET close = 40 WHERE close = 20 AND day = ?", (SESSION.toordinal(),))
    assert "(closes changed)" in line(shown, ADVANCE)


def test_what_nobody_was_shown_has_no_remark(shown: Cli) -> None:
    assert told(shown, "options.skew")["shown"] is None
    assert "shown" not in line(shown, "options.skew")


def test_a_home_without_a_bot_has_none_either(cli: Cli, tmp_path: Path) -> None:
    assert cli("market", "import", write(tmp_path / "first", PACK)).exit_code == 0
    assert told(cli, SPREAD)["shown"] is None


def test_breadth_of_the_past_gives_the_size_of_its_bias(shown: Cli) -> None:
    past = shown("readings", "--as-of", "2026-01-06").stdout
    assert past.splitlines()[-1] == (
        "The past has today's members alone: in 2015-19 the share of S&P 500 stocks above the 200-day average ran 8 points "
        "above the published series, that above the 50-day average 4 points."
    )
    assert told(shown, "breadth.sp500.above_200dma")["notes"] == [
        "today's members: 8 points above the published series in 2015-19"
    ]
    assert told(shown, "breadth.tech.above_50dma")["notes"] == ["today's members"]
    assert "Members are today's" not in shown("readings").stdout
