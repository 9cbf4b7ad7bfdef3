"""What judging the answers of a daily update costs beside the update itself."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pandas as pd

from benchmarks.figures import calendar, market_of
from benchmarks.market import fetched
from benchmarks.row import Row, pair, under
from bot.archive import Archive, write_batch
from bot.domain.fetched import Fetched, Identity
from bot.ingest import plausibility
from bot.sources.yahoo.source import CHUNK
from signals.core.instruments import instrument

TICKERS = 557
OVERLAP = 8
"""Sessions of each ticker that an update asks for."""
PER_SECOND = 1.0
"""Yahoo is asked at this pace."""
MOST = 0.05


def evening(market_fetched: Fetched, last: pd.Timestamp) -> Iterator[Fetched]:
    """The pieces of an update of the evening of the last session."""
    at = calendar().final_at(last.date()) + timedelta(minutes=5)
    names = list(market_fetched.bars)[:TICKERS]
    for begin in range(0, len(names), CHUNK):
        bars = {name: market_fetched.bars[name].iloc[-OVERLAP:] for name in names[begin : begin + CHUNK]}
        yield Fetched(
            "yahoo",
            at,
            bars={name: frame.assign(volume=1000.0) for name, frame in bars.items()},
            dividends={name: pd.Series(dtype=float, index=pd.DatetimeIndex([])) for name in bars},
            identities={name: Identity(name, "USD", None, instrument(name).kind.value) for name in bars},
        )


def judging_an_update() -> Row:
    """The judgement of every answer of a daily update, against the update: its requests at their pace,
    and storing.
    """
    market = market_of(2500)
    whole = fetched(market)
    last = market.close.index[-1]
    known = {name: frame.loc[frame.index < last] for name, frame in whole.bars.items()}
    with tempfile.TemporaryDirectory() as folder:
        base = Path(folder)
        with Archive.open(base / "market.db") as archive:
            archive.store(replace(whole, bars=known), calendar(), live=False)
            pieces = list(evening(whole, last))

            def judged() -> None:
                for piece in pieces:
                    plausibility.judge(archive, piece, calendar())

            def stored() -> None:
                with archive.writing() as db:
                    for piece in pieces:
                        write_batch.store(db, piece, calendar(), live=True)
                    db.execute("DELETE FROM bar WHERE day = ?", (last.toordinal(),))

            judging, storing = pair(judged, stored, repeats=5)
    count = sum(len(piece.bars) for piece in pieces)
    update = count / PER_SECOND + storing
    note = f"{count} tickers judged in {judging:.2f} s, stored in {storing:.2f} s, fetched at one a second"
    return under("judge a daily update", 100 * judging / update, 100 * MOST, unit="% of it", note=note)


ROWS = (judging_an_update,)
