"""Members of the indices: the lists in their order of preference, and the bounds of a plausible one."""

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
from bot.sources.http.host_policy import HostPolicy
from bot.sources.http.http_client import Http
from bot.sources.http.responses import Expect, HttpResponse
from bot.sources.index_members import last_good, parse_lists
from bot.sources.index_members.parse_lists import ListedMember
from bot.sources.source_spec import SourceSpec
from signals.core.market import MEMBER_COLUMNS

POLICIES = {
    **fund_issuers.STATE_STREET.policies,
    "raw.githubusercontent.com": HostPolicy(),
    "en.wikipedia.org": HostPolicy(per_second=0.5, burst=1),
}
SP500_BOUNDS = (500, 510)
NDX100_BOUNDS = (98, 112)
MOST_OTHERS = 12
"""Members that may change at once, as several do each December, and one more for each week since the last list."""


@dataclass(frozen=True, slots=True)
class ListSource:
    """A published list. `wants_contact`: its publisher requires a contact in the User-Agent."""

    label: str
    url: str
    expect: Expect
    read: Callable[[HttpResponse], list[ListedMember]]
    wants_contact: bool = False


SSGA = ListSource(
    "State Street's holdings of SPY",
    "https://www.ssga.com/library-content/products/fund-data/etfs/us/holdings-daily-us-en-spy.xlsx",
    Expect.XLSX,
    parse_lists.ssga_holdings,
)
DATASET = ListSource(
    "the data set of S&P 500 companies",
    "https://raw.githubusercontent.com/datasets/s-and-p-500-companies/main/data/constituents.csv",
    Expect.CSV,
    parse_lists.constituents_csv,
)
WIKIPEDIA_SP500 = ListSource(
    "Wikipedia's list of S&P 500 companies",
    "https://en.wikipedia.org/wiki/List_of_S%26P_500_companies",
    Expect.PAGE,
    parse_lists.wikipedia_sp500,
    wants_contact=True,
)
WIKIPEDIA_NDX100 = ListSource(
    "Wikipedia's list of the Nasdaq-100",
    "https://en.wikipedia.org/wiki/List_of_NASDAQ-100_companies",
    Expect.PAGE,
    parse_lists.wikipedia_ndx100,
    wants_contact=True,
)
WIKIPEDIA_NDX100_BEFORE = ListSource(
    "Wikipedia's article on the Nasdaq-100",
    "https://en.wikipedia.org/wiki/Nasdaq-100",
    Expect.PAGE,
    parse_lists.wikipedia_ndx100,
    wants_contact=True,
)
"""The article that had the list until 2026."""
INVESCO = ListSource(
    "Invesco's holdings of QQQ",
    "https://dng-api.invesco.com/cache/v1/accounts/en_US/shareclasses/46090E103/holdings/fund"
    "?idType=cusip&interval=daily&productType=ETF",
    Expect.JSON,
    parse_lists.invesco_holdings,
)
"""Its terms forbid programs in general wording, so a person has to enable it."""


