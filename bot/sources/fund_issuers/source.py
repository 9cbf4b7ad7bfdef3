"""One issuer as a source of the dataset `funds`: one request a fund, and a cooldown after a refusal."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta

import pandas as pd

from bot.calendar.clock import Calendar
from bot.domain.fetched import Fetched, FetchRequest
from bot.domain.job import TEN_YEARS, ExpectedDay, Job, at
from bot.errors import SourceError
from bot.sources.base import HttpSource
from bot.sources.fund_issuers.parsing import FundDay
from bot.sources.http.circuit_breaker import Cooldown
from bot.sources.http.http_client import Http
from bot.sources.http.responses import Expect, HttpError, HttpResponse
from signals.asof.fund_flows import STALE
from signals.core.datasets import published

FUNDS = "funds"
COOLDOWN = {403: timedelta(days=1), 406: timedelta(minutes=15)}
"""Status -> pause after a refusal: blocks are never worked around."""


class Issuer(HttpSource):
    """An issuer's funds.

    `addresses`: ticker -> URL. `read`: from the response for a ticker to its days. `history`:
    whether a file has all days, each public on the morning after it; else a response is one day,
    known since it was fetched. `headers`: what the issuer wants beside the usual ones.
    """

    def __init__(
        self,
        http: Http,
        *,
        name: str,
        label: str,
        calendar: Calendar,
        addresses: Mapping[str, str],
        expect: Expect,
        read: Callable[[HttpResponse, str], list[FundDay]],
        history: bool,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        self.name, self.label = name, label
        super().__init__(http)
        self._calendar = calendar
        self._addresses, self._expect, self._read, self._history = dict(addresses), expect, read, history
        self._headers = headers
        self._refused: tuple[Cooldown, str] | None = None

    @property
    def funds(self) -> tuple[str, ...]:
        """Tickers of its funds."""
        return tuple(self._addresses)

    def split(self, request: FetchRequest) -> Sequence[FetchRequest]:
        """One chunk a fund of this issuer when `funds` are requested.

        All of its funds when no tickers are given.
        """
        if FUNDS not in request.records:
            return []
        only_funds = replace(request, series=(), universe=False, records=(FUNDS,))
        tickers = [ticker for ticker in request.tickers or self.funds if ticker in self._addresses]
        return [replace(only_funds, tickers=(ticker,)) for ticker in tickers]

    async def fetch(self, request: FetchRequest, now: datetime) -> Fetched:
        """Days of the requested funds, from `request.start` to `request.end`.

        A fund that fails while others do not is in `missing`, and so is one whose newest day is
        overdue. Raises SourceError when all fail.
        """
        with self._record.watch(now) as partial_failures:
            tables: list[pd.DataFrame] = []
            missing: dict[str, str] = {}
            for ticker in request.tickers:
                try:
                    days = await self._days(ticker, now)
                except SourceError as error:
                    partial_failures.append(error)
                    missing[ticker] = str(error)
                    continue
                if late := self._late(days, now):
                    missing[ticker] = late
                self._record.note(ticker, late)
                tables.append(self._table(ticker, days, request, now))
            if partial_failures and not tables:
                raise partial_failures[-1]
            records = {FUNDS: pd.concat(tables, ignore_index=True)} if tables else {}
            return Fetched(self.name, now, records=records, missing=missing)

    async def _days(self, ticker: str, now: datetime) -> list[FundDay]:
        if ticker not in self._addresses:
            raise SourceError(f"{ticker} is not a fund of {self.label} that this program knows")
        response = await self._get(self._addresses[ticker], now)
        return await self._http.parse(self._read, response, ticker)

    async def _get(self, url: str, now: datetime) -> HttpResponse:
        """The answer of an address of the issuer; a refusal starts the cooldown."""
        self._admit(now)
        try:
            return await self._http.get(url, now=now, expect=self._expect, headers=self._headers)
        except HttpError as error:
            raise self._after_refusal(error, now) from None

    def _admit(self, now: datetime) -> None:
        if self._refused is None or not self._refused[0].lasts(now):
            return
        until, why = self._refused[0].until, self._refused[1]
        raise SourceError(
            f"{self.label} is left alone until {until:%Y-%m-%d %H:%M} UTC: {why}",
            retry_after=(until - now).total_seconds(),
            rate_limited=True,
        )

    def _after_refusal(self, error: HttpError, now: datetime) -> SourceError:
        """The error to raise; a refusal starts a cooldown for all funds of the issuer."""
        if error.status not in COOLDOWN:
            return error
        cooldown = COOLDOWN[error.status]
        self._refused = (Cooldown(now, now + cooldown), str(error))
        return SourceError(str(error), retry_after=cooldown.total_seconds(), rate_limited=True)

    def _late(self, days: Sequence[FundDay], now: datetime) -> str | None:
        """A sentence when the newest day is too old for a reading."""
        newest = days[-1].day
        final = self._calendar.last_final(now)
        behind = len(self._calendar.between(newest + timedelta(days=1), final)) if newest < final else 0
        return f"its newest day is {newest}, {behind} sessions old" if behind > STALE else None

    def _table(self, ticker: str, days: Sequence[FundDay], request: FetchRequest, now: datetime) -> pd.DataFrame:
        inside = [day for day in days if request.start <= day.day <= request.end]
        frame = pd.DataFrame(
            {
                "date": pd.DatetimeIndex([day.day for day in inside]).as_unit("ns"),
                "ticker": pd.Series([ticker] * len(inside), dtype=object),
                "nav": pd.Series([day.nav for day in inside], dtype="float64"),
                "shares_outstanding": pd.Series([day.shares for day in inside], dtype="float64"),
                "flow_usd": pd.Series(float("nan"), index=range(len(inside)), dtype="float64"),
                "source": pd.Series([self.name] * len(inside), dtype=object),
            }
        )
        seen = pd.Series(pd.Timestamp(now), index=frame.index, dtype="datetime64[ns, UTC]")
        if not self._history:
            return frame.assign(known_at=seen)
        morning = published(FUNDS, frame)
        known_at = morning.where(morning <= seen, seen)
        return frame.assign(known_at=known_at)


def sample_of(ticker: str, day: date) -> tuple[FetchRequest, ...]:
    """The newest days of one fund."""
    return (FetchRequest(day - timedelta(days=14), day, tickers=(ticker,), records=(FUNDS,)),)


def flows_job(source: str) -> Job:
    """The job of an issuer: its files of the day before are published in the morning."""
    return Job(
        f"funds of {source}",
        source,
        times=at("09:00"),
        rank=90,
        records=(FUNDS,),
        first=TEN_YEARS,
        expected=ExpectedDay.SESSION_BEFORE,
    )
