"""Lists of index members; where one fails another takes its place."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bot.domain.fetched import FetchRequest
from bot.sources.index_members import Universe
from tests.bot.sources.contract.adapter import Adapter, renamed
from tests.bot.sources.index_members import test_source
from tests.support.http_stub import HttpStub, Reply

SUNDAY = test_source.NOW
SP500, NDX = test_source.MEMBERS, test_source.NDX
HOLDINGS = test_source.workbook(SP500)
DATASET = test_source.dataset(SP500)
SP500_PAGE, NDX_PAGE = test_source.sp500_page(SP500), test_source.ndx_page(NDX)
PLACES = {
    test_source.SSGA: HOLDINGS,
    test_source.DATASET: DATASET,
    test_source.SP500_PAGE: SP500_PAGE,
    test_source.NDX_PAGE: NDX_PAGE,
    test_source.NDX_ARTICLE: NDX_PAGE,
}
BOTH = len({*SP500, *NDX})


def _list(
    name: str, place: str, good: Reply, empty: Reply, changed: Reply, says: Mapping[str, str], **more: Any
) -> Adapter:
    down = more.pop("down", ())

    def around(stub: HttpStub) -> None:
        for other, reply in PLACES.items():
            stub.on(other, Reply(b"", 403) if other in down else reply)

    return Adapter(
        name,
        lambda bench: Universe(bench.http, cache_dir=bench.folder),
        FetchRequest(SUNDAY.date(), SUNDAY.date(), universe=True),
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
        test_source.SSGA,
        HOLDINGS,
        test_source.workbook([]),
        test_source.workbook(SP500, ("Fund", "Symbol", "Identifier", "Weight")),
        {},
        stands_in=BOTH,
        noted="come from a slower list",
    ),
    _list(
        "universe data set",
        test_source.DATASET,
        DATASET,
        test_source.dataset([]),
        renamed(DATASET, "GICS Sector"),
        {},
        stands_in=BOTH,
        noted="another list is used",
    ),
    _list(
        "universe page of the S&P 500",
        test_source.SP500_PAGE,
        SP500_PAGE,
        test_source.sp500_page([]),
        renamed(SP500_PAGE, "GICS Sector"),
        {
            "a web page": "breaks off|no table",
            "cut": "breaks off",
            "empty": "has 0 members",
            "changed": "no column GICS Sector",
        },
        down=(test_source.SSGA, test_source.DATASET),
    ),
    _list(
        "universe page of the Nasdaq-100",
        test_source.NDX_PAGE,
        NDX_PAGE,
        test_source.ndx_page([]),
        renamed(NDX_PAGE, "Company"),
        {},
        down=(test_source.NDX_ARTICLE,),
        stands_in=len(SP500),
        noted="left out: ",
        fails=True,
    ),
    _list(
        "universe article on the Nasdaq-100",
        test_source.NDX_ARTICLE,
        NDX_PAGE,
        test_source.ndx_page([]),
        renamed(NDX_PAGE, "Company"),
        {},
        down=(test_source.NDX_PAGE,),
        stands_in=len(SP500),
        noted="left out: ",
        fails=True,
    ),
)