class Universe(HttpSource):
    """Members of the groups `sp500` (with GICS sectors) and `ndx100`, as of today.

    Applied to the past they lack the companies that have been dropped since.
    """

    name = "universe"

    def __init__(self, http: Http, *, cache_dir: Path, invesco: bool = False) -> None:
        super().__init__(http)
        self._cache_dir = cache_dir
        chosen = (INVESCO,) if invesco else ()
        self._ndx100_lists = (*chosen, WIKIPEDIA_NDX100, WIKIPEDIA_NDX100_BEFORE)

    def split(self, request: FetchRequest) -> Sequence[FetchRequest]:
        """One chunk when the lists are requested, none otherwise."""
        return [replace(request, tickers=(), series=(), universe=True)] if request.universe else []

    async def fetch(self, request: FetchRequest, now: datetime) -> Fetched:
        """Today's members: those of the S&P 500 in its list's order, then the others of the Nasdaq-100.

        Raises SourceError when no list of the S&P 500 is plausible, so that the caller keeps its
        own. The Nasdaq-100 in that case falls back to the last good list, or is left out without
        one; `missing` has the reason under `ndx100`.
        """
        with self._record.watch(now) as partial_failures:
            missing: dict[str, str] = {}
            sp500 = await self._sp500(now)
            await self._store("sp500", sp500, now)
            try:
                ndx100 = await self._first(self._ndx100_lists, NDX100_BOUNDS, now, group="ndx100")
                await self._store("ndx100", ndx100, now)
            except SourceError as error:
                ndx100, missing["ndx100"] = await self._last_good("ndx100", error)
                if self._http.contact:
                    partial_failures.append(error)
            return Fetched(self.name, now, universe=_table(sp500, ndx100), missing=missing)

    async def _sp500(self, now: datetime) -> list[ListedMember]:
        """Members from State Street's holdings, with sectors from another list."""
        sectors = await self._first((DATASET, WIKIPEDIA_SP500), SP500_BOUNDS, now)
        try:
            members = await self._first((SSGA,), SP500_BOUNDS, now, group="sp500")
        except SourceError as error:
            await self._check_churn("sp500", "the list of sectors", sectors, now)
            self._record.note("ssga", f"members of the S&P 500 come from a slower list: {error}")
            return sectors
        self._record.note("ssga", None)
        with_sector = {member.ticker: member for member in sectors}
        return await self._with_sectors(members, with_sector, now)

    async def _with_sectors(
        self, members: Sequence[ListedMember], with_sector: Mapping[str, ListedMember], now: datetime
    ) -> list[ListedMember]:
        """A member too new for the list of sectors is looked up in Wikipedia's, else its sector
        stays empty.
        """
        if any(member.ticker not in with_sector for member in members):
            try:
                newer = await self._first((WIKIPEDIA_SP500,), SP500_BOUNDS, now)
                with_sector = {**{member.ticker: member for member in newer}, **with_sector}
            except SourceError as error:
                self._record.note("sectors", f"some new members have no sector yet: {error}")
        return [with_sector.get(member.ticker, member) for member in members]

    async def _first(
        self, lists: Sequence[ListSource], bounds: tuple[int, int], now: datetime, *, group: str | None = None
    ) -> list[ListedMember]:
        """The first list within bounds that is not too unlike the last good one of its group. Raises SourceError with
        the failure of each.
        """
        reasons: list[SourceError] = []
        for member_list in lists:
            try:
                members = await self._fetch_list(member_list, bounds, now)
                if group is not None:
                    await self._check_churn(group, member_list.label, members, now)
            except SourceError as error:
                reasons.append(error)
                continue
            why = "; ".join(map(str, reasons))
            self._record.note(lists[0].label, f"another list is used: {why}" if why else None)
            return members
        raise SourceError(
            "; ".join(map(str, reasons)), rate_limited=reasons[-1].rate_limited, retry_after=reasons[-1].retry_after
        )

    async def _fetch_list(self, member_list: ListSource, bounds: tuple[int, int], now: datetime) -> list[ListedMember]:
        if member_list.wants_contact and not self._http.contact:
            raise SourceError(f"{member_list.label} is only read with a contact in the configuration")
        headers = {"Accept": "application/json, text/plain, */*"} if member_list.expect is Expect.JSON else None
        response = await self._http.get(member_list.url, now=now, expect=member_list.expect, headers=headers)
        members = await self._http.parse(member_list.read, response)
        if not bounds[0] <= len(members) <= bounds[1]:
            raise SourceError(
                f"{member_list.label} has {len(members)} members, {bounds[0]} to {bounds[1]} are believed"
            )
        return members

    async def _check_churn(self, group: str, label: str, members: Sequence[ListedMember], now: datetime) -> None:
        """Raises SourceError when more members are others than an index ever exchanges at once."""
        stored_list = await asyncio.to_thread(last_good.load, self._cache_dir, group)
        if stored_list is None:
            return
        day, before = stored_list
        now_listed, then_listed = ({member.ticker for member in of} for of in (members, before))
        others = max(len(now_listed - then_listed), len(then_listed - now_listed))
        most = MOST_OTHERS + max((now.date() - day).days, 0) // 7
        if others > most:
            kept = last_good.path(self._cache_dir, group).name
            raise SourceError(
                f"{label} has {others} other members than on {day}, {most} are believed; "
                f"if it is right and the kept list was not, delete {kept} in the cache folder"
            )

    async def _store(self, group: str, members: Sequence[ListedMember], now: datetime) -> None:
        await asyncio.to_thread(last_good.save, self._cache_dir, group, now.date(), members)

    async def _last_good(self, group: str, error: SourceError) -> tuple[list[ListedMember], str]:
        stored_list = await asyncio.to_thread(last_good.load, self._cache_dir, group)
        if stored_list is None:
            return [], f"left out: {error}"
        day, members = stored_list
        return members, f"the list of {day} is used: {error}"


def _table(sp500: Sequence[ListedMember], ndx100: Sequence[ListedMember]) -> pd.DataFrame:
    first, second = ({member.ticker for member in group} for group in (sp500, ndx100))
    members = [*sp500, *(member for member in ndx100 if member.ticker not in first)]
    rows = [
        (
            member.ticker,
            member.name,
            member.sector,
            member.industry,
            " ".join(word for word, group in (("sp500", first), ("ndx100", second)) if member.ticker in group),
        )
        for member in members
    ]
    return pd.DataFrame(rows, columns=list(MEMBER_COLUMNS), dtype="str")


UNIVERSE = SourceSpec(
    name=Universe.name,
    title="List of members",
    gives="members",
    build=lambda dependencies: Universe(
        dependencies.http, cache_dir=dependencies.cache_dir, invesco=fund_issuers.INVESCO.name in dependencies.enabled
    ),
    samples=lambda day: (FetchRequest(day, day, universe=True),),
    policies=POLICIES,
    jobs=(Job("universe", Universe.name, Days.SUNDAYS, at("12:00"), rank=10),),
)
