"""Import, export and import again: the same content, whatever it is, and the same bytes."""

from __future__ import annotations

import random
import subprocess
import sys
import tempfile
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.archive import Archive, EmptyArchiveError, StoredCounts
from bot.calendar.clock import Calendar
from bot.domain.fetched import Fetched
from bot.market_pack import export_pack, import_pack
from bot.market_pack.csv_wide import read_wide
from bot.market_pack.files import Findings
from signals.core.market import Market
from tests.bot.market_pack.conftest import NOW, WritePack, dump, packed

PROJECT = Path(__file__).parent.parent.parent.parent
CALENDAR = Calendar(date(2024, 1, 1), date(2026, 12, 31))
"""For examples that are drawn outside fixtures; it is worked out at its first use."""

LATER = NOW + timedelta(days=300)


def files(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in sorted(folder.iterdir())}


def exported(archive: Archive, folder: Path) -> dict[str, bytes]:
    export_pack(archive, folder)
    return files(folder)


def copied(folder: Path, calendar: Calendar, into: Path) -> dict[str, bytes]:
    """What a fresh archive exports that has imported `folder`."""
    into.mkdir(parents=True, exist_ok=True)
    with Archive.open(into / "copy.db") as copy:
        import_pack(copy, folder, now=LATER, calendar=calendar)
        return exported(copy, into / "copy")


def assert_same_market(first: Market, second: Market) -> None:
    for one, other in (
        (first.close, second.close),
        (first.adj_close, second.adj_close),
        (first.universe, second.universe),
    ):
        pd.testing.assert_frame_equal(one, other, check_freq=False)
    assert list(first.series) == list(second.series)
    for name in first.series:
        pd.testing.assert_frame_equal(first.series[name], second.series[name])
    assert list(first.sessions) == list(second.sessions)


def test_a_pack_imported_twice_gives_the_same_archive(
    write_pack: WritePack, archive: Archive, calendar: Calendar
) -> None:
    folder = write_pack()
    import_pack(archive, folder, now=NOW, calendar=calendar)
    before = dump(archive)
    report = import_pack(archive, folder, now=LATER, calendar=calendar)
    assert report.counts == StoredCounts()
    assert dump(archive) == before


def test_corrections_latecomers_and_dated_lists_survive_the_way_through_a_pack(
    archive: Archive, calendar: Calendar, tmp_path: Path
) -> None:
    days = ["2026-01-02", "2026-01-05", "2026-01-06", "2026-01-07", "2026-01-08"]
    universe = pd.DataFrame([("AAA", "A", "Energy", "Oil", "sp500")])
    universe.columns = pd.Index(["ticker", "name", "sector", "industry", "groups"])

    def give(
        evening: str, closes: dict[int, float], yields: dict[int, float], members: pd.DataFrame | None = None
    ) -> None:
        frame = pd.DataFrame({"close": closes, "adj_close": closes}, dtype=float)
        frame.index = pd.DatetimeIndex([days[at] for at in closes])
        rates = pd.DataFrame(
            {"value": yields.values(), "known_at": pd.NaT}, index=pd.DatetimeIndex([days[at] for at in yields])
        )
        at = datetime.fromisoformat(f"{evening}T21:30:00").replace(tzinfo=UTC)
        archive.store(Fetched("yahoo", at, {"AAA": frame}, {"DGS10": rates}, universe=members), calendar)

    give(days[2], {0: 10.0, 2: 10.2}, {0: 4.1, 2: 4.3}, universe)
    give(days[3], {0: 10.05, 1: 10.1, 2: 10.2, 3: 10.3}, {0: 4.15, 1: 4.2, 2: 4.3})
    give(days[4], {0: 10.06, 3: 10.3, 4: 10.4}, {0: 4.1, 2: 4.3}, universe.assign(name="B"))

    first = exported(archive, tmp_path / "out")
    assert set(first) == {
        "adj_close.csv.gz",
        "close.csv.gz",
        "revisions.csv.gz",
        "series.csv.gz",
        "universe.csv",
        "universe_history.csv.gz",
    }
    assert copied(tmp_path / "out", calendar, tmp_path / "second") == first
    with Archive.open(tmp_path / "second" / "copy.db", read_only=True) as copy:
        for day in [*days[2:], None]:
            as_of = date.fromisoformat(day) if day else None
            assert_same_market(copy.market(calendar, as_of=as_of), archive.market(calendar, as_of=as_of))
        sources = {row[0] for row in copy.db.execute("SELECT source FROM bar_revision JOIN batch ON batch.id = batch")}
        assert sources == {"yahoo"}
    again = import_pack(archive, tmp_path / "out", now=LATER, calendar=calendar)
    assert again.counts == StoredCounts()


