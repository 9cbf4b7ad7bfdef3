"""Cboe's delayed option chains: one file of some megabytes a symbol, reduced to a summary at once.

Open interest is published before the opening and describes the session before; volumes, quotes and
Greeks are those of the session of the underlying's last trade, at least 15 minutes old.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace
from datetime import date, datetime, timedelta
from typing import Protocol

import pandas as pd

from bot.calendar.clock import Calendar
from bot.domain.fetched import Fetched, FetchRequest
from bot.domain.job import ExpectedDay, Job
from bot.errors import SourceError
from bot.sources.base import HttpSource
from bot.sources.cboe.hosts import NOT_PUBLISHED, POLICIES, get_file
from bot.sources.http.http_client import Http
from bot.sources.http.responses import Expect, HttpResponse
from bot.sources.parsing.cells import BadCellError, day, number, text
from bot.sources.parsing.document_reader import reader
from bot.sources.parsing.json_fields import cell, field, listed
from bot.sources.parsing.table import agreed, read_rows
from bot.sources.source_spec import SourceDependencies, SourceSpec
from bot.sources.yahoo.spec import YAHOO, yahoo_chains
from signals.derivatives.option_chain import COLUMNS, summary
from signals.families.options import CHAIN_SYMBOLS

DATASET = "options"
ENOUGH_FAILURES = 3
"""After this many failures in a row the other symbols are not requested."""

_CONTRACT = re.compile(r"([0-9]{6})([CP])([0-9]{8})$")
_FIELDS = ("bid", "ask", "iv", "delta", "volume", "open_interest")


class Substitute(Protocol):
    """Another source of option chains; rows from it have its name as their source."""

    name: str

    async def chain(self, symbol: str, session: date, now: datetime) -> pd.DataFrame:
        """A table with the columns of `option_chain.COLUMNS`.

        Raises SourceError when there is none of this session.
        """


class CboeChains(HttpSource):
    """Summaries of the chains of a few symbols once a day; earlier days are not available.

    Chains that Cboe lacks are fetched from `substitute`, once a session.
    """

    name = "cboe-chains"

    def __init__(self, http: Http, *, calendar: Calendar, substitute: Substitute | None = None) -> None:
        super().__init__(http)
        self._calendar, self._substitute = calendar, substitute
        self._substituted: tuple[date, set[str]] = (date.min, set())

    def split(self, request: FetchRequest) -> Sequence[FetchRequest]:
        """One chunk of all symbols, when option chains are requested."""
        symbols = tuple(dict.fromkeys(request.tickers))
        if DATASET not in request.records or not symbols:
            return []
        return [replace(request, tickers=symbols, series=(), universe=False, records=(DATASET,))]

    async def fetch(self, request: FetchRequest, now: datetime) -> Fetched:
        """One row a symbol for the session that runs or was the last to be final, if `request` covers it.

        A chain of another session, without contracts or unknown to Cboe is missing with the reason;
        if there are three or more of these and no usable chain, it is an error. When Cboe stops
        responding midway, the rows fetched so far are returned and the other symbols are missing.
        Rows of the substitute replace missing ones; Cboe's failure still counts in the health.
        """
        with self._record.watch(now) as partial_failures:
            session = self._calendar.running(now) or self._calendar.last_final(now)
            if not request.start <= session <= request.end:
                reason = f"Cboe has only the chains of {session}"
                return Fetched(self.name, now, missing=dict.fromkeys(request.tickers, reason))
            rows: list[dict[str, object]] = []
            missing: dict[str, str] = {}
            failures: list[SourceError] = []
            for position, symbol in enumerate(request.tickers):
                try:
                    rows.append(await self._chain(symbol, session, now))
                    failures.clear()
                except NoChainError as error:
                    missing[symbol] = str(error)
                except SourceError as error:
                    failures.append(error)
                    missing[symbol] = str(error)
                    if error.rate_limited or len(failures) >= ENOUGH_FAILURES:
                        missing |= dict.fromkeys(request.tickers[position + 1 :], f"not asked, because {error}")
                        break
            if not rows and not failures and len(missing) >= ENOUGH_FAILURES:
                failures = [SourceError(f"Cboe has no chain of {len(missing)} symbols: {next(iter(missing.values()))}")]
            rows += await self._from_substitute(missing, session, now)
            if failures and not rows:
                raise failures[-1]
            partial_failures.extend(failures)
            records = {DATASET: _frame(rows)} if rows else {}
            return Fetched(self.name, now, records=records, missing=missing)

    async def _from_substitute(self, missing: dict[str, str], session: date, now: datetime) -> list[dict[str, object]]:
        """Rows of the missing symbols. Those that it has are removed from `missing`.

        For the others its reason is added.
        """
        if self._substitute is None:
            return []
        if self._substituted[0] != session:
            self._substituted = session, set()
        rows = []
        for symbol in [symbol for symbol in missing if symbol not in self._substituted[1]]:
            try:
                quotes = await self._substitute.chain(symbol, session, now)
            except SourceError as error:
                missing[symbol] += f"; {error}"
                if error.rate_limited:
                    break
                continue
            rows.append(await self._http.parse(_summed, quotes, symbol, session, self._substitute.name))
            self._substituted[1].add(symbol)
            del missing[symbol]
        return rows

    async def _chain(self, symbol: str, session: date, now: datetime) -> dict[str, object]:
        path = f"/api/global/delayed_quotes/options/{symbol}.json"
        response = await get_file(self._http, path, now=now, expect=Expect.JSON, accept=NOT_PUBLISHED)
        if response.status in NOT_PUBLISHED:
            raise NoChainError(f"Cboe answered {response.status}, so it has no option chain of {symbol}")
        return await self._http.parse(_row, response, symbol, session)


class NoChainError(SourceError):
    """Cboe has no usable chain of this symbol."""


def _row(response: HttpResponse, symbol: str, session: date) -> dict[str, object]:
    of, quotes = read_chain(response)
    if of != session:
        raise NoChainError(f"Cboe's option chain of {symbol} is of {of}, not of {session}")
    if quotes.empty:
        raise NoChainError(f"Cboe's option chain of {symbol} is empty")
    return _summed(quotes, symbol, session, CboeChains.name)


def _summed(quotes: pd.DataFrame, symbol: str, session: date, source: str) -> dict[str, object]:
    return {"date": pd.Timestamp(session), "symbol": symbol, **asdict(summary(quotes, session)), "source": source}


def _frame(rows: Sequence[Mapping[str, object]]) -> pd.DataFrame:
    """Rows of the dataset, without `known_at`: they are known since they were fetched."""
    frame = pd.DataFrame(rows)
    frame.insert(len(frame.columns) - 1, "known_at", pd.Series(pd.NaT, index=frame.index, dtype="datetime64[ns, UTC]"))
    return frame


@reader("Cboe")
def read_chain(response: HttpResponse) -> tuple[date, pd.DataFrame]:
    """The session of a chain and its contracts as a table with the columns of `option_chain.COLUMNS`.

    The session is the New York date of the underlying's last trade. A contract's name is its root,
    YYMMDD, C or P and the strike times 1000, the root of any length. Raises SourceError with the name
    of a missing field, and where more than one contract in a hundred cannot be read.
    """
    where = f"{response.place} (option chain)"
    data = field(response.json(), "data", where)
    session = _session(field(data, "last_trade_time", where), where)
    rows = read_rows(listed(data, "options", where), _contract, place=where)
    by_contract = agreed(((row[0], row[1:]) for row in rows), where)
    frame = pd.DataFrame(list(by_contract.values()), columns=["expiry", "side", "strike", *_FIELDS])
    frame["expiry"] = pd.to_datetime(frame["expiry"])
    return session, frame[list(COLUMNS)]


def _session(cell: object, where: str) -> date:
    try:
        return datetime.fromisoformat(text(cell)).date()
    except ValueError:
        raise SourceError(f"{where} has {text(cell)[:40]!r} in last_trade_time where an instant is expected") from None


def _contract(contract: object) -> tuple[object, ...]:
    name = text(cell(contract, "option"))
    match = _CONTRACT.search(name)
    if match is None:
        raise BadCellError(f"{name[:40]!r} is no contract")
    expiry = day(match[1], "%y%m%d")
    values = [number(cell(contract, column)) for column in _FIELDS]
    numbers = [math.nan if value is None else value for value in values]
    return (name, expiry, match[2], int(match[3]) / 1000, *numbers)


def _build(dependencies: SourceDependencies) -> CboeChains:
    substitute = yahoo_chains(dependencies) if YAHOO.name in dependencies.enabled else None
    return CboeChains(dependencies.http, calendar=dependencies.calendar, substitute=substitute)


CBOE_CHAINS = SourceSpec(
    name=CboeChains.name,
    title="Cboe option chains",
    gives="option chains",
    build=_build,
    samples=lambda day: (FetchRequest(day, day, tickers=CHAIN_SYMBOLS[-1:], records=(DATASET,)),),
    policies=POLICIES,
    jobs=(
        Job(
            "chains",
            CboeChains.name,
            after_close=-timedelta(minutes=15),
            rank=80,
            records=(DATASET,),
            subjects=CHAIN_SYMBOLS,
            back=timedelta(0),
            first=timedelta(0),
            expected=ExpectedDay.SESSION,
        ),
    ),
)
