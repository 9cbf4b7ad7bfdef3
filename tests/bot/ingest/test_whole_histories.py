"""Once a month each stored history is compared as a whole with the source's, and what the newest days cannot show is learned."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from bot.domain.fetched import Fetched, FetchRequest
from bot.ingest.planner import TURNS, has_turn
from bot.worker.process import Worker
from tests.cases.price_updates import CALENDAR, PriceSource, PriceUpdates, price_updates

TICKER = "XLE"
PAID_ON, ENTERED_ON = date(2025, 2, 14), date(2025, 3, 10)
SPLIT_ON = date(2025, 1, 27)
MONTH = CALENDAR.between(date(2025, 3, 11), date(2025, 4, 10))


def flat(ticker: str, session: date, now: datetime) -> bool:
    return False


@dataclass
class CorrectedLate(PriceSource):
    """A distribution of 2 % that Yahoo enters 24 days late, and a split of 2:1 whose day lies in the past."""

    def __init__(self) -> None:
        super().__init__(flat)
        self.requests: list[FetchRequest] = []

    async def fetch(self, request: FetchRequest, now: datetime) -> Fetched:
        self.requests.append(request)
        fetched = await super().fetch(request, now)
        if TICKER not in fetched.bars:
            return fetched
        bars = fetched.bars[TICKER]
        before = CALENDAR.before(PAID_ON)
        amount = 0.02 * self._bars(TICKER, [before], now)["close"].iloc[0]
        known = now.date() >= ENTERED_ON and request.start <= PAID_ON
        factor = 1 - amount / self._bars(TICKER, [before], now)["close"].iloc[0]
        adjusted = bars["close"].where(~((bars.index < pd.Timestamp(PAID_ON)) & known), bars["close"] * factor)
        fetched.bars[TICKER] = bars.assign(adj_close=adjusted)  # type: ignore[index]
        paid = pd.Series({pd.Timestamp(PAID_ON): amount}) if known else pd.Series(dtype=float)
        inside = request.start <= SPLIT_ON <= request.end
        splits = {TICKER: pd.Series({pd.Timestamp(SPLIT_ON): 2.0})} if inside else {}
        return Fetched("yahoo", now, bars=fetched.bars, splits=splits, dividends={TICKER: paid})


@pytest.fixture
def source() -> CorrectedLate:
    return CorrectedLate()


@pytest.fixture
async def updates(tmp_path: Path, worker: Worker, source: CorrectedLate) -> AsyncIterator[PriceUpdates]:
    async with price_updates(tmp_path, worker, source, back=120) as made:
        await made.tick_at(CALENDAR.final_at(date(2025, 3, 7)) + timedelta(minutes=10))
        yield made


async def run(updates: PriceUpdates, sessions: Sequence[date]) -> None:
    for session in sessions:
        await updates.tick_at(CALENDAR.final_at(session) + timedelta(minutes=10))


def history(updates: PriceUpdates) -> pd.DataFrame:
    with updates.location.open() as archive:
        rows = archive.tail(TICKER, 1000)
    return pd.DataFrame(
        {"close": rows.closes, "adj": rows.adj}, index=[date.fromordinal(int(day)) for day in rows.days]
    )


async def test_a_distribution_that_is_entered_weeks_later_is_learned_within_a_month(updates: PriceUpdates) -> None:
    await run(updates, MONTH)

    rows = history(updates)
    ratios = (rows["adj"] / rows["close"]).to_numpy()
    older = np.array([day < PAID_ON for day in rows.index])
    assert older.sum() > 30
    assert ratios[older] == pytest.approx(0.98)
    assert ratios[~older] == pytest.approx(1.0)


@pytest.mark.parametrize("factor", [0.5, 2.0], ids=["a split applied twice", "a split never applied"])
async def test_a_history_on_a_wrong_scale_is_mended_within_a_month(updates: PriceUpdates, factor: float) -> None:
    right = history(updates)["close"]
    with updates.location.open() as archive, archive.writing() as db:
        ticker = db.execute("SELECT id FROM ticker WHERE symbol = ?", (TICKER,)).fetchone()[0]
        db.execute(
            "UPDATE bar SET close = close * :factor, adj = adj * :factor WHERE ticker_id = :ticker AND day < :day",
            {"factor": factor, "ticker": ticker, "day": SPLIT_ON.toordinal()},
        )

    await run(updates, MONTH)

    assert history(updates)["close"][right.index].to_numpy() == pytest.approx(right.to_numpy())


async def test_a_session_asks_for_few_whole_histories_and_for_each_ticker_once(
    updates: PriceUpdates, source: CorrectedLate
) -> None:
    source.requests.clear()
    await run(updates, [session for session in MONTH if session > ENTERED_ON][:1])

    whole = [request for request in source.requests if request.start < date(2025, 1, 1)]
    asked = [ticker for request in source.requests for ticker in request.tickers]
    assert len(asked) == len(set(asked))
    assert len(whole) == 1
    assert 0 < 10 * len(whole[0].tickers) < len(asked)
    assert source.requests[-1] is whole[0]


def test_every_ticker_has_its_turn_in_a_month_of_weekdays() -> None:
    weekdays = [day.date() for day in pd.bdate_range("2026-11-30", periods=TURNS)]
    for ticker in ("SPY", "^GSPC", "ZQZ26.CBT", "BRK-B"):
        assert sum(has_turn(ticker, day) for day in weekdays) == 1