def test_revisions_say_when_a_value_became_known(write_pack: WritePack, archive: Archive, calendar: Calendar) -> None:
    revisions = (
        "kind,id,date,known_at,value,source\n"
        "close,AAA,2026-01-05,2026-01-06T23:00:00Z,10.15,audit\n"
        "close,AAA,2026-01-06,2026-01-08T12:00:00+01:00,10.2,slow\n"
        "series,DGS10,2026-01-05,2026-01-07T15:00:00Z,4.2,fred\n"
        "series,DGS10,2026-01-05,2026-01-08T15:00:00Z,4.25,fred\n"
    )
    folder = write_pack({"revisions.csv.gz": packed(revisions)})
    import_pack(archive, folder, now=NOW, calendar=calendar)

    def closes(day: int) -> list[float]:
        return [float(value) for value in archive.market(calendar, as_of=date(2026, 1, day)).close["AAA"]]

    def newest_yield(day: int) -> list[float]:
        return list(archive.market(calendar, as_of=date(2026, 1, day)).series["DGS10"]["value"])

    assert closes(5) == [10.0, 10.1]
    assert closes(6)[:2] == [10.0, 10.1]
    assert np.isnan(closes(6)[2])
    assert closes(7)[1] == 10.15
    assert np.isnan(closes(7)[2])
    assert closes(8)[:4] == [10.0, 10.15, 10.2, 10.3]
    assert newest_yield(6) == [4.15]
    assert newest_yield(7) == [4.15, 4.2]
    assert newest_yield(8) == [4.15, 4.2, 4.25]
    report = import_pack(archive, folder, now=LATER, calendar=calendar)
    assert report.counts == StoredCounts()


def test_a_later_pack_corrects_and_extends_an_earlier_one(
    write_pack: WritePack, archive: Archive, calendar: Calendar
) -> None:
    import_pack(archive, write_pack(), now=NOW, calendar=calendar)
    close = "date,AAA\n2026-01-05,10.1\n2026-01-06,10.7\n2026-01-07,10.3\n2026-01-08,10.4\n"
    later = write_pack(
        {"close.csv": close, "adj_close.csv": None, "series.csv": None, "universe.csv": None}, name="later"
    )
    report = import_pack(archive, later, now=NOW, calendar=calendar)
    assert (report.counts.bars, report.counts.revisions) == (1, 1)
    assert list(archive.market(calendar).close["AAA"]) == [10.0, 10.1, 10.7, 10.3, 10.4]
    assert archive.market(calendar, as_of=date(2026, 1, 8)).close["AAA"].iloc[2] == 10.2


def test_an_interrupted_import_leaves_the_archive_as_it_was(
    write_pack: WritePack, archive: Archive, calendar: Calendar
) -> None:
    """A trigger that refuses the last table breaks the import after nearly everything has been written."""
    archive.db.execute("CREATE TRIGGER broken BEFORE INSERT ON member BEGIN SELECT RAISE(ABORT, 'disk trouble'); END")
    before = dump(archive)
    with pytest.raises(Exception, match="disk trouble"):
        import_pack(archive, write_pack(), now=NOW, calendar=calendar)
    assert dump(archive) == before
    archive.db.execute("DROP TRIGGER broken")
    assert import_pack(archive, write_pack(name="again"), now=NOW, calendar=calendar).counts != StoredCounts()


DYING_IMPORT = """
import os, sys
from datetime import UTC, datetime
from bot.archive import Archive
from bot.market_pack import import_pack

archive = Archive.open(sys.argv[1])
archive.db.create_function("die", 0, lambda: os._exit(9))
archive.db.execute("CREATE TEMP TRIGGER dying BEFORE INSERT ON main.member BEGIN SELECT die(); END")
import_pack(archive, sys.argv[2], now=datetime(2026, 1, 12, tzinfo=UTC))
"""


@pytest.mark.slow
def test_a_process_that_dies_while_importing_leaves_the_archive_as_it_was(
    write_pack: WritePack, archive: Archive, calendar: Calendar, tmp_path: Path
) -> None:
    """The last table is being written when the process vanishes without any clean-up."""
    before = dump(archive)
    died = subprocess.run(
        [sys.executable, "-c", DYING_IMPORT, str(tmp_path / "market.db"), str(write_pack())], check=False, cwd=PROJECT
    )
    assert died.returncode == 9
    assert dump(archive) == before
    assert import_pack(archive, write_pack(name="again"), now=NOW, calendar=calendar).counts.bars == 11


