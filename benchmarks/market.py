"""The simulated market, and the archive that keeps markets."""

from __future__ import annotations

import sqlite3
import tempfile
from contextlib import closing
from datetime import UTC, date, datetime
from pathlib import Path

import numpy as np

from benchmarks.figures import calendar, market_of
from benchmarks.row import Row, seconds, under, within
from bot.archive import Archive
from bot.domain.fetched import Fetched
from bot.market_pack import export_pack, import_pack
from bot.sources.simulated import simulate
from signals.core.market import Market

NOW = datetime(2026, 1, 2, 22, 0, tzinfo=UTC)


def simulated_years() -> Row:
    """Ten years of every member, fund and series."""
    first, last = date(2016, 1, 1), date(2025, 12, 31)
    figure = seconds(lambda: simulate(calendar(), first, last))
    floor = seconds(lambda: np.random.Generator(np.random.PCG64(1)).standard_normal((10 * 261, 518)))
    return under("simulate 10 years, 518 members", figure, 1.0, floor=floor, note="floor: its random numbers alone")


def fetched(market: Market) -> Fetched:
    """A market as a source would have given it."""
    bars = {
        ticker: market.close[[ticker]].set_axis(["close"], axis=1).assign(adj_close=market.adj_close[ticker]).dropna()
        for ticker in market.close.columns
    }
    return Fetched("simulated", NOW, bars=bars, observations=market.series, universe=market.universe)


def pack_import() -> Row:
    """A pack of 2,500 sessions into an empty archive, against inserting as many rows into a bare
    table.
    """
    market = market_of(2500)
    with tempfile.TemporaryDirectory() as folder:
        base = Path(folder)
        with Archive.open(base / "first.db") as archive:
            archive.store(fetched(market), calendar(), live=False)
            export_pack(archive, base / "pack")
        number = iter(range(100))

        def ours() -> None:
            with Archive.open(base / f"{next(number)}.db") as archive:
                import_pack(archive, base / "pack", now=NOW, calendar=calendar())

        figure = seconds(ours, repeats=3)
        floor = seconds(lambda: bare_insert(base / f"{next(number)}.db", market), repeats=3)
    return within(
        "import a pack, 554 x 2,500", figure, floor, times=5, unit="s", note="floor: bare executemany of its rows"
    )


def bare_insert(path: Path, market: Market) -> None:
    """The bars of a market into one narrow table by `executemany`, one transaction."""
    with closing(sqlite3.connect(path, isolation_level=None)) as db:
        db.execute("PRAGMA journal_mode = WAL").fetchall()
        db.execute(
            "CREATE TABLE bar (ticker INT, day INT, close REAL, adj REAL, PRIMARY KEY (ticker, day)) WITHOUT ROWID"
        )
        db.execute("BEGIN")
        days = [day.toordinal() for day in market.close.index]
        for ticker, name in enumerate(market.close.columns):
            rows = zip(days, market.close[name].tolist(), market.adj_close[name].tolist(), strict=True)
            db.executemany(f"INSERT INTO bar VALUES ({ticker}, ?, ?, ?)", rows)
        db.execute("COMMIT")


ROWS = (simulated_years, pack_import)
