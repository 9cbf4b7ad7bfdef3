"""Lists of index members; where one fails another takes its place."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bot.sources.base import Want
from bot.sources.universe import Universe
from tests.bot.sources import test_universe
from tests.bot.sources.contract.adapter import Adapter, renamed
from tests.bot.sources.stub import Reply, Stub, as_json

SUNDAY = test_universe.NOW
SP500, NDX = test_universe.MEMBERS, test_universe.NDX
HOLDINGS = test_universe.workbook(SP500)
DATASET = test_universe.dataset(SP500)
SP500_PAGE, NDX_PAGE = test_universe.sp500_page(SP500), test_universe.ndx_page(NDX)
NASDAQ = as_json({"data": {"data": {"rows": [{"symbol": ticker, "companyName": ticker} for ticker in NDX]}}})
PLACES = {
    test_universe.SSGA: HOLDINGS,
    test_universe.DATASET: DATASET,
    test_universe.SP500_PAGE: SP500_PAGE,
    test_universe.NDX_PAGE: NDX_PAGE,
}
BOTH = len({*SP500, *NDX})


def _list(
    name: str, place: str, good: Reply, empty: Reply, changed: Reply, says: Mapping[str, str], **more: Any
) -> Adapter:
    down = more.pop("down", ())

    def around(stub: Stub) -> None:
        for other, reply in PLACES.items():
            stub.on(other, Reply(b"", 403) if other in down else reply)

    nasdaq = more.pop("nasdaq", False)
    return Adapter(
        name,
        lambda bench: Universe(bench.http, cache_dir=bench.folder, nasdaq_api=nasdaq),
        Want(SUNDAY.date(), SUNDAY.date(), universe=True),
        SUNDAY,
        place,
        good,
        empty,
        changed,
        says,
        around=around,
        **more,
    )


MEMBERS = (
    _list(
        "universe holdings",
        test_universe.SSGA,
        HOLDINGS,
        test_universe.workbook([]),
        test_universe.workbook(SP500, ("Fund", "Symbol", "Identifier", "Weight")),
        {},
        stands_in=BOTH,
        noted="come from a slower list",
    ),
    _list(
        "universe data set",
        test_universe.DATASET,
        DATASET,
        test_universe.dataset([]),
        renamed(DATASET, "GICS Sector"),
        {},
        stands_in=BOTH,
        noted="another list is used",
    ),
    _list(
        "universe page of the S&P 500",
        test_universe.SP500_PAGE,
        SP500_PAGE,
        test_universe.sp500_page([]),
        renamed(SP500_PAGE, "GICS Sector"),
        {
            "a web page": "no table with the columns",
            "cut": "breaks off",
            "empty": "has 0 members",
            "changed": "columns Symbol, Security, GICS Sector",
        },
        down=(test_universe.SSGA, test_universe.DATASET),
    ),
    _list(
        "universe page of the Nasdaq-100",
        test_universe.NDX_PAGE,
        NDX_PAGE,
        test_universe.ndx_page([]),
        renamed(NDX_PAGE, "Company"),
        {},
        stands_in=len(SP500),
        noted="left out: ",
        fails=True,
    ),
    _list(
        "universe list of the exchange",
        test_universe.NASDAQ,
        NASDAQ,
        as_json({"data": {"data": {"rows": []}}}),
        renamed(NASDAQ, '"symbol"'),
        {},
        stands_in=BOTH,
        noted="another list is used",
        nasdaq=True,
    ),
)