def test_an_export_replaces_an_earlier_one_and_leaves_other_files(
    write_pack: WritePack, archive: Archive, calendar: Calendar
) -> None:
    folder = write_pack({"notes.txt": "mine"})
    import_pack(archive, folder, now=NOW, calendar=calendar)
    written = export_pack(archive, folder)
    names = {"adj_close.csv.gz", "close.csv.gz", "series.csv.gz", "universe.csv"}
    assert set(written) == names
    assert set(files(folder)) == names | {"notes.txt"}
    assert import_pack(archive, folder, now=NOW, calendar=calendar).counts == StoredCounts()


def test_an_empty_archive_exports_nothing(archive: Archive, tmp_path: Path) -> None:
    with pytest.raises(EmptyArchiveError):
        export_pack(archive, tmp_path / "out")
    assert not (tmp_path / "out").exists()


prices = st.one_of(st.none(), st.floats(1e-6, 1e7, allow_subnormal=False))
values = st.one_of(st.none(), st.floats(-1e9, 1e9, allow_subnormal=False))


def csv_of(days: list[date], names: list[str], rows: list[list[float | None]]) -> str:
    lines = [",".join(["date", *names])]
    for day, row in zip(days, rows, strict=True):
        lines.append(",".join([day.isoformat(), *("" if cell is None else repr(cell) for cell in row)]))
    return "\n".join(lines) + "\n"


@st.composite
def small_packs(draw: st.DrawFn) -> dict[str, str]:
    start = draw(st.integers(0, 200))
    sessions = [day.date() for day in CALENDAR.sessions[start : start + 6]]
    tickers = draw(
        st.lists(st.sampled_from(["AAA", "BRK-B", "^GSPC", "NA", "TRUE"]), min_size=1, max_size=4, unique=True)
    )
    ids = draw(st.lists(st.sampled_from(["DGS10", "VIX", "CPILFESL"]), min_size=1, max_size=3, unique=True))
    table = [draw(st.lists(prices, min_size=len(tickers), max_size=len(tickers))) for _ in sessions]
    table[0][0] = 1.5
    adj = [[cell and cell * draw(st.floats(0.5, 1.0)) for cell in row] for row in table]
    series = [draw(st.lists(values, min_size=len(ids), max_size=len(ids))) for _ in sessions]
    universe = "ticker,name,sector,industry,groups\n" + "".join(
        f'{ticker},"N, {ticker}",Energy,,sp500\n' for ticker in tickers
    )
    return {
        "close.csv": csv_of(sessions, tickers, table),
        "adj_close.csv": csv_of(sessions, tickers, adj),
        "series.csv": csv_of(sessions, ids, series),
        "universe.csv": universe,
    }


@settings(max_examples=25)
@given(pack=small_packs())
def test_any_pack_comes_back_the_same(pack: dict[str, str]) -> None:
    calendar = CALENDAR
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "in").mkdir()
        for file, text in pack.items():
            (folder / "in" / file).write_text(text)
        with Archive.open(folder / "market.db") as archive:
            import_pack(archive, folder / "in", now=NOW, calendar=calendar)
            first = exported(archive, folder / "out")
            market = archive.market(calendar)
        assert copied(folder / "out", calendar, folder / "second") == first
        with Archive.open(folder / "second" / "copy.db", read_only=True) as copy:
            assert_same_market(copy.market(calendar), market)
        given_closes = pd.read_csv(folder / "in" / "close.csv", index_col=0, keep_default_na=False, na_values=[""])
        for ticker in market.close:
            expected = given_closes[ticker].astype(float).dropna().tolist()
            assert market.close[ticker].dropna().tolist() == expected


@settings(max_examples=300)
@given(st.lists(st.text(alphabet="0123456789.,-+eE", max_size=6), min_size=1, max_size=4), st.randoms())
def test_the_quick_reader_never_accepts_what_the_careful_one_refuses(cells: list[str], chance: random.Random) -> None:
    """A quoted first cell sends the same rows through the careful reader."""
    rows = "".join(f"2026-01-0{at + 1},{cell}\n" for at, cell in enumerate(cells))
    quick, careful = Findings(), Findings()
    first = read_wide("x.csv", f"date,A\n{rows}".encode(), quick, prices=False)
    second = read_wide("x.csv", f'date,A\n"2026-01-01"{rows[10:]}'.encode(), careful, prices=False)
    assert [str(problem) for problem in quick.problems] == [str(problem) for problem in careful.problems]
    if first is not None and second is not None:
        pd.testing.assert_frame_equal(first, second)
