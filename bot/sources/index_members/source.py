"""Where lists of members are asked for, in which order, and when one is not believed."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

import pandas as pd

from bot.domain.fetched import Fetched, FetchRequest
from bot.domain.job import Days, Job, at
from bot.errors import SourceError
from bot.sources import fund_issuers
from bot.sources.base import HttpSource
from bot.sources.http.client import Http
from bot.sources.http.host_policy import HostPolicy
from bot.sources.http.responses import Expect, HttpResponse
from bot.sources.index_members import last_good, parse_lists
from bot.sources.index_members.parse_lists import Member
from bot.sources.source_spec import SourceSpec

POLICIES = {
    "www.ssga.com": HostPolicy(per_second=0.2, burst=1, timeout_seconds=30.0),
    "raw.githubusercontent.com": HostPolicy(),
    "en.wikipedia.org": HostPolicy(per_second=0.5, burst=1),
}
SP500_BOUNDS = (500, 510)
NDX100_BOUNDS = (98, 112)
COLUMNS = ("ticker", "name", "sector", "industry", "groups")


@dataclass(frozen=True, slots=True)
class Place:
    """Somewhere that prints a list. `wants_contact`: it refuses programs that do not say whom to write to."""

    label: str
    url: str
    expect: Expect
    read: Callable[[HttpResponse], list[Member]]
    wants_contact: bool = False


SSGA = Place(
    "State Street's holdings of SPY",
    "https://www.ssga.com/library-content/products/fund-data/etfs/us/holdings-daily-us-en-spy.xlsx",
    Expect.XLSX,
    parse_lists.ssga_holdings,
)
DATASET = Place(
    "the data set of S&P 500 companies",
    "https://raw.githubusercontent.com/datasets/s-and-p-500-companies/main/data/constituents.csv",
    Expect.CSV,
    parse_lists.constituents_csv,
)
WIKIPEDIA_SP500 = Place(
    "Wikipedia's list of S&P 500 companies",
    "https://en.wikipedia.org/wiki/List_of_S%26P_500_companies",
    Expect.PAGE,
    parse_lists.wikipedia_sp500,
    wants_contact=True,
)
WIKIPEDIA_NDX100 = Place(
    "Wikipedia's list of the Nasdaq-100",
    "https://en.wikipedia.org/wiki/List_of_NASDAQ-100_companies",
    Expect.PAGE,
    parse_lists.wikipedia_ndx100,
    wants_contact=True,
)
WIKIPEDIA_NDX100_BEFORE = Place(
    "Wikipedia's article on the Nasdaq-100",
    "https://en.wikipedia.org/wiki/Nasdaq-100",
    Expect.PAGE,
    parse_lists.wikipedia_ndx100,
    wants_contact=True,
)
"""Where the list stood until 2026."""
INVESCO = Place(
    "Invesco's holdings of QQQ",
    "https://dng-api.invesco.com/cache/v1/accounts/en_US/shareclasses/46090E103/holdings/fund"
    "?idType=cusip&interval=daily&productType=ETF",
    Expect.JSON,
    parse_lists.invesco_holdings,
)
"""Its terms forbid programs in general wording, so a person has to choose it."""


class Universe(HttpSource):
    """Members of the groups `sp500` (with GICS sectors) and `ndx100`, as of today: applied to the past they leave out
    whoever has been dropped since."""

    name = "universe"

    def __init__(self, http: Http, *, cache_dir: Path, invesco: bool = False) -> None:
        super().__init__(http)
        self._cache_dir = cache_dir
        chosen = (INVESCO,) if invesco else ()
        self._ndx100_places = (*chosen, WIKIPEDIA_NDX100, WIKIPEDIA_NDX100_BEFORE)

    def split(self, request: FetchRequest) -> Sequence[FetchRequest]:
        """One piece when the lists are wanted, none otherwise."""
        return [replace(request, tickers=(), series=(), universe=True)] if request.universe else []

    async def fetch(self, request: FetchRequest, now: datetime) -> Fetched:
        """Today's members, ordered as the S&P 500's list and then the rest of the Nasdaq-100.

        Raises SourceError when no list of the S&P 500 is believable, so that the caller keeps what it has. The Nasdaq-100
        then falls back to the last good list, and without one it is left out; `missing` says so under `ndx100`.
        """
        with self._record.watch(now) as trouble:
            missing: dict[str, str] = {}
            sp500 = await self._sp500(now)
            try:
                ndx100 = await self._first(self._ndx100_places, NDX100_BOUNDS, now)
                await self._keep("ndx100", ndx100, now)
            except SourceError as error:
                ndx100, missing["ndx100"] = await self._kept("ndx100", error)
                if self._http.contact:
                    trouble.append(error)
            return Fetched(self.name, now, universe=_table(sp500, ndx100), missing=missing)

    async def _sp500(self, now: datetime) -> list[Member]:
        """Members as State Street holds them, with sectors from a list that has them."""
        sectors = await self._first((DATASET, WIKIPEDIA_SP500), SP500_BOUNDS, now)
        try:
            members = await self._first((SSGA,), SP500_BOUNDS, now)
        except SourceError as error:
            self._record.note("ssga", f"members of the S&P 500 come from a slower list: {error}")
            return sectors
        self._record.note("ssga", None)
        known = {member.ticker: member for member in sectors}
        return await self._with_sectors(members, known, now)

    async def _with_sectors(
        self, members: Sequence[Member], known: Mapping[str, Member], now: datetime
    ) -> list[Member]:
        """A member too new for the list of sectors is looked up in Wikipedia's, else its sector stays empty."""
        if any(member.ticker not in known for member in members):
            try:
                newer = await self._first((WIKIPEDIA_SP500,), SP500_BOUNDS, now)
                known = {**{member.ticker: member for member in newer}, **known}
            except SourceError as error:
                self._record.note("sectors", f"some new members have no sector yet: {error}")
        return [known.get(member.ticker, member) for member in members]

    async def _first(self, places: Sequence[Place], bounds: tuple[int, int], now: datetime) -> list[Member]:
        """The first list within bounds. Raises SourceError with what was wrong with each."""
        reasons: list[SourceError] = []
        for place in places:
            try:
                members = await self._ask(place, bounds, now)
            except SourceError as error:
                reasons.append(error)
                continue
            why = "; ".join(map(str, reasons))
            self._record.note(places[0].label, f"another list is used: {why}" if why else None)
            return members
        raise SourceError(
            "; ".join(map(str, reasons)), rate_limited=reasons[-1].rate_limited, retry_after=reasons[-1].retry_after
        )

    async def _ask(self, place: Place, bounds: tuple[int, int], now: datetime) -> list[Member]:
        if place.wants_contact and not self._http.contact:
            raise SourceError(f"{place.label} is only read with a contact in the configuration")
        headers = {"Accept": "application/json, text/plain, */*"} if place.expect is Expect.JSON else None
        answer = await self._http.get(place.url, now=now, expect=place.expect, headers=headers)
        members = await asyncio.to_thread(place.read, answer)
        if not bounds[0] <= len(members) <= bounds[1]:
            raise SourceError(f"{place.label} has {len(members)} members, {bounds[0]} to {bounds[1]} are believed")
        return members

    async def _keep(self, group: str, members: Sequence[Member], now: datetime) -> None:
        await asyncio.to_thread(last_good.save, self._cache_dir, group, now.date(), members)

    async def _kept(self, group: str, error: SourceError) -> tuple[list[Member], str]:
        kept = await asyncio.to_thread(last_good.load, self._cache_dir, group)
        if kept is None:
            return [], f"left out: {error}"
        day, members = kept
        return members, f"the list of {day} is used: {error}"


def _table(sp500: Sequence[Member], ndx100: Sequence[Member]) -> pd.DataFrame:
    first, second = ({member.ticker for member in group} for group in (sp500, ndx100))
    everyone = [*sp500, *(member for member in ndx100 if member.ticker not in first)]
    rows = [
        (
            member.ticker,
            member.name,
            member.sector,
            member.industry,
            " ".join(word for word, group in (("sp500", first), ("ndx100", second)) if member.ticker in group),
        )
        for member in everyone
    ]
    return pd.DataFrame(rows, columns=list(COLUMNS), dtype="str")


UNIVERSE = SourceSpec(
    name=Universe.name,
    title="List of members",
    gives="members",
    build=lambda dependencies: Universe(
        dependencies.http, cache_dir=dependencies.cache_dir, invesco=fund_issuers.INVESCO.name in dependencies.enabled
    ),
    policies=POLICIES,
    jobs=(Job("universe", Universe.name, Days.SUNDAYS, at("12:00"), rank=10),),
)
